"""A calendar: which schedules fire between two instants, and which maintenance windows are open then. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice, takewhile
from typing import Literal

from pydantic import ConfigDict, Field

from catalog.domain.views import OwnerView, View, owner_view
from shared.contracts.maintenance_window import AppliesTo, Held, MaintenanceWindowDefinition
from shared.contracts.schedule import ScheduleDefinition
from shared.contracts.values import Instant
from shared.fire_times import FireTimes

MOST_TIMES = 10_000
"""Fire times, and beginnings of windows, of one calendar."""
MOST_OF_ONE = 1_000
"""The same of one schedule or window: a month of every hour has fewer."""


class ScheduleInCalendar(View):
    """A schedule that fires in the time that was asked for."""

    name: str = Field(examples=["nightly"])
    action: str = Field(examples=["make-room"])
    owner: OwnerView | None
    """The action whose own it is; null where it stands by itself."""
    time_zone: str = Field(examples=["Europe/Berlin"])
    fire_times: list[Instant]
    """In order."""
    cut_at: Instant | None = None
    """From this one of its fire times on they are left out, as it has more than a thousand; null where none is."""


class _TimeSpan(View):
    """From one instant to another."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True)

    begin: Instant = Field(alias="from")
    """Included."""
    until: Instant
    """Not included."""


class OpenTime(_TimeSpan):
    """When a window is open; that may begin before the time that was asked for, and end after it."""


class WindowInCalendar(View):
    """A maintenance window that is open in the time that was asked for."""

    name: str = Field(examples=["december-freeze"])
    holds: list[Held]
    applies_to: AppliesTo
    time_zone: str = Field(examples=["Europe/Berlin"])
    times: list[OpenTime]
    """In order; none meets another."""
    cut_at: Instant | None = None
    """From this beginning on they are left out, as there are more than a thousand; null where none is."""


class CalendarView(_TimeSpan):
    """What comes by itself between two instants, by the definitions as they are now."""

    edition: str = Field(examples=["2026.6"])
    """Of the time zone database that it was worked out by."""
    schedules: list[ScheduleInCalendar]
    """Those that fire in it, by name, and then those that actions own; one that is not enabled does not."""
    windows: list[WindowInCalendar]
    """Those that are open in it, by name; one that is not enabled is not."""
    cut_at: Instant | None = None
    """From this instant on all is left out, as there is more than ten thousand of it: ask for what follows from there.
    Null where nothing is."""


_Key = tuple[Literal["schedule", "window"], str]


def calendar_of(
    schedules: Sequence[ScheduleDefinition],
    windows: Sequence[MaintenanceWindowDefinition],
    begin: datetime,
    until: datetime,
    *,
    edition: str,
    most: int = MOST_TIMES,
    most_of_one: int = MOST_OF_ONE,
) -> CalendarView:
    """What comes from ``begin`` on and before ``until``, in the order in which schedules and windows are given: the
    first ``most`` times of it, and whatever comes together with the last of them, of each at most ``most_of_one``.

    Times are worked out in their order over all of them, and no more than are shown: what comes every minute, or is one
    of thousands, costs as little as the rest.
    """
    streams = [
        _stream(FireTimes.of(one).after(begin - timedelta.resolution), until, ("schedule", one.name), most_of_one)
        for one in schedules
        if one.enabled
    ]
    streams += [
        _stream(_beginnings(one, begin), until, ("window", one.name), most_of_one) for one in windows if one.enabled
    ]
    times, cut_at = _times(merge(*streams), most)
    return CalendarView(
        begin=begin,
        until=until,
        edition=edition,
        schedules=[
            _schedule(one, times["schedule", one.name], most_of_one)
            for one in schedules
            if ("schedule", one.name) in times
        ],
        windows=[
            _window(one, times["window", one.name], most_of_one) for one in windows if ("window", one.name) in times
        ],
        cut_at=None if cut_at is None else max(begin, cut_at),
    )


def _stream(times: Iterator[datetime], until: datetime, key: _Key, most: int) -> Iterator[tuple[datetime, _Key]]:
    """Those before an instant, and of too many one more than are shown, which says from where on they are not."""
    return ((at, key) for at in islice(takewhile(lambda at: at < until, times), most + 1))


def _times(ordered: Iterable[tuple[datetime, _Key]], most: int) -> tuple[dict[_Key, list[datetime]], datetime | None]:
    """What is to be shown, and the instant from which on there is too much; all of one instant is there, or nothing."""
    found: dict[_Key, list[datetime]] = {}
    last = None
    for number, (at, key) in enumerate(ordered):
        if number >= most and at != last:
            return found, at
        found.setdefault(key, []).append(at)
        last = at
    return found, None


def _beginnings(window: MaintenanceWindowDefinition, since: datetime) -> Iterator[datetime]:
    """When it begins from an instant on, and before it where it is open then."""
    if window.begin is not None and window.until is not None:
        yield from [window.begin] if window.until > since else []
    if window.times is not None:
        fire_times = FireTimes.of(window.times)
        before, _ = fire_times.latest(since - window.length, since - timedelta.resolution, 1)
        yield from before
        yield from fire_times.after(since - timedelta.resolution)


def _schedule(schedule: ScheduleDefinition, times: list[datetime], most: int) -> ScheduleInCalendar:
    shown, cut_at = _cut(times, most)
    return ScheduleInCalendar(
        name=schedule.name,
        action=schedule.action,
        owner=owner_view(schedule.name),
        time_zone=schedule.time_zone,
        fire_times=shown,
        cut_at=cut_at,
    )


def _window(window: MaintenanceWindowDefinition, beginnings: list[datetime], most: int) -> WindowInCalendar:
    shown, cut_at = _cut(beginnings, most)
    times: list[OpenTime] = []
    for begin in shown:
        until = begin + window.length if window.until is None else window.until
        if times and begin <= times[-1].until:
            times[-1] = OpenTime(begin=times[-1].begin, until=until)
        else:
            times.append(OpenTime(begin=begin, until=until))
    return WindowInCalendar(
        name=window.name,
        holds=window.holds,
        applies_to=window.applies_to,
        time_zone=window.time_zone,
        times=times,
        cut_at=cut_at,
    )


def _cut(times: list[datetime], most: int) -> tuple[list[datetime], datetime | None]:
    return times[:most], times[most] if len(times) > most else None
