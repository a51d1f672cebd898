"""Conditions in CEL: what is refused when one is saved, what one reads, and what evaluating it can come to."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from shared import cel
from shared.conditions import ConditionError, ConditionEvaluator, compile_condition
from tests.builders import a_step, an_action

ACTION = an_action(
    a_step("probe"),
    a_step("clean-up"),
    a_step("last"),
    parameters=[
        {"name": "env", "default": "test"},
        {"name": "count", "type": "integer", "default": 1},
        {"name": "password", "type": "secret"},
    ],
)
VALUES: dict[str, Any] = {
    "params": {"env": "prod", "count": 3, "force": True, "text": "x" * 65_536, "many": [1] * 1_000},
    "steps": {"probe": {"state": "succeeded", "exit_status": 0, "output": "ok"}, "clean-up": {"state": "skipped"}},
    "alert": None,
    "run": {"trigger": {"kind": "manual"}, "created_at": "2026-01-31T12:00:00.000Z"},
    "now": "2026-01-31T13:00:00+00:00",
}


def refusal(text: str, step: int | None = 2) -> str:
    with pytest.raises(ConditionError) as refused:
        compile_condition(text, ACTION, step)
    return str(refused.value)


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("params.env != 'prod' && now > timestamp(run.created_at)", []),
        ("steps.probe.exit_status == 0", ["steps.probe.exit_status"]),
        ("steps['clean-up'].state == 'failed' || steps[\"probe\"].output.contains('x')",
         ["steps.clean-up.state", "steps.probe.output"]),
        ("alert != null && has(alert.labels.env)", ["alert"]),
        ("run.failed || run.trigger.kind == 'alert'", ["run.failed"]),
        ("['a'].exists(steps, steps == params.env)", []),
        ("params['env'] in ['a', 'b'] && params.?count.orValue(0) > 1", []),
        ("{'a': [steps.probe.state]}.a[0] == 'x'", ["steps.probe.state"]),
    ],
)  # fmt: skip
def test_what_a_condition_reads_is_known(text: str, reads: list[str]) -> None:
    assert compile_condition(text, ACTION, 2).reads == reads


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("param.env == 'x'", "line 1, column 1: there is nothing called 'param.env'; did you mean 'params'?"),
        ("true &&\n  nothing", "line 2, column 3: there is nothing called 'nothing'; known are params, steps"),
        ("previous_sucess", "did you mean 'previous_success'?"),
        ("params.enx == 'x'", "line 1, column 1: there is no parameter 'enx'; did you mean 'env'?"),
        ("true && has(params.enx)", "line 1, column 13: there is no parameter 'enx'"),
        ("params.password == 'x'", "the parameter 'password' is a secret, which no condition can read"),
        ("true && steps.prob.state == 'x'", "line 1, column 9: there is no step 'prob'; did you mean 'probe'?"),
        ("steps.clean-up.state == 'x'", 'written steps["NAME"]'),
        ("steps.last.state == 'x'", "the step 'last' does not come before this one"),
        ("steps.probe.exit == 0", "there is no steps.probe.exit; of steps.probe there is state, exit_status, output"),
        ("has(steps.probe)", "say what of steps.probe"),
        ("steps.all(s, steps[s].state == 'x')", "write out the name of the step"),
        ("alert.lable.x == 'y'", "there is no alert.lable; did you mean 'labels'?"),
        ("run.triger.kind == 'x'", "did you mean 'trigger'?"),
        ("run.trigger.who == 'x'", "of run.trigger there is kind, by, note"),
        ("params.env = 'x'", "line 1, column 12: Syntax error"),
        ("params.env and true", "write &&"),
        ("1 == 'a'", "line 1, column 3: found no matching overload for '_==_' applied to '(int, string)'"),
        ("1 + 1", "is of the type int; a condition is true or false"),
        ("(" * 40 + "true" + ")" * 40, "nested more than 32 deep"),
        ("1 " + "+ 1 " * 40 + "== 41", "32 terms of +"),
        ("'a\0b' == params.env", "line 1, column 3: holds a character that is no text"),
        ("'\ud800' == params.env", "holds a character that is no text"),
    ],
)  # fmt: skip
def test_a_condition_that_cannot_be_is_refused_with_its_place_and_the_fix(text: str, told: str) -> None:
    assert told in refusal(text)


def test_the_action_s_own_condition_knows_no_step() -> None:
    assert "before any of its steps has run" in refusal("steps.probe.state == 'x'", None)
    assert compile_condition("run.trigger.kind == 'manual'", ACTION).step is None


@pytest.fixture
async def evaluator() -> AsyncIterator[ConditionEvaluator]:
    evaluator = ConditionEvaluator()
    yield evaluator
    await evaluator.close()


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("params.env == 'prod' && params.count == 3", True),
        ("params.count > 3.5", False),
        ("params.force", True),
        ("alert != null && alert.labels.env == 'prod'", False),
        ("steps['clean-up'].state == 'skipped' && steps.probe.output.matches('^o')", True),
        ("now - timestamp(run.created_at) == duration('1h')", True),
        ("params.missing || params.force", True),
    ],
)
async def test_a_condition_is_true_or_false(evaluator: ConditionEvaluator, text: str, holds: bool) -> None:
    assert await evaluator.holds(text, VALUES) is holds


DOUBLING = "[params.text]" + ".map(x, x + x)" * 15 + "[0].size() > 1"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("params.missing", "there is no 'missing' there; has(…) asks whether there is"),
        ("alert.labels.env == 'prod'", "what stands before a dot is null, a text or a number"),
        ("params.env", "a value of the type string"),
        ("params.count", "a value of the type int"),
        ("1 / (params.count - 3) == 1", "divide by zero"),
        ("params.env > 3", "> does not take these together: string, int64"),
        ("params.force && params.env", "&& takes true and false, and nothing else"),
        ("size(params.count) > 1", "size does not take these together: int64"),
        ("[1][params.count] > 1", "there is no entry 3 in a list of 1; the first is 0"),
        ("timestamp(params.env) > now", "a text is no instant such as 2026-01-31T12:00:00Z"),
        ("params.text.split('').exists(x, x == 'y')", "more than 10,000 entries"),
        ("params.text.split('').map(x, x).size() > 1", "it takes more than 1 s, or more than 512 MiB"),
        (DOUBLING, "it takes more than 1 s, or more than 512 MiB"),
    ],
)
async def test_what_cannot_be_evaluated_is_never_true_and_says_why(
    evaluator: ConditionEvaluator, text: str, told: str
) -> None:
    began = time.monotonic()
    with pytest.raises(ConditionError) as error:
        await evaluator.holds(text, VALUES)
    assert told.lower() in str(error.value).lower()
    assert time.monotonic() - began < 20
    assert await evaluator.holds("params.force", VALUES)


async def test_a_program_that_is_ended_while_it_is_asked_is_started_again(evaluator: ConditionEvaluator) -> None:
    loop = asyncio.get_running_loop()
    for _ in range(10):
        assert await evaluator.holds("params.force", VALUES)
        assert evaluator._program._process is not None
        loop.call_soon(os.kill, evaluator._program._process.pid, signal.SIGKILL)
        assert await evaluator.holds("params.force", VALUES)


async def test_a_list_that_is_too_long_to_be_handed_in_is_an_error(evaluator: ConditionEvaluator) -> None:
    with pytest.raises(ConditionError, match="a list of 1001 entries"):
        await evaluator.holds("params.force", {**VALUES, "params": {"force": True, "deep": {"many": [1] * 1_001}}})


async def test_a_process_that_was_ended_while_idle_is_replaced(evaluator: ConditionEvaluator) -> None:
    assert await evaluator.holds("params.force", VALUES)
    process = evaluator._program._process
    assert process is not None
    process.kill()
    await process.wait()
    assert await evaluator.holds("params.force", VALUES)


def test_an_evaluation_says_no_more_than_whether_it_holds() -> None:
    assert cel.evaluate("params.env == 'prod'", VALUES) is True
    with pytest.raises(cel.CelError):
        cel.evaluate("params.env == 'prod'", {**VALUES, "now": "yesterday"})
