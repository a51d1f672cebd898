"""Tables on a terminal of 80 columns: a row is a line, and an id is never split."""

import io
import json
import sys
from collections.abc import Iterable
from typing import Any

import pytest

from opsimate.cli import opsimate
from opsimate.product_looks import Finding
from opsimate.terminal_text import TerminalText
from tests.unit.test_cli_following import Answer, serving
from tests.unit.test_cli_pictures import a_shown_run, a_shown_step, a_shown_wide_step

RUN = "01M85A7KS928KRQRJ0KEF9Z179"
ALERT = "01M85AFCZRPTNVVSJ6P9VFCQVY"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def typed(
    monkeypatch: pytest.MonkeyPatch,
    arguments: str,
    answer: Any,
    *,
    columns: int | None = 80,
    more: Iterable[Answer] = (),
) -> list[str]:
    """The lines that a command prints on a terminal of so many columns, or into a pipe."""
    out = io.StringIO() if columns is None else Terminal()
    with serving(Answer(body=json.dumps(answer).encode()), *more) as (api, _server), monkeypatch.context() as patch:
        patch.setenv("OPSIMATE_URL", api.credentials.url)
        patch.setenv("OPSIMATE_TOKEN", "t0ken")
        patch.setenv("TERM", "xterm")
        patch.setenv("NO_COLOR", "1")
        patch.setenv("COLUMNS", str(columns or ""))
        patch.setattr(sys, "stdout", out)
        opsimate.main(arguments.split(), standalone_mode=False)
    return [line.rstrip() for line in TerminalText(colours=False).feed(out.getvalue()).splitlines()]


def listed(*items: Any) -> dict[str, Any]:
    return {"items": list(items), "next": None}


def a_listed_run(action: str = "restart-service", state: str = "succeeded") -> dict[str, Any]:
    return a_shown_run(
        id=RUN,
        state=state,
        progress={"done": 1, "total": 1, "percent": 100, "current_step": None},
        ended_steps={state: 1},
        action={"name": action, "version": 1, "title": ""},
        trigger={"kind": "manual", "by": "administrator", "note": ""},
        duration=12.3,
    )


def an_alert(title: str = "Somebody should say hello") -> dict[str, Any]:
    alert = {
        "title": title,
        "description": "",
        "status": "firing",
        "severity": "critical",
        "source": "alertmanager",
        "starts_at": "",
        "ends_at": None,
        "labels": {"alertname": "Hello"},
    }
    decision = {
        "rule": "nginx-down",
        "action": "restart-service",
        "decision": "run_requested",
        "run_id": RUN,
        "reason": "The rule 'nginx-down' matched, and requested a run of 'restart-service'.",
    }
    received = {"received_at": "2026-11-24T01:31:32.000Z", "last_received_at": "2026-11-24T01:31:32.000Z"}
    counted = {"deliveries": 1, "starts": [], "late_reports": 0, "late_report_at": None, "stale": False}
    return {"id": ALERT, "alert": alert, **received, **counted, "decisions": [decision, decision], "runs": [RUN]}


def an_attempt(number: int = 1, state: str = "succeeded", **fields: Any) -> dict[str, Any]:
    times = {"started_at": "2026-01-31T12:00:01.000Z", "ended_at": "2026-01-31T12:01:14.000Z"}
    ended = {"reason": None, "exit_status": 0, "signal": None, "output_bytes": 12_345}
    return {"number": number, "state": state, "provider": "web-1", **times, **ended, **fields}


def an_invocation(index: int, state: str, **fields: Any) -> dict[str, Any]:
    shown = {"invocation": index, "provider": f"h-{index}", "pool": "default", "state": state, "due_at": None}
    return {**shown, "attempts": 1, "attempt": an_attempt(state=state), **fields}


def test_a_step_on_each_of_its_providers_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    unreachable = {"reason": "unreachable", "exit_status": None, "output_bytes": 0, "reason_text": "Nothing answers."}
    items = [
        an_invocation(0, "succeeded"),
        an_invocation(1, "failed", attempt=an_attempt(2, "failed", reason="exit_status", exit_status=3)),
        an_invocation(2, "queued", due_at="2026-01-31T12:05:00.000Z"),
        an_invocation(3, "pending", attempts=0, attempt=None),
        an_invocation(4, "failed", attempt=an_attempt(1, "failed", **unreachable)),
    ]
    more = Answer(body=json.dumps(listed(*items)).encode())
    heading, *rows = typed(monkeypatch, f"runs invocations {RUN} wide", a_listed_run(), columns=None, more=[more])
    assert heading.split() == ["PROVIDER", "STATE", "ATTEMPT", "STARTED", "DURATION", "OUTCOME"]
    assert [row.split()[:2] for row in rows] == [[item["provider"], item["state"]] for item in items]
    assert rows[1].endswith("exit status 3, 12,345 bytes of output")
    assert rows[2].endswith("next attempt at 2026-01-31 12:05:00Z")
    assert rows[4].endswith("unreachable: Nothing answers.")


