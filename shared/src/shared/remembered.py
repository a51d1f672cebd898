"""What the store said a moment ago, known without asking it again; and longer, while it does not answer."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from shared.store.port import StoreUnavailableError

T = TypeVar("T")

PATIENCE = 1.0
"""Seconds that the store is given to say again what is remembered: the call itself has to be answered within five."""
MOST_REMEMBERED = 1_000


class Remembered(Generic[T]):
    """Things that the store knows, by a key of theirs. That there is none is not remembered."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, T]] = {}

    async def get(self, key: str, within: float, ask: Callable[[], Awaitable[T | None]]) -> T | None:
        """What the store said within so many seconds; asked now, where that is longer ago."""
        now = time.monotonic()
        since, known = self._known.get(key, (0.0, None))
        if known is not None and now - since < within:
            return known
        try:
            async with asyncio.timeout(None if known is None else PATIENCE):
                found = await ask()
        except (StoreUnavailableError, TimeoutError):
            if known is None:
                raise
            # What needs no store, such as metrics, is wanted most while the store is away; and what does need it
            # is to say so soon.
            self._known[key] = (time.monotonic(), known)
            return known
        if found is None:
            self.forget(key)
            return None
        self.put(key, found, now)
        return found

    def put(self, key: str, found: T, since: float | None = None) -> None:
        """Remember what is known to be so, since now or since an instant of the monotonic clock."""
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[key] = (time.monotonic() if since is None else since, found)

    def forget(self, key: str) -> None:
        """Ask again next time."""
        self._known.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        self._known.clear()
