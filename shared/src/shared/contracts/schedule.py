"""Schedules: when an action runs by itself."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Literal, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from shared.contracts.definition import Definition, Reference, Strict
from shared.contracts.distinct import Distinct
from shared.contracts.model import Model
from shared.contracts.parameter import GivenValue
from shared.contracts.values import Description, Flag, Instant, Name, Whole, WrittenInstant

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
Misfire = Literal["run_once", "run_all", "skip"]

LONGEST_CRON = 200
MOST_MISFIRES = 100
"""Runs that one schedule asks for at once, when it is back."""
DEFAULT_MISFIRES = 10

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_DAY_OF_MONTH = re.compile(r"[1-9]|[12]\d|3[01]", re.ASCII)
ORDINALS = {"1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5}


def _time_of_day(text: str) -> str:
    if _TIME.fullmatch(text) is None:
        message = 'a time of day is written with two digits each, from "00:00" to "23:59"'
        raise ValueError(message)
    return text


TimeOfDay = Annotated[
    str,
    AfterValidator(_time_of_day),
    WithJsonSchema({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$", "examples": ["02:30"]}),
]
"""Hours and minutes on the clocks of the schedule's time zone."""


def _day_of_month(day: object) -> object:
    text = " ".join(str(day).lower().split())
    if _DAY_OF_MONTH.fullmatch(text):
        return int(text)
    which, _, weekday = text.partition(" ")
    if text == "last" or (weekday in WEEKDAYS and (which in ORDINALS or which == "last")):
        return text
    message = 'is a day from 1 to 31, "last", or a day of a week such as "2nd tue", "5th mon" or "last fri"'
    raise ValueError(message)


DayOfMonth = Annotated[
    int | str,
    BeforeValidator(_day_of_month),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1, "maximum": 31}, {"type": "string"}]}),
]


FIRST_YEAR, LAST_YEAR = 1970, 2999
"""Of the instants that a schedule may name; what lies outside is a slip."""
DayT = TypeVar("DayT", bound=date)


def within_reason(instant: DayT) -> DayT:
    """An instant, or a day, that somebody may mean; ``ValueError`` for any other."""
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        message = f"has to lie between the years {FIRST_YEAR} and {LAST_YEAR}"
        raise ValueError(message)
    return instant


ScheduleInstant = Annotated[WrittenInstant, AfterValidator(within_reason)]


class Weekly(Strict):
    """Some days of every week."""

    days: Annotated[list[Weekday], Field(min_length=1, max_length=7), Distinct()]
    time: TimeOfDay


class Monthly(Strict):
    """A day of every month."""

    day: DayOfMonth
    """A day from 1 to 31, which passes over shorter months; ``last``; or a day of a week: ``2nd tue``, ``last fri``."""
    time: TimeOfDay


class FireAt(Strict):
    """When it fires: one of these."""

    daily: TimeOfDay | None = None
    weekly: Weekly | None = None
    monthly: Monthly | None = None
    cron: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_CRON)] | None = None
    """Minute, hour, day of the month, month and day of the week."""
    once: ScheduleInstant | None = None

    @model_validator(mode="after")
    def is_one(self) -> "FireAt":
        """None says when, and two would be two schedules."""
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            names = ", ".join(type(self).model_fields)
            message = f"needs one of {names}" + (f"; it has {' and '.join(given)}" if given else "")
            raise ValueError(message)
        return self


class ScheduleTimes(Strict):
    """When a schedule fires, and between which instants."""

    at: FireAt
    time_zone: Annotated[str, StringConstraints(min_length=1, max_length=64)] = "UTC"
    """As the IANA time zone database names it: ``Europe/Berlin``."""
    starts_at: ScheduleInstant | None = None
    """Nothing fires before."""
    ends_at: ScheduleInstant | None = None
    """Nothing fires from then on."""

    @field_validator("ends_at")
    @classmethod
    def ends_after_it_starts(cls, ends_at: datetime | None, info: ValidationInfo) -> datetime | None:
        """What ends before it starts never fires."""
        starts_at = info.data.get("starts_at")
        if starts_at is not None and ends_at is not None and ends_at <= starts_at:
            message = "has to lie after starts_at"
            raise ValueError(message)
        return ends_at


class ScheduleSettings(ScheduleTimes):
    """All that a schedule says but for which action it is that runs."""

    parameters: Annotated[dict[str, GivenValue], Field(max_length=100)] = {}
    misfire: Misfire = "run_once"
    """What becomes of fire times that were missed, as nothing was there to notice them: they lead to one run, each to
    its own, or to none."""
    misfire_limit: Annotated[Whole, Field(ge=1, le=MOST_MISFIRES)] = DEFAULT_MISFIRES
    """With ``run_all``: at most so many runs, for the latest of them."""
    enabled: Flag = True
    """Whether it fires at all. What would have fired while it did not is not missed."""


class _OfAction(Definition):
    """What a schedule says before its settings, in the order in which it is written."""

    kind: Literal["schedule"] = "schedule"
    name: Name
    description: Description = ""
    action: Name


_EXAMPLE: JsonValue = {
    "name": "nightly-cleanup",
    "description": "Makes room before the backup begins",
    "action": "disk-cleanup",
    "parameters": {"path": "/var/log"},
    "at": {"daily": "02:30"},
    "time_zone": "Europe/Berlin",
}


class ScheduleDefinition(ScheduleSettings, _OfAction):
    """When an action runs by itself."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    def references(self) -> Iterator[Reference]:
        """The action; what its parameters name is known only beside it."""
        yield Reference("action", self.action, "action")


FireDecision = Literal["run_requested", "joined", "refused", "missed"]
MOST_FIRES = 20
"""That are kept of a schedule."""


class PlannedFire(Model):
    """A fire time whose run is to be asked for."""

    fire_time: Instant
    missed: int = 0
    """How many fire times before this one lead to no run of their own, as nothing was there to notice them."""


class Fire(PlannedFire):
    """What a schedule did at a fire time, or about some that were missed."""

    decided_at: Instant
    decision: FireDecision
    """``joined``: a run that waits for a maintenance window to end stands for this one. ``missed``: there is no run for
    it, nor for the ones before that ``missed`` counts."""
    run_id: str | None = None
    reason: str = ""
    """In a sentence, where there is no run."""


class ScheduleState(Model):
    """How far a schedule has come, as the scheduler keeps it."""

    id: str
    """The schedule's name."""
    version: int = 1
    uid: str
    """Of the schedule: another one made under its name begins anew."""
    number: int
    """The version of the definition that the rest is about."""
    action: str = ""
    """Of that version; empty where it has none, and where an earlier release stored the state."""
    since: Instant
    """What is done about all fire times up to this instant is decided."""
    next_fire_time: Instant | None = None
    """None where it will not fire again."""
    due_at: Instant | None = None
    """When there is something to do: the next fire time, or at once where a run is planned."""
    planned: list[PlannedFire] = []
    """Runs that are still to be asked for."""
    fires: list[Fire] = []
    """The latest, the newest last."""
