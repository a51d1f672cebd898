"""Which executors are there, and for which pools: each says so for as long as it takes steps."""

from collections.abc import Sequence
from datetime import timedelta

from shared.clock import Clock
from shared.collections import EXECUTORS
from shared.contracts.model import Model
from shared.contracts.values import Instant, instant_text
from shared.store.port import Changes, DocumentStore, Range, pages

NOTED_EVERY = 10.0
"""Seconds between two notes of an executor that it is there."""
ALIVE_FOR = timedelta(seconds=3 * NOTED_EVERY)
"""How long a note counts: an executor that has left none for so long is taken to have ended."""


class ExecutorNote(Model):
    """What an executor says of itself."""

    id: str
    """The instance."""
    pools: list[str]
    """Those that it takes steps of."""
    concurrency: int
    """How many attempts it carries out at the same time, at most."""
    under_way: int
    """How many it carried out when it said so."""
    seen_at: Instant
    """When it said so."""


class ExecutorPresence:
    """What an executor leaves in the store for as long as it takes steps."""

    def __init__(
        self, store: DocumentStore, instance: str, clock: Clock, *, pools: Sequence[str], concurrency: int
    ) -> None:
        self._store, self._instance, self._clock = store, instance, clock
        self._offer = {"pools": list(pools), "concurrency": concurrency}

    async def note(self, under_way: int) -> None:
        """Say that it is there; the first time forget those that have ended without a word."""
        now = self._clock()
        said = {"under_way": under_way, "seen_at": instant_text(now)}
        if not await self._store.change(EXECUTORS, {"id": self._instance}, Changes(set=said)):
            await self._store.delete(EXECUTORS, {"seen_at": Range(below=instant_text(now - ALIVE_FOR))})
            await self._store.insert(EXECUTORS, {"id": self._instance, **self._offer, **said})

    async def end(self) -> None:
        """Take the note back: it takes no more steps."""
        await self._store.delete(EXECUTORS, {"id": self._instance})


async def executors_alive(store: DocumentStore, clock: Clock) -> list[ExecutorNote]:
    """The executors that are there now."""
    where = {"seen_at": Range(at_least=instant_text(clock() - ALIVE_FOR))}
    return [ExecutorNote.model_validate(one) async for page in pages(store, EXECUTORS, where) for one in page]