def test_where_a_step_failed_on_no_provider_what_did_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    why = "its check 'verify' failed after batch 1 of 3"
    steps = [a_shown_wide_step(name=name, failed_providers=[]) for name in ("restart", "verify")]
    steps[0]["reason_text"], steps[1]["failed_providers"] = why, ["web-3"]
    run = a_listed_run() | {"steps": steps}
    nothing = Answer(body=json.dumps(listed()).encode())
    typed(monkeypatch, f"runs invocations {RUN} restart --state failed", run, more=[nothing])
    assert capsys.readouterr().err.splitlines() == [
        f"On no provider is the step 'restart' failed: {why}.",
        f"Step 'verify' failed on web-3: opsimate runs invocations {RUN} verify --state failed",
    ]


def narrow(lines: Iterable[str], columns: int = 80) -> bool:
    return all(len(line) <= columns for line in lines)


@pytest.mark.parametrize("state", ["succeeded", "failed", "cancelled", "awaiting_approval"])
def test_a_run_is_a_line_of_a_list(monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    heading, *rows = lines = typed(monkeypatch, "runs list", listed(*[a_listed_run(state=state)] * 3))
    assert narrow(lines)
    assert heading.split()[:3] == ["ID", "ACTION", "STATE"]
    assert [row.split()[:3] for row in rows] == [[RUN, "restart-service", state]] * 3
    assert all("01-31 12:00:00" in row for row in rows)


def test_where_there_is_room_nothing_is_left_out_or_abridged(monkeypatch: pytest.MonkeyPatch) -> None:
    for columns in (140, None):
        heading, row = typed(monkeypatch, "runs list", listed(a_listed_run()), columns=columns)
        assert heading.split() == ["ID", "ACTION", "STATE", "STEPS", "TRIGGER", "BY", "CREATED", "DURATION"]
        assert row.split() == [
            *(RUN, "restart-service", "succeeded", "1/1", "done", "manual", "administrator"),
            *("2026-01-31", "12:00:00Z", "12s"),
        ]


def test_an_id_stays_whole_beside_the_longest_name_and_on_the_narrowest_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for columns in (80, 40):
        lines = typed(monkeypatch, "runs list", listed(a_listed_run("x" * 63)), columns=columns)
        assert narrow(lines, columns)
        assert RUN in " ".join(lines).split()
        assert "".join(lines).count("x") == 63


def test_an_alert_is_a_line_of_a_list_and_only_its_title_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    title = "Somebody should say hello to everybody who is on call in this night, and soon"
    lines = typed(monkeypatch, "alerts list", listed(an_alert(), an_alert(title)))
    assert narrow(lines)
    assert len(lines) == 3
    assert all(line.split()[0] == ALERT and "11-24 01:31:32" in line and "firing" in line for line in lines[1:])
    assert "Somebody should say hello" in lines[1]
    assert lines[2].split("firing")[1].rstrip("0123456789 ").endswith("…")
    assert title in " ".join(typed(monkeypatch, "alerts list", listed(an_alert(title)), columns=None))


def test_a_firing_alert_that_was_not_heard_of_for_long_is_shown_as_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    """Case B20."""
    stale = {**an_alert(), "stale": True}
    heading, row = typed(monkeypatch, "alerts list", listed(stale), columns=None)
    assert heading.split("  ")[:1] == ["ID"]
    assert "LAST HEARD" in heading
    assert row.split()[3:6] == ["2026-11-24", "01:31:32Z", "stale"]
    narrow_lines = typed(monkeypatch, "alerts list", listed(stale))
    assert narrow(narrow_lines)
    assert "LAST HEARD" in narrow_lines[0]
    assert "firing, stale" in " ".join(typed(monkeypatch, f"alerts show {ALERT}", stale))


def test_a_run_that_was_refused_is_seen_in_the_list_of_alerts(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = an_alert()
    refused |= {"runs": [], "decisions": [{**refused["decisions"][0], "decision": "parameters_refused"}]}
    lines = typed(monkeypatch, "alerts list", listed(refused), columns=None)
    assert lines[1].endswith("0 (1 refused)")


def test_the_run_of_a_decision_can_be_copied_from_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = typed(monkeypatch, f"alerts show {ALERT}", an_alert())
    assert narrow(lines)
    assert [line for line in lines if RUN in line] == [f"run       {RUN}"] * 2
    wide = typed(monkeypatch, f"alerts show {ALERT}", an_alert(), columns=160)
    assert [line.split()[-1] for line in wide[-3:]] == ["RUN", RUN, RUN]


def test_an_attempt_is_a_line_and_what_came_of_it_has_room(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = [
        {**a_shown_step(name, "succeeded"), "attempts": [an_attempt()]} for name in ("restart", "verify", "collect-log")
    ]
    lines = typed(monkeypatch, f"runs show {RUN}", a_shown_run(*steps))
    assert narrow(lines)
    table = lines[next(index for index, line in enumerate(lines) if line.startswith("STEP")) :]
    for step, row in zip(steps, table[1:4], strict=True):
        assert " ".join(row.split()) == f"{step['name']} succeeded 1 web-1 12:00:01 1m 13s exit 0, 12,345 B"


def test_an_attempt_of_another_day_than_the_runs_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    late = an_attempt(started_at="2026-02-01T00:00:01.000Z", ended_at=None)
    step = {**a_shown_step("collect-log", "running"), "attempts": [late]}
    (row,) = [line for line in typed(monkeypatch, f"runs show {RUN}", a_shown_run(step)) if "collect-log" in line]
    assert "02-01 00:00:01" in row


@pytest.mark.parametrize(("columns", "when"), [(80, "12:05:00"), (None, "2026-01-31 12:05:00Z")])
def test_a_step_that_waits_for_its_next_attempt_says_until_when(
    monkeypatch: pytest.MonkeyPatch, columns: int | None, when: str
) -> None:
    failed = an_attempt(state="failed", reason="exit_status", exit_status=1)
    due = "2026-01-31T12:05:00.000Z"
    step = {**a_shown_step("restart-service", "queued"), "attempts": [failed], "due_at": due}
    lines = typed(monkeypatch, f"runs show {RUN}", a_shown_run(step), columns=columns)
    at = next(index for index, line in enumerate(lines) if line.startswith("restart-service"))
    assert "failed" in lines[at]
    assert lines[at + 1].split()[0] == "queued"
    assert lines[at + 1].endswith(f"next attempt at {when}")


def test_a_finding_goes_on_below_its_beginning_and_columns_have_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Finding("scheduler.handlers.sweep", "warning", "turns late " * 12, "Start it again.")
    monkeypatch.setattr("opsimate.diagnosis.diagnose", lambda _url: [found, Finding("disk", "ok", "has room")])
    narrow_lines = typed(monkeypatch, "doctor", {})
    indent = narrow_lines[0].index("turns late")
    assert narrow(narrow_lines)
    assert narrow_lines[0].startswith("warning  scheduler.handlers.sweep  turns late")
    assert [line[:indent].strip() for line in narrow_lines[1:-1]] == [""] * (len(narrow_lines) - 2)
    assert len(narrow_lines) > 4
    piped = typed(monkeypatch, "doctor", {}, columns=None)
    assert [line[indent:] for line in piped] == [("turns late " * 12).strip(), "Start it again.", "has room"]


def test_a_paused_run_is_shown_as_paused_in_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    paused = {**a_listed_run(state="running"), "paused": {"by": "ann", "at": "2026-01-31T12:00:00.000Z", "comment": ""}}
    for columns in (80, None):
        _, row = typed(monkeypatch, "runs list", listed(paused), columns=columns)
        assert "running, paused" in row


def test_the_instant_of_a_pin_is_written_as_all_instants_are(monkeypatch: pytest.MonkeyPatch) -> None:
    written = {"version": 1, "updated_at": "2026-01-31T12:00:00.000Z", "updated_by": "ann"}
    status = {"host_key": "SHA256:x", "pinned_at": "2026-01-31T12:00:01.906Z"}
    lines = typed(
        monkeypatch,
        "providers show web-1",
        {"kind": "provider", "name": "web-1", **written, "status": status},
        columns=None,
    )
    assert lines[1:3] == ["# host key SHA256:x", "# pinned at 2026-01-31 12:00:01Z"]


@pytest.mark.parametrize("arguments", ["runs list", "stats", "stats --by-day"])
def test_an_action_that_is_not_there_is_told_where_no_run_matches(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: str
) -> None:
    meant = "there is no action 'helo'; did you mean 'hello'?"
    unknown = Answer(404, json.dumps({"detail": meant, "errors": []}).encode(), "application/problem+json")
    duration = {"p50": None, "p95": None}
    counted = {"runs": 0, "outcomes": {}, "success_rate": None, "duration": duration}
    nothing = {**listed(), **counted, "since": "2026-01-01", "until": "2026-01-31", "days": []}
    typed(monkeypatch, f"{arguments} --action helo", nothing, more=(unknown,))
    assert capsys.readouterr().err == f"No run matches: {meant}\n"
    typed(monkeypatch, f"{arguments} --action hello", nothing, more=(Answer(),))
    assert "there is no action" not in capsys.readouterr().err
