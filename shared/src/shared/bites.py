"""Deleting much of what is stored, in bites so small that no other writer waits for one."""

import asyncio
import time
from dataclasses import dataclass

from shared.store.port import Collection, DocumentStore, Where

LONGEST_BITE, GOOD_BITE = 0.025, 0.008
"""Seconds: after a bite that took longer the next is half as large, after a shorter one twice."""
FIRST_SIZE, MOST_AT_ONCE = 16, 64


@dataclass
class Bites:
    """Deletes in bites, whose size follows how long they take."""

    store: DocumentStore
    size: int = FIRST_SIZE
    longest: float = 0.0

    async def delete(self, collection: Collection, where: Where) -> int:
        """Remove all that the filter holds for; how many. After each bite others get as much time as it took."""
        count = 0
        while True:
            size, began = self.size, time.perf_counter()
            removed = await self.store.delete(collection, where, limit=size)
            took = time.perf_counter() - began
            self.longest = max(self.longest, took)
            if took > LONGEST_BITE:
                self.size = max(1, size // 2)
            elif took < GOOD_BITE and removed == size:
                self.size = min(MOST_AT_ONCE, size * 2)
            count += removed
            await asyncio.sleep(took)
            if removed < size:
                return count
