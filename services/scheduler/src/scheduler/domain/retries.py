"""When a failed attempt is followed by another. Pure: the chance in the pause is handed in."""

from datetime import timedelta

from shared.contracts.action import MOST_RETRIES, Retries, Step
from shared.contracts.attempt import AttemptState, Outcome

JITTER = 0.1
"""A pause is up to this much shorter or longer, so that what failed together does not come back together."""

POINTLESS = frozenset({"host_key_changed", "not_allowed"})
"""Reasons that another attempt would meet again, until a person has done something."""


def may_retry(step: Step, state: AttemptState, outcome: Outcome, attempts: int) -> bool:
    """Whether an attempt that ended so is followed by another, after so many attempts.

    Where it could not be made sure that a lost command is gone, none is: it might run beside it.
    """
    if state == "unknown":
        return step.on_lost == "rerun" and outcome.ending != "unconfirmed" and attempts <= MOST_RETRIES
    return state == "failed" and outcome.reason not in POINTLESS and attempts <= step.retries.count


def pause_before(retries: Retries, attempts: int, chance: float) -> timedelta:
    """How long to wait after so many attempts; ``chance`` from 0 to 1 places the pause within its jitter."""
    factor = 2 ** (attempts - 1) if retries.backoff == "exponential" else 1
    seconds = min(retries.delay * factor, retries.maximum_delay)
    return timedelta(seconds=seconds * (1 + JITTER * (2 * chance - 1)))
