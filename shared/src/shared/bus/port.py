"""The Bus port: what every adapter promises, in full."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

import structlog

from shared.bus.topology import Queue
from shared.contracts.model import Message

MessageT = TypeVar("MessageT", bound=Message)
Handler = Callable[[Message], Awaitable[None]]

log = structlog.get_logger()


class BusError(Exception):
    """Something the bus could not do."""


class BusUnavailableError(BusError):
    """The broker is away or did not confirm in time. Whoever publishes goes on: the store has the truth."""


class Subscription(Protocol):
    """A consumer of one queue."""

    async def pause(self) -> None:
        """Stop deliveries, and give back those that no handler has begun, for other consumers to take."""

    async def resume(self) -> None:
        """Go on with deliveries; nothing where they were not paused."""

    async def cancel(self) -> None:
        """Stop for good: no new delivery begins, those under way are waited for."""


class Bus(Protocol):
    """Commands and events between services."""

    keeps_messages: bool
    """Whether messages that were not acknowledged outlive the processes that use the bus."""

    async def open(self) -> None:
        """Start connecting, and keep connected from now on.

        Returns once the topology is declared; ``BusUnavailableError`` after ten seconds, but then it goes on
        trying in the background, and subscriptions made meanwhile begin when the broker is there.
        """

    async def close(self) -> None:
        """Wait for the handlers under way, then let go of every resource."""

    async def ping(self) -> None:
        """Return if a publication made now would be confirmed; ``BusUnavailableError`` says why it would not."""

    async def publish(self, message: Message) -> None:
        """Hand a message to the broker, routed as the topology says, and return once it is confirmed.

        ``BusUnavailableError`` at once where there is no connection or the broker takes nothing for now, as its
        memory or disk runs low, and after five seconds without a confirm.
        A message that no queue is bound for is dropped, as an event may have no one who asks. ``LookupError`` for
        a class of messages that the topology has no route for.
        """

    async def subscribe(self, queue: Queue, handler: Handler, *, prefetch: int = 64) -> Subscription:
        """Call ``handler`` with every message of the queue, up to ``prefetch`` at the same time.

        A message is acknowledged when its handler returns. Where the handler raises, it is delivered again after
        a growing pause, at most ``Queue.deliveries`` times in all; then, or where it cannot be decoded, it
        goes to the dead-letter queue with its error. Handlers see a message at least once, in any order.
        Where the broker is there, the queue is bound when this returns. Subscriptions outlive the broker and their
        queue: they begin again when it is back. Handlers under way go on when the connection is lost; their
        messages come again.
        """


async def publish_or_leave(bus: Bus, *messages: Message) -> None:
    """Send messages that speed up what is stored already: where the bus is away, the sweep finds the same there."""
    try:
        if len(messages) == 1:  # nearly always, and a task more would cost more than the rest
            await bus.publish(messages[0])
            return
        outcomes = await asyncio.gather(*(bus.publish(message) for message in messages), return_exceptions=True)
        for failure in sorted(filter(None, outcomes), key=lambda failure: isinstance(failure, BusUnavailableError)):
            raise failure  # an error of ours before the broker's absence
    except BusUnavailableError as error:
        kinds = sorted({message.kind for message in messages})
        log.warning("bus.message_left_to_sweep", kinds=kinds, messages=len(messages), error=str(error))
