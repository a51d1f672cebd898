"""The scheduler on a real store: what it does when messages, processes or the store go missing."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import JsonValue

from executor.handlers.leases import Attempts, Holder
from scheduler.handlers.context import SchedulerContext
from scheduler.handlers.mailbox import MOST_LOSSES
from scheduler.handlers.reconcile import CLEANUP_WAITS, advance_run, reconcile, step_finished
from scheduler.handlers.sweep import catch_up, sweep
from shared import collections
from shared.bus.port import Subscription
from shared.bus.topology import Queue
from shared.contracts.attempt import Attempt, attempt_id
from shared.contracts.compiled_action import CompiledAction
from shared.contracts.model import Message
from shared.contracts.run import AdvanceRun, CancelAttempts, Control, ExecuteStep, Run, StepFinished
from shared.definitions import compiled_keys, definition_document
from shared.kinds import ACTION
from shared.runs.repository import ProgressPublisher, attempt_of, attempts_of, document_of, run_of, tell_run
from shared.store.port import Changes
from shared.store.sqlite import SqliteDocumentStore
from tests.builders import NOON, a_run, a_step, an_action, an_outcome, compiled


@dataclass
class LostMessages:
    """A bus on which every message is lost, but noted: what the store alone makes happen is seen."""

    published: list[Message] = field(default_factory=list)
    keeps_messages: bool = False

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def ping(self) -> None: ...

    async def publish(self, message: Message) -> None:
        self.published.append(message)

    async def subscribe(self, queue: Queue, handler: object, *, prefetch: int = 64) -> Subscription:
        raise NotImplementedError

    def of(self, kind: type[Message]) -> list[Message]:
        return [message for message in self.published if isinstance(message, kind)]


@dataclass
class Scene:
    """A scheduler, its store, and a clock that the test turns."""

    store: SqliteDocumentStore
    bus: LostMessages
    now: datetime = NOON
    context: SchedulerContext = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """A new scheduler over the same store."""
        self.context = SchedulerContext(
            self.store, self.bus, lambda: self.now, lambda: 0.5, ProgressPublisher(self.bus)
        )

    async def wait(self, seconds: float, *, sweeping: bool = True) -> None:
        """Let time pass, with a sweep each second or none at all."""
        end = self.now + timedelta(seconds=seconds)
        while sweeping and self.now < end:
            self.now += timedelta(seconds=1)
            await sweep(self.context)
        self.now = end

    async def a_run(
        self, *steps: dict[str, object], parameters: dict[str, JsonValue] | None = None, **fields: Any
    ) -> Run:
        """A run of an action of these steps and with these fields, stored."""
        action = an_action(*(steps or (a_step(),)), **fields)
        run = a_run(action, at=self.now, parameters=parameters)
        run.action.version_id = run.id
        version = definition_document(action, uid="u", by="test", at=self.now, beside=compiled_keys(compiled(action)))
        await self.store.insert(ACTION.versions, {**version, "id": run.id})
        await self.store.insert(collections.RUNS, document_of(run))
        return run

    def executor(self, name: str = "executor-1") -> Attempts:
        """An executor's hands."""
        return Attempts(self.store, Holder(name, timedelta(seconds=20)), lambda: self.now)

    async def claimed(self, run: Run, number: int = 1) -> Attempt:
        """The first step's attempt, claimed."""
        attempt = await self.executor().claim(attempt_id(run.id, 0, 0, number))
        assert attempt is not None
        return attempt

    async def state(self, run: Run) -> str:
        found = await run_of(self.store, run.id)
        assert found is not None
        return found.state


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    store = SqliteDocumentStore(tmp_path / "store.db")
    await store.open(collections.ALL)
    scene = Scene(store, LostMessages())
    yield scene
    await scene.context.progress_publisher.close()
    await store.close()


async def test_a_run_whose_first_message_was_lost_is_found(scene: Scene) -> None:
    run = await scene.a_run()
    await scene.wait(1)
    assert await scene.state(run) == "running"
    assert len(await attempts_of(scene.store, run.id)) == 1


async def test_many_looks_at_once_make_one_attempt(scene: Scene) -> None:
    run = await scene.a_run()
    others = [
        SchedulerContext(scene.store, scene.bus, lambda: NOON, lambda: 0.5, scene.context.progress_publisher)
        for _ in range(20)
    ]
    await asyncio.gather(*(reconcile(context, run.id) for context in others))
    assert len(await attempts_of(scene.store, run.id)) == 1
    found = await run_of(scene.store, run.id)
    assert found is not None
    assert [event.event for event in found.timeline] == ["run.queued", "run.started", "step.queued"]


async def test_an_attempt_that_a_crash_left_unmade_is_made(scene: Scene) -> None:
    run = await scene.a_run()
    await scene.wait(1)
    await scene.store.delete(collections.ATTEMPTS, {"id": attempt_id(run.id, 0, 0, 1)})
    scene.restart()
    await scene.wait(30)
    assert [attempt.state for attempt in await attempts_of(scene.store, run.id)] == ["queued"]


