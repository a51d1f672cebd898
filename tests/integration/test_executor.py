"""The executor's own promises, with the scheduler beside it, on a real store and a real shell."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import JsonValue

import executor.main
import scheduler.main
from executor.handlers.messages import execute_step
from executor.main import Executor
from scheduler.domain import steps
from shared import collections
from shared.bus.memory import MemoryBus
from shared.contracts.action import ActionDefinition
from shared.contracts.attempt import attempt_id
from shared.contracts.model import Message
from shared.contracts.provider import ProviderDefinition
from shared.contracts.run import ENDED, AdvanceRun, ExecuteStep, Run
from shared.definitions import compiled_keys, definition_document
from shared.encryption import new_master_key
from shared.kinds import ACTION
from shared.runs.composing import bound_to_run
from shared.runs.repository import attempts_of, document_of, run_of
from shared.service import Runtime
from shared.settings import load_settings
from shared.store.port import Changes, StoreUnavailableError
from shared.store.sqlite import SqliteDocumentStore
from tests.builders import a_run, an_action, an_outcome, compiled


class Shaky(SqliteDocumentStore):
    """A store that does what it is asked, and then loses the answer, as often as it is told to."""

    lost_answers = 0
    lost_ends = 0
    """How many answers are lost to those who say how an attempt ended, or hand it back."""
    refused_reads = 0
    hears_signs_of_life = True
    reads_to_claim_after: asyncio.Event | None = None
    """Where there is one, no claim is made before a provider was read."""

    async def claim(self, *args: Any, **options: Any) -> Any:
        if self.reads_to_claim_after is not None:
            await self.reads_to_claim_after.wait()
        claimed = await super().claim(*args, **options)
        if self.lost_answers:
            self.lost_answers -= 1
            raise StoreUnavailableError("the answer was lost")
        return claimed

    async def change(self, collection: Any, where: Any, changes: Any) -> bool:
        is_changed = await super().change(collection, where, changes)
        if collection is collections.ATTEMPTS and self.lost_ends:
            self.lost_ends -= 1
            raise StoreUnavailableError("the answer was lost")
        return is_changed

    async def change_all(self, *args: Any) -> int:
        if not self.hears_signs_of_life:
            raise StoreUnavailableError("away for signs of life")
        return await super().change_all(*args)

    async def get(self, collection: Any, id: str, *, fields: Any = None) -> Any:  # noqa: A002 - the port's own name
        if collection is collections.PROVIDERS and self.refused_reads:
            self.refused_reads -= 1
            raise StoreUnavailableError("away for a moment")
        found = await super().get(collection, id, fields=fields)
        if collection is collections.PROVIDERS and self.reads_to_claim_after is not None:
            self.reads_to_claim_after.set()
        return found


class Scene:
    """A scheduler and an executor in this process."""

    def __init__(self, runtime: Runtime, executor_: Executor) -> None:
        self.runtime, self.executor = runtime, executor_

    async def run(self, command: str, **step: Any) -> Run:
        """Ask for a run of this command on the executor's own machine."""
        action = an_action({"name": "only", "provider": "here", "command": command, **step})
        return await self._requested(action, a_run(action, at=self.runtime.clock()))

    async def run_with_secret(self, command: str, value: str, **texts: JsonValue) -> Run:
        """The same, with a secret parameter `s` of this value, and others of type string."""
        step = {"name": "only", "provider": "here", "command": command}
        action = an_action(step, parameters=[{"name": "s", "type": "secret"}, *({"name": name} for name in texts)])
        run = a_run(action, at=self.runtime.clock())
        sealed = self.runtime.settings.sealer().seal(value, bound_to=bound_to_run(run.id, "s"))
        run.parameters = {"s": {"sealed": sealed}, **texts}
        return await self._requested(action, run)

    async def _requested(self, action: ActionDefinition, run: Run) -> Run:
        run.steps[0].provider, run.action.version_id = "here", run.id
        version = definition_document(
            action, uid="u", by="test", at=self.runtime.clock(), beside=compiled_keys(compiled(action))
        )
        await self.runtime.store.insert(ACTION.versions, {**version, "id": run.id})
        await self.runtime.store.insert(collections.RUNS, document_of(run))
        await self.runtime.bus.publish(AdvanceRun(run_id=run.id))
        return run

    async def states(self, runs: Sequence[Run]) -> list[str]:
        found = [await run_of(self.runtime.store, run.id) for run in runs]
        return [run.state for run in found if run is not None]

    async def ended(self, runs: Sequence[Run], *, within: float = 20) -> list[str]:
        async with asyncio.timeout(within):
            while not set(states := await self.states(runs)) <= ENDED:
                await asyncio.sleep(0.02)
        return states


