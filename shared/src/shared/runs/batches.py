"""Batches: the parts of a step on many providers, each of which begins when the one before has ended. Pure."""

from bisect import bisect_right
from itertools import accumulate

from shared.contracts.step import PlannedRollout


class RolloutBatches:
    """The batches of a step, in order; the last size repeats, and without any all invocations are one batch."""

    def __init__(self, rollout: PlannedRollout, width: int) -> None:
        self._sizes = rollout.batches or [width]
        self._ends = list(accumulate(self._sizes))
        self._width = width
        self._checks_of_batch = rollout.checks_of_batch

    def __len__(self) -> int:
        return self.number_of(self._width - 1) + 1

    def number_of(self, invocation: int) -> int:
        """The batch, from 0, that an invocation is in."""
        beyond = invocation - self._ends[-1]
        if beyond < 0:
            return bisect_right(self._ends, invocation)
        return len(self._ends) + beyond // self._sizes[-1]

    def end(self, number: int) -> int:
        """How many invocations this batch and those before it have."""
        beyond = max(0, number + 1 - len(self._ends))
        return min(self._width, self._ends[min(number, len(self._ends) - 1)] + beyond * self._sizes[-1])

    def end_of_checks(self, number: int) -> int:
        """How many invocations of the check follow this batch and those before it."""
        return self.end(number) if self._checks_of_batch is None else (number + 1) * self._checks_of_batch
