"""Maintenance windows: which runs they hold, and until when."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from catalog.domain.schedule_check import check_window, window_warnings
from scheduler.domain.conditions import Answers
from scheduler.domain.invocation import Tick
from scheduler.domain.progress import advance
from scheduler.domain.windows import held_by
from shared.contracts.maintenance_window import MaintenanceWindowDefinition
from shared.contracts.run import Control, Run, WaitingFor
from shared.contracts.trigger import Trigger, TriggerKind
from tests.builders import NOON, a_run, a_step, an_action

ACTION = an_action(a_step(), category="Maintenance", tags=["disk"])


def a_window(**fields: Any) -> MaintenanceWindowDefinition:
    given = {"name": "freeze", "from": "2026-01-31T00:00:00Z", "until": "2026-02-01T00:00:00Z", **fields}
    return MaintenanceWindowDefinition.model_validate(given)


def recurring(**fields: Any) -> MaintenanceWindowDefinition:
    return MaintenanceWindowDefinition.model_validate({"name": "nights", **fields})


def a_run_of(kind: TriggerKind) -> Run:
    run = a_run(ACTION)
    run.trigger = Trigger(kind=kind, by="nightly")
    return run


def until(*windows: MaintenanceWindowDefinition, kind: TriggerKind = "schedule", now: datetime = NOON) -> str | None:
    held = held_by(windows, a_run_of(kind), ACTION, now)
    return None if held is None or held.until is None else f"{held.until:%m-%dT%H:%M}"


def test_a_window_holds_what_runs_by_itself_until_it_ends() -> None:
    assert until(a_window()) == "02-01T00:00"
    assert until(a_window(), kind="alert") == "02-01T00:00"
    assert until(a_window(holds=["alerts"])) is None
    assert until(a_window(holds=["alerts"]), kind="alert") == "02-01T00:00"
    assert until(a_window(), kind="manual") is until(a_window(), kind="api") is None
    assert until(a_window(enabled=False)) is None
    assert until(a_window(), now=datetime(2026, 1, 30, 23, 59, 59, tzinfo=UTC)) is None
    assert until(a_window(), now=datetime(2026, 1, 31, tzinfo=UTC)) == "02-01T00:00"
    assert until(a_window(), now=datetime(2026, 2, 1, tzinfo=UTC)) is None


def test_of_several_windows_the_one_that_ends_last_holds_it() -> None:
    longer = a_window(name="longer", until="2026-02-03T00:00:00Z")
    assert until(a_window(), longer, a_window()) == "02-03T00:00"
    held = held_by([a_window(), longer], a_run_of("schedule"), ACTION, NOON)
    assert held is not None
    assert "'longer'" in held.why


@pytest.mark.parametrize(
    ("applies_to", "holds"),
    [
        ({}, True),
        ({"categories": ["Maintenance"]}, True),
        ({"categories": ["Security"]}, False),
        ({"tags": ["other", "disk"]}, True),
        ({"actions": ["restart"]}, True),
        ({"actions": ["another"], "tags": ["none"]}, False),
        ({"actions": ["another"], "categories": ["Maintenance"]}, True),
    ],
)
def test_a_window_is_for_the_actions_that_it_names(applies_to: dict[str, Any], holds: bool) -> None:
    assert (until(a_window(applies_to=applies_to)) is not None) == holds


def test_a_window_recurs_on_the_clocks_of_its_zone_and_lasts_in_real_time() -> None:
    nights = recurring(at={"daily": "22:00"}, duration="8h", time_zone="Europe/Berlin")
    evening = datetime(2026, 3, 28, 21, 30, tzinfo=UTC)
    assert until(nights, now=evening) == "03-29T05:00"  # eight hours after 22:00, though clocks are turned meanwhile
    assert until(nights, now=evening - timedelta(hours=1)) is None
    assert until(nights, now=datetime(2026, 3, 29, 5, 0, tzinfo=UTC)) is None
    weekly = recurring(at={"weekly": {"days": ["sat"], "time": "00:00"}}, duration="2d")
    assert until(weekly, now=NOON) == "02-02T00:00"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"from": "2026-01-01T00:00:00Z"}, "until is missing: a window has either from and until, or at and duration"),
        ({"from": None, "until": "2026-01-01T00:00:00Z"}, "from is missing: a window has either"),
        ({"from": "", "until": "2026-01-01T00:00:00Z"}, "from\n  is missing: write an instant"),
        ({"at": {"daily": "02:30"}}, "duration is missing: a window has either from and until, or at and duration"),
        ({}, "either from and until, or at and duration"),
        ({"from": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}, "until\n  has to lie after from"),
        ({"from": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z", "duration": "1h"}, "either from and until"),
        ({"at": {"daily": "02:30"}, "duration": "32d"}, "at most"),
        ({"at": {"daily": "02:30"}, "duration": 1}, "at least"),
        ({"at": {"daily": "02:30"}, "duration": "1h", "holds": []}, "at least 1"),
    ],
)
def test_a_window_that_could_not_be_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        recurring(**given)


def test_what_is_written_is_shown_by_the_same_names() -> None:
    shown = a_window().model_dump(mode="json")
    assert shown["from"] == "2026-01-31T00:00:00.000Z"
    assert MaintenanceWindowDefinition.model_validate(shown) == a_window()


def test_what_is_misspelt_is_told_by_the_names_that_are_written() -> None:
    with pytest.raises(ValidationError, match="unknown field; did you mean 'from'"):
        a_window(form="2026-01-01T00:00:00Z")
    with pytest.raises(ValidationError, match="unknown field"):
        MaintenanceWindowDefinition.model_validate(
            {"name": "freeze", "begin": "2026-01-31T00:00:00Z", "until": "2026-02-01T00:00:00Z"}
        )


@pytest.mark.parametrize("given", [{}, {"from": None, "until": None, "at": {"daily": "02:30"}, "duration": "1h"}])
def test_a_window_has_a_time_zone_that_there_is_also_where_it_comes_once(given: dict[str, Any]) -> None:
    [error] = check_window(a_window(time_zone="Europe/Berlon", **given))
    assert (error.field, "did you mean 'Europe/Berlin'?" in error.message) == ("time_zone", True)
    assert list(check_window(a_window(time_zone="Europe/Berlin", **given))) == []


def test_the_author_of_a_window_is_warned_where_it_holds_nothing_or_comes_at_other_times() -> None:
    def warned(**fields: Any) -> list[str]:
        return [warning.field for warning in window_warnings(recurring(**{"duration": "1h", **fields}), NOON)]

    assert warned(at={"daily": "02:30"}) == []
    assert warned(at={"once": "2026-01-31T11:30:00Z"}) == [], "it holds until half past"
    assert warned(at={"once": "2026-01-31T11:00:00Z"}) == ["at"]
    assert warned(at={"once": "2026-01-31T11:00:00Z"}, enabled=False) == []
    assert warned(at={"cron": "0 0 */31 2 mon#5"}) == ["at.cron", "at"]
    assert warned(at={"cron": "0 9 1 * mon"}) == ["at.cron"]


def advanced(run: Run, window: WaitingFor | None, now: datetime = NOON) -> Run:
    """The run after a turn in which this window holds it, or none."""
    move = advance(run, ACTION, [], Tick(now=now, jitter=0.5), Answers(window=window or "open"))
    assert move.asks is None
    return move.run


def test_a_run_that_a_window_holds_is_delayed_and_begins_after_it() -> None:
    held = WaitingFor(gate="window", why="the maintenance window 'freeze' holds it", until=NOON + timedelta(hours=1))
    run = advanced(a_run_of("schedule"), held)
    assert (run.state, run.waiting_for, run.wake_at) == ("delayed", held, held.until)
    assert run.timeline[-1].event == "run.delayed"
    assert run.timeline[-1].text == held.why
    run = advanced(run, None, NOON + timedelta(hours=1))
    assert (run.state, run.waiting_for) == ("running", None)
    assert [entry.event for entry in run.timeline][1:4] == ["run.delayed", "run.queued", "run.started"]


def test_an_override_lets_a_run_pass_windows_and_keeps_why() -> None:
    held = WaitingFor(gate="window", why="held", until=NOON + timedelta(hours=1))
    run = advanced(a_run_of("alert"), held)
    run.controls.append(Control(kind="override", by="ann", at=NOON, comment="the disk is full"))
    run = advanced(run, held)
    assert run.state == "running"
    overridden = next(entry for entry in run.timeline if entry.event == "run.overridden")
    assert (overridden.by, overridden.text) == ("ann", "the disk is full")


def test_a_run_by_hand_asks_for_no_window() -> None:
    move = advance(a_run_of("manual"), ACTION, [], Tick(now=NOON, jitter=0.5))
    assert (move.asks, move.run.state) == (None, "running")


def test_a_run_under_way_is_held_by_no_window() -> None:
    run = advanced(a_run_of("schedule"), None)
    move = advance(run, ACTION, [], Tick(now=NOON, jitter=0.5))
    assert (move.asks, move.run.state) == (None, "running")
