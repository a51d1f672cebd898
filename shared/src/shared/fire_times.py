"""Fire times: the instants at which a schedule fires.

cronsim reads cron texts and finds the times on the clock; where on the time line they lie is said here. A time that the
clocks leave out is taken at the moment at which they are turned, once however many are left out; of a time that comes
twice the first is taken. An expression with a ``*`` at the beginning of its minute or hour means an interval instead:
every moment at which the clocks show such a time, so that what is left out does not come, and what comes twice does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from shared.contracts.schedule import ORDINALS, WEEKDAYS, FireAt, ScheduleTimes
from shared.time_zones import UnknownTimeZoneError, zone_of

_WORDS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
"""What crontab takes in place of five fields, each with the fields that it stands for."""
_FIELDS = ("minute", "hour", "day of the month", "month", "day of the week")
_ANY_TIME = datetime(2000, 1, 1)  # noqa: DTZ001 - times on the clock have no zone
_AROUND = timedelta(days=2)
"""More than any clocks were ever turned by: those of Apia left out a day."""
_LOOK_BACK = timedelta(hours=1)


class FireTimesError(ValueError):
    """Nobody could say when such a schedule fires."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        """Of the schedule, such as ``at.cron``."""


@dataclass(frozen=True)
class FireTimes:
    """The fire times of a schedule."""

    cron: str | None
    """None where it fires once."""
    once: datetime | None
    zone: ZoneInfo
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    @classmethod
    def of(cls, times: ScheduleTimes) -> "FireTimes":
        """Those that a definition means; ``FireTimesError``."""
        try:
            zone = zone_of(times.time_zone)
        except UnknownTimeZoneError as error:
            raise FireTimesError("time_zone", str(error)) from error
        cron = None if times.at.once is not None else cron_text(times.at)
        if cron is not None:
            _require_cron(cron)
        return cls(cron, times.at.once, zone, times.starts_at, times.ends_at)

    def after(self, instant: datetime) -> Iterator[datetime]:
        """Those after an instant, in order; endless for most schedules."""
        for found in self._all_after(instant):
            if self.ends_at is not None and found >= self.ends_at:
                return
            yield found

    def first_after(self, instant: datetime) -> datetime | None:
        """The next one; None where there will be none."""
        return next(self.after(instant), None)

    def latest(self, since: datetime, until: datetime, most: int) -> tuple[list[datetime], bool]:
        """At most so many, the latest, of those after ``since`` up to ``until``, and whether there are more.

        Years of minutes are not walked through for it: it looks back further and further until there are enough.
        """
        back = _LOOK_BACK
        while True:
            begin = max(since, until - back)
            found = []
            for one in self.after(begin):
                if one > until:
                    break
                found.append(one)
            if begin == since or len(found) > most:
                return found[-most:], len(found) > most
            back *= 4

    def _all_after(self, instant: datetime) -> Iterator[datetime]:
        if self.starts_at is not None:
            instant = max(instant, self.starts_at - timedelta.resolution)
        if self.once is not None:
            yield from [self.once] if self.once > instant else []
        elif self.cron is not None:
            yield from _instants(self.cron, self.zone, instant)


def cron_text(at: FireAt) -> str:
    """What a schedule that fires more than once is as a cron text."""
    if at.cron is not None:
        return at.cron
    if at.daily is not None:
        return f"{_clock(at.daily)} * * *"
    if at.weekly is not None:
        days = ",".join(day.upper() for day in WEEKDAYS if day in at.weekly.days)
        return f"{_clock(at.weekly.time)} * * {days}"
    assert at.monthly is not None  # noqa: S101 - one of them is given
    clock, day = _clock(at.monthly.time), at.monthly.day
    if not isinstance(day, str):
        return f"{clock} {day} * *"
    which, _, weekday = day.partition(" ")
    if not weekday:
        return f"{clock} L * *"
    number = WEEKDAYS.index(weekday) + 1
    return f"{clock} * * {number}L" if which == "last" else f"{clock} * * {number}#{ORDINALS[which]}"


def is_interval(cron: str) -> bool:
    """Whether a cron text means every so many minutes or hours, and not times on the clock."""
    return any(field.startswith("*") for field in cron.split()[:2])


def notes_on(at: FireAt) -> list[str]:
    """What people often take otherwise in such a text, in sentences."""
    if at.cron is None:
        return []
    minute, hour, day, _, weekday = at.cron.split()
    notes = []
    if "*" not in {day[0], weekday[0]}:
        notes.append(
            f"the day of the month ({day}) and the day of the week ({weekday}) are both given: it fires on days that "
            "are either"
        )
    elif day != "*" and weekday != "*":
        notes.append(
            f"one of the day of the month ({day}) and the day of the week ({weekday}) begins with *: it fires on days "
            "that are both"
        )
    if is_interval(at.cron) and hour != "*":
        field, text = ("minute", minute) if minute.startswith("*") else ("hour", hour)
        notes.append(
            f"the {field} ({text}) begins with *, so it is an interval: where clocks are turned, times that are left "
            "out do not come, and those that come twice come twice"
        )
    return notes


def _clock(time: str) -> str:
    hour, minute = time.split(":")
    return f"{int(minute)} {int(hour)}"


def _require_cron(cron: str) -> None:
    fields = cron.split()
    if (meant := _WORDS.get(cron.lower())) is not None:
        raise FireTimesError("at.cron", f"takes five fields and no word: write {meant} in place of {cron}")
    if len(fields) != len(_FIELDS):
        message = f"has to have five fields ({', '.join(_FIELDS)}); it has {len(fields)}"
        raise FireTimesError("at.cron", message)
    try:
        CronSim(cron, _ANY_TIME)
    except CronSimError as error:
        if _can_be_read_but_for_days(fields):
            message = f"never fires: none of its months ({fields[3]}) has a day {fields[2]}; write L for the last day"
            raise FireTimesError("at.cron", message) from error
        what = str(error).removeprefix("Bad ").replace("-", " ")
        message = f"is no cron text: its {what} cannot be read; write it as in 30 2 * * 1-5"
        raise FireTimesError("at.cron", message) from error


def _can_be_read_but_for_days(fields: Sequence[str]) -> bool:
    """Whether each field can be read, and together they mean days that no month has: cronsim calls both alike."""
    minute, hour, day, month, weekday = fields
    try:
        CronSim(f"{minute} {hour} {day} * {weekday}", _ANY_TIME)
        CronSim(f"{minute} {hour} * {month} {weekday}", _ANY_TIME)
    except CronSimError:
        return False
    return True


def _instants(cron: str, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    """All instants after one, in order."""
    is_every, told = is_interval(cron), after
    waiting: list[datetime] = []
    begin = after.astimezone(zone).replace(tzinfo=None)
    if not _is_steady(zone, after):
        begin -= _AROUND  # what the clocks showed before may come, or come again, after it
    for clock in CronSim(cron, begin):
        moments = _moments(clock, zone)
        first = moments[0] if moments else _turn(clock, zone)
        while waiting and waiting[0] < first:  # nothing later on the clock comes before that
            if (instant := heappop(waiting)) > told:
                told = instant
                yield instant
        for instant in moments if is_every else [first]:
            heappush(waiting, instant)


def _is_steady(zone: ZoneInfo, around: datetime) -> bool:
    """Whether no clocks are turned around then."""
    offsets = {(around + by).astimezone(zone).utcoffset() for by in (-_AROUND, timedelta(), _AROUND)}
    return len(offsets) == 1


def _moments(clock: datetime, zone: ZoneInfo) -> list[datetime]:
    """The instants at which the clocks show a time: one nearly always, none or two where they are turned."""
    instants = {clock.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return sorted(one for one in instants if one.astimezone(zone).replace(tzinfo=None) == clock)


def _turn(clock: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the clocks are turned, so that they never show this time."""
    before, after = (clock.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (1, 0))
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before).total_seconds() // 2)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