@asynccontextmanager
async def a_scene(directory: Path, **settings: Any) -> AsyncIterator[Scene]:
    store = Shaky(directory / "store.db")
    await store.open(collections.ALL)
    bus = MemoryBus()
    await bus.open()
    defaults = {"listen": "127.0.0.1:0", "allow_local": True, "master_key": new_master_key()}
    runtime = Runtime(load_settings({}, **{**defaults, **settings}), store, bus)
    here = ProviderDefinition.model_validate({"name": "here", "connection": {"local": {}}})
    await store.insert(collections.PROVIDERS, definition_document(here, uid="u", by="test", at=runtime.clock()))
    coordinating, executing = scheduler.main.build(runtime), executor.main.build(replace(runtime))
    await coordinating.start()
    await executing.start()
    try:
        yield Scene(runtime, executing)
    finally:
        await executing.stop()
        await coordinating.stop()
        await bus.close()
        await store.close()


def doubles(*runs: Run) -> list[ExecuteStep]:
    return [ExecuteStep(attempt_id=attempt_id(run.id, 0, 0, 1), run_id=run.id, pool="default") for run in runs]


async def test_a_free_place_is_never_left_unused_while_steps_wait(tmp_path: Path) -> None:
    async with a_scene(tmp_path, concurrency=2) as scene:
        over = await scene.run("true")
        await scene.ended([over])
        long = await scene.run("sleep 30")
        for _ in range(5):
            quick = [await scene.run("true") for _ in range(4)]
            for message in doubles(over, *quick) * 10:
                await scene.runtime.bus.publish(message)
            assert await scene.ended(quick) == ["succeeded"] * 4
        assert await scene.states([long]) == ["running"]


