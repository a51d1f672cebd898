"""How much there is of what retention deletes, counted now and then for people."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from shared.audit import audit_head
from shared.clock import Clock
from shared.collections import ALERT_DELIVERIES, ALERTS, NOTIFICATIONS, OUTPUT, RUNS
from shared.contracts.retention import MOST_COUNTED, StoredAmounts
from shared.store.port import Collection, DocumentStore

COUNT_EVERY = 600.0
"""Seconds. To count a million takes SQLite some 60 ms of CPU, on the thread of long reads."""
_COUNTED: Mapping[str, Collection] = {
    "runs": RUNS,
    "pieces_of_output": OUTPUT,
    "alerts": ALERTS,
    "deliveries": ALERT_DELIVERIES,
    "notifications": NOTIFICATIONS,
}


@dataclass
class Amounts:
    """Counts what is stored."""

    store: DocumentStore
    clock: Clock
    _next: float = 0.0

    async def counted(self) -> StoredAmounts | None:
        """How much there is; none where it was counted a short while ago."""
        if time.monotonic() < self._next:
            return None
        counts = {name: await self.store.count(one, {}, limit=MOST_COUNTED) for name, one in _COUNTED.items()}
        head = await audit_head(self.store)
        self._next = time.monotonic() + COUNT_EVERY
        return StoredAmounts(**counts, audit_entries=head.number, counted_at=self.clock())
