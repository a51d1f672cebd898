"""Schedules and maintenance windows as the command line shows them."""

from typing import Any

import pytest

from opsimate.cli.schedule_text import at_text, decision_text, schedule_row, window_row


def texts(row: Any) -> list[str]:
    return [str(value) for value in row]


@pytest.mark.parametrize(
    ("at", "text"),
    [
        ({"daily": "02:30", "weekly": None}, "daily at 02:30"),
        ({"weekly": {"days": ["mon", "thu"], "time": "02:30"}}, "mon, thu at 02:30"),
        ({"monthly": {"day": "2nd tue", "time": "02:30"}}, "2nd tue of the month at 02:30"),
        ({"cron": "30 2 * * *"}, "cron 30 2 * * *"),
        ({"once": "2027-01-01T00:00:00.000Z"}, "once, 2027-01-01 00:00:00Z"),
    ],
)
def test_when_a_schedule_fires_is_told_in_words(at: dict[str, Any], text: str) -> None:
    assert at_text(at) == text


def test_a_schedule_tells_what_it_did_last_and_when_it_fires_next() -> None:
    fire = {"fire_time": "2026-01-31T01:30:00.000Z", "decision": "run_requested"}
    schedule = {
        "name": "nightly",
        "action": "cleanup",
        "at": {"daily": "02:30"},
        "time_zone": "Europe/Berlin",
        "enabled": True,
        "next_fire_time": "2026-02-01T01:30:00.000Z",
        "last_fire": fire,
    }
    row = texts(schedule_row(schedule))
    assert row[4:] == ["2026-02-01 01:30:00Z", "2026-01-31 01:30:00Z run requested"]
    assert texts(schedule_row({**schedule, "enabled": False}))[4] == "not enabled"
    assert texts(schedule_row({**schedule, "next_fire_time": None, "last_fire": None}))[4:] == ["never again", ""]
    assert decision_text({"decision": "joined"}) == "joined a run that waits"
    assert decision_text({"decision": "missed"}) == "missed"


def test_a_window_tells_when_it_is() -> None:
    window = {"name": "freeze", "enabled": True, "holds": ["schedules", "alerts"], "description": ""}
    once = {"from": "2026-12-20T00:00:00.000Z", "until": "2027-01-02T00:00:00.000Z", "at": None}
    assert texts(window_row({**window, **once}))[3] == "2026-12-20 00:00:00Z to 2027-01-02 00:00:00Z"
    recurs = {"at": {"daily": "22:00"}, "duration": 7200.0, "time_zone": "Europe/Berlin", "from": None, "until": None}
    assert texts(window_row({**window, **recurs}))[3] == "daily at 22:00 (Europe/Berlin) for 2h"
