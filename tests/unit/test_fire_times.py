"""When schedules fire: what the definition says, on the clocks of its time zone, also where these are turned."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Any

import pytest
from cronsim import CronSim
from pydantic import ValidationError

from shared.contracts.schedule import ScheduleTimes
from shared.fire_times import FireTimes, FireTimesError, cron_text, is_interval, notes_on
from shared.time_zones import zone_of

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Apia",
    "America/Santiago",
    "Africa/Cairo",
    "Asia/Tehran",
    "UTC",
)


def times(at: Any, zone: str = "UTC", **more: Any) -> FireTimes:
    at = {"cron": at} if isinstance(at, str) else at
    return FireTimes.of(ScheduleTimes.model_validate({"at": at, "time_zone": zone, **more}))


def on_the_clock(at: Any, zone: str, after: str, count: int = 3) -> list[str]:
    """The next fire times with their offsets, after a time on the clock of the zone."""
    begin = datetime.fromisoformat(after).replace(tzinfo=zone_of(zone)).astimezone(UTC)
    found = islice(times(at, zone).after(begin), count)
    return [one.astimezone(zone_of(zone)).isoformat(timespec="minutes") for one in found]


@pytest.mark.parametrize(
    ("at", "zone", "after", "comes"),
    [
        # Clocks are turned forward: what they leave out comes as they are turned.
        ({"daily": "02:30"}, "Europe/Berlin", "2026-03-28T12:00", ["2026-03-29T03:00+02:00", "2026-03-30T02:30+02:00"]),
        (
            {"daily": "02:30"},
            "America/New_York",
            "2026-03-07T12:00",
            ["2026-03-08T03:00-04:00", "2026-03-09T02:30-04:00"],
        ),
        (
            {"daily": "02:15"},
            "Australia/Lord_Howe",
            "2026-10-03T12:00",
            ["2026-10-04T02:30+11:00", "2026-10-05T02:15+11:00"],
        ),
        (
            {"daily": "02:30"},
            "Africa/Casablanca",
            "2026-03-21T12:00",
            ["2026-03-22T03:00+01:00", "2026-03-23T02:30+01:00"],
        ),
        # A whole day is left out, and midnight itself.
        (
            {"daily": "02:30"},
            "Pacific/Apia",
            "2011-12-29T12:00",
            ["2011-12-31T00:00+14:00", "2011-12-31T02:30+14:00", "2012-01-01T02:30+14:00"],
        ),
        (
            {"monthly": {"day": 30, "time": "02:30"}},
            "Pacific/Apia",
            "2011-12-01T00:00",
            ["2011-12-31T00:00+14:00", "2012-01-30T02:30+14:00"],
        ),
        (
            {"daily": "00:00"},
            "America/Santiago",
            "2026-09-05T12:00",
            ["2026-09-06T01:00-03:00", "2026-09-07T00:00-03:00"],
        ),
        # They are turned back: of what comes twice, the first.
        ({"daily": "02:30"}, "Europe/Berlin", "2026-10-24T12:00", ["2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"]),
        (
            {"daily": "01:30"},
            "America/New_York",
            "2026-10-31T12:00",
            ["2026-11-01T01:30-04:00", "2026-11-02T01:30-05:00"],
        ),
        (
            {"daily": "01:45"},
            "Australia/Lord_Howe",
            "2026-04-04T12:00",
            ["2026-04-05T01:45+11:00", "2026-04-06T01:45+10:30"],
        ),
        (
            {"daily": "02:30"},
            "Africa/Casablanca",
            "2026-02-14T12:00",
            ["2026-02-15T02:30+01:00", "2026-02-16T02:30+00:00"],
        ),
        # An interval is every moment at which the clocks show such a time.
        (
            "*/30 2 * * *",
            "Europe/Berlin",
            "2026-10-25T00:00",
            ["2026-10-25T02:00+02:00", "2026-10-25T02:30+02:00", "2026-10-25T02:00+01:00", "2026-10-25T02:30+01:00"],
        ),
        ("*/30 2 * * *", "Europe/Berlin", "2026-03-28T12:00", ["2026-03-30T02:00+02:00", "2026-03-30T02:30+02:00"]),
        # cronsim by itself passes over 06:00 on both days on which clocks are turned by half an hour.
        (
            "0 */6 * * *",
            "Australia/Lord_Howe",
            "2026-10-04T00:00",
            ["2026-10-04T06:00+11:00", "2026-10-04T12:00+11:00"],
        ),
        (
            "0 */6 * * *",
            "Australia/Lord_Howe",
            "2026-04-05T00:00",
            ["2026-04-05T06:00+10:30", "2026-04-05T12:00+10:30"],
        ),
        # Nothing is turned.
        (
            {"monthly": {"day": 29, "time": "00:00"}},
            "UTC",
            "2027-01-29T00:00",
            ["2027-03-29T00:00+00:00", "2027-04-29T00:00+00:00"],
        ),
        ("0 0 29 2 *", "UTC", "2026-01-01T00:00", ["2028-02-29T00:00+00:00", "2032-02-29T00:00+00:00"]),
        (
            {"monthly": {"day": 31, "time": "02:30"}},
            "UTC",
            "2026-01-31T03:00",
            ["2026-03-31T02:30+00:00", "2026-05-31T02:30+00:00"],
        ),
        (
            {"monthly": {"day": "last", "time": "02:30"}},
            "UTC",
            "2028-01-31T03:00",
            ["2028-02-29T02:30+00:00", "2028-03-31T02:30+00:00"],
        ),
        (
            {"monthly": {"day": "2nd Tue", "time": "23:59"}},
            "UTC",
            "2026-01-01T00:00",
            ["2026-01-13T23:59+00:00", "2026-02-10T23:59+00:00"],
        ),
        (
            {"monthly": {"day": "5th mon", "time": "00:00"}},
            "UTC",
            "2026-01-01T00:00",
            ["2026-03-30T00:00+00:00", "2026-06-29T00:00+00:00"],
        ),
        (
            {"monthly": {"day": "last fri", "time": "00:00"}},
            "UTC",
            "2026-01-01T00:00",
            ["2026-01-30T00:00+00:00", "2026-02-27T00:00+00:00"],
        ),
        (
            {"monthly": {"day": "1st sun", "time": "00:00"}},
            "UTC",
            "2026-01-01T00:00",
            ["2026-01-04T00:00+00:00", "2026-02-01T00:00+00:00"],
        ),
        (
            {"weekly": {"days": ["thu", "mon"], "time": "08:00"}},
            "UTC",
            "2026-01-01T12:00",
            ["2026-01-05T08:00+00:00", "2026-01-08T08:00+00:00"],
        ),
        ({"once": "2027-01-01T00:00:00+01:00"}, "UTC", "2026-01-01T00:00", ["2026-12-31T23:00+00:00"]),
    ],
)
def test_a_schedule_fires_at(at: Any, zone: str, after: str, comes: list[str]) -> None:
    assert on_the_clock(at, zone, after, len(comes)) == comes


def minutes(begin: datetime, end: datetime) -> Iterator[datetime]:
    while begin < end:
        yield begin
        begin += timedelta(minutes=1)


def by_hand(cron: str, zone: str, begin: datetime, end: datetime) -> list[datetime]:
    """All fire times of a period, found by looking at the clock every minute."""
    looks = [(one, one.astimezone(zone_of(zone)).replace(tzinfo=None)) for one in minutes(begin, end)]
    shown: dict[datetime, list[datetime]] = {}
    for instant, clock in looks:
        shown.setdefault(clock, []).append(instant)
    found: set[datetime] = set()
    for clock in CronSim(cron, looks[0][1] - timedelta(minutes=1)):
        if clock > looks[-1][1]:
            break
        if clock in shown:
            found |= set(shown[clock] if is_interval(cron) else shown[clock][:1])
        elif not is_interval(cron):
            found |= {late for (_, before), (late, after) in pairwise(looks) if before < clock < after}
    return sorted(found)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    "cron",
    [
        "30 2 * * *",
        "15,45 2 * * *",
        "*/20 2 * * *",
        "0 0 * * *",
        "45 1 * * *",
        "0 */6 * * *",
        "30 1-3 * * *",
        "7 * * * *",
    ],
)
def test_fire_times_are_those_that_the_clock_shows_whenever_one_begins_to_look(cron: str, zone: str) -> None:
    order = random.Random(f"{cron} {zone}")
    for year, month, day in ((2026, 3, 6), (2026, 3, 20), (2026, 10, 1), (2026, 10, 23), (2011, 12, 28), (2026, 2, 13)):
        begin = datetime(year, month, day, tzinfo=UTC)
        end = begin + timedelta(days=5)
        expected = by_hand(cron, zone, begin, end)
        for _ in range(8):
            start = begin + timedelta(days=1, seconds=order.randrange(3 * 86_400))
            found = []
            for one in times(cron, zone).after(start):
                if one >= end - timedelta(days=1):
                    break
                found.append(one)
            assert found == [one for one in expected if start < one < end - timedelta(days=1)], start


@pytest.mark.parametrize("most", [1, 3, 100])
def test_the_latest_are_found_without_walking_through_all(most: int) -> None:
    since, until = datetime(2016, 1, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    every_minute = times("* * * * *", "Europe/Berlin")
    found, more = every_minute.latest(since, until, most)
    assert (found[-1], len(found), more) == (until, most, True)
    daily = times({"daily": "02:30"}, "Europe/Berlin")
    begin = until - timedelta(days=3)
    all_of_them = [one for one in islice(daily.after(begin), 10) if one <= until]
    assert daily.latest(begin, until, most) == (all_of_them[-most:], len(all_of_them) > most)
    assert daily.latest(until, until, most) == ([], False)


def test_nothing_fires_before_it_starts_nor_from_its_end_on() -> None:
    limited = times({"daily": "12:00"}, starts_at="2026-01-02T12:00:00Z", ends_at="2026-01-04T12:00:00Z")
    found = [one.day for one in limited.after(datetime(2020, 1, 1, tzinfo=UTC))]
    assert found == [2, 3]
    assert limited.first_after(datetime(2026, 1, 3, 12, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"at": {"cron": "0 30 2 * * *"}}, "at.cron", "has to have five fields"),
        ({"at": {"cron": "@Daily"}}, "at.cron", "write 0 0 * * * in place of @Daily"),
        ({"at": {"cron": "@reboot"}}, "at.cron", "has to have five fields"),
        ({"at": {"cron": "61 2 * * *"}}, "at.cron", "its minute cannot be read"),
        ({"at": {"cron": "0 0 30 2 *"}}, "at.cron", "never fires: none of its months (2) has a day 30"),
        ({"at": {"cron": "0 0 31 FEB,4,6 *"}}, "at.cron", "never fires: none of its months (FEB,4,6) has a day 31"),
        ({"at": {"cron": "0 0 32 2 *"}}, "at.cron", "its day of month cannot be read"),
        ({"at": {"cron": "0 0 30 2 8"}}, "at.cron", "its day of week cannot be read"),
        ({"at": {"daily": "02:30"}, "time_zone": "Europe/Berlln"}, "time_zone", "did you mean 'Europe/Berlin'?"),
        ({"at": {"daily": "02:30"}, "time_zone": "../../etc/passwd"}, "time_zone", "there is no time zone"),
        ({"at": {"daily": "02:30"}, "time_zone": "CEST"}, "time_zone", "there is no time zone 'CEST'"),
    ],
)
def test_what_never_could_fire_is_refused(given: Any, field: str, said: str) -> None:
    with pytest.raises(FireTimesError) as error:
        FireTimes.of(ScheduleTimes.model_validate(given))
    assert error.value.field == field
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ({}, "needs one of daily, weekly, monthly, cron, once"),
        ({"daily": "02:30", "cron": "* * * * *"}, "it has daily and cron"),
        ({"daily": "2:30"}, "two digits each"),
        ({"daily": "24:00"}, "two digits each"),
        ({"daily": 150}, "text"),
        ({"monthly": {"day": 32, "time": "02:30"}}, "a day from 1 to 31"),
        ({"monthly": {"day": 0, "time": "02:30"}}, "a day from 1 to 31"),
        ({"monthly": {"day": True, "time": "02:30"}}, "a day from 1 to 31"),
        ({"monthly": {"day": "6th mon", "time": "02:30"}}, "a day from 1 to 31"),
        ({"monthly": {"day": "2nd tuesday", "time": "02:30"}}, "a day from 1 to 31"),
        ({"weekly": {"days": [], "time": "02:30"}}, "at least 1"),
        ({"once": "2027-01-01T00:00:00"}, "needs its offset"),
        ({"once": "9999-01-01T00:00:00Z"}, "between the years"),
    ],
)
def test_when_it_fires_is_said_in_one_way(at: Any, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        ScheduleTimes.model_validate({"at": at})


def test_what_people_take_otherwise_is_noted() -> None:
    def notes(cron: str) -> str:
        return " ".join(notes_on(ScheduleTimes.model_validate({"at": {"cron": cron}}).at))

    assert "days that are either" in notes("0 12 1-7 * MON")
    assert "days that are both" in notes("0 12 */2 * MON")
    assert "an interval" in notes("*/20 2 * * *")
    assert notes("30 2 * * *") == notes("0 12 * * MON") == notes("*/5 * * * *") == ""


def test_a_form_is_a_cron_text() -> None:
    at = ScheduleTimes.model_validate({"at": {"weekly": {"days": ["sun", "mon"], "time": "09:05"}}}).at
    assert cron_text(at) == "5 9 * * MON,SUN"
