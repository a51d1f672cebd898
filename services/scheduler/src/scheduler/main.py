"""The scheduler service: wires it, and runs it in a process of its own."""

import asyncio
import random

from scheduler.handlers.context import LeaseGrace, SchedulerContext
from scheduler.handlers.reconcile import handle, look_at
from scheduler.handlers.retention import Keep, Retention
from scheduler.handlers.schedules import Schedules
from scheduler.handlers.sweep import catch_up, sweep
from shared.bus.port import Subscription
from shared.bus.topology import definitions_queue, scheduler_queue, statistics_queue
from shared.contracts.definition import DefinitionsChanged
from shared.contracts.model import Message
from shared.kinds import ACTION, MAINTENANCE_WINDOW
from shared.loops import Loop
from shared.own_definitions import own_schedule_name
from shared.runs.repository import ProgressPublisher
from shared.service import Runtime, run_service

PREFETCH = 1_000
SWEEP_SECONDS = 1.0
FIRE_SECONDS = 1.0
WINDOWS_SECONDS = 30.0
"""How long a maintenance window may have changed unnoticed, where the message about it was lost."""
DELETE_EVERY_SECONDS = 60.0


class Scheduler:
    """Owns the state of every run, and asks for those of schedules."""

    name = "scheduler"

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._context = SchedulerContext(
            store=runtime.store,
            bus=runtime.bus,
            clock=runtime.clock,
            jitter=random.random,
            progress_publisher=ProgressPublisher(runtime.bus),
            leases=LeaseGrace.for_lease(runtime.settings.lease),
        )
        self._schedules = Schedules(runtime.store, runtime.bus, runtime.settings.sealer(), runtime.clock)
        self._firing = Loop("schedules", self._schedules.turn, interval=FIRE_SECONDS)
        self._windows = Loop("windows", self._look_at_windows, interval=WINDOWS_SECONDS)
        self._sweep = Loop("sweep", lambda: sweep(self._context), interval=SWEEP_SECONDS)
        settings = runtime.settings
        keep = Keep(
            settings.keep_runs,
            settings.keep_output,
            settings.keep_alerts,
            settings.keep_deliveries,
            settings.keep_notifications,
        )
        self._retention = Loop(
            "retention", Retention(runtime.store, runtime.clock, keep).turn, interval=DELETE_EVERY_SECONDS
        )
        self._subscriptions: list[Subscription] = []
        self._catching_up: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen for runs and outcomes, and sweep."""
        loops = (self._sweep, self._firing, self._windows, self._retention)
        self._runtime.health.pulses |= {f"scheduler.{loop.name}": loop.pulse for loop in loops}
        for queue in (scheduler_queue(), statistics_queue()):
            listening = self._runtime.bus.subscribe(
                queue, lambda message: handle(self._context, message), prefetch=PREFETCH
            )
            self._subscriptions.append(await listening)
        self._subscriptions.append(await self._runtime.bus.subscribe(definitions_queue(), self._hear))
        if not self._runtime.bus.keeps_messages:
            self._catching_up = self._context.mailboxes.begin(self._catch_up(), "catch up")
        for loop in loops:
            loop.start()

    async def stop(self) -> None:
        """Finish the turns under way; what is left waits in the store."""
        self._context.statistics.hurry()
        await asyncio.gather(*(subscription.cancel() for subscription in self._subscriptions))
        await asyncio.gather(self._firing.stop(), self._windows.stop())
        await self._sweep.stop()
        await self._retention.stop()
        if self._catching_up is not None:
            self._catching_up.cancel()
        for timer in self._context.timers.values():
            timer.cancel()
        await self._context.mailboxes.close()
        await self._context.outbox.close()
        await self._context.conditions.close()
        await self._context.progress_publisher.close()

    async def _hear(self, message: Message) -> None:
        """Definitions have changed."""
        if not isinstance(message, DefinitionsChanged) or message.word == MAINTENANCE_WINDOW.word:
            await self._look_at_windows()
        elif message.word == ACTION.word:
            await self._schedules.attend(map(own_schedule_name, message.names))
        else:
            await self._schedules.attend(message.names)

    async def _look_at_windows(self) -> None:
        look_at(self._context, await self._context.windows.concerned())

    async def _catch_up(self) -> None:
        """Once there is somebody to hear it."""
        await self._runtime.up.wait()
        await catch_up(self._context)


def build(runtime: Runtime) -> Scheduler:
    """The service in this process."""
    return Scheduler(runtime)


def main() -> None:
    """Run the scheduler until it is told to stop."""
    run_service("scheduler", build, listen="127.0.0.1:8082")
