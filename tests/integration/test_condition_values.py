"""What conditions are asked with, from a real store."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from scheduler.domain.conditions import ConditionAnswer
from scheduler.handlers.conditions import answered
from shared import collections
from shared.alerts import stored_alert_document
from shared.collections import ALERTS, OUTPUT
from shared.conditions import compile_condition
from shared.contracts.alert import Alert, StoredAlert
from shared.contracts.attempt import chunk_id
from shared.contracts.run import Run
from shared.contracts.step import StepInvocations
from shared.store.sqlite import SqliteDocumentStore
from tests.builders import NOON, a_step, an_action, an_outcome
from tests.integration.test_coordination import LostMessages, Scene

ACTION = an_action(a_step("probe"), a_step("after"), parameters=[{"name": "key", "type": "secret"}, {"name": "env"}])


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    store = SqliteDocumentStore(tmp_path / "store.db")
    await store.open(collections.ALL)
    scene = Scene(store, LostMessages())
    yield scene
    await scene.context.conditions.close()
    await scene.context.progress_publisher.close()
    await store.close()


async def a_probed_run(scene: Scene, *printed: bytes, exit_status: int = 0) -> Run:
    """A run whose first step ended so, after it had printed that."""
    run = await scene.a_run(a_step("probe"), a_step("after"))
    await scene.wait(1)
    attempt = await scene.claimed(run)
    size = sum(len(data) for data in printed)
    outcome = an_outcome(exit_status=exit_status, output_bytes=size, output_chunks=len(printed))
    await scene.executor().end(attempt, "failed" if exit_status else "succeeded", outcome, None)
    for seq, data in enumerate(printed, start=1):
        chunk = {"id": chunk_id(attempt.id, seq), "stream": "stdout", "data": data, "seq": seq}
        await scene.store.insert(OUTPUT, chunk)
    run.steps[0].state, run.steps[0].attempts = "succeeded", 1
    return run


async def asked(scene: Scene, run: Run, text: str) -> ConditionAnswer:
    reads = compile_condition(text, ACTION, 1).reads
    action = ACTION.model_copy(update={"steps": [ACTION.steps[0], ACTION.steps[1].model_copy(update={"when": text})]})
    return await answered(scene.context, run, action, 1, reads)


async def test_a_step_s_exit_status_and_output_are_read(scene: Scene) -> None:
    run = await a_probed_run(scene, b"a\nb", b"\xff\n\n", exit_status=3)
    text = 'steps.probe.exit_status == 3 && steps.probe.output == "a\\nb\\ufffd" && steps.probe.state == "succeeded"'
    assert await asked(scene, run, text) == ConditionAnswer(holds=True)


async def test_of_a_step_that_never_began_the_exit_status_is_null(scene: Scene) -> None:
    run = await scene.a_run(a_step("probe"), a_step("after"))
    run.steps[0].state = "skipped"
    text = 'steps.probe.exit_status == null && steps.probe.output == "" && steps.probe.state == "skipped"'
    assert (await asked(scene, run, text)).holds


async def test_a_step_that_is_carried_from_an_earlier_run_is_read_there(scene: Scene) -> None:
    earlier = await a_probed_run(scene, b"old\n")
    run = await scene.a_run(a_step("probe"), a_step("after"))
    run.steps[0] = earlier.steps[0].model_copy(update={"carried_from": earlier.id})
    assert (await asked(scene, run, 'steps.probe.output == "old"')).holds


async def test_output_that_is_too_long_is_an_error_and_not_cut(scene: Scene) -> None:
    run = await a_probed_run(scene, b"x" * 40_000, b"x" * 40_000)
    assert (await asked(scene, run, "steps.probe.exit_status == 0")).holds
    answer = await asked(scene, run, '!steps.probe.output.contains("ERROR")')
    assert answer == ConditionAnswer(
        holds=False, error="the step 'probe' printed 80000 bytes; a condition can read 65536"
    )


async def test_of_a_step_on_many_providers_only_the_state_is_read(scene: Scene) -> None:
    run = await a_probed_run(scene)
    run.steps[0].invocations = StepInvocations(width=3)
    assert (await asked(scene, run, 'steps.probe.state == "succeeded"')).holds
    answer = await asked(scene, run, "steps.probe.exit_status == 0")
    assert "runs on many providers" in answer.error


async def test_a_secret_is_never_among_the_values(scene: Scene) -> None:
    run = await scene.a_run(a_step("probe"), a_step("after"), parameters={"key": {"sealed": "xyz"}, "env": "test"})
    assert (await asked(scene, run, 'params.size() == 1 && params.env == "test"')).holds
    assert not (await asked(scene, run, 'params.exists(name, name == "key")')).holds


async def test_the_alert_is_read_as_it_is_known_now(scene: Scene) -> None:
    run = await scene.a_run(a_step("probe"), a_step("after"))
    run.trigger.alert_id = "alert-1"
    text = 'alert.status == "firing" && alert.labels["a.b"] == "c" && alert.host == null && !has(alert.labels.env)'
    answer = await asked(scene, run, text)
    assert answer.error == "the alert that the run answers is not stored any more"
    alert = Alert(source="generic", event_id="1", fingerprint="1", status="firing", labels={"a.b": "c"}, starts_at=NOON)
    times = {"received_at": NOON, "last_received_at": NOON}
    stored = StoredAlert(id="alert-1", identity="1", alert=alert, deliveries=1, decisions=[], runs=[], **times)
    await scene.store.insert(ALERTS, stored_alert_document(stored, pending=False))
    assert await asked(scene, run, text) == ConditionAnswer(holds=True)
    run.trigger.alert_id = None
    assert (await asked(scene, run, "alert == null")).holds


async def test_nothing_is_read_that_the_condition_does_not_name(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    run = await a_probed_run(scene)

    async def never(*_args: object, **_more: object) -> object:
        raise AssertionError

    monkeypatch.setattr(scene.store, "find", never)
    monkeypatch.setattr(scene.store, "get", never)
    assert (await asked(scene, run, 'steps.probe.state == "succeeded" && run.trigger.by == "admin"')).holds
