"""The calendar: what comes between two instants, and what is left out of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from catalog.domain.calendar import MOST_OF_ONE, MOST_TIMES, CalendarView, calendar_of
from shared.contracts.maintenance_window import MaintenanceWindowDefinition
from shared.contracts.schedule import ScheduleDefinition

BEGIN = datetime(2026, 3, 28, 12, tzinfo=UTC)
"""The day before clocks are turned forward in Berlin."""


def schedule(name: str, **fields: Any) -> ScheduleDefinition:
    given = {"at": {"daily": "02:30"}, "time_zone": "Europe/Berlin", "action": "restart", **fields}
    return ScheduleDefinition.model_validate({"name": name, **given})


def window(name: str, **fields: Any) -> MaintenanceWindowDefinition:
    return MaintenanceWindowDefinition.model_validate({"name": name, **fields})


def calendar(
    schedules: list[ScheduleDefinition], windows: list[MaintenanceWindowDefinition] | None = None, **length: float
) -> CalendarView:
    return calendar_of(schedules, windows or [], BEGIN, BEGIN + timedelta(**length), edition="2026.1")


def test_it_has_the_fire_times_of_all_that_is_enabled() -> None:
    once = {"at": {"once": BEGIN.isoformat()}}
    found = calendar(
        [schedule("at-the-beginning", **once), schedule("nightly"), schedule("off", enabled=False)], days=2
    )
    assert {one.name: one.fire_times for one in found.schedules} == {
        "at-the-beginning": [BEGIN],
        "nightly": [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 3, 30, 0, 30, tzinfo=UTC)],
    }
    assert found.cut_at is None
    assert calendar([schedule("nightly")], hours=13).schedules == [], "the end is not included"


def test_a_window_is_there_also_where_it_has_begun_before() -> None:
    open_since, until = "2026-03-20T00:00:00Z", "2026-04-20T00:00:00Z"
    found = calendar(
        [],
        [
            window("freeze", **{"from": open_since, "until": until}),
            window("noon", at={"daily": "11:00"}, duration="2h", holds=["alerts"]),
            window("off", at={"daily": "11:00"}, duration="2h", enabled=False),
            window("over", **{"from": open_since, "until": BEGIN.isoformat()}),
            window("without-a-gap", at={"cron": "0 * * * *"}, duration="1h"),
        ],
        days=1,
    )
    hour = timedelta(hours=1)
    assert {one.name: [(time.begin, time.until) for time in one.times] for one in found.windows} == {
        "freeze": [(datetime(2026, 3, 20, tzinfo=UTC), datetime(2026, 4, 20, tzinfo=UTC))],
        "noon": [(BEGIN - hour, BEGIN + hour), (BEGIN + 23 * hour, BEGIN + 25 * hour)],
        "without-a-gap": [(BEGIN, BEGIN + 24 * hour)],
    }


def test_what_comes_often_is_cut_and_leaves_room_for_the_rest() -> None:
    found = calendar([schedule("every-minute", at={"cron": "* * * * *"}), schedule("nightly")], days=62)
    often, rare = found.schedules
    assert len(often.fire_times) == MOST_OF_ONE
    assert often.cut_at == BEGIN + timedelta(minutes=MOST_OF_ONE)
    assert (len(rare.fire_times), rare.cut_at, found.cut_at) == (62, None, None)


def test_where_there_is_too_much_what_follows_can_be_asked_for() -> None:
    schedules = [
        schedule(f"s-{number:04}", at={"daily": f"{number % 24:02}:00"}, time_zone="UTC") for number in range(400)
    ]
    begin: datetime | None = BEGIN
    until, seen, parts = BEGIN + timedelta(days=62), 0, 0
    while begin is not None:
        part = calendar_of(schedules, [], begin, until, edition="2026.1")
        seen += sum(len(one.fire_times) for one in part.schedules)
        assert seen <= (parts + 1) * (MOST_TIMES + len(schedules))
        parts, begin = parts + 1, part.cut_at
    assert parts == 3
    assert seen == 400 * 62


def test_thousands_at_one_instant_are_told_together() -> None:
    schedules = [schedule(f"s-{number:05}", at={"daily": "13:00"}, time_zone="UTC") for number in range(MOST_TIMES + 1)]
    found = calendar(schedules, days=3)
    assert sum(len(one.fire_times) for one in found.schedules) == MOST_TIMES + 1
    assert found.cut_at == BEGIN + timedelta(days=1, hours=1)


def test_of_each_and_of_all_the_first_can_be_had_alone() -> None:
    often, nightly = schedule("often", at={"cron": "* * * * *"}), schedule("nightly")
    until = BEGIN + timedelta(days=3)
    found = calendar_of([often, nightly], [], BEGIN, until, edition="2026.1", most_of_one=1)
    assert {one.name: len(one.fire_times) for one in found.schedules} == {"often": 1, "nightly": 1}
    assert all(one.cut_at is not None for one in found.schedules)
    found = calendar_of([often, nightly], [], BEGIN, until, edition="2026.1", most=5)
    assert {one.name: len(one.fire_times) for one in found.schedules} == {"often": 5}
    assert found.cut_at == BEGIN + timedelta(minutes=5)
