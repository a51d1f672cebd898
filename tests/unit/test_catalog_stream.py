"""A run's events: their order, and cursors in it."""

import pytest

from catalog.domain.stream import StreamState
from catalog.domain.stream_cursor import StreamCursor, StreamCursorError, cursor_of
from catalog.domain.stream_events import StreamEvent
from shared.contracts.run import Run, RunProgress
from shared.runs.planning import plan_step
from tests.builders import a_run, a_step, an_action, an_outcome
from tests.builders_catalog import an_attempt, an_entry, queued_and_finished, tell


def an_ended_run() -> Run:
    run = a_run(an_action(a_step("first"), a_step("second")))
    run.steps[0].state, run.steps[1].state, run.state = "failed", "skipped", "failed"
    run.progress = RunProgress(done=2, total=2)
    tell(
        run,
        an_entry("run.started", state="running"),
        *queued_and_finished(an_attempt(run), "failed"),
        an_entry("step.retrying", step="first", state="queued"),
        *queued_and_finished(an_attempt(run, number=2), "unknown"),
        an_entry("step.skipped", step="second", state="skipped"),
        an_entry("run.ended", state="failed", reason="lost", text="the executor is gone"),
    )
    return run


def told(run: Run, cursor: StreamCursor | None = None) -> list[StreamEvent]:
    state = StreamState(run, cursor or StreamCursor())
    events: list[StreamEvent] = []
    while state.next_entries(1):
        events += state.emit_entry({})
    return events


def test_a_run_is_told_from_its_beginning_to_its_end() -> None:
    events = told(an_ended_run())
    assert [(event.name, event.data.model_dump()["state"]) for event in events] == [
        ("run", "queued"),
        ("run", "running"),
        ("step", "queued"),
        ("run", "running"),
        ("step", "failed"),
        ("step", "queued"),
        ("step", "queued"),
        ("step", "failed"),
        ("run", "running"),
        ("step", "skipped"),
        ("run", "running"),
        ("end", "failed"),
    ]


def test_progress_is_told_where_it_moves() -> None:
    events = [event for event in told(an_ended_run()) if event.name in {"run", "end"}]
    progress = [event.data.model_dump()["progress"] for event in events]
    assert [(one["done"], one["current_step"]) for one in progress] == [
        (0, None),
        (0, None),
        (0, "first"),
        (1, None),
        (2, None),
        (2, None),
    ]


def test_who_paused_a_run_and_until_when_it_is_delayed_is_told() -> None:
    run = a_run(an_action(a_step("first")))
    run.not_before = run.created_at
    pause = an_entry("run.paused", by="ann", text="a moment")
    tell(run, pause, an_entry("run.resumed", by="bob"))
    events = [event.data.model_dump() for event in told(run)][-2:]
    fields = ("event", "by", "reason_text", "paused", "not_before")
    assert [tuple(event[name] for name in fields) for event in events] == [
        ("run.paused", "ann", "a moment", True, run.created_at),
        ("run.resumed", "bob", None, False, run.created_at),
    ]


def test_the_end_says_why() -> None:
    end = told(an_ended_run())[-1].data.model_dump()
    assert (end["reason"], end["reason_text"], end["progress"]["percent"]) == ("lost", "the executor is gone", 100)


def test_every_event_has_its_own_id_and_resumes_exactly_after_it() -> None:
    run = an_ended_run()
    events = told(run)
    assert len({event.id for event in events}) == len(events)
    for number, event in enumerate(events):
        assert told(run, cursor_of(event.id)) == events[number + 1 :]


def test_an_attempt_that_began_is_told_once_as_it_was_then() -> None:
    run = a_run(an_action())
    attempt = an_attempt(run, state="failed", outcome=an_outcome(reason="exit_status", exit_status=3))
    tell(run, *queued_and_finished(attempt)[:1])
    state = StreamState(run, StreamCursor(2))
    event = state.emit_running(attempt)[0]
    assert event.data.model_dump()["state"] == "running"
    assert event.data.model_dump()["attempt"]["exit_status"] is None
    assert state.emit_running(attempt) == []
    assert StreamState(run, cursor_of(event.id)).emit_running(attempt) == []


@pytest.mark.parametrize("text", ["x", "-1", "1.", "1.x", "1s2", " 1", "1\n", "9" * 20, "1" + ".1" * 300])
def test_garbage_is_no_cursor(text: str) -> None:
    with pytest.raises(StreamCursorError):
        cursor_of(text)


@pytest.mark.parametrize("text", ["99", "10s", "1.1"])
def test_a_cursor_that_the_run_does_not_have_is_refused(text: str) -> None:
    with pytest.raises(StreamCursorError):
        StreamState(an_ended_run(), cursor_of(text))


@pytest.mark.parametrize("text", ["0", "4", "4s", "4.17", "4s.1.0.3"])
def test_a_cursor_is_its_text(text: str) -> None:
    assert str(cursor_of(text)) == text


def test_of_a_wide_step_the_counts_are_told_where_they_are_others() -> None:
    run = a_run(an_action(a_step("wide")))
    run.steps[0], _ = plan_step(run.id, 0, "wide", [("a", "default"), ("b", "default")])
    wide = run.steps[0].invocations
    assert wide is not None
    run.steps[0].state, wide.counts = "running", {"queued": 2}
    tell(run, an_entry("run.started", state="running"), an_entry("step.queued", step="wide", state="queued"))
    state = StreamState(run, StreamCursor(3))
    [event] = state.emit_counts({})
    assert (event.id, event.data.model_dump()["invocations"]) == ("3", {"queued": 2})
    assert state.emit_counts({}) == []
    [event] = state.emit_counts({"wide": 1})
    assert event.data.model_dump()["invocations"] == {"queued": 1, "running": 1}
    wide.counts = {"queued": 1, "succeeded": 1}
    assert len(state.emit_counts({})) == 1
