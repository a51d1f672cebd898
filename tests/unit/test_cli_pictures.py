"""How runs and definitions are shown to people."""

import re
from typing import Any

import pytest

from catalog.domain.definition_text import as_written
from opsimate.cli.plan import show_plan
from opsimate.cli.run_picture import show_run
from opsimate.following.run_events import progress_fraction, progress_text, states_of, told_by
from shared.contracts.action import ActionDefinition
from shared.contracts.alert_rule import AlertRuleDefinition
from shared.kinds import KINDS


def a_shown_step(name: str, state: str, reason: str | None = None) -> dict[str, Any]:
    return {"name": name, "state": state, "reason": reason, "due_at": None, "attempts": []}


def a_shown_run(*steps: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "id": "01JX3Q7W8Z5V9K2M4N6P8R0S2T",
        "action": {"name": "restart", "version": 1, "title": ""},
        "state": "failed",
        "reason": "exit_status",
        "reason_text": None,
        "trigger": {"kind": "manual", "by": "admin", "note": ""},
        "parameters": {},
        "created_at": "2026-01-31T12:00:00.000Z",
        "started_at": None,
        "ended_at": None,
        "duration": None,
        "progress": {"done": len(steps), "total": len(steps), "percent": 100, "current_step": None},
        "steps": list(steps),
        **fields,
    }


def test_what_is_counted_of_a_run_is_said_however_it_ended() -> None:
    steps = [a_shown_step("a", "succeeded"), a_shown_step("b", "failed"), a_shown_step("c", "skipped")]
    for state in ("failed", "succeeded", "cancelled"):
        run = a_shown_run(*steps, state=state)
        assert progress_text(run, states_of(run)) == "1 of 3 steps done, 1 failed, 1 skipped"
        assert progress_fraction(run, states_of(run)) == "1/3 done, 1 failed, 1 skipped"


def test_a_run_whose_every_step_failed_and_was_passed_shows_it() -> None:
    run = a_shown_run(*(a_shown_step(name, "failed") for name in "abc"), state="succeeded")
    assert progress_text(run, states_of(run)) == "0 of 3 steps done, 3 failed"


def a_shown_wide_step(state: str = "failed", **fields: Any) -> dict[str, Any]:
    times = {"started_at": "2026-01-31T12:00:01.000Z", "ended_at": "2026-01-31T12:01:14.000Z"}
    told = {"reason_text": "it failed on 22 of 1000 providers", "failed_providers": [f"h-{n}" for n in range(20)]}
    counts = {"invocations": {"succeeded": 978, "failed": 22}}
    return {**a_shown_step("wide", state), **times, **counts, **told, **fields}


def test_a_step_on_many_providers_is_a_row_with_counts_and_the_first_that_failed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_run(a_shown_run(a_shown_wide_step(), a_shown_step("after", "skipped", "condition")))
    shown = capsys.readouterr().out
    assert "wide   failed            1,000 providers  2026-01-31 12:00:01Z  1m 13s    978 succeeded, 22 failed" in shown
    assert "wide: it failed on 22 of 1000 providers\n" in shown
    assert "wide failed on: h-0, h-1" in shown
    assert "h-19, and 2 more\n" in shown
    assert "Each provider: opsimate runs invocations 01JX3Q7W8Z5V9K2M4N6P8R0S2T wide --state failed\n" in shown
    show_run(a_shown_run(a_shown_wide_step(batch={"number": 2, "of": 5})))
    assert "batch 2 of 5: 978 succeeded, 22 failed" in capsys.readouterr().out


def test_a_step_on_many_providers_that_was_passed_over_leads_to_none(capsys: pytest.CaptureFixture[str]) -> None:
    show_run(a_shown_run(a_shown_wide_step("skipped", reason_text="no step before it has failed", failed_providers=[])))
    shown = capsys.readouterr().out
    assert "not run: no step before it has failed" in " ".join(shown.split())
    assert "Each provider" not in shown


@pytest.mark.parametrize(
    ("earlier", "reason", "words"),
    [
        ("failed", "condition", "not run: an earlier step failed"),
        ("unknown", "condition", "not run: how an earlier step ended is unknown"),
        ("succeeded", "condition", "not run: condition"),
        ("cancelled", "cancelled", "not run: cancelled"),
        ("failed", "timeout", "not run: the run took too long"),
    ],
)
def test_a_step_that_was_passed_over_says_why(
    capsys: pytest.CaptureFixture[str], earlier: str, reason: str, words: str
) -> None:
    show_run(a_shown_run(a_shown_step("first", earlier), a_shown_step("second", "skipped", reason)))
    second = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("second"))
    assert second.endswith(words)