async def test_an_end_whose_message_was_lost_is_found(scene: Scene) -> None:
    run = await scene.a_run()
    await scene.wait(1)
    attempt = await scene.claimed(run)
    assert await scene.executor().end(attempt, "succeeded", an_outcome(), None)
    await scene.wait(30)
    assert await scene.state(run) == "succeeded"


async def test_an_attempt_whose_message_was_lost_is_called_for_again(scene: Scene) -> None:
    run = await scene.a_run()
    await scene.wait(1)
    before = len(scene.bus.of(ExecuteStep))
    await scene.wait(20)
    assert len(scene.bus.of(ExecuteStep)) > before
    assert [attempt.number for attempt in await attempts_of(scene.store, run.id)] == [1]


async def test_whoever_catches_up_calls_at_once_for_all_that_waits(scene: Scene) -> None:
    waiting = [await scene.a_run() for _ in range(3)]
    await scene.wait(1)
    claimed, *unheard = waiting
    await scene.claimed(claimed)
    scene.restart()
    await scene.wait(300, sweeping=False)  # so long that a sweep would not call for them now
    scene.bus.published.clear()
    await catch_up(scene.context)
    called = [message.run_id for message in scene.bus.of(ExecuteStep) if isinstance(message, ExecuteStep)]
    assert sorted(called) == sorted(run.id for run in unheard)


async def test_a_lease_that_ran_out_makes_the_attempt_unknown_within_30_seconds(scene: Scene) -> None:
    run = await scene.a_run()
    await scene.wait(15)
    await scene.claimed(run)
    await scene.wait(30)
    assert await scene.state(run) == "unknown"


async def test_a_lease_that_is_kept_is_left_alone(scene: Scene) -> None:
    run = await scene.a_run()
    await scene.wait(15)
    attempt = await scene.claimed(run)
    for _ in range(20):
        await scene.wait(5)
        await scene.executor().keep([attempt.id])
    assert await scene.state(run) == "running"


async def test_after_the_store_was_away_executors_get_time_for_a_sign_of_life(scene: Scene) -> None:
    run = await scene.a_run()
    await scene.wait(15)
    attempt = await scene.claimed(run)
    await scene.wait(300, sweeping=False)
    await scene.wait(10)
    assert await scene.state(run) == "running"
    await scene.executor().keep([attempt.id])
    await scene.wait(15)
    assert await scene.state(run) == "running"
    await scene.wait(10)
    assert await scene.state(run) == "unknown", "now it is really lost"


async def test_an_executor_that_was_given_up_can_no_longer_say_how_it_ended(scene: Scene) -> None:
    run = await scene.a_run()
    await scene.wait(15)
    attempt = await scene.claimed(run)
    await scene.wait(30)
    assert not await scene.executor().end(attempt, "succeeded", an_outcome(), None)
    stored = await attempt_of(scene.store, attempt.id)
    assert stored is not None
    assert stored.state == "unknown"


async def test_another_executor_cannot_end_what_it_does_not_hold(scene: Scene) -> None:
    run = await scene.a_run()
    await scene.wait(1)
    attempt = await scene.claimed(run)
    assert not await scene.executor("executor-2").end(attempt, "succeeded", an_outcome(), None)


async def test_a_cancel_whose_message_was_lost_happens_all_the_same(scene: Scene) -> None:
    run = await scene.a_run()
    await scene.wait(1)
    await scene.claimed(run)
    asked = Control(kind="cancel", by="admin", at=scene.now)
    await tell_run(scene.store, scene.bus, run.id, asked)
    await scene.wait(2)
    assert scene.bus.of(CancelAttempts)
    assert await scene.executor().held() == {attempt_id(run.id, 0, 0, 1): True}


async def test_cancelling_what_nobody_has_begun_ends_it_at_once(scene: Scene) -> None:
    run = await scene.a_run()
    await scene.wait(1)
    await tell_run(scene.store, scene.bus, run.id, Control(kind="cancel", by="admin", at=scene.now))
    await advance_run(scene.context, AdvanceRun(run_id=run.id))
    assert await scene.state(run) == "cancelled"
    assert await scene.executor().claim(attempt_id(run.id, 0, 0, 1)) is None


async def test_the_same_news_told_often_moves_a_run_once(scene: Scene) -> None:
    run = await scene.a_run(a_step("a"), a_step("b"))
    await scene.wait(1)
    attempt = await scene.claimed(run)
    assert await scene.executor().end(attempt, "succeeded", an_outcome(), None)
    news = StepFinished(run_id=run.id, attempt_id=attempt.id, state="succeeded", outcome=an_outcome())
    await asyncio.gather(*(step_finished(scene.context, news) for _ in range(10)))
    assert [attempt.id for attempt in await attempts_of(scene.store, run.id)] == [
        attempt_id(run.id, 0, 0, 1),
        attempt_id(run.id, 1, 0, 1),
    ]


