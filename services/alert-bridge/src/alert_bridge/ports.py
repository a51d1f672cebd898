"""What the handlers of the alert-bridge stand on."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from alert_bridge.domain.masking import Allowance
from alert_bridge.domain.source import Integration, Source
from shared.bus.port import Bus
from shared.clock import Clock
from shared.contracts.alert import AlertRuleDefinition
from shared.encryption import Sealer
from shared.store.port import DocumentStore

AT_ONCE = 64
"""Alerts that one instance stores at the same time; the store writes those that meet in one go."""

Rules = Sequence[AlertRuleDefinition]


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
    storing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    allowance: Allowance = field(default_factory=Allowance)
    """How many refused or unreadable posts are logged and kept."""
    kept_since: Counter[str] = field(default_factory=Counter)
    """By source and outcome: how many deliveries were kept since it was looked whether they are too many."""
