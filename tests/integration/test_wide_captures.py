"""What a step on several providers captured: each provider's reader gets its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from scheduler.handlers.captures import captured_for
from scheduler.handlers.context import SchedulerContext
from shared import collections
from shared.bus.memory import MemoryBus
from shared.clock import utc_now
from shared.contracts.attempt import AttemptKey, attempt_id, step_id
from shared.contracts.run import Run
from shared.contracts.step import StepInvocations, StepProgress
from shared.definitions import ActionVersion
from shared.runs.planning import plan_step
from shared.runs.repository import ProgressPublisher, document_of
from shared.store import DocumentStore
from shared.store.port import Changes
from shared.store.sqlite import SqliteDocumentStore
from tests.builders import a_run, a_step, an_action, compiled
from tests.builders_commands import an_attempt

ACTION = an_action(a_step("probe", capture="json"), a_step("reader", command="echo {{ steps.probe.captured.free }}"))
VERSION = ActionVersion(ACTION, compiled(ACTION))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[DocumentStore]:
    store = SqliteDocumentStore(tmp_path / "store.db")
    await store.open(collections.ALL)
    yield store
    await store.close()


async def a_run_whose_probe_has_ended(store: DocumentStore) -> Run:
    """On a after two attempts, on b after one, and never on c."""
    run = a_run(ACTION)
    progress, planned = plan_step(run.id, 0, "probe", [("a", "default"), ("b", "default"), ("c", "default")])
    assert planned is not None
    await store.insert(collections.STEPS, document_of(planned))
    await store.change(collections.STEPS, {"id": step_id(run.id, 0)}, Changes(set={"states": "ssk", "numbers": "210"}))
    for invocation, number, text in ((0, 1, '{"free": 0}'), (0, 2, '{"free": 1}'), (1, 1, '{"free": 2}')):
        key = attempt_id(run.id, 0, invocation, number)
        attempt = an_attempt().model_copy(update={"id": key, "captured": {"json": text}})
        await store.insert(collections.ATTEMPTS, document_of(attempt))
    run.steps[0] = progress
    return run


async def test_every_provider_reads_what_its_own_last_attempt_captured(store: DocumentStore) -> None:
    run, bus = await a_run_whose_probe_has_ended(store), MemoryBus()
    context = SchedulerContext(store, bus, utc_now, lambda: 0.5, ProgressPublisher(bus))
    keys = {AttemptKey(1, index, 1): provider for index, provider in enumerate("abcd")}
    found = await captured_for(context, run, VERSION, keys)
    values = [found[key].values.get("steps.probe.captured.free") for key in keys]
    assert values == ["1", "2", None, None]
    assert [found[key].problem != "" for key in keys] == [False, False, True, True]
    assert "ran on several providers, and not on d" in found[AttemptKey(1, 3, 1)].problem


async def test_a_step_that_was_done_in_an_earlier_run_is_read_there(store: DocumentStore) -> None:
    earlier, bus = await a_run_whose_probe_has_ended(store), MemoryBus()
    run = a_run(ACTION)
    run.steps[0] = StepProgress(
        name="probe", state="succeeded", invocations=StepInvocations(width=3), carried_from=earlier.id
    )
    context = SchedulerContext(store, bus, utc_now, lambda: 0.5, ProgressPublisher(bus))
    found = await captured_for(context, run, VERSION, {AttemptKey(1, 0, 1): "b"})
    assert found[AttemptKey(1, 0, 1)].values == {"steps.probe.captured.free": "2"}
