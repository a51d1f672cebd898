"""Runs done again: which steps stand as they ended, and on which providers the others are done."""

import pytest

from catalog.domain.reruns import Remains, from_failed, on_failed_providers
from shared.contracts.action import ActionDefinition
from shared.contracts.run import Run
from shared.contracts.step import PlannedStep
from shared.runs.planning import Candidates, plan_steps
from tests.builders import a_run, a_step, an_action

HOSTS = ["host-0", "host-1", "host-2"]
LEFT = ["host-1", "host-2"]


def ended(action: ActionDefinition, *states: str, narrow: bool = False) -> tuple[Run, list[PlannedStep]]:
    """A run of the action whose steps have ended so, each by the characters of its invocations."""
    run = a_run(action)
    pools = dict.fromkeys([*HOSTS, "web-1"], "default")
    run.steps, planned = plan_steps(run.id, action, {}, Candidates(pools))
    for step, letters in zip(run.steps, states, strict=True):
        step.state = "failed" if "f" in letters else "succeeded" if "s" in letters else "skipped"
        step.reason = "condition" if step.state == "skipped" else None
        if (document := next((one for one in planned if one.step_index == run.steps.index(step)), None)) is not None:
            document.states = letters if letters != "k" else ""
    run.keeps_to_providers = narrow
    return run, planned


def wide(name: str, **fields: object) -> dict[str, object]:
    return {"name": name, "command": "true", "providers": LEFT, **fields}


def test_a_run_of_some_providers_goes_on_from_its_failed_step_on_these_alone() -> None:
    action = an_action(a_step("before"), wide("fails"), a_step("skipped"), wide("cleanup", when="always"))
    run, planned = ended(action, "s", "sf", "k", "ss", narrow=True)
    remains = from_failed(run, action, planned)
    assert remains is not None
    assert (list(remains.carried), remains.only) == ([0], {1: LEFT, 2: ["web-1"], 3: LEFT})


def test_a_whole_run_goes_on_from_its_failed_step_where_its_definition_says() -> None:
    action = an_action(wide("fails"), wide("then"))
    run, planned = ended(action, "sf", "k")
    assert from_failed(run, action, planned) == Remains()


@pytest.mark.parametrize("narrow", [False, True])
def test_a_check_stands_with_the_step_after_whose_batches_it_was_run(narrow: bool) -> None:
    action = an_action(wide("rolls", rollout={"check": "verify"}), a_step("fails"), a_step("verify", provider="web-1"))
    run, planned = ended(action, "ss", "f", "s", narrow=narrow)
    remains = from_failed(run, action, planned)
    assert remains is not None
    assert (sorted(remains.carried), remains.only) == ([0, 2], {1: ["web-1"]} if narrow else {})


def test_what_was_not_run_is_done_on_the_providers_that_the_run_had() -> None:
    action = an_action(wide("fails"), wide("then", providers=HOSTS))
    run, planned = ended(action, "sf", "k")
    remains = on_failed_providers(run, action, planned)
    assert remains is not None
    assert remains.only == {0: ["host-2"], 1: HOSTS}


def test_nothing_is_left_of_a_run_that_succeeded() -> None:
    action = an_action(wide("first"))
    run, planned = ended(action, "ss")
    assert from_failed(run, action, planned) is None
    assert on_failed_providers(run, action, planned) is None