async def test_no_command_runs_twice_however_often_it_is_called_for(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    async with a_scene(tmp_path, concurrency=3) as scene:
        runs = [await scene.run(f"echo x >> {ledger}") for _ in range(10)]
        await asyncio.gather(*(scene.runtime.bus.publish(message) for message in doubles(*runs) * 20))
        assert set(await scene.ended(runs)) == {"succeeded"}
    assert len(ledger.read_text().splitlines()) == len(runs)


async def test_a_step_that_is_called_for_twice_while_it_waits_for_a_place_runs_once(tmp_path: Path) -> None:
    go, ledger = tmp_path / "go", tmp_path / "ledger"
    async with a_scene(tmp_path, concurrency=2) as scene:
        others = [await scene.run(f"until [ -e {go} ]; do sleep 0.01; done") for _ in range(2)]
        async with asyncio.timeout(10):
            while await scene.states(others) != ["running"] * 2 or len(scene.executor._leases) < 2:
                await asyncio.sleep(0.02)
        run = await scene.run(f"echo x >> {ledger}; sleep 0.5")
        async with asyncio.timeout(10):
            while not await attempts_of(scene.runtime.store, run.id):
                await asyncio.sleep(0.02)
        waiting = [asyncio.create_task(execute_step(scene.executor._context, double)) for double in doubles(run) * 2]
        await asyncio.sleep(0)
        go.touch()
        await asyncio.gather(*waiting)
        assert await scene.ended([*others, run]) == ["succeeded"] * 3
    assert ledger.read_text() == "x\n"


async def test_a_mistake_of_ours_after_a_command_has_run_does_not_run_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = tmp_path / "ledger"
    async with a_scene(tmp_path) as scene:
        context = scene.executor._context

        async def fail(*_: Any) -> bool:
            raise ZeroDivisionError

        monkeypatch.setattr(context.attempts, "end", fail)
        run = await scene.run(f"echo x >> {ledger}")
        async with asyncio.timeout(10):
            while not context.abandoned:
                await asyncio.sleep(0.02)
        await asyncio.gather(*(execute_step(context, double) for double in doubles(run) * 3))
        assert len(context.leases) == 0
    assert ledger.read_text() == "x\n"


async def test_background_work_whose_output_is_taken_no_longer_is_told_in_the_output(tmp_path: Path) -> None:
    """Case A08."""
    async with a_scene(tmp_path) as scene:
        commands = "(sleep 2; echo late) & echo begun", "(sleep 2; echo late) >/dev/null 2>&1 & echo begun"
        runs = [await scene.run(command) for command in commands]
        assert await scene.ended(runs) == ["succeeded"] * 2
        chunks = await scene.runtime.store.find(collections.OUTPUT, {}, limit=100)
    (marker,) = [chunk for chunk in chunks if chunk["stream"] == "marker"]
    assert marker["run_id"] == runs[0].id
    assert b"left in the background" in marker["data"]


@pytest.mark.parametrize("on_lost", ["hold", "rerun"])
@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("sleep 4 & exit 3", "exit_status"),
        ("env -i sleep 4 & exit 3", "exit_status"),
        ("(sleep 0.3; kill -9 $$) & sleep 4; true", "signal"),
    ],
)
async def test_no_retry_is_begun_beside_what_a_failed_attempt_has_left(
    tmp_path: Path, command: str, reason: str, on_lost: str
) -> None:
    ledger = tmp_path / "ledger"
    async with a_scene(tmp_path) as scene:
        retries = {"count": 2, "delay": 1}
        run = await scene.run(f"echo x >> {ledger}; {command}", retries=retries, on_lost=on_lost)
        assert await scene.ended([run]) == ["failed"]
        first, second = await attempts_of(scene.runtime.store, run.id)
    assert first.outcome is not None
    assert second.outcome is not None
    assert (first.outcome.reason, second.outcome.reason, second.command_started_at) == (reason, reason, None)
    assert "not run again beside what" in (second.outcome.reason_text or "")
    assert (first.outcome.reason_text or "?") in (second.outcome.reason_text or "")
    assert ledger.read_text() == "x\n"


