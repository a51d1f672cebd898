"""Statistics: what became of the runs of an action on a day, in numbers that add up; and which runs ended last."""

from collections.abc import Mapping
from datetime import date
from math import ceil, exp, log

from shared.contracts.model import Model
from shared.contracts.run import RunState
from shared.contracts.values import Instant

_STEP = log(1.05)
_LEAST = 0.001
"""Seconds; what took less counts as this."""


ALL_ACTIONS = ""
"""What the roll-up of all actions together has for their name."""


class RollUp(Model):
    """The runs of one action, or of all, that ended on one day, as numbers. The scheduler is the only writer."""

    id: str
    """``DAY ACTION``."""
    version: int = 1
    action: str
    """Its name, or ``ALL_ACTIONS``."""
    is_whole: bool = True
    """Of all actions: whether every run of the day is counted in it. An earlier release counted by action alone."""
    day: date
    """In UTC, by the run's end."""
    outcomes: dict[RunState, int] = {}
    """How many runs ended in which state."""
    durations: dict[str, int] = {}
    """How many runs took how long, from their start to their end, by ``duration_step``. Runs that never started have no
    duration. Percentiles do not add up over days and actions; these numbers do."""
    counted_since: list[str] = []
    """The ids of runs that these numbers have counted, and that may not be known to be ``counted`` yet."""


class EndedRun(Model):
    """A run that has ended, as far as the next run of its action may be judged by it."""

    id: str
    state: RunState
    started_at: Instant | None = None
    """None where it was ended before it began."""
    ended_at: Instant

    @property
    def duration(self) -> float | None:
        """From its first step's start to its end, in seconds."""
        return None if self.started_at is None else round((self.ended_at - self.started_at).total_seconds(), 3)


class LastRun(Model):
    """What the runs of an action that ended last tell of it."""

    id: str
    """The action's name."""
    version: int = 1
    last_run: EndedRun
    """The one that ended last."""
    usual_duration: float | None = None
    """The median of those that succeeded, in seconds; none where none did."""
    success_rate: float | None = None
    """See ``success_rate_of``."""


class RecentRuns(LastRun):
    """The runs of one action that ended last, the latest end first. The scheduler is the only writer."""

    runs: list[EndedRun]


MOST_RECENT = 50
"""Runs that an action is judged by."""
COUNTED_FOR_SUCCESS: tuple[RunState, ...] = ("succeeded", "failed", "unknown")
"""The outcomes of runs that were carried out; a cancelled one, say, speaks neither for nor against its action."""


def success_rate_of(outcomes: Mapping[RunState, int]) -> float | None:
    """Which part succeeded of the runs that were carried out; none where there are none."""
    carried_out = sum(outcomes.get(state, 0) for state in COUNTED_FOR_SUCCESS)
    return round(outcomes.get("succeeded", 0) / carried_out, 4) if carried_out else None


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
