"""The sign of life of an executor: what it hears from the store about the attempts that it holds."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from executor.adapters.hosts import ReachableHosts
from executor.handlers.context import ExecutorContext, Slots
from executor.handlers.host_keys import HostKeys
from executor.handlers.leases import Attempts, Holder, Lease, Leases
from executor.handlers.messages import execute_step
from executor.handlers.provider_resolution import Resolver
from shared import collections
from shared.bus.port import Subscription
from shared.bus.topology import Queue
from shared.contracts.attempt import Attempt
from shared.contracts.model import Message
from shared.contracts.run import ExecuteStep, StepFinished
from shared.encryption import KEY_BYTES, Sealer
from shared.runs.repository import ProgressPublisher, attempt_of, document_of
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
async def context(tmp_path: Path) -> AsyncIterator[ExecutorContext]:
    store, bus = SqliteDocumentStore(tmp_path / "store.db"), SlowBus()
    await store.open(collections.ALL)
    attempts = Attempts(store, Holder("executor-1", timedelta(seconds=20)), lambda: NOON)
    context = ExecutorContext(
        store=store,
        bus=bus,
        clock=lambda: NOON,
        attempts=attempts,
        leases=Leases(attempts),
        slots=Slots(10),
        resolver=Resolver(store, Sealer(bytes(KEY_BYTES)), HostKeys(store, lambda: NOON)),
        hosts=ReachableHosts(allow_local=False),
        progress_publisher=ProgressPublisher(bus),
    )
    yield context
    bus.may_go_on.set()
    await asyncio.gather(*(lease.task for lease in context.leases.all() if lease.task))
    await context.progress_publisher.close()
    await store.close()


async def stored(context: ExecutorContext) -> Attempt:
    """An attempt that waits for an executor; there is no provider of its name."""
    attempt = an_attempt()
    await context.store.insert(collections.ATTEMPTS, document_of(attempt))
    return attempt


async def claimed(context: ExecutorContext) -> Lease:
    """An attempt that this executor has claimed, and whose command runs."""
    attempt = await context.attempts.claim((await stored(context)).id)
    assert attempt is not None
    return context.leases.take(attempt)


async def test_an_attempt_whose_outcome_was_just_stored_here_is_not_given_up(context: ExecutorContext) -> None:
    attempt = await stored(context)
    await execute_step(context, ExecuteStep(run_id=attempt.run_id, attempt_id=attempt.id, pool=attempt.pool))
    (mine,) = context.leases.all()
    assert isinstance(context.bus, SlowBus)
    await asyncio.wait_for(context.bus.asked.wait(), 10)
    ended = await attempt_of(context.store, attempt.id)
    assert ended is not None
    assert ended.state == "failed"
    await context.leases.heartbeat()
    assert context.leases.all() == [mine]
    assert mine.why is None
    assert not mine.end.is_set()


async def test_a_command_whose_attempt_was_given_up_is_ended(context: ExecutorContext) -> None:
    lost, kept = await claimed(context), await claimed(context)
    await context.store.change(collections.ATTEMPTS, {"id": lost.attempt.id}, Changes(set={"state": "unknown"}))
    await context.leases.heartbeat()
    assert (lost.why, lost.end.is_set()) == ("given_up", True)
    assert (kept.why, kept.end.is_set()) == (None, False)


async def test_a_command_whose_cancel_was_only_stored_is_ended(context: ExecutorContext) -> None:
    cancelled = await claimed(context)
    await context.store.change(collections.ATTEMPTS, {"id": cancelled.attempt.id}, Changes(set={"cancel": True}))
    await context.leases.heartbeat()
    assert (cancelled.why, cancelled.end.is_set()) == ("cancelled", True)
