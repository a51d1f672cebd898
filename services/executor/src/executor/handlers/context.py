"""What an executor works with, its slots among it: how many attempts it runs at once."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from executor.handlers.leases import Attempts, Leases
from executor.handlers.provider_resolution import Resolver
from executor.ports import Hosts
from shared.bus.port import Bus, Subscription
from shared.clock import Clock
from shared.runs.repository import ProgressPublisher
from shared.store.port import DocumentStore


class Slots:
    """Counts the slots taken, and pauses the subscriptions to steps exactly while all are.

    Whoever takes or frees a slot calls ``adjust`` afterwards, whatever came of it. What subscriptions are told
    follows the count until both agree, so that no order of events leaves a free slot unused.
    """

    def __init__(self, most: int) -> None:
        self.subscriptions: list[Subscription] = []
        self._most = most
        self._taken = 0
        self._waiting: deque[asyncio.Future[bool]] = deque()
        self._closed = False
        self._paused = False
        self._adjusting = asyncio.Lock()

    async def take(self, *, within: float) -> bool:
        """Take a slot, if one is free or becomes free within so many seconds; first come, first served."""
        if not self._is_full:
            self._taken += 1
            return True
        if self._closed:
            return False
        given = asyncio.get_running_loop().create_future()
        self._waiting.append(given)
        try:
            await asyncio.wait([given], timeout=within)
        except asyncio.CancelledError:
            if given.done() and given.result():
                self.free()
            raise
        finally:
            if not given.done():
                self._waiting.remove(given)
        return given.done() and given.result()

    def free(self) -> None:
        """Give a slot back, to the one who has waited longest if there is one."""
        if self._waiting:
            self._waiting.popleft().set_result(True)
        else:
            self._taken -= 1

    def close(self) -> None:
        """No slot is free any more; the subscriptions are for the one who closes to end."""
        self._closed = self._paused = True
        while self._waiting:
            self._waiting.popleft().set_result(False)

    async def adjust(self) -> None:
        """Let steps come while a slot is free, and leave them to others while none is."""
        if self._paused == self._is_full and not self._adjusting.locked():
            return
        async with self._adjusting:
            while self._paused != self._is_full:
                self._paused = self._is_full
                for subscription in self.subscriptions:
                    await (subscription.pause() if self._paused else subscription.resume())

    @property
    def _is_full(self) -> bool:
        return self._closed or self._taken >= self._most


@dataclass
class ExecutorContext:
    """What attempts are carried out with."""

    store: DocumentStore
    bus: Bus
    clock: Clock
    attempts: Attempts
    leases: Leases
    slots: Slots
    resolver: Resolver
    hosts: Hosts
    progress_publisher: ProgressPublisher
    claiming: set[str] = field(default_factory=set)
    """Attempts whose claim is under way."""
    abandoned: set[str] = field(default_factory=set)
    """Attempts that a mistake of ours ended here, while the store has them as this executor's until their lease is
    over: called for once more, they must not begin again."""
