"""A step on a thousand providers, moved on by two schedulers that share a queue."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from executor.handlers.leases import Attempts, Holder
from scheduler.handlers.context import SchedulerContext
from scheduler.handlers.mailbox import Mail
from scheduler.handlers.reconcile import handle, reconcile, step_finished
from scheduler.handlers.sweep import sweep
from shared import collections
from shared.bus.memory import MemoryBus
from shared.bus.topology import scheduler_queue, steps_queue
from shared.clock import utc_now
from shared.contracts.attempt import AttemptState, attempt_id
from shared.contracts.model import Message
from shared.contracts.run import ENDED, AdvanceRun, Control, ExecuteStep, Run, StepFinished
from shared.contracts.step import PlannedRollout, PlannedStep
from shared.definitions import compiled_keys, definition_document
from shared.kinds import ACTION
from shared.loops import Loop
from shared.runs.planning import plan_step
from shared.runs.repository import ProgressPublisher, document_of, planned_step, run_of, tell_run
from shared.store import DocumentStore, OrderedWrite, Replace, StoreUnavailableError
from shared.store.mongo import MongoDocumentStore
from shared.store.sqlite import SqliteDocumentStore
from tests.builders import a_run, a_step, an_action, an_outcome, compiled

WIDTH = 1_000


class CountingStore:
    """A store that counts what one scheduler asks of it."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store
        self.asked: Counter[tuple[str, str]] = Counter()
        self.won = 0

    def __getattr__(self, verb: str) -> Any:
        return self._write_in_order if verb == "write_in_order" else partial(self._call, verb)

    async def _write_in_order(self, writes: Sequence[OrderedWrite]) -> list[bool]:
        made = await self._store.write_in_order(writes)
        self.asked.update((type(write).__name__.lower(), write.collection.name) for write in writes)
        self.won += sum(is_made for write, is_made in zip(writes, made, strict=True) if isinstance(write, Replace))
        return made

    async def _call(self, verb: str, collection: Any, *args: Any, **kwargs: Any) -> Any:
        self.asked[verb, collection.name] += 1
        return await getattr(self._store, verb)(collection, *args, **kwargs)


