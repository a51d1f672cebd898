"""What the handlers of the alert-bridge stand on."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from alert_bridge.domain.sending import Sent
from alert_bridge.domain.source import Integration, Source
from shared.bus.port import Bus
from shared.clock import Clock
from shared.conditions import ConditionEvaluator
from shared.contracts.alert_rule import AlertRuleDefinition
from shared.contracts.notification import StoredNotification
from shared.encryption import Sealer
from shared.store.port import DocumentStore

STORED_AT_ONCE = 64
"""Alerts that one instance stores at the same time; the store writes those that meet in one go."""

TOLD_AT_ONCE = 20
TOLD_AGAIN_EVERY = timedelta(seconds=6)
"""After which one more may be told."""

Rules = Sequence[AlertRuleDefinition]


@dataclass
class _Left:
    amount: float
    since: datetime
    passed_over: int = 0


class Allowance:
    """For each kind ``TOLD_AT_ONCE`` at once, and from then on one every ``TOLD_AGAIN_EVERY``."""

    def __init__(self) -> None:
        self._left: dict[str, _Left] = {}

    def take(self, kind: str, now: datetime) -> int | None:
        """How many of this kind were passed over since the last that was told; None where this one is, too."""
        left = self._left.setdefault(kind, _Left(TOLD_AT_ONCE, now))
        left.amount = min(TOLD_AT_ONCE, left.amount + max(timedelta(), now - left.since) / TOLD_AGAIN_EVERY)
        left.since = now
        if left.amount < 1:
            left.passed_over += 1
            return None
        left.amount -= 1
        passed_over, left.passed_over = left.passed_over, 0
        return passed_over


Send = Callable[[StoredNotification], Awaitable[Sent]]
"""Tries a notification once, within ``LONGEST_SEND`` seconds; what came of it."""


class Sender(Protocol):
    """Delivers notifications to where their channels lead."""

    def room(self, channel: str, *, is_test: bool = False) -> AbstractAsyncContextManager[Send]:
        """Wait until something can be sent to a channel, for however long; what sends it.

        ``StoreError`` where the channel or its secret cannot be read now.
        """

    async def close(self) -> None:
        """Let go of every resource."""


class NotFetchedError(Exception):
    """What a sender publishes cannot be fetched now; the text says why."""


class Published(Protocol):
    """Fetches what senders publish, from addresses that a source has made sure of."""

    async def certificate(self, address: str) -> bytes:
        """The certificate at an address, in PEM; ``NotFetchedError`` where it cannot be had."""

    async def confirm(self, address: str) -> None:
        """Ask for an address, which confirms what it names; ``NotFetchedError`` where that failed."""

    async def close(self) -> None:
        """Let go of every resource."""


LONGEST_SEND = 45.0
"""Seconds that one attempt takes at most."""


@dataclass(frozen=True)
class NotificationContext:
    """What notifications are made and delivered with."""

    store: DocumentStore
    bus: Bus
    clock: Clock
    chance: Callable[[], float]
    """A number from 0 to 1."""
    sender: Sender
    public_url: str | None
    """Where people reach the console; none where nobody has said."""
    keep: timedelta | None
    """How long notifications are kept; none: for ever."""


@dataclass(frozen=True)
class AlertBridgeContext:
    """Handed to every handler by ``main``."""

    store: DocumentStore
    bus: Bus
    sealer: Sealer
    clock: Clock
    rules: Callable[[], Awaitable[Rules]]
    """The alert rules as they are now."""
    integrations: Callable[[str], Awaitable[Sequence[Integration]]]
    """The integrations of a source."""
    sources: Mapping[str, Source]
    """By the name in ``/webhooks/NAME``."""
    published: Published
    conditions: ConditionEvaluator = field(default_factory=ConditionEvaluator)
    """Evaluates those of rules, in a process of its own."""
    keep_deliveries: timedelta | None = timedelta(days=7)
    """How long what was posted is kept; none: until there is too much of it."""
    storing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(STORED_AT_ONCE))
    allowance: Allowance = field(default_factory=Allowance)
    """How many refused or unreadable posts are logged and kept."""
    kept_since: Counter[str] = field(default_factory=Counter)
    """By source and outcome: how many deliveries were kept since it was looked whether they are too many."""