async def test_a_retry_that_was_due_while_nobody_was_there_is_made(scene: Scene) -> None:
    run = await scene.a_run(a_step("a", retries={"count": 1, "delay": 100}))
    await scene.wait(1)
    attempt = await scene.claimed(run)
    await scene.executor().end(attempt, "failed", an_outcome(reason="exit_status"), None)
    await reconcile(scene.context, run.id)
    scene.restart()
    await scene.wait(500, sweeping=False)
    await scene.wait(2)
    assert [attempt.number for attempt in await attempts_of(scene.store, run.id)] == [1, 2]


async def test_a_retry_that_is_due_before_its_turn_has_ended_is_made_without_a_sweep(scene: Scene) -> None:
    def ticking() -> datetime:
        scene.now += timedelta(milliseconds=1)
        return scene.now

    context = SchedulerContext(scene.store, scene.bus, ticking, lambda: 0.5, scene.context.progress_publisher)
    run = await scene.a_run(a_step("a", retries={"count": 1, "delay": 0}))
    await reconcile(context, run.id)
    attempt = await scene.claimed(run)
    await scene.executor().end(attempt, "failed", an_outcome(reason="exit_status"), None)
    await reconcile(context, run.id)
    async with asyncio.timeout(30):
        while len(await attempts_of(scene.store, run.id)) == 1:
            await asyncio.sleep(0.01)
    assert [attempt.number for attempt in await attempts_of(scene.store, run.id)] == [1, 2]


async def test_a_run_of_a_version_without_an_analysis_waits_for_one(scene: Scene) -> None:
    run = await scene.a_run()
    unset = Changes(unset=("analysis", "compiled"))
    await scene.store.change(ACTION.versions, {"id": run.id}, unset)
    await reconcile(scene.context, run.id)
    await scene.wait(30)
    assert await scene.state(run) == "queued"
    found = compiled_keys(compiled(an_action(a_step())))
    await scene.store.change(ACTION.versions, {"id": run.id}, Changes(set=found))
    await scene.wait(30)
    assert (await scene.claimed(run)).command == "true"


async def test_a_version_that_the_analysis_refuses_now_is_not_run_and_says_why(scene: Scene) -> None:
    run = await scene.a_run()
    refused = compiled_keys(CompiledAction(analysis=1, refusal="steps.0.command: line 1, column 6: no"))
    await scene.store.change(ACTION.versions, {"id": run.id}, Changes(set=refused))
    await reconcile(scene.context, run.id)
    (attempt,) = await attempts_of(scene.store, run.id)
    assert await scene.state(run) == "failed"
    assert attempt.outcome is not None
    assert attempt.outcome.reason == "misconfigured"
    assert "column 6" in str(attempt.outcome.reason_text)


async def test_an_end_that_loses_to_others_again_and_again_is_left_to_the_next_sweep(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await scene.a_run()
    await scene.wait(1)
    attempt = await scene.claimed(run)
    assert await scene.executor().end(attempt, "succeeded", an_outcome(), None)
    losses = iter([False] * MOST_LOSSES)

    async def lose(*_args: object, **_more: object) -> bool:
        return next(losses)

    with monkeypatch.context() as patched:
        patched.setattr(scene.store, "replace", lose)
        news = StepFinished(run_id=run.id, attempt_id=attempt.id, state="succeeded", outcome=an_outcome())
        await step_finished(scene.context, news)
    assert await scene.state(run) == "running"
    await scene.wait(1)
    assert await scene.state(run) == "succeeded"


async def test_a_cancelled_run_does_not_wait_for_ever_for_an_executor_of_its_cleanup(scene: Scene) -> None:
    await sweep(scene.context)  # as a scheduler does that has run for a while
    run = await scene.a_run(a_step("first"), a_step("tidy", when="always"))

    async def shown() -> Run:
        found = await run_of(scene.store, run.id)
        assert found is not None
        return found

    await scene.wait(5)
    waiting = (await shown()).waiting_for
    assert waiting is not None
    assert (waiting.gate, "start one with OPSIMATE_POOLS=" in waiting.why) == ("pool", True)
    await tell_run(scene.store, scene.bus, run.id, Control(kind="cancel", by="admin", at=scene.now))
    await scene.wait(5)
    assert [step.state for step in (await shown()).steps] == ["cancelled", "queued"]
    await scene.wait(CLEANUP_WAITS.total_seconds() - 10)
    assert (await shown()).state == "running"
    await scene.wait(15)
    ended = await shown()
    assert (ended.state, [step.state for step in ended.steps]) == ("cancelled", ["cancelled", "cancelled"])
