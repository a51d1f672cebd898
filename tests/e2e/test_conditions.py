"""Conditions of steps and actions, in both forms."""

import pytest

from tests.product import Product
from tests.stage import Ledger, action


def test_conditions_by_expression_decide_over_each_step(product: Product, ledger: Ledger) -> None:
    name = action(
        product,
        "decide",
        {"name": "probe", "command": "echo active; exit 3", "on_failure": "continue"},
        {"name": "by-status", "command": ledger.entry("status"), "when": "steps.probe.exit_status == 3"},
        {"name": "by-output", "command": ledger.entry("output"), "when": 'steps.probe.output == "active"'},
        {"name": "by-state", "command": ledger.entry("state"), "when": 'steps["by-output"].state == "failed"'},
        {"name": "by-parameter", "command": ledger.entry("no"), "when": 'params.env == "prod"'},
        {"name": "by-run", "command": ledger.entry("run"), "when": 'run.trigger.kind == "manual" && alert == null'},
        {"name": "by-time", "command": ledger.entry("time"), "when": "now > timestamp(run.created_at)"},
        parameters=[{"name": "env", "default": "test"}],
    )
    run = product.result(name)
    assert run["state"] == "succeeded", run["reason_text"]
    assert ledger.lines == ["status", "output", "run", "time"]
    skipped = {step["name"]: step["reason_text"] for step in run["steps"] if step["state"] == "skipped"}
    assert skipped == {
        "by-state": 'its condition does not hold: steps["by-output"].state == "failed"',
        "by-parameter": 'its condition does not hold: params.env == "prod"',
    }
    assert {step["reason"] for step in run["steps"] if step["name"] in skipped} == {"condition"}


def test_a_condition_that_cannot_be_evaluated_is_a_failure_and_never_true(product: Product, ledger: Ledger) -> None:
    steps = {"command": ledger.entry(), "when": 'alert.labels.env == "prod"'}, {"command": "true", "when": "run.failed"}
    run = product.result(action(product, "broken", *steps))
    assert (run["state"], run["reason"]) == ("failed", "condition")
    assert run["reason_text"].startswith("step 'step-1': its condition could not be evaluated: ")
    assert [step["state"] for step in run["steps"]] == ["failed", "succeeded"]
    assert ledger.lines == []


def test_a_condition_may_ask_for_much_and_holds_nobody_up(product: Product) -> None:
    doubling = "[params.text]" + ".map(x, x + x)" * 15 + "[0].size() > 1"
    parameters = [{"name": "text"}]
    hungry = action(product, "hungry", {"command": "true", "when": doubling}, parameters=parameters)
    run_id = product.run(hungry, {"text": "x" * 60_000})["id"]
    assert product.result(action(product, "other", "true"))["state"] == "succeeded"
    run = product.ended(run_id)
    assert (run["state"], run["reason"]) == ("failed", "condition")
    assert "512 MiB" in run["reason_text"]


def test_an_action_s_condition_skips_the_run_with_the_reason_shown(product: Product, ledger: Ledger) -> None:
    condition = 'params.env != "prod" || run.trigger.kind == "alert"'
    parameters = [{"name": "env", "default": "test"}]
    name = action(product, "only-if", ledger.entry(), condition=condition, parameters=parameters)
    assert product.result(name)["state"] == "succeeded"
    run = product.result(name, {"env": "prod"})
    assert (run["state"], run["reason"]) == ("skipped", "condition")
    assert run["reason_text"] == f"its condition does not hold: {condition}"
    assert [step["state"] for step in run["steps"]] == ["skipped"]
    assert ledger.lines == ["x"]


def test_a_plan_shows_what_conditions_come_to_as_far_as_that_is_known(product: Product) -> None:
    name = action(
        product,
        "planned",
        {"name": "first", "command": "true", "when": 'params.env == "test"'},
        {"name": "later", "command": "true", "when": 'params.env == "test"'},
        {"name": "never", "command": "true", "when": 'params.env == "prod" && alert == null'},
        {"name": "depends", "command": "true", "when": "steps.first.exit_status == 0"},
        {"name": "fails", "command": "true", "when": "params.env > 3"},
        condition='run.trigger.kind == "manual"',
        parameters=[{"name": "env", "default": "test"}],
    )
    plan = product.http.post(f"/api/v1/actions/{name}/plan", json={}).json()
    assert [step["when"] for step in plan["steps"]] == [True, None, False, None, False]
    reasons = [step["reason"] for step in plan["steps"]]
    assert reasons[0] == 'its condition holds: params.env == "test"'
    assert reasons[1] == 'runs unless a step before it has failed, as its condition holds: params.env == "test"'
    assert reasons[2].startswith("its condition does not hold")
    assert reasons[3] == "runs if, once its turn comes, this holds: steps.first.exit_status == 0"
    assert reasons[4].startswith("it would fail, as its condition cannot be evaluated: ")
    assert plan["condition"] == {"holds": True, "reason": 'its condition holds: run.trigger.kind == "manual"'}


@pytest.mark.parametrize(
    ("fields", "field", "told"),
    [
        ({"when": "steps.prob.exit_status == 0"}, "steps.1.when", "column 1: there is no step 'prob'"),
        ({"when": "params.key == 'x'"}, "steps.1.when", "a secret"),
        ({"when": "x" * 1_000_000}, "steps.1.when", "at most 2000 characters"),
        ({"when": 3}, "steps.1.when", "has to be a text"),
        ({"condition": "steps.a.state == 'x'"}, "condition", "before any of its steps has run"),
        ({"condition": "1 + 1"}, "condition", "true or false"),
    ],
)
def test_a_condition_that_cannot_be_is_refused_when_it_is_saved(
    product: Product, fields: dict[str, object], field: str, told: str
) -> None:
    steps = [{"name": name, "provider": "web-1", "command": "true"} for name in ("a", "b")]
    of_step = {name: value for name, value in fields.items() if name == "when"}
    of_action = {name: value for name, value in fields.items() if name != "when"}
    body = {"name": "wrong", "parameters": [{"name": "key", "type": "secret"}], **of_action}
    answer = product.http.put("/api/v1/actions/wrong", json={**body, "steps": [steps[0], {**steps[1], **of_step}]})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"]) == (422, field)
    assert told in error["message"]
