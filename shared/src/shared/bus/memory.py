"""The bus within one process: the embedded form."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from shared.bus.delivery import (
    DEAD_LETTERS_KEPT,
    Decoder,
    Handlings,
    UndecodableError,
    error_of,
    error_text,
    pause_after,
)
from shared.bus.port import BusUnavailableError, Handler
from shared.bus.topology import Queue, route_of
from shared.contracts.model import Message

log = structlog.get_logger()


@dataclass(frozen=True)
class DeadLetter:
    """A message that could not be handled."""

    message: Message
    queue: str
    """The name of the queue it came from."""
    error: str


@dataclass(slots=True)
class QueuedMessage:
    """A message on its way to a handler."""

    message: Message
    number: int = 1
    """Which delivery of this message it is."""


class MemoryQueue:
    """Messages that wait, and the subscriptions that take them in turn."""

    def __init__(
        self, declared: Queue, *, bury: Callable[[DeadLetter], None], when_over: Callable[["MemoryQueue"], None]
    ) -> None:
        self.declared = declared
        self._bury_letter = bury
        self._when_over = when_over
        self._decoder = Decoder(declared)
        self._waiting: deque[QueuedMessage] = deque()
        self._subscriptions: deque[MemorySubscription] = deque()

    def is_bound_for(self, exchange: str, key: str) -> bool:
        """Whether messages of this exchange with this routing key arrive here."""
        return any(bound == exchange and matches(pattern, key) for bound, pattern in self.declared.bindings)

    def put(self, message: Message) -> None:
        """Take a message in."""
        delivery = QueuedMessage(message)
        try:
            self._decoder.check(message)
        except UndecodableError as error:
            self._bury(delivery, error)
        else:
            self._put(delivery)

    def put_back(self, delivery: QueuedMessage, error: Exception) -> None:
        """Take back a message whose handler raised, to deliver it again after a pause, or bury it."""
        if delivery.number >= self.declared.deliveries:
            self._bury(delivery, error)
            return
        pause = pause_after(delivery.number)
        log.warning("bus.handler_failed", **self._fields(delivery), error=error_text(error), pause=pause)
        again = QueuedMessage(delivery.message, delivery.number + 1)
        asyncio.get_running_loop().call_later(pause, self._put, again)

    def deliver(self) -> None:
        """Hand what waits to subscriptions that are free."""
        while self._waiting and (subscription := self._next_free()):
            subscription.begin(self._waiting.popleft())

    def subscribe(self, handler: Handler, prefetch: int) -> "MemorySubscription":
        """Let a handler take its share."""
        subscription = MemorySubscription(self, handler, prefetch)
        self._subscriptions.append(subscription)
        self.deliver()
        return subscription

    def leave(self, subscription: "MemorySubscription") -> None:
        """Deliver nothing more to a subscription. An instance queue ends with its last one."""
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)
        if not self._subscriptions and not self.declared.durable:
            self._when_over(self)

    async def close(self) -> None:
        """Cancel all subscriptions."""
        await asyncio.gather(*(subscription.cancel() for subscription in list(self._subscriptions)))

    def _put(self, delivery: QueuedMessage) -> None:
        self._waiting.append(delivery)
        self.deliver()

    def _next_free(self) -> "MemorySubscription | None":
        for _ in range(len(self._subscriptions)):
            subscription = self._subscriptions[0]
            self._subscriptions.rotate(-1)
            if subscription.is_free:
                return subscription
        return None

    def _bury(self, delivery: QueuedMessage, error: Exception) -> None:
        text = error_text(error)
        self._bury_letter(DeadLetter(delivery.message, self.declared.name, text))
        log.error("bus.message_dead_lettered", **self._fields(delivery), error=text, exc_info=error)

    def _fields(self, delivery: QueuedMessage) -> dict[str, str | int]:
        return {"queue": self.declared.name, "kind": delivery.message.kind, "delivery": delivery.number}


class MemorySubscription:
    """A consumer of one queue."""

    def __init__(self, queue: MemoryQueue, handler: Handler, prefetch: int) -> None:
        self._queue = queue
        self._handler = handler
        self._handlings = Handlings(prefetch, queue.deliver)
        self._is_paused = False

    @property
    def is_free(self) -> bool:
        """Whether it takes another delivery now."""
        return not self._is_paused and self._handlings.has_room

    def begin(self, delivery: QueuedMessage) -> None:
        """Begin the handler."""
        self._handlings.begin(self._handle(delivery))

    async def pause(self) -> None:
        """Stop deliveries; what no handler has begun is in the queue still."""
        self._is_paused = True

    async def resume(self) -> None:
        """Go on with deliveries."""
        self._is_paused = False
        self._queue.deliver()

    async def cancel(self) -> None:
        """Stop for good and wait for the handlers under way."""
        self._queue.leave(self)
        await self._handlings.all_ended()

    async def _handle(self, delivery: QueuedMessage) -> None:
        failure = await error_of(self._handler, delivery.message)
        if failure is not None:
            self._queue.put_back(delivery, failure)


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


def matches(pattern: str, key: str) -> bool:
    """Whether a routing key fits a binding's pattern: words between dots, ``*`` for any one, ``#`` for any number."""
    return _words_match(pattern.split("."), key.split("."))


def _words_match(pattern: list[str], words: list[str]) -> bool:
    if not pattern:
        return not words
    first, *rest = pattern
    if first == "#":
        return any(_words_match(rest, words[taken:]) for taken in range(len(words) + 1))
    return bool(words) and first in ("*", words[0]) and _words_match(rest, words[1:])
