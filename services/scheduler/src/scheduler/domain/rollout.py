"""Which invocations of a step begin next. Pure."""

from itertools import accumulate
from typing import NamedTuple

from scheduler.domain.invocation import InvocationTable
from shared.contracts.step import Rollout, StepProgress

MOST_AT_ONCE = 200
"""Attempts that one turn of a run makes: the store and the bus are others' too, and the run's ends want their turn."""


class Counts(NamedTuple):
    """How far the invocations of a step have come. They begin in order, so that two numbers say which."""

    width: int
    begun: int
    under_way: int
    """Those of which an attempt is under way, or the next one is waited for."""
    failed: int
    """Those that failed, or ended nobody knows how."""


_ON_ONE_PROVIDER = Rollout()


def rollout_of(progress: StepProgress) -> Rollout:
    """As the step was planned; on one provider there is nothing to plan."""
    return _ON_ONE_PROVIDER if progress.invocations is None else progress.invocations.rollout


def counts_of(table: InvocationTable) -> Counts:
    """How far they have come."""
    return Counts(
        width=len(table),
        begun=table.begun(),
        under_way=table.count("queued"),
        failed=table.count("failed") + table.count("unknown"),
    )


def has_failed(rollout: Rollout, counts: Counts) -> bool:
    """Whether so many failed that nothing more begins."""
    return counts.failed > rollout.max_failures


def next_invocations(rollout: Rollout, counts: Counts, *, most: int = MOST_AT_ONCE) -> range:
    """Those that begin now, at most so many."""
    if has_failed(rollout, counts):
        return range(0)
    room = _end_of_batch(rollout, counts) - counts.begun
    if rollout.max_parallel is not None:
        room = min(room, rollout.max_parallel - counts.under_way)
    return range(counts.begun, counts.begun + max(0, min(room, most)))


def _end_of_batch(rollout: Rollout, counts: Counts) -> int:
    """Up to where invocations may begin: a batch begins once all before it have ended."""
    if not rollout.batches:
        return counts.width
    ends = list(accumulate(rollout.batches))
    if counts.begun >= ends[-1]:
        further = (counts.begun - ends[-1]) // rollout.batches[-1]
        ends.append(ends[-1] + further * rollout.batches[-1])
        ends.append(ends[-1] + rollout.batches[-1])
    is_between = counts.begun == 0 or counts.begun in ends
    if is_between and counts.under_way:
        return counts.begun
    return min(counts.width, next(end for end in ends if end > counts.begun))