def test_a_step_whose_condition_did_not_hold_says_which(capsys: pytest.CaptureFixture[str]) -> None:
    why = "its condition does not hold: params.env == 'prod'"
    show_run(a_shown_run({**a_shown_step("only", "skipped", "condition"), "reason_text": why}))
    assert f"not run: {why}" in " ".join(capsys.readouterr().out.split())


def test_a_run_that_is_delayed_and_paused_shows_both(capsys: pytest.CaptureFixture[str]) -> None:
    until = "2126-11-29T01:38:45.906Z"
    waiting = {"gate": "not_before", "why": f"it is not to start before {until}", "until": until}
    paused = {"by": "ann", "at": until, "comment": "a moment"}
    show_run(a_shown_run(state="delayed", waiting_for=waiting, paused=paused))
    printed = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert "state     delayed, paused" in printed
    (at,) = [at for at, line in enumerate(printed) if line.startswith("waiting ")]
    assert re.fullmatch(r"waiting   it is not to start before 2126-11-29 01:38:45Z, in \d+d( \d+h)?", printed[at])
    assert printed[at + 1] == "paused by ann: a moment"


def test_a_run_that_is_being_cancelled_says_so_until_it_has_ended(capsys: pytest.CaptureFixture[str]) -> None:
    show_run(a_shown_run(state="running", cancel_requested=True))
    assert "running, being cancelled" in capsys.readouterr().out
    show_run(a_shown_run(state="cancelled", cancel_requested=True))
    assert "being cancelled" not in capsys.readouterr().out


def test_a_boolean_is_shown_as_it_is_typed(capsys: pytest.CaptureFixture[str]) -> None:
    show_run(a_shown_run(parameters={"force": False, "dry": True}))
    printed = capsys.readouterr().out
    assert "force = false" in printed
    assert "dry = true" in printed


ACTION = {
    "kind": "action",
    "name": "restart",
    "estimated_duration": 40,
    "parameters": [{"name": "delay", "type": "integer", "default": 0}],
    "steps": [
        {"name": "restart", "provider": "web-1", "command": "true", "timeout": 30, "retries": {"count": 2, "delay": 5}},
        {"name": "verify", "provider": "web-1", "command": "true", "timeout": 1.23456},
    ],
    "execution": {"timeout": 600},
}


def test_an_action_is_shown_as_somebody_would_write_it() -> None:
    stored = ActionDefinition.model_validate(ACTION)
    written = as_written(stored.model_dump(mode="json"))
    assert written == {
        "kind": "action",
        "name": "restart",
        "estimated_duration": "40s",
        "parameters": [{"name": "delay", "type": "integer", "default": 0}],
        "steps": [
            {
                "name": "restart",
                "provider": "web-1",
                "command": "true",
                "timeout": "30s",
                "retries": {"count": 2, "delay": "5s"},
            },
            {"name": "verify", "provider": "web-1", "command": "true", "timeout": 1.23456},
        ],
        "execution": {"timeout": "10m"},
    }
    assert ActionDefinition.model_validate(written) == stored


def test_an_approval_is_shown_as_somebody_would_write_it() -> None:
    approval = {"approvers": ["user:ann"], "expires": "30m"}
    steps = [{"name": "a", "provider": "web-1", "command": "true", "approval": approval}]
    written = {"kind": "action", "name": "a", "steps": steps, "execution": {"approval": "required"}}
    stored = ActionDefinition.model_validate(written).model_dump(mode="json")
    assert as_written(stored) == written


@pytest.mark.parametrize(
    "written",
    [
        {
            "kind": "action",
            "name": "a",
            "steps": [
                {"name": "a", "provider": "web-1", "command": "reboot", "expect_disconnect": {"back_within": "30m"}}
            ],
            "concurrency": {"queue_ttl": "10m"},
        },
        {"kind": "maintenance_window", "name": "backup", "at": {"daily": "22:00"}, "duration": "2h"},
    ],
)
def test_what_lasts_is_shown_with_its_unit(written: dict[str, Any]) -> None:
    stored = KINDS[written["kind"]].kept.model_validate(written)
    assert as_written(stored.model_dump(mode="json")) == written


