"""Deleting much of what is stored, in bites so small that no other writer waits for one."""

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass, field

from shared.store.port import Collection, DocumentStore, Where

AIM, LONGEST_BITE = 0.012, 0.025
"""Seconds: after a bite that took longer than the second the next one is as much smaller as it takes to come to the
first, and after one that took less than half of the first it is twice as large."""
FIRST_SIZE, MOST_AT_ONCE = 16, 64


@dataclass
class Bites:
    """Deletes in bites, whose size follows how long they take: in each collection for itself, as a document of one may
    be a thousand times as large as one of another.
    """

    store: DocumentStore
    longest: float = 0.0
    _sizes: defaultdict[str, int] = field(default_factory=lambda: defaultdict(lambda: FIRST_SIZE))

    async def delete(self, collection: Collection, where: Where) -> int:
        """Remove all that the filter holds for; how many. After each bite others get as much time as it took."""
        count = 0
        while True:
            size, began = self._sizes[collection.name], time.perf_counter()
            removed = await self.store.delete(collection, where, limit=size)
            took = time.perf_counter() - began
            if removed:  # whoever finds nothing holds nobody, and has waited for the CPU at most
                self.longest = max(self.longest, took)
            if took > LONGEST_BITE:
                self._sizes[collection.name] = max(1, int(size * AIM / took))
            elif took < AIM / 2 and removed == size:
                self._sizes[collection.name] = min(MOST_AT_ONCE, size * 2)
            count += removed
            await asyncio.sleep(took)
            if removed < size:
                return count
