"""The bus on RabbitMQ: the distributed form."""

import asyncio

from shared.bus.amqp_connection import AmqpConnection
from shared.bus.amqp_settlement import message_properties
from shared.bus.amqp_subscription import AmqpSubscription
from shared.bus.port import Handler
from shared.bus.topology import Queue, route_of
from shared.contracts.message import Message

_OPEN_SECONDS = 10


class AmqpBus:
    """Keeps the promises of the Bus port with quorum queues and publisher confirms."""

    keeps_messages = True

    def __init__(self, url: str) -> None:
        self._connection = AmqpConnection(url)
        self._subscriptions: set[AmqpSubscription] = set()

    async def open(self) -> None:
        """Keep connected from now on."""
        await self._connection.open(within=_OPEN_SECONDS)

    async def close(self) -> None:
        """Wait for the handlers under way, which may still publish, then disconnect."""
        await asyncio.gather(*(subscription.cancel() for subscription in list(self._subscriptions)))
        await self._connection.close()

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection to the broker now."""
        return self._connection.is_connected

    async def publish(self, message: Message) -> None:
        """Send a message and wait for its confirm; any number of them may be waiting at the same time."""
        route = route_of(message)
        await self._connection.publish(
            message.model_dump_json().encode(),
            exchange=route.exchange,
            key=route.key_of(message),
            properties=message_properties(message.kind),
        )

    async def subscribe(self, queue: Queue, handler: Handler, *, prefetch: int = 64) -> AmqpSubscription:
        """Consume a queue. Where the broker is there, the queue exists when this returns."""
        subscription = AmqpSubscription(
            self._connection, queue, handler, prefetch=prefetch, when_over=self._subscriptions.discard
        )
        self._subscriptions.add(subscription)
        await subscription.begun()
        return subscription