class DyingStore(CountingStore):
    """The store of a scheduler that is killed once it has made so many writes of several in order, or within one."""

    def __init__(self, store: DocumentStore, writes: int, *, within: bool) -> None:
        super().__init__(store)
        self._left, self._within = writes, within

    async def _write_in_order(self, writes: Sequence[OrderedWrite]) -> list[bool]:
        self._left -= 1
        if self._left < 0 and self._within:
            self._within = False
            await super()._write_in_order(writes[: 1 + len(writes) // 2])
        return await super()._write_in_order(writes) if self._left >= 0 else self._die()

    async def _call(self, verb: str, collection: Any, *args: Any, **kwargs: Any) -> Any:
        return await super()._call(verb, collection, *args, **kwargs) if self._left >= 0 else self._die()

    def _die(self) -> Any:
        raise StoreUnavailableError("this scheduler is dead")


class House:
    """Two schedulers and an executor that carries out nothing, but claims and ends as executors do."""

    def __init__(self, store: DocumentStore) -> None:
        self.store = store
        self.bus = MemoryBus()
        self.stores = [CountingStore(store), CountingStore(store)]
        self.executor = Attempts(store, Holder("executor-1", timedelta(seconds=60)), utc_now)
        self.claimed: Counter[str] = Counter()
        self.under_way = self.most_under_way = 0
        self.fails: Callable[[int], bool] = lambda _: False
        self.is_holding = False
        """Whether the executor leaves what it claims under way."""

    async def open(self) -> None:
        await self.store.open(collections.ALL)
        await self.bus.open()
        jitters = iter(range(10**9))
        self.contexts = [
            SchedulerContext(store, self.bus, utc_now, lambda: next(jitters) * 0.37 % 1, ProgressPublisher(self.bus))
            for store in self.stores
        ]
        for context in self.contexts:
            await self.bus.subscribe(scheduler_queue(), partial(handle, context), prefetch=1_000)
        await self.bus.subscribe(steps_queue("default"), self.execute, prefetch=40)
        self.sweeps = [Loop("sweep", partial(sweep, context), interval=1.0) for context in self.contexts]
        for loop in self.sweeps:
            loop.start()

    async def close(self) -> None:
        for loop in self.sweeps:
            await loop.stop()
        for context in self.contexts:
            await context.mailboxes.close()
            await context.progress_publisher.close()
        await self.bus.close()
        await self.store.close()

    async def execute(self, message: Message) -> None:
        assert isinstance(message, ExecuteStep)
        attempt = await self.executor.claim(message.attempt_id)
        if attempt is None:
            return
        self.claimed[attempt.id] += 1
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        if not self.is_holding:
            state: AttemptState = "failed" if self.fails(attempt.invocation) else "succeeded"
            outcome = an_outcome(reason="exit_status" if state == "failed" else None)
            await asyncio.sleep(0)
            self.under_way -= 1
            assert await self.executor.end(attempt, state, outcome, None)
            await self.bus.publish(
                StepFinished(run_id=attempt.run_id, attempt_id=attempt.id, state=state, outcome=outcome)
            )

    async def started(self, width: int, rollout: PlannedRollout | None = None, **step: Any) -> Run:
        """A run of a wide step and one after it, stored and told."""
        action = an_action(a_step("wide", **step), a_step("after"))
        run = a_run(action, at=utc_now())
        run.action.version_id = run.id
        providers = [(f"host-{index}", "default") for index in range(width)]
        run.steps[0], planned = plan_step(run.id, 0, "wide", providers, rollout)
        assert planned is not None
        version = definition_document(action, uid="u", by="test", at=utc_now(), beside=compiled_keys(compiled(action)))
        await self.store.insert(ACTION.versions, {**version, "id": run.id})
        await self.store.insert(collections.STEPS, document_of(planned))
        await self.store.insert(collections.RUNS, document_of(run))
        await self.bus.publish(AdvanceRun(run_id=run.id, run=run))
        return run

    async def stored(self, run: Run) -> Run:
        found = await run_of(self.store, run.id)
        assert found is not None
        return found

    async def ended(self, run: Run) -> tuple[Run, PlannedStep]:
        """The run and its wide step, once both have ended."""
        async with asyncio.timeout(120):
            while (found := await self.stored(run)).state not in ENDED:
                await asyncio.sleep(0.05)
        return found, await planned_step(self.store, f"{run.id}.000")

    @property
    def writes_of_runs(self) -> int:
        return sum(store.asked["replace", "runs"] for store in self.stores)


@pytest.fixture(params=["embedded", "distributed"])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    if request.param == "embedded":
        house = House(SqliteDocumentStore(tmp_path / "store.db"))
    else:
        house = House(MongoDocumentStore(request.getfixturevalue("mongo").database_url()))
    await house.open()
    yield house
    await house.close()


@pytest.fixture
async def embedded(tmp_path: Path) -> AsyncIterator[House]:
    house = House(SqliteDocumentStore(tmp_path / "store.db"))
    await house.open()
    yield house
    await house.close()


async def test_a_thousand_invocations_start_once_each_and_two_schedulers_share_the_looks(house: House) -> None:
    run, planned = await house.ended(await house.started(WIDTH))
    assert run.state == "succeeded"
    assert len(house.claimed) == WIDTH + 1
    assert set(house.claimed.values()) == {1}
    wide = run.steps[0].invocations
    assert wide is not None
    assert (wide.counts, wide.states, wide.numbers) == ({"succeeded": WIDTH}, "", "")
    assert (planned.states, planned.numbers) == ("s" * WIDTH, "1" * WIDTH)
    assert min(store.won for store in house.stores) > 0, "one scheduler was starved"
    # Ends that meet share a write: far fewer than one each, however fast or slow the machine is.
    assert house.writes_of_runs < WIDTH / 2
    assert sum(store.asked["get", "attempts"] for store in house.stores) == 0
    assert [entry.event for entry in run.timeline if entry.step == "wide"] == ["step.queued", "step.finished"]
    assert not house.bus.dead_letters


async def test_a_wide_step_that_fails_names_few_of_many_and_begins_nothing_more(embedded: House) -> None:
    embedded.fails = lambda index: index % 2 == 0
    rollout = PlannedRollout(batches=[10, 60], max_parallel=20, max_failures=25)
    run, planned = await embedded.ended(await embedded.started(200, rollout))
    assert (run.state, run.reason, run.steps[1].state) == ("failed", "exit_status", "skipped")
    wide = run.steps[0].invocations
    assert wide is not None
    assert 25 < wide.counts["failed"] <= 25 + 20, "what was under way ended, nothing else began"
    assert sum(wide.counts.values()) == 200
    assert wide.failed_providers == [f"host-{index}" for index in range(0, 40, 2)]
    assert planned.states.count("k") == wide.counts["skipped"]
    assert embedded.most_under_way <= 20
    failed, skipped = wide.counts["failed"], wide.counts["skipped"]
    assert run.reason_text == f"step 'wide': it failed on {failed} of 200 providers, and {skipped} were not begun"


async def test_each_invocation_is_tried_again_by_itself(embedded: House) -> None:
    tried: Counter[int] = Counter()

    def fails(index: int) -> bool:
        tried[index] += 1
        return index < 5 and tried[index] == 1

    embedded.fails = fails
    run, planned = await embedded.ended(await embedded.started(50, retries={"count": 1, "delay": 0.2}))
    assert run.state == "succeeded"
    assert planned.numbers == "2" * 5 + "1" * 45
    second = await embedded.executor.read([f"{run.id}.000.0003.02"])
    assert second[0].earlier_attempts == [f"{run.id}.000.0003.01"]


async def test_a_wide_run_is_cancelled_whole(embedded: House) -> None:
    embedded.is_holding = True
    run = await embedded.started(100, PlannedRollout(max_parallel=60))
    async with asyncio.timeout(60):
        while len(embedded.claimed) < 60:
            await asyncio.sleep(0.02)
    await tell_run(embedded.store, embedded.bus, run.id, Control(kind="cancel", by="admin", at=utc_now()))
    async with asyncio.timeout(60):
        while sum((held := await embedded.executor.held()).values()) < 60:
            await asyncio.sleep(0.02)
    for attempt in await embedded.executor.read(list(held)):
        outcome = an_outcome(reason="cancelled")
        assert await embedded.executor.end(attempt, "cancelled", outcome, None)
        end = {"attempt_id": attempt.id, "state": "cancelled", "outcome": outcome}
        await embedded.bus.publish(StepFinished.model_validate({"run_id": run.id, **end}))
    ended, planned = await embedded.ended(run)
    assert (ended.state, ended.steps[0].state) == ("cancelled", "cancelled")
    assert planned.states == "c" * 60 + "k" * 40


async def test_an_end_is_not_lost_on_a_scheduler_that_remembers_the_run_as_it_was_before(embedded: House) -> None:
    embedded.is_holding = True
    run = await embedded.started(10)
    async with asyncio.timeout(60):
        while len(embedded.claimed) < 10:
            await asyncio.sleep(0.02)
    [attempt, *_] = await embedded.executor.read(list(await embedded.executor.held()))
    assert await embedded.executor.end(attempt, "succeeded", an_outcome(), None)
    behind = SchedulerContext(embedded.store, embedded.bus, utc_now, lambda: 0.5, ProgressPublisher(embedded.bus))
    behind.runs.remember(run.id, run)
    news = StepFinished(run_id=run.id, attempt_id=attempt.id, state="succeeded", outcome=an_outcome())
    await step_finished(behind, news)
    wide = (await embedded.stored(run)).steps[0].invocations
    assert wide is not None
    assert wide.counts == {"queued": 9, "succeeded": 1}
    await behind.mailboxes.close()
    await behind.progress_publisher.close()


@pytest.mark.parametrize("within", [False, True])
@pytest.mark.parametrize("writes", [0, 1, 2, 4, 7, 11])
async def test_a_scheduler_killed_after_any_of_its_writes_leaves_nothing_undone_and_nothing_done_twice(
    tmp_path: Path, writes: int, *, within: bool
) -> None:
    house = House(SqliteDocumentStore(tmp_path / "store.db"))
    house.stores[0] = DyingStore(house.store, writes, within=within)
    house.fails = lambda index: index == 7
    await house.open()
    rollout = PlannedRollout(batches=[3, 20], max_parallel=15, max_failures=1)
    run = await house.started(60, rollout)
    async with asyncio.timeout(60):
        while (await house.stored(run)).state not in ENDED:
            await asyncio.sleep(0.05)
            # As the sweep does, when the time has come.
            await reconcile(house.contexts[1], run.id, Mail(is_thorough=True, is_changed=True, calls_again=True))
    ended, planned = await house.ended(run)
    assert (ended.state, planned.states) == ("succeeded", "s" * 7 + "f" + "s" * 52)
    assert dict(house.claimed) == {attempt_id(run.id, 0, index, 1): 1 for index in range(60)} | {
        attempt_id(run.id, 1, 0, 1): 1
    }
    assert house.most_under_way <= 15
    await house.close()
