"""When a failed attempt is followed by another. Pure: the chance in the pause is handed in."""

from datetime import timedelta

from shared.contracts.action import MOST_RETRIES, Retries, Step
from shared.contracts.attempt import AttemptState, Outcome

JITTER = 0.1
"""A pause is up to this much shorter or longer, so that what failed together does not come back together."""

POINTLESS = frozenset({"host_key_changed", "not_allowed"})
"""Reasons that another attempt would meet again, until a person has done something."""


def may_retry(step: Step, state: AttemptState, outcome: Outcome, attempts: int) -> bool:
    """Whether an attempt that ended so is followed by another, after so many attempts."""
    if state == "unknown":
        # Where it could not be made sure that a lost command is gone, the next attempt would find it there, too.
        is_wanted = step.on_lost == "rerun" and outcome.ending != "unconfirmed" and attempts <= MOST_RETRIES
    else:
        is_wanted = state == "failed" and attempts <= step.retries.count and not _may_run_beside(step, outcome)
    return is_wanted and not outcome.is_lasting and outcome.reason not in POINTLESS


def text_of(step: Step, state: AttemptState, outcome: Outcome, attempts: int) -> str | None:
    """Why an attempt ended as it did, and where what may be left of it keeps it from being tried again, that."""
    if state == "failed" and attempts <= step.retries.count and _may_run_beside(step, outcome):
        return f"{outcome.reason_text} {_NOT_BESIDE}"
    return outcome.reason_text


_NOT_BESIDE = (
    "It is not tried again, as that would run beside what may be left of it; "
    "with on_lost: rerun the next attempt first ends what is left."
)


def _may_run_beside(step: Step, outcome: Outcome) -> bool:
    """Whether another attempt might run beside what is left; with ``rerun`` it begins once nothing is."""
    return outcome.ending == "unconfirmed" and step.on_lost != "rerun"


def pause_before(retries: Retries, attempts: int, chance: float) -> timedelta:
    """How long to wait after so many attempts; ``chance`` from 0 to 1 places the pause within its jitter."""
    factor = 2 ** (attempts - 1) if retries.backoff == "exponential" else 1
    seconds = min(retries.delay * factor, retries.maximum_delay)
    return timedelta(seconds=seconds * (1 + JITTER * (2 * chance - 1)))
