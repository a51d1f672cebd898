"""Pools that nobody serves: runs that wait for an executor of one say so."""

from collections.abc import Collection
from datetime import datetime, timedelta

from shared.clock import Clock
from shared.pools import executors_alive
from shared.store.port import DocumentStore

READ_EVERY = timedelta(seconds=5)
MOST_WAITING = 1_000
"""Runs of one pool that are remembered, so that they hear at once that an executor is there; others hear later."""


class Pools:
    """Which pools have an executor that is there."""

    def __init__(self, store: DocumentStore, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._served: frozenset[str] | None = None
        """None until they were read once: nothing is said of them before."""
        self._read_at: datetime | None = None
        self._waiting: dict[str, set[str]] = {}

    async def read(self) -> set[str]:
        """Look again, if the last look is some time ago; the runs that waited for an executor that is there now."""
        now = self._clock()
        if self._read_at is not None and now - self._read_at < READ_EVERY:
            return set()
        alive = await executors_alive(self._store, self._clock)
        self._served, self._read_at = frozenset(pool for executor in alive for pool in executor.pools), now
        return set().union(*(self._waiting.pop(pool) for pool in self._waiting.keys() & self._served))

    def without_executor(self, pools: Collection[str]) -> str | None:
        """The first of these pools that nobody serves, as far as is known."""
        return None if self._served is None else next((pool for pool in pools if pool not in self._served), None)

    def waits(self, run_id: str, pool: str) -> None:
        """The run waits for an executor of this pool."""
        waiting = self._waiting.setdefault(pool, set())
        if len(waiting) < MOST_WAITING:
            waiting.add(run_id)
