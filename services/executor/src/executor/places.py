"""Places: how many attempts an executor carries out at once, and that none stays free while steps wait."""

import asyncio

from shared.bus.port import Subscription


class Places:
    """Counts the places taken, and pauses the subscriptions to steps exactly while all are.

    Whoever takes or frees a place calls ``adjust`` afterwards, whatever came of it. What subscriptions are told
    follows the count until both agree, so that no order of events leaves a free place unused.
    """

    def __init__(self, most: int) -> None:
        self.subscriptions: list[Subscription] = []
        self._most = most
        self._taken = 0
        self._closed = False
        self._paused = False
        self._adjusting = asyncio.Lock()

    def take(self) -> bool:
        """Take a place, if one is free."""
        if self._is_full:
            return False
        self._taken += 1
        return True

    def free(self) -> None:
        """Give a place back."""
        self._taken -= 1

    def close(self) -> None:
        """No place is free any more; the subscriptions are for the one who closes to end."""
        self._closed = self._paused = True

    async def adjust(self) -> None:
        """Let steps come while a place is free, and leave them to others while none is."""
        async with self._adjusting:
            while self._paused != self._is_full:
                self._paused = self._is_full
                for subscription in self.subscriptions:
                    await (subscription.pause() if self._paused else subscription.resume())

    @property
    def _is_full(self) -> bool:
        return self._closed or self._taken >= self._most
