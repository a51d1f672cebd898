"""What the scheduler works with, and what it remembers between two looks."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from shared.bus.port import Bus
from shared.clock import Clock
from shared.contracts.action import ActionDefinition
from shared.contracts.run import Run
from shared.progress import ProgressNotices
from shared.remembered import Remembered
from shared.store.port import DocumentStore

log = structlog.get_logger()

LONGEST_GAP = timedelta(seconds=5)
"""Between two sweeps; after a longer one the scheduler, or the store, was away."""
REPRIEVE = 12.0
"""Seconds at least. After such a gap executors get this long to give a sign of life before any lease counts as run
out: with the store away they could not give one, and their commands went on all the same."""


@dataclass
class Watch:
    """Since when leases have been watched without a gap."""

    reprieve: timedelta = timedelta(seconds=REPRIEVE)
    since: datetime | None = None
    swept_at: datetime | None = None

    @classmethod
    def for_lease(cls, seconds: float) -> "Watch":
        """A watch of leases of this length, of which signs of life come every quarter."""
        return cls(reprieve=timedelta(seconds=max(REPRIEVE, seconds / 2 + 2)))

    def begin_turn(self, now: datetime) -> None:
        """A sweep begins."""
        if self.since is None or self.swept_at is None or now - self.swept_at > LONGEST_GAP:
            self.since = now

    def end_turn(self, now: datetime) -> None:
        """The sweep reached the store, and has ended."""
        self.swept_at = now

    def trusts_leases(self, now: datetime) -> bool:
        """Whether a lease that has run out means that its holder is gone."""
        return self.since is not None and now - self.since >= self.reprieve


@dataclass
class Desk:
    """What the handlers work with."""

    store: DocumentStore
    bus: Bus
    clock: Clock
    chance: Callable[[], float]
    """A random number from 0 to 1."""
    notices: ProgressNotices
    versions: Remembered[ActionDefinition] = field(default_factory=lambda: Remembered(most=1_000))
    """Versions of actions, which never change."""
    runs: Remembered[Run] = field(default_factory=lambda: Remembered(most=10_000))
    """Runs as this scheduler stored them last. One that somebody else has changed since fails its
    compare-and-set and is read again, so that remembering saves reads and can do no harm."""
    watch: Watch = field(default_factory=Watch)
    timers: set[asyncio.TimerHandle] = field(default_factory=set)
    looks: set[asyncio.Task[None]] = field(default_factory=set)

    def look_in_background(self, looking: Coroutine[Any, Any, None], what: str) -> asyncio.Task[None]:
        """Let a look go on by itself; one that fails is repeated by the sweep, and told in the log."""
        task = asyncio.get_running_loop().create_task(looking, name=what)
        self.looks.add(task)
        task.add_done_callback(self._looked)
        return task

    def _looked(self, task: asyncio.Task[None]) -> None:
        self.looks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.warning("run.look_failed", task=task.get_name(), error=str(error))
