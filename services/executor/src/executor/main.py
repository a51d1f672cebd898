"""The executor service: wires it, and runs it in a process of its own."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial

from executor.adapters.hosts import ReachableHosts
from executor.handlers.context import ExecutorContext, Slots
from executor.handlers.host_keys import HostKeys
from executor.handlers.leases import ATTEMPTS_HELD, Attempts, Holder, Leases
from executor.handlers.messages import cancel_attempts, execute_step, test_provider
from executor.handlers.provider_resolution import Resolver
from shared.bus.port import Subscription
from shared.bus.topology import executor_instance_queue, steps_queue, tests_queue
from shared.loops import Loop
from shared.pools import NOTED_EVERY, ExecutorPresence
from shared.runs.repository import ProgressPublisher
from shared.service import Runtime, run_service
from shared.store.port import StoreUnavailableError

BEATS_PER_LEASE = 4
PREFETCH = 16
DRAIN_SECONDS = 3.0
"""How long commands under way may go on when the executor is told to stop; then they are ended."""
ENDING_SECONDS = 15.0
"""How long that may take: as long as the grace between TERM and KILL, and a look whether they are gone."""


class Executor:
    """Runs shell commands on the providers of its pools."""

    name = "executor"

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        settings = runtime.settings
        attempts = Attempts(runtime.store, Holder(runtime.instance, timedelta(seconds=settings.lease)), runtime.clock)
        self._leases = Leases(attempts)
        self._hosts = ReachableHosts(allow_local=settings.allow_local)
        self._context = ExecutorContext(
            store=runtime.store,
            bus=runtime.bus,
            clock=runtime.clock,
            attempts=attempts,
            leases=self._leases,
            slots=Slots(settings.concurrency),
            resolver=Resolver(runtime.store, settings.sealer(), HostKeys(runtime.store, runtime.clock)),
            hosts=self._hosts,
            progress_publisher=ProgressPublisher(runtime.bus),
        )
        self._heartbeat = Loop("heartbeat", self._leases.heartbeat, interval=settings.lease / BEATS_PER_LEASE)
        self._presence = ExecutorPresence(
            runtime.store,
            runtime.instance,
            runtime.clock,
            pools=settings.pools,
            concurrency=settings.concurrency,
        )
        self._noting = Loop("presence", lambda: self._presence.note(self.under_way), interval=NOTED_EVERY)
        self._subscriptions: list[Subscription] = []

    @property
    def under_way(self) -> int:
        """How many attempts it carries out now."""
        return len(self._leases)

    async def start(self) -> None:
        """Take steps of the pools, and give signs of life."""
        runtime, context = self._runtime, self._context
        runtime.health.pulses["executor.heartbeat"] = self._heartbeat.pulse
        ATTEMPTS_HELD.set_function(lambda: len(self._leases))
        self._heartbeat.start()
        own = await runtime.bus.subscribe(executor_instance_queue(runtime.instance), partial(cancel_attempts, context))
        self._subscriptions.append(own)
        for pool in runtime.settings.pools:
            tests = await runtime.bus.subscribe(tests_queue(pool), partial(test_provider, context), prefetch=PREFETCH)
            self._subscriptions.append(tests)
            prefetch = min(PREFETCH, runtime.settings.concurrency)
            steps = await runtime.bus.subscribe(steps_queue(pool), partial(execute_step, context), prefetch=prefetch)
            context.slots.subscriptions.append(steps)
        self._noting.start()

    async def stop(self) -> None:
        """Take nothing new; let commands end for a moment, then end them and say so.

        What is not over by then, or when somebody is in a hurry, is left to its lease.
        """
        self._context.slots.close()
        await self._noting.stop()
        with suppress(StoreUnavailableError):  # then the note ends by itself
            await self._presence.end()
        subscriptions = [*self._context.slots.subscriptions, *self._subscriptions]
        await asyncio.gather(*(subscription.cancel() for subscription in subscriptions))
        tasks = [lease.task for lease in self._leases.all() if lease.task is not None]
        await self._wait_for(tasks, DRAIN_SECONDS)
        for lease in self._leases.all():
            lease.ask_to_end("stopping")
        await self._wait_for(tasks, ENDING_SECONDS)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._heartbeat.stop()
        await self._hosts.close()
        await self._context.progress_publisher.close()

    async def _wait_for(self, tasks: Sequence[asyncio.Task[None]], seconds: float) -> None:
        """Return when all have ended, when the time is over, or when somebody is in a hurry."""
        if not tasks:
            return
        all_over = asyncio.create_task(_until_over(tasks))
        in_a_hurry = asyncio.create_task(_until_set(self._runtime.hurry))
        await asyncio.wait({all_over, in_a_hurry}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        all_over.cancel()
        in_a_hurry.cancel()


async def _until_over(tasks: Sequence[asyncio.Task[None]]) -> None:
    await asyncio.wait(tasks)


async def _until_set(event: asyncio.Event) -> None:
    await event.wait()


def build(runtime: Runtime) -> Executor:
    """The service in this process."""
    return Executor(runtime)


def main() -> None:
    """Run an executor until it is told to stop."""
    run_service("executor", build, listen="127.0.0.1:8083")
