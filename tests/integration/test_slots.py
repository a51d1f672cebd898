"""Slots on a real store: never more under way than may be, in their order, and nobody waits for ever, whoever dies."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from scheduler.handlers.context import SchedulerContext
from scheduler.handlers.reconcile import advance_run, reconcile
from scheduler.handlers.sweep import sweep
from shared import collections
from shared.collections import RUN_SLOTS, RUNS
from shared.contracts.action import Concurrency
from shared.contracts.attempt import attempt_id
from shared.contracts.run import ENDED, AdvanceRun, Control, Run
from shared.contracts.slot import SlotEntry
from shared.runs.repository import ProgressPublisher, run_of, tell_run
from shared.runs.slots import drop, enter, slots_of
from shared.store.port import DocumentStore
from shared.store.sqlite import SqliteDocumentStore
from tests.builders import NOON, a_run, an_action, an_outcome
from tests.integration.test_coordination import LostMessages, Scene


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    store = SqliteDocumentStore(tmp_path / "store.db")
    await store.open(collections.ALL)
    scene = Scene(store, LostMessages())
    yield scene
    await settled(scene.context)
    await scene.context.progress_publisher.close()
    await store.close()


async def settled(context: SchedulerContext) -> None:
    """Return once nothing goes on by itself."""
    while context.mailboxes._tasks:
        await asyncio.gather(*context.mailboxes._tasks, return_exceptions=True)


async def asked_for(scene: Scene, number: int, **concurrency: object) -> list[Run]:
    """So many runs of one action, one after the other."""
    runs = []
    for _ in range(number):
        runs.append(await scene.a_run(concurrency=concurrency))
        await reconcile(scene.context, runs[-1].id)
    return runs


async def shown(scene: Scene, run: Run) -> Run:
    found = await run_of(scene.store, run.id)
    assert found is not None
    return found


async def states(scene: Scene, runs: list[Run]) -> list[str]:
    return [(await shown(scene, run)).state for run in runs]


async def end(scene: Scene, run: Run, *, looked_at: bool = True) -> None:
    """The command of a run ends well."""
    attempt = await scene.executor().claim(attempt_id(run.id, 0, 0, 1))
    assert attempt is not None
    assert await scene.executor().end(attempt, "succeeded", an_outcome(), None)
    if looked_at:
        await reconcile(scene.context, run.id)
        await settled(scene.context)


async def why(scene: Scene, run: Run) -> str:
    waiting = (await shown(scene, run)).waiting_for
    assert waiting is not None
    assert waiting.gate == "slot"
    return waiting.why


async def test_runs_wait_their_turn_in_order_and_the_next_starts_at_once(scene: Scene) -> None:
    runs = await asked_for(scene, 3, limit=1)
    assert await states(scene, runs) == ["running", "queued", "queued"]
    rule = "'restart' has at most 1 under way at a time"
    assert await why(scene, runs[1]) == f"waiting for run {runs[0].id}: {rule}"
    assert await why(scene, runs[2]) == f"waiting for run {runs[1].id}: {rule}"
    await end(scene, runs[0])
    assert await states(scene, runs) == ["succeeded", "running", "queued"]
    assert await why(scene, runs[2]) == f"waiting for run {runs[1].id}: {rule}"
    await end(scene, runs[1])
    await end(scene, runs[2])
    assert await states(scene, runs) == ["succeeded"] * 3
    assert await scene.store.find(RUN_SLOTS, {}) == []


async def test_runs_with_another_key_do_not_wait_for_each_other(scene: Scene) -> None:
    runs = []
    for host in ("web-1", "web-2", "web-1"):
        runs.append(await scene.a_run(parameters={"host": host}, concurrency={"key": "on {{ host }}"}))
        await reconcile(scene.context, runs[-1].id)
    assert await states(scene, runs) == ["running", "running", "queued"]
    assert "for 'on web-1'" in await why(scene, runs[2])


async def test_a_limit_of_more_lets_more_start(scene: Scene) -> None:
    runs = await asked_for(scene, 4, limit=2)
    assert await states(scene, runs) == ["running", "running", "queued", "queued"]
    await end(scene, runs[1])
    assert await states(scene, runs) == ["running", "succeeded", "running", "queued"]


async def test_a_run_that_finds_no_room_is_skipped_where_the_action_says_so(scene: Scene) -> None:
    runs = await asked_for(scene, 2, when_full="skip")
    second = await shown(scene, runs[1])
    assert (second.state, second.reason) == ("skipped", "concurrency")
    assert second.reason_text == f"run {runs[0].id} is under way: 'restart' has at most 1 under way at a time"
    await end(scene, runs[0])
    assert await states(scene, await asked_for(scene, 1, when_full="skip")) == ["running"]


async def test_a_run_beyond_the_queue_is_rejected(scene: Scene) -> None:
    runs = await asked_for(scene, 3, queue_limit=1)
    third = await shown(scene, runs[2])
    assert (third.state, third.reason) == ("rejected", "concurrency")
    assert str(third.reason_text).startswith(f"1 run waits already for run {runs[0].id}, which is as many as")


async def test_a_run_is_rejected_in_words_where_none_may_wait(scene: Scene) -> None:
    first, second = await asked_for(scene, 2, queue_limit=0)
    rejected = await shown(scene, second)
    assert rejected.state == "rejected"
    assert str(rejected.reason_text).startswith(f"run {first.id} is under way, and queue_limit lets none wait: ")


async def test_a_run_that_waited_too_long_expires_and_makes_room_in_the_queue(scene: Scene) -> None:
    runs = await asked_for(scene, 2, queue_limit=1, queue_ttl=60)
    await scene.wait(61)
    assert await states(scene, runs) == ["running", "expired"]
    runs += await asked_for(scene, 1, queue_limit=1, queue_ttl=60)
    assert await states(scene, runs) == ["running", "expired", "queued"]


async def test_a_run_replaces_the_one_under_way_once_that_has_ended(scene: Scene) -> None:
    first, second = await asked_for(scene, 2, when_full="replace")
    await settled(scene.context)
    found = await shown(scene, first)
    assert [(one.kind, one.comment) for one in found.controls] == [("cancel", f"replaced by run {second.id}")]
    await advance_run(scene.context, AdvanceRun(run_id=first.id))
    await settled(scene.context)
    assert await states(scene, [first, second]) == ["cancelled", "running"]
    assert "replaced by run" in str((await shown(scene, first)).reason_text)


async def test_of_those_that_want_one_place_the_newest_gets_it(scene: Scene) -> None:
    runs = await asked_for(scene, 1, when_full="replace")
    attempt = await scene.claimed(runs[0])
    runs += await asked_for(scene, 2, when_full="replace")
    await scene.wait(6)
    assert await states(scene, runs) == ["running", "cancelled", "queued"]
    assert await scene.executor().end(attempt, "cancelled", an_outcome(reason="cancelled"), None)
    await scene.wait(30)
    assert await states(scene, runs) == ["cancelled", "cancelled", "running"]


async def test_a_cancelled_run_leaves_the_queue(scene: Scene) -> None:
    runs = await asked_for(scene, 3)
    await tell_run(scene.store, scene.bus, runs[1].id, Control(kind="cancel", by="admin", at=scene.now))
    await advance_run(scene.context, AdvanceRun(run_id=runs[1].id))
    await settled(scene.context)
    assert await states(scene, runs) == ["running", "cancelled", "queued"]
    assert f"waiting for run {runs[0].id}" in await why(scene, runs[2])


async def test_a_limit_that_a_newer_version_raises_lets_those_start_that_wait(scene: Scene) -> None:
    runs = await asked_for(scene, 2)
    newer = await scene.a_run(concurrency={"limit": 3})
    newer.action.version = 2
    await scene.store.replace(RUNS, newer.model_dump(mode="json", exclude_none=True), version=1)
    await reconcile(scene.context, newer.id)
    await settled(scene.context)
    assert await states(scene, [*runs, newer]) == ["running"] * 3


async def test_a_place_whose_run_was_never_stored_is_given_back(scene: Scene) -> None:
    ghost, run = [await scene.a_run(concurrency={"limit": 1}) for _ in range(2)]
    await scene.store.delete(RUNS, {"id": ghost.id})
    await enter(scene.store, ghost, Concurrency(limit=1), scene.now)
    await reconcile(scene.context, run.id)
    assert await states(scene, [run]) == ["queued"]
    await scene.wait(70)
    assert await states(scene, [run]) == ["running"]


class DyingStore:
    """A store over which a process dies at its nth write: before it, or after it; and which knows how many runs were
    under way at the same time at most, whatever was written.
    """

    class DiedError(BaseException):
        """kill -9."""

    def __init__(self, store: DocumentStore, *, dies_at: int = 0, after: bool = False) -> None:
        self._store = store
        self._left = dies_at or 1_000_000
        self._after = after
        self.most_under_way = 0

    @property
    def is_dead(self) -> bool:
        return self._left <= 0

    def __getattr__(self, verb: str) -> Any:
        found = getattr(self._store, verb)
        return found if verb in {"get", "find", "count", "ping"} else self._writing(found)

    def _writing(self, write: Any) -> Any:
        async def written(*args: Any, **kwargs: Any) -> Any:
            self._left -= 1
            if self._left < 0 or (self._left == 0 and not self._after):
                raise self.DiedError
            done = await write(*args, **kwargs)
            self.most_under_way = max(self.most_under_way, await self._store.count(RUNS, {"state": "running"}))
            if self._left == 0:
                raise self.DiedError
            return done

        return written


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("when_full", ["queue", "replace"])
async def test_whoever_dies_at_whatever_write_the_limit_holds_and_nobody_waits_for_ever(
    tmp_path: Path, when_full: str, *, after: bool
) -> None:
    has_died, dies_at = True, 0
    while has_died:
        dies_at += 1
        folder = tmp_path / str(dies_at)
        folder.mkdir()
        has_died = await _story_of_a_death(folder, when_full, dies_at, after=after)
    assert dies_at > 10


async def _story_of_a_death(folder: Path, when_full: str, dies_at: int, *, after: bool) -> bool:
    """Three runs, of which one may be under way, and a scheduler that dies at its nth write; whether it did."""
    store = SqliteDocumentStore(folder / "store.db")
    await store.open(collections.ALL)
    scene, dying = Scene(store, LostMessages()), DyingStore(store, dies_at=dies_at, after=after)
    later = DyingStore(store)
    scene.context.store = dying
    runs = [await scene.a_run(concurrency={"limit": 1, "when_full": when_full}) for _ in range(3)]
    for _ in range(100):
        with suppress(DyingStore.DiedError, BaseExceptionGroup):
            await scene.wait(1)
            await settled(scene.context)
        if dying.is_dead and scene.context.store is dying:
            scene.restart()
            scene.context.store = later
            for run in reversed(runs):  # whoever came last is looked at first
                await reconcile(scene.context, run.id)
                await settled(scene.context)
        now = await states(scene, runs)
        for run in (run for run, state in zip(runs, now, strict=True) if state == "running"):
            if (attempt := await scene.executor().claim(attempt_id(run.id, 0, 0, 1))) is not None:
                await scene.executor().end(attempt, "succeeded", an_outcome(), None)
        if set(now) <= ENDED and not await store.find(RUN_SLOTS, {}):
            break
    else:
        pytest.fail(f"dead at {dies_at}, they waited for ever: {now}")
    assert max(dying.most_under_way, later.most_under_way) == 1, f"dead at {dies_at}"
    await scene.context.progress_publisher.close()
    await store.close()
    return dying.is_dead


async def test_two_schedulers_never_let_more_start_than_may(scene: Scene) -> None:
    others = [
        SchedulerContext(
            scene.store, scene.bus, lambda: scene.now, random.Random(n).random, ProgressPublisher(scene.bus)
        )
        for n in range(2)
    ]
    runs = [await scene.a_run(concurrency={"limit": 2}) for _ in range(12)]
    for _ in range(40):
        looks = [reconcile(context, run.id) for context in others for run in runs]
        await asyncio.gather(*looks, *(sweep(context) for context in others))
        for context in others:
            await settled(context)
        now = await states(scene, runs)
        assert now.count("running") <= 2
        for run, state in zip(runs, now, strict=True):
            if state == "running":
                await end(scene, run, looked_at=False)
        if set(now) <= ENDED:
            break
    assert set(await states(scene, runs)) == {"succeeded"}
    for context in others:
        await context.progress_publisher.close()


def test_the_place_that_a_replaced_run_wanted_is_for_whoever_replaced_it() -> None:
    concurrency = Concurrency(limit=1, when_full="replace")
    slots = slots_of(a_run(an_action()), concurrency, NOON)
    slots.holders = [SlotEntry(run_id="1", at=NOON, replaced_by="2")]
    slots.waiting = [SlotEntry(run_id="2", at=NOON, replaced_by="3"), SlotEntry(run_id="3", at=NOON)]
    drop(slots, {"2"})
    assert (slots.holders[0].replaced_by, [entry.run_id for entry in slots.waiting]) == ("3", ["3"])
    slots.waiting[0].replaced_by = "4"
    slots.waiting.append(SlotEntry(run_id="4", at=NOON))
    drop(slots, {"1"})
    assert [entry.run_id for entry in slots.holders] == ["4"], "the newest gets it, and not one that is to be cancelled"
