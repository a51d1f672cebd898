"""What the scheduler works with, and what it remembers of runs."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scheduler.handlers.audit import RunAudit
from scheduler.handlers.mailbox import Mailboxes
from scheduler.handlers.outbox import Outbox
from scheduler.handlers.pools import Pools
from scheduler.handlers.statistics import Statistics
from scheduler.handlers.windows import Windows
from shared.bus.port import Bus
from shared.clock import Clock
from shared.conditions import ConditionEvaluator
from shared.contracts.run import Run
from shared.contracts.step import PlannedStep, StepInvocations
from shared.definitions import ActionVersion
from shared.lru_cache import LruCache
from shared.runs.repository import ProgressPublisher
from shared.store.port import DocumentStore

LONGEST_GAP = timedelta(seconds=5)
"""Between two sweeps; after a longer one the scheduler, or the store, was away."""
REPRIEVE = 12.0
"""Seconds at least. After such a gap executors get this long to give a sign of life before any lease counts as run
out: with the store away they could not give one, and their commands went on all the same."""


@dataclass
class LeaseGrace:
    """Since when leases have been watched without a gap."""

    reprieve: timedelta = timedelta(seconds=REPRIEVE)
    since: datetime | None = None
    swept_at: datetime | None = None

    @classmethod
    def for_lease(cls, seconds: float) -> "LeaseGrace":
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


MOST_BYTES = 32 * 1024 * 1024
"""Of what is remembered of runs, of versions of actions, and of the providers of wide steps, each."""
_ENTRY, _PART = 1_000, 600
"""Bytes that an entry of a timeline, and any other small model, take in memory."""


def size_of_run(run: Run) -> int:
    """About how many bytes a run takes in memory."""
    texts = sum([len(value) for value in run.parameters.values() if isinstance(value, str)])
    wide = sum([_size_of_wide(step.invocations) for step in run.steps if step.invocations is not None])
    return _ENTRY * len(run.timeline) + _PART * (10 + len(run.steps) + len(run.parameters)) + 2 * texts + wide


def _size_of_wide(invocations: StepInvocations) -> int:
    return 2 * len(invocations.states) + 200 * len(invocations.due)


def _size_of_version(version: ActionVersion) -> int:
    action, compiled = version.definition, version.compiled
    parts = [*compiled.commands, *compiled.setups.values()] if compiled else []
    slots = sum(map(len, parts)) + (len(compiled.limits) if compiled else 0)
    beside = sum(len(text) for step in action.steps for text in (step.stdin or "", *step.environment.values()))
    texts = sum(_PART + 4 * len(step.command) for step in action.steps) + 4 * beside
    return texts + _PART * slots + 5 * _PART * (1 + len(action.parameters))


def _size_of_planned(planned: PlannedStep) -> int:
    return _PART + 200 * len(planned.providers)


@dataclass
class SchedulerContext:
    """What the handlers work with."""

    store: DocumentStore
    bus: Bus
    clock: Clock
    jitter: Callable[[], float]
    """A random number from 0 to 1."""
    progress_publisher: ProgressPublisher
    versions: LruCache[ActionVersion] = field(default_factory=lambda: LruCache(most=MOST_BYTES, size=_size_of_version))
    """Versions of actions, which never change."""
    planned: LruCache[PlannedStep] = field(default_factory=lambda: LruCache(most=MOST_BYTES, size=_size_of_planned))
    """The providers of wide steps, which never change."""
    runs: LruCache[Run] = field(default_factory=lambda: LruCache(most=MOST_BYTES, size=size_of_run))
    """Runs as this scheduler stored them last. One that somebody else has changed since fails its
    compare-and-set and is read again, so that remembering saves reads and can do no harm."""
    conditions: ConditionEvaluator = field(default_factory=ConditionEvaluator)
    leases: LeaseGrace = field(default_factory=LeaseGrace)
    timers: dict[str, asyncio.TimerHandle] = field(default_factory=dict)
    """Of each run the timer for what is due soon."""

    mailboxes: Mailboxes = field(init=False)
    """Of the runs that are reconciled now."""
    outbox: Outbox = field(init=False)
    audit: RunAudit = field(init=False)
    statistics: Statistics = field(init=False)
    pools: Pools = field(init=False)
    windows: Windows = field(init=False)

    def __post_init__(self) -> None:
        self.mailboxes = Mailboxes(self.jitter)
        self.outbox = Outbox(self.bus)
        self.audit = RunAudit(self.store, self.clock)
        self.statistics = Statistics(self.store, self.audit)
        self.pools = Pools(self.store, self.clock)
        self.windows = Windows(self.store, self.clock)
