"""Watching runs: whoever streams a run's events is woken when something about it changed."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

LOOK_EVERY = 2.0
"""Seconds after which a viewer looks by itself, in case a message was lost."""


class Watch:
    """One viewer's wait for news."""

    def __init__(self) -> None:
        self._news = asyncio.Event()

    def wake(self) -> None:
        """There is news."""
        self._news.set()

    def look(self) -> None:
        """What came until now is about to be looked at."""
        self._news.clear()

    async def wait(self, seconds: float = LOOK_EVERY) -> None:
        """Return when there is news since the last look, or after a while without."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return


class Watches:
    """All viewers of this process, by the run they watch."""

    def __init__(self) -> None:
        self._watches: dict[str, set[Watch]] = {}
        self.is_closed = False

    @contextmanager
    def of(self, run_id: str) -> Iterator[Watch]:
        """A watch of one run, for as long as the block lasts."""
        watch = Watch()
        self._watches.setdefault(run_id, set()).add(watch)
        try:
            yield watch
        finally:
            self._watches[run_id].discard(watch)
            if not self._watches[run_id]:
                del self._watches[run_id]

    def wake(self, run_ids: Iterable[str]) -> None:
        """Something about these runs changed."""
        for run_id in run_ids:
            for watch in self._watches.get(run_id, ()):
                watch.wake()

    def close(self) -> None:
        """The process is about to end: whoever watches goes home."""
        self.is_closed = True
        self.wake(list(self._watches))
