"""Which invocations of a step begin next."""

import pytest

from scheduler.domain.invocation import MOST_AT_ONCE, Counts, next_invocations
from shared.contracts.step import Rollout


def begins(rollout: Rollout, *, begun: int = 0, under_way: int = 0, failed: int = 0, width: int = 100) -> int:
    """How many begin; they follow those that have begun."""
    found = next_invocations(rollout, Counts(width=width, begun=begun, under_way=under_way, failed=failed))
    assert found.start == begun or not found
    return len(found)


def test_all_begin_at_once_where_nothing_is_said() -> None:
    assert begins(Rollout()) == 100
    assert begins(Rollout(), begun=100, under_way=100) == 0


def test_one_look_makes_so_many_attempts_at_most() -> None:
    assert begins(Rollout(), width=10_000) == MOST_AT_ONCE


def test_no_more_are_under_way_than_are_allowed() -> None:
    assert begins(Rollout(max_parallel=10)) == 10
    assert begins(Rollout(max_parallel=10), begun=10, under_way=7) == 3
    assert begins(Rollout(max_parallel=10), begun=98, under_way=7) == 2


@pytest.mark.parametrize(
    ("begun", "under_way", "expected"),
    [(0, 0, 1), (1, 1, 0), (1, 0, 10), (6, 5, 5), (11, 1, 0), (11, 0, 30), (41, 2, 0), (41, 0, 30), (71, 0, 29)],
)
def test_a_batch_begins_when_the_one_before_has_ended_and_the_last_size_repeats(
    begun: int, under_way: int, expected: int
) -> None:
    assert begins(Rollout(batches=[1, 10, 30]), begun=begun, under_way=under_way) == expected


def test_nothing_begins_after_more_failures_than_are_allowed() -> None:
    assert begins(Rollout(max_failures=2), begun=5, failed=2) == 95
    assert begins(Rollout(max_failures=2), begun=5, failed=3) == 0


@pytest.mark.parametrize("batches", [[], [1], [3, 7], [100], [250]])
@pytest.mark.parametrize("max_parallel", [None, 1, 8])
def test_every_invocation_begins_in_the_end(batches: list[int], max_parallel: int | None) -> None:
    rollout, begun, under_way = Rollout(batches=batches, max_parallel=max_parallel), 0, 0
    while begun < 100:
        started = begins(rollout, begun=begun, under_way=under_way)
        assert started or under_way, "the step waits for nothing"
        begun += started
        under_way = max(0, under_way + started - 1)
    assert begun == 100
