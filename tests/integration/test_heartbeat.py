"""The sign of life of an executor: what it hears from the store about the attempts that it holds."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from executor.adapters.hosts import ReachableHosts
from executor.handlers.context import Bench, Places
from executor.handlers.leases import Attempts, Held, HeldAttempts, Holder
from executor.handlers.messages import execute_step
from executor.handlers.provider_resolution import HostKeys, Resolver
from shared import collections
from shared.bus.port import Subscription
from shared.bus.topology import Queue
from shared.contracts.attempt import Attempt
from shared.contracts.message import Message
from shared.contracts.run import ExecuteStep, StepFinished
from shared.encryption import KEY_BYTES, Sealer
from shared.progress import ProgressNotices
from shared.runs.repository import attempt_of, document_of
from shared.store.port import Changes
from shared.store.sqlite import SqliteDocumentStore
from tests.builders import NOON
from tests.builders_commands import an_attempt


class SlowBus:
    """A bus that takes news of a finished step only when the test lets it."""

    keeps_messages = False

    def __init__(self) -> None:
        self.asked, self.may_go_on = asyncio.Event(), asyncio.Event()

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def ping(self) -> None: ...

    async def publish(self, message: Message) -> None:
        if isinstance(message, StepFinished):
            self.asked.set()
            await self.may_go_on.wait()

    async def subscribe(self, queue: Queue, handler: object, *, prefetch: int = 64) -> Subscription:
        raise NotImplementedError


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    store, bus = SqliteDocumentStore(tmp_path / "store.db"), SlowBus()
    await store.open(collections.ALL)
    attempts = Attempts(store, Holder("executor-1", timedelta(seconds=20)), lambda: NOON)
    bench = Bench(
        store=store,
        bus=bus,
        clock=lambda: NOON,
        attempts=attempts,
        held=HeldAttempts(attempts),
        places=Places(10),
        resolver=Resolver(store, Sealer(bytes(KEY_BYTES)), HostKeys(store, lambda: NOON)),
        hosts=ReachableHosts(allow_local=False),
        notices=ProgressNotices(bus),
    )
    yield bench
    bus.may_go_on.set()
    await asyncio.gather(*(held.task for held in bench.held.all() if held.task))
    await bench.notices.close()
    await store.close()


async def stored(bench: Bench) -> Attempt:
    """An attempt that waits for an executor; there is no provider of its name."""
    attempt = an_attempt()
    await bench.store.insert(collections.ATTEMPTS, document_of(attempt))
    return attempt


async def claimed(bench: Bench) -> Held:
    """An attempt that this executor has claimed, and whose command runs."""
    attempt = await bench.attempts.claim((await stored(bench)).id)
    assert attempt is not None
    return bench.held.take(attempt)


async def test_an_attempt_whose_outcome_was_just_stored_here_is_not_given_up(bench: Bench) -> None:
    attempt = await stored(bench)
    await execute_step(bench, ExecuteStep(run_id=attempt.run_id, attempt_id=attempt.id, pool=attempt.pool))
    (mine,) = bench.held.all()
    assert isinstance(bench.bus, SlowBus)
    await asyncio.wait_for(bench.bus.asked.wait(), 10)
    ended = await attempt_of(bench.store, attempt.id)
    assert ended is not None
    assert ended.state == "failed"
    await bench.held.heartbeat()
    assert bench.held.all() == [mine]
    assert mine.why is None
    assert not mine.end.is_set()


async def test_a_command_whose_attempt_was_given_up_is_ended(bench: Bench) -> None:
    lost, kept = await claimed(bench), await claimed(bench)
    await bench.store.change(collections.ATTEMPTS, {"id": lost.attempt.id}, Changes(set={"state": "unknown"}))
    await bench.held.heartbeat()
    assert (lost.why, lost.end.is_set()) == ("given_up", True)
    assert (kept.why, kept.end.is_set()) == (None, False)


async def test_a_command_whose_cancel_was_only_stored_is_ended(bench: Bench) -> None:
    cancelled = await claimed(bench)
    await bench.store.change(collections.ATTEMPTS, {"id": cancelled.attempt.id}, Changes(set={"cancel": True}))
    await bench.held.heartbeat()
    assert (cancelled.why, cancelled.end.is_set()) == ("cancelled", True)
