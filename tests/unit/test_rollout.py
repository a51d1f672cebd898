"""Which invocations of a step begin next."""

import pytest

from scheduler.domain.rollout import MOST_AT_ONCE, Counts, next_invocations, text_of_failures
from shared.contracts.rollout import count_of
from shared.contracts.step import PlannedRollout
from shared.runs.batches import RolloutBatches


def begins(rollout: PlannedRollout, *, begun: int = 0, under_way: int = 0, failed: int = 0, width: int = 100) -> int:
    """How many begin; they follow those that have begun."""
    found = next_invocations(rollout, Counts(width, begun, under_way, failed)).invocations
    assert found.start == begun or not found
    return len(found)


def test_all_begin_at_once_where_nothing_is_said() -> None:
    assert begins(PlannedRollout()) == 100
    assert begins(PlannedRollout(), begun=100, under_way=100) == 0


def test_one_look_makes_so_many_attempts_at_most() -> None:
    assert begins(PlannedRollout(), width=10_000) == MOST_AT_ONCE


def test_no_more_are_under_way_than_are_allowed() -> None:
    assert begins(PlannedRollout(max_parallel=10)) == 10
    assert begins(PlannedRollout(max_parallel=10), begun=10, under_way=7) == 3
    assert begins(PlannedRollout(max_parallel=10), begun=98, under_way=7) == 2


@pytest.mark.parametrize(
    ("begun", "under_way", "expected"),
    [(0, 0, 1), (1, 1, 0), (1, 0, 10), (6, 5, 5), (11, 1, 0), (11, 0, 30), (41, 2, 0), (41, 0, 30), (71, 0, 29)],
)
def test_a_batch_begins_when_the_one_before_has_ended_and_the_last_size_repeats(
    begun: int, under_way: int, expected: int
) -> None:
    assert begins(PlannedRollout(batches=[1, 10, 30]), begun=begun, under_way=under_way) == expected


def test_nothing_begins_after_more_failures_than_are_allowed() -> None:
    assert begins(PlannedRollout(max_failures=2), begun=5, failed=2) == 95
    assert begins(PlannedRollout(max_failures=2), begun=5, failed=3) == 0


@pytest.mark.parametrize("batches", [[], [1], [3, 7], [100], [250]])
@pytest.mark.parametrize("max_parallel", [None, 1, 8])
def test_every_invocation_begins_in_the_end(batches: list[int], max_parallel: int | None) -> None:
    rollout, begun, under_way = PlannedRollout(batches=batches, max_parallel=max_parallel), 0, 0
    while begun < 100:
        started = begins(rollout, begun=begun, under_way=under_way)
        assert started or under_way, "the step waits for nothing"
        begun += started
        under_way = max(0, under_way + started - 1)
    assert begun == 100


@pytest.mark.parametrize(
    ("share", "width", "count"),
    [(5, 3, 5), ("10%", 25, 3), ("10%", 3, 1), ("50%", 20, 10), ("100%", 7, 7), ("0%", 7, 0), ("33%", 10_000, 3_300)],
)
def test_a_percentage_is_of_all_providers_and_rounded_up(share: int | str, width: int, count: int) -> None:
    assert count_of(share, width) == count


@pytest.mark.parametrize(
    ("sizes", "width", "ends"),
    [
        ([], 5, [5]),
        ([1, 2, 10], 20, [1, 3, 13, 20]),
        ([1, 2], 8, [1, 3, 5, 7, 8]),
        ([3], 3, [3]),
        ([50], 3, [3]),
    ],
)
def test_batches_are_counted_out_to_the_last_provider(sizes: list[int], width: int, ends: list[int]) -> None:
    batches = RolloutBatches(PlannedRollout(batches=sizes), width)
    assert len(batches) == len(ends)
    assert [batches.end(number) for number in range(len(ends))] == ends
    assert [batches.number_of(index) for index in range(width)] == [
        next(number for number, end in enumerate(ends) if index < end) for index in range(width)
    ]


def checked(begun: int, *, under_way: int = 0, failed: int = 0) -> Counts:
    return Counts(100, begun, under_way, failed)


ON_THE_BATCH = PlannedRollout(batches=[10, 30], check=1)


def test_a_check_is_run_on_each_provider_of_a_batch_before_the_next_one_begins() -> None:
    assert next_invocations(ON_THE_BATCH, Counts(100, 0, 0, 0), checked(0)).invocations == range(10)
    assert not any(next_invocations(ON_THE_BATCH, Counts(100, 10, 1, 0), checked(0)))
    assert next_invocations(ON_THE_BATCH, Counts(100, 10, 0, 0), checked(0)).checks == range(10)
    assert not any(next_invocations(ON_THE_BATCH, Counts(100, 10, 0, 0), checked(10, under_way=1)))
    assert next_invocations(ON_THE_BATCH, Counts(100, 10, 0, 0), checked(10)).invocations == range(10, 40)
    assert next_invocations(ON_THE_BATCH, Counts(100, 100, 0, 0), checked(70)).checks == range(70, 100)
    assert not any(next_invocations(ON_THE_BATCH, Counts(100, 100, 0, 0), checked(100)))


def test_a_check_on_providers_of_its_own_is_run_once_after_each_batch() -> None:
    rollout = PlannedRollout(batches=[10, 30], check=1, checks_of_batch=2)
    assert next_invocations(rollout, Counts(100, 10, 0, 0), checked(0)).checks == range(2)
    assert next_invocations(rollout, Counts(100, 10, 0, 0), checked(2)).invocations == range(10, 40)
    assert next_invocations(rollout, Counts(100, 40, 0, 0), checked(2)).checks == range(2, 4)


def test_nothing_begins_after_a_check_has_failed() -> None:
    assert not any(next_invocations(ON_THE_BATCH, Counts(100, 10, 0, 0), checked(10, failed=1)))


def test_checks_count_among_those_that_run_at_the_same_time() -> None:
    rollout = PlannedRollout(batches=[10], check=1, max_parallel=4)
    assert next_invocations(rollout, Counts(100, 10, 0, 0), checked(3, under_way=3)).checks == range(3, 4)


@pytest.mark.parametrize(
    ("tally", "checks", "text"),
    [
        ({"succeeded": 5}, None, None),
        ({"succeeded": 3, "failed": 2}, None, "it failed on 2 of 5 providers"),
        ({"failed": 2, "skipped": 3}, None, "it failed on 2 of 5 providers, and 3 were not begun"),
        (
            {"succeeded": 2, "skipped": 3},
            checked(1, failed=1),
            "its check 'verify' failed after batch 2 of 5, and 3 were not begun",
        ),
        ({"succeeded": 5}, checked(5, failed=1), "its check 'verify' failed after batch 5 of 5"),
        (
            {"succeeded": 1, "failed": 1, "skipped": 3},
            checked(2, failed=1),
            "it failed on 1 of 5 providers, its check 'verify' failed after batch 2 of 5, and 3 were not begun",
        ),
    ],
)
def test_a_step_says_what_went_wrong_and_what_was_left_out(
    tally: dict[str, int], checks: Counts | None, text: str | None
) -> None:
    assert text_of_failures(PlannedRollout(batches=[1]), tally, checks, "verify") == text