async def test_a_retry_is_begun_where_the_attempt_before_left_nothing(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    async with a_scene(tmp_path) as scene:
        run = await scene.run(f"echo x >> {ledger}; exit 3", retries={"count": 1, "delay": 1})
        assert await scene.ended([run]) == ["failed"]
    assert ledger.read_text() == "x\nx\n"


async def test_a_claim_whose_answer_was_lost_is_carried_out_once(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    async with a_scene(tmp_path) as scene:
        assert isinstance(scene.runtime.store, Shaky)
        scene.runtime.store.lost_answers = 2
        runs = [await scene.run(f"echo x >> {ledger}") for _ in range(3)]
        assert await scene.ended(runs) == ["succeeded"] * 3
    assert len(ledger.read_text().splitlines()) == len(runs)


async def test_an_end_whose_answer_was_lost_is_told_at_once(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        assert isinstance(scene.runtime.store, Shaky)
        scene.runtime.store.lost_ends = 2
        run = await scene.run("exit 0")
        assert await scene.ended([run], within=steps.SOONEST_WAKE.total_seconds() / 2) == ["succeeded"]


async def test_a_store_that_is_away_before_a_command_begins_costs_time_only(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        assert isinstance(scene.runtime.store, Shaky)
        scene.runtime.store.refused_reads = 2
        assert await scene.ended([await scene.run("true")]) == ["succeeded"]


async def test_the_provider_is_read_while_the_attempt_is_claimed(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        assert isinstance(scene.runtime.store, Shaky)
        scene.runtime.store.reads_to_claim_after = asyncio.Event()
        assert await scene.ended([await scene.run("true")]) == ["succeeded"]


async def test_a_call_that_does_not_name_the_provider_is_answered_all_the_same(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        publish = scene.runtime.bus.publish

        async def publish_as_before(message: Message) -> None:
            await publish(message.model_copy(update={"provider": None}) if message.kind == "execute_step" else message)

        scene.runtime.bus.publish = publish_as_before  # type: ignore[method-assign]
        assert await scene.ended([await scene.run("true")]) == ["succeeded"]


async def test_a_command_whose_lease_may_have_run_out_is_handed_back_and_runs_once(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    async with a_scene(tmp_path, lease="1s") as scene:
        assert isinstance(scene.runtime.store, Shaky)
        scene.runtime.store.refused_reads, scene.runtime.store.hears_signs_of_life = 3, False
        run = await scene.run(f"echo x >> {ledger}")
        assert await scene.ended([run]) == ["succeeded"]
        (attempt,) = await attempts_of(scene.runtime.store, run.id)
    assert ledger.read_text() == "x\n"
    assert attempt.fence == 2  # claimed, handed back before anything was run, and claimed again


async def test_a_command_that_was_called_lost_before_it_began_never_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "SOONEST_WAKE", timedelta(seconds=1))  # the store alone is told of the loss
    ledger = tmp_path / "ledger"
    async with a_scene(tmp_path, lease="1s") as scene:
        store = scene.runtime.store
        assert isinstance(store, Shaky)
        store.refused_reads, store.hears_signs_of_life = 3, False
        run = await scene.run(f"echo x >> {ledger}")
        async with asyncio.timeout(10):
            while not len(scene.executor._leases):
                await asyncio.sleep(0.02)
        lost = an_outcome(reason="lost").model_dump(mode="json")
        where = {"id": attempt_id(run.id, 0, 0, 1), "state": "running"}
        assert await store.change(collections.ATTEMPTS, where, Changes(set={"state": "unknown", "outcome": lost}))
        assert await scene.ended([run]) == ["unknown"]
        async with asyncio.timeout(10):
            while len(scene.executor._leases):
                await asyncio.sleep(0.02)
    assert not ledger.exists()


@pytest.mark.parametrize("in_a_hurry", [True, False])
async def test_an_executor_that_stops_ends_its_commands_and_does_not_call_it_a_cancel(
    tmp_path: Path, *, in_a_hurry: bool
) -> None:
    begun = tmp_path / "begun"
    async with a_scene(tmp_path) as scene:
        run = await scene.run(f"touch {begun}; sleep 60")
        async with asyncio.timeout(10):
            while not begun.exists():
                await asyncio.sleep(0.02)
        if in_a_hurry:
            scene.runtime.hurry.set()
        async with asyncio.timeout(10):
            await scene.executor.stop()
        if not in_a_hurry:
            assert await scene.ended([run]) == ["unknown"]
            (attempt,) = await attempts_of(scene.runtime.store, run.id)
            assert attempt.outcome is not None
            assert (attempt.outcome.reason, attempt.outcome.ending) == ("lost", "confirmed")


async def test_a_secret_that_would_be_an_option_is_not_given_to_a_program(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        run = await scene.run_with_secret("echo {{ s }}", "-n hidden")
        assert await scene.ended([run]) == ["failed"]
        (attempt,) = await attempts_of(scene.runtime.store, run.id)
    assert attempt.outcome is not None
    assert attempt.outcome.reason == "not_allowed"
    assert "leading_dash" in str(attempt.outcome.reason_text)
    assert "hidden" not in str(attempt.outcome.reason_text)


async def test_long_values_stand_in_the_run_alone_and_arrive_whole(tmp_path: Path) -> None:
    long = "é$(x)'" * 10_000
    command = f"printf %s {{{{ x }}}} > {tmp_path / 'value'}; test {{{{ s }}}} = hidden && echo {{{{ x }}}}"
    async with a_scene(tmp_path) as scene:
        run = await scene.run_with_secret(command, "hidden", x=long)
        assert await scene.ended([run]) == ["succeeded"]
        (attempt,) = await attempts_of(scene.runtime.store, run.id)
    assert (tmp_path / "value").read_text() == long
    assert attempt.parameters is None
    assert len(attempt.model_dump_json()) < 5_000
    assert "é$(x)" in attempt.display_command
