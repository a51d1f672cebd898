"""The bus within one process: the embedded form."""

import asyncio
from collections import deque

from shared.bus.delivery import DEAD_LETTERS_KEPT
from shared.bus.memory_queue import DeadLetter, MemoryQueue, MemorySubscription
from shared.bus.port import BusUnavailableError, Handler
from shared.bus.topology import Queue, route_of
from shared.contracts.message import Message


class MemoryBus:
    """Keeps the promises of the Bus port for the publishers and subscribers of one process; what waits ends with it."""

    keeps_messages = False

    def __init__(self) -> None:
        self.dead_letters: deque[DeadLetter] = deque(maxlen=DEAD_LETTERS_KEPT)
        self._is_open = False
        self._queues: dict[str, MemoryQueue] = {}
        self._queues_of_key: dict[tuple[str, str], list[MemoryQueue]] = {}

    async def open(self) -> None:
        """Take publications from now on."""
        self._is_open = True

    async def close(self) -> None:
        """Wait for the handlers under way, which may still publish, then drop what waits."""
        await asyncio.gather(*(queue.close() for queue in list(self._queues.values())))
        self._is_open = False
        self._queues.clear()
        self._queues_of_key.clear()

    async def ping(self) -> None:
        """Return if the bus is open."""
        if not self._is_open:
            raise BusUnavailableError("the bus is not open")

    async def publish(self, message: Message) -> None:
        """Put a message into every queue that is bound for it."""
        await self.ping()
        route = route_of(message)
        for queue in self._queues_for(route.exchange, route.key_of(message)):
            queue.put(message)

    async def subscribe(self, queue: Queue, handler: Handler, *, prefetch: int = 64) -> MemorySubscription:
        """Call the handler with every message of the queue."""
        if queue.name not in self._queues:
            self._queues[queue.name] = MemoryQueue(queue, bury=self.dead_letters.append, when_over=self._forget)
            self._queues_of_key.clear()
        return self._queues[queue.name].subscribe(handler, prefetch)

    def _queues_for(self, exchange: str, key: str) -> list[MemoryQueue]:
        """Remembered by key: there are not more of them than pools and instances."""
        queues = self._queues_of_key.get((exchange, key))
        if queues is None:
            queues = [queue for queue in self._queues.values() if queue.is_bound_for(exchange, key)]
            self._queues_of_key[exchange, key] = queues
        return queues

    def _forget(self, queue: MemoryQueue) -> None:
        self._queues.pop(queue.declared.name, None)
        self._queues_of_key.clear()
