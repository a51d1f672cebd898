"""Statistics: what became of the runs of an action on a day, in numbers that add up."""

from collections.abc import Mapping
from datetime import date
from math import ceil, exp, log

from shared.contracts.model import Model
from shared.contracts.run import RunState

_STEP = log(1.05)
_LEAST = 0.001
"""Seconds; what took less counts as this."""


class RollUp(Model):
    """The runs of one action that ended on one day, as numbers. The scheduler is the only writer."""

    id: str
    """``DAY ACTION``."""
    version: int = 1
    action: str
    day: date
    """In UTC, by the run's end."""
    outcomes: dict[RunState, int] = {}
    """How many runs ended in which state."""
    durations: dict[str, int] = {}
    """How many runs took how long, from their start to their end, by ``duration_step``. Runs that never started have no
    duration. Percentiles do not add up over days and actions; these numbers do."""
    counted_since: list[str] = []
    """The ids of runs that these numbers have counted, and that may not be known to be ``counted`` yet."""


def roll_up_id(action: str, day: date) -> str:
    """The id of the roll-up that a run is counted in."""
    return f"{day.isoformat()} {action}"


def duration_step(seconds: float) -> str:
    """Which step of the histogram a duration falls into: each is 5 % longer than the one before."""
    return str(ceil(round(log(max(seconds, _LEAST)) / _STEP, 9)))


def percentile(durations: Mapping[str, int], part: float) -> float | None:
    """The duration in seconds, within 2.5 %, that this part (0 to 1) of the runs did not exceed; none without runs."""
    total, counted = sum(durations.values()), 0
    for step in sorted(durations, key=int):
        counted += durations[step]
        if counted >= total * part:
            return round(exp((int(step) - 0.5) * _STEP), 3)
    return None
