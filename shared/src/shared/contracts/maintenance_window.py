"""Maintenance windows: times in which nothing runs by itself."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, JsonValue, StringConstraints, ValidationInfo, field_validator, model_validator

from shared.contracts.definition import Definition, Reference, Strict
from shared.contracts.distinct import Distinct
from shared.contracts.schedule import FireAt, ScheduleInstant, ScheduleTimes
from shared.contracts.values import Description, Duration, Flag, Name, between

SHORTEST_WINDOW, LONGEST_WINDOW = 60.0, 31 * 86_400.0
"""Seconds of one that recurs."""

Held = Literal["schedules", "alerts"]
_Label = Annotated[str, StringConstraints(max_length=63)]


class AppliesTo(Strict):
    """The actions that a window is for: those of which any of this holds; every action where nothing is given."""

    actions: Annotated[list[Name], Field(max_length=1_000), Distinct()] = []
    categories: Annotated[list[_Label], Field(max_length=200), Distinct()] = []
    tags: Annotated[list[_Label], Field(max_length=200), Distinct()] = []


_EXAMPLE: JsonValue = {
    "name": "december-freeze",
    "description": "Nobody is there to look",
    "holds": ["schedules", "alerts"],
    "from": "2026-12-20T00:00:00+01:00",
    "until": "2027-01-02T00:00:00+01:00",
    "applies_to": {"categories": ["Maintenance"]},
}


class MaintenanceWindowDefinition(Definition):
    """A time in which runs that nobody asked for by hand wait: once, or again and again."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [_EXAMPLE]},
        # ``from`` is no name that Python takes; whatever is written and shown has it.
        serialize_by_alias=True,
    )

    kind: Literal["maintenance_window"] = "maintenance_window"
    name: Name
    description: Description = ""
    enabled: Flag = True
    holds: Annotated[list[Held], Field(min_length=1, max_length=2), Distinct()] = ["schedules", "alerts"]
    """Runs of what waits."""
    begin: Annotated[ScheduleInstant | None, Field(alias="from")] = None
    """With ``until``, of a window that comes once."""
    until: ScheduleInstant | None = None
    at: FireAt | None = None
    """With ``duration``, of one that recurs: when it begins."""
    duration: Annotated[Duration, between(SHORTEST_WINDOW, LONGEST_WINDOW)] | None = None
    time_zone: Annotated[str, StringConstraints(min_length=1, max_length=64)] = "UTC"
    """Of ``at``, as the IANA time zone database names it."""
    applies_to: AppliesTo = AppliesTo()

    @model_validator(mode="after")
    def is_once_or_recurs(self) -> "MaintenanceWindowDefinition":
        """A window is given in one of two ways."""
        once, recurs = (self.begin, self.until), (self.at, self.duration)
        if not (None not in once and recurs == (None, None)) and not (once == (None, None) and None not in recurs):
            message = f"{self._lack()}a window has either from and until, or at and duration"
            raise ValueError(message)
        return self

    @field_validator("until")
    @classmethod
    def ends_after_it_begins(cls, until: datetime | None, info: ValidationInfo) -> datetime | None:
        """What ends before it begins holds nothing."""
        begin = info.data.get("begin")
        if begin is not None and until is not None and until <= begin:
            message = "has to lie after from"
            raise ValueError(message)
        return until

    def _lack(self) -> str:
        """What is missing of the one way in which it is given."""
        ways = ({"from": self.begin, "until": self.until}, {"at": self.at, "duration": self.duration})
        begun = [way for way in ways if any(one is not None for one in way.values())]
        missing = [name for name, given in begun[0].items() if given is None] if len(begun) == 1 else []
        return f"{missing[0]} is missing: " if missing else ""

    @property
    def times(self) -> ScheduleTimes | None:
        """When it begins, where it recurs."""
        return None if self.at is None else ScheduleTimes(at=self.at, time_zone=self.time_zone)

    @property
    def length(self) -> timedelta:
        """How long one that recurs lasts; its end is so much later, whatever clocks are turned meanwhile."""
        return timedelta(seconds=self.duration or 0)

    def references(self) -> Iterator[Reference]:
        """The actions that it names."""
        for index, name in enumerate(self.applies_to.actions):
            yield Reference("action", name, f"applies_to.actions.{index}")
