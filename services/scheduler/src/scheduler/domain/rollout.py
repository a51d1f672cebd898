"""Which invocations of a step on many providers begin next: how many at a time, batch by batch, and when no more; and
what becomes of the step. Pure.

Invocations begin in order, so that how many have begun says which. Those of a check, the step that is run after each
batch, follow the batches in the same way: each batch has its own, one after the other.
"""

from collections.abc import Mapping
from typing import NamedTuple

from shared.contracts.step import PlannedRollout, StepState
from shared.runs.batches import RolloutBatches

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


class Beginning(NamedTuple):
    """What begins now."""

    invocations: range = range(0)
    checks: range = range(0)
    """Invocations of the check."""


def has_failed(rollout: PlannedRollout, counts: Counts, checks: Counts | None = None) -> bool:
    """Whether the step, or a check, failed so often that nothing more begins."""
    return counts.failed > rollout.max_failures or (checks is not None and checks.failed > 0)


def next_invocations(
    rollout: PlannedRollout, counts: Counts, checks: Counts | None = None, *, most: int = MOST_AT_ONCE
) -> Beginning:
    """Those that begin now, at most so many; ``checks`` say how far the check has come, where there is one.

    A batch begins once the one before has ended, and was checked.
    """
    if has_failed(rollout, counts, checks):
        return Beginning()
    room = most
    if rollout.max_parallel is not None:
        under_way = counts.under_way + (0 if checks is None else checks.under_way)
        room = max(0, min(most, rollout.max_parallel - under_way))
    batches = RolloutBatches(rollout, counts.width)
    batch = batches.number_of(max(0, counts.begun - 1))
    end = batches.end(batch)
    if counts.begun < end:
        return Beginning(_at_most(counts.begun, end, room))
    if counts.under_way:
        return Beginning()
    if checks is not None and (checks.under_way or checks.begun < batches.end_of_checks(batch)):
        return Beginning(checks=_at_most(checks.begun, batches.end_of_checks(batch), room))
    following = min(counts.width, batches.end(batch + 1))
    return Beginning(_at_most(counts.begun, following, room))


def _at_most(begin: int, end: int, most: int) -> range:
    return range(begin, min(end, begin + most))


def state_of_step(rollout: PlannedRollout, tally: Mapping[str, int], checks: Counts | None = None) -> StepState:
    """What its invocations, so many in each state, make of a step; what nobody knows comes first."""
    if "unknown" in tally:
        return "unknown"
    if tally.get("failed", 0) > rollout.max_failures or (checks is not None and checks.failed):
        return "failed"
    return "cancelled" if "cancelled" in tally or "skipped" in tally else "succeeded"


def state_of_check(tally: Mapping[str, int]) -> StepState:
    """What its invocations make of a check, of which some may never have been needed."""
    for state in ("unknown", "failed", "cancelled", "succeeded"):
        if state in tally:
            return state
    return "skipped"


def text_of_failures(
    rollout: PlannedRollout, tally: Mapping[str, int], checks: Counts | None = None, check: str = ""
) -> str | None:
    """On how many providers a step failed, whether its check, the step of this name, did, and how many were left out
    for it.
    """
    width, failed, skipped = sum(tally.values()), _failed(tally), tally.get("skipped", 0)
    texts = [f"it failed on {failed} of {width} providers"] if failed else []
    if checks is not None and checks.failed:
        batches = RolloutBatches(rollout, width)
        batch = batches.number_of(width - skipped - 1) + 1
        texts.append(f"its check '{check}' failed after batch {batch} of {len(batches)}")
    if texts and skipped:
        texts.append(f"{skipped} were not begun")
    return ", and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts) or None


def why_unchecked(step: str, state: StepState) -> str:
    """Why the check of a step that ended so was run after none of its batches."""
    ended = {"failed": "failed", "unknown": "ended nobody knows how"}.get(state, "succeeded on no provider")
    return f"step '{step}' {ended}"


def _failed(tally: Mapping[str, int]) -> int:
    return tally.get("failed", 0) + tally.get("unknown", 0)