def test_who_has_approved_a_run_and_how_to_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    given = {"by": "ann", "at": "2026-01-31T12:00:00.000Z", "comment": "checked"}
    run = a_shown_run(a_shown_step("a", "pending"), state="awaiting_approval", approval={"given": [given]})
    show_run(run)
    shown = " ".join(capsys.readouterr().out.split())
    assert "approved by ann at 2026-01-31 12:00:00Z: checked" in shown
    assert f"decide with: opsimate runs approve {run['id']}, or reject" in shown
    show_run(run, why_not="'admin' asked for the run")
    shown = capsys.readouterr().out
    assert "you may not decide: 'admin' asked for the run" in shown
    assert "decide with" not in shown


def test_a_plan_says_whose_approval_is_waited_for(capsys: pytest.CaptureFixture[str]) -> None:
    usual = {"approvers": ["role:operator"], "needed": 1, "allow_requester": False}
    of_run = usual | {"on_expiry": "reject", "expires_after": 3600.0}
    of_step = usual | {"needed": 2, "allow_requester": True, "on_expiry": "run", "expires_after": 90.0}
    invocation = {"provider": "web-1", "command": "true", "reachable": None, "reachable_text": None}
    step = {"name": "restart", "providers": 1, "invocations": [invocation], "run_as": None, "setup": None}
    told = {"reason": "is the first step", "rollout": None, "approval": of_step}
    found = {"action": {"name": "a", "version": 1}, "condition": None, "approval": of_run, "steps": [step | told]}
    show_plan(found)
    shown = capsys.readouterr().out
    assert re.search(r"approval +role:operator, within 1h, else it ends as expired\n", shown)
    assert "   waits for approval: 2 of role:operator, also who asks for it, within 1m 30s, else it goes on\n" in shown


@pytest.mark.parametrize(
    ("event", "by", "said"),
    [
        ("run.awaiting_approval", None, "it needs ann: opsimate runs approve 01X, or reject"),
        ("run.approval_given", "bob", "approved by bob: it needs ann"),
        ("run.rejected", "bob", "rejected by bob: it needs ann"),
        ("run.approval_expired", None, "it needs ann"),
        ("run.started", None, None),
    ],
)
def test_a_follower_is_told_what_people_decide(event: str, by: str | None, said: str | None) -> None:
    assert told_by({"id": "01X", "event": event, "by": by, "reason_text": "it needs ann"}) == said


def test_values_that_a_rule_passes_on_stay_as_they_are() -> None:
    responses = [{"action": "wait", "parameters": {"timeout": 30, "host": ""}}]
    rule = {"kind": "alert_rule", "name": "waits", "match": {"labels": {}}, "responses": responses}
    stored = AlertRuleDefinition.model_validate(rule)
    written = as_written(stored.model_dump(mode="json"))
    assert written["responses"] == responses
    assert AlertRuleDefinition.model_validate(written) == stored


def test_what_a_newer_server_says_is_shown_too() -> None:
    definition = {"kind": "provider", "name": "web-1", "connection": {"carrier_pigeon": {}}, "description": ""}
    assert as_written(definition) == {
        "kind": "provider",
        "name": "web-1",
        "connection": {"carrier_pigeon": {}},
    }


def test_a_plan_says_how_a_step_goes_through_its_providers(capsys: pytest.CaptureFixture[str]) -> None:
    rollout = {"batches": 12, "batch_sizes": [1, 2, *[5] * 10], "max_parallel": 3, "max_failures": 2, "check": "verify"}
    invocation = {"provider": "web-1", "command": "true", "reachable": None, "reachable_text": None}
    step = {"name": "restart", "providers": 53, "invocations": [invocation], "run_as": None, "setup": None}
    told = {"reason": "is the first step", "rollout": rollout}
    show_plan({"action": {"name": "a", "version": 1}, "condition": None, "steps": [step | told]})
    assert (
        "   in 12 batches of 1, 2, 5, 5, 5, 5, 5, 5, 5, 5 and 2 more; on 3 at a time; 'verify' after each batch; "
        "stops with more than 2 failures\n"
    ) in capsys.readouterr().out
    show_plan(
        {
            "action": {"name": "a", "version": 1},
            "condition": None,
            "steps": [step | told | {"rollout": rollout | {"batches": 1, "max_parallel": None, "max_failures": 0}}],
        }
    )
    assert "   'verify' after each batch; stops with the first failure\n" in capsys.readouterr().out
