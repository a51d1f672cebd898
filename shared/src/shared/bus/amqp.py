"""The bus on RabbitMQ: the distributed form."""

import asyncio

from shared.bus.amqp_connection import AmqpConnection
from shared.bus.amqp_publisher import AmqpPublisher, encoded_properties
from shared.bus.amqp_subscription import AmqpSubscription, Settlement
from shared.bus.port import BusUnavailableError, Handler
from shared.bus.topology import Queue, route_of
from shared.contracts.model import Message

_OPEN_SECONDS = 10


class AmqpBus:
    """Keeps the promises of the Bus port with quorum queues and publisher confirms.

    Publishing and consuming have a connection each, as the broker blocks one that publishes while it has an alarm.
    """

    keeps_messages = True

    def __init__(self, url: str) -> None:
        self._publisher = AmqpPublisher(url, when_declared=self._declare_queues)
        self._consuming = AmqpConnection(url, purpose="consuming")
        self._subscriptions: set[AmqpSubscription] = set()

    async def open(self) -> None:
        """Keep connected from now on."""
        opening = [self._publisher.open(within=_OPEN_SECONDS), self._consuming.open(within=_OPEN_SECONDS)]
        for failure in await asyncio.gather(*opening, return_exceptions=True):
            if failure is not None:
                raise failure

    async def close(self) -> None:
        """Wait for the handlers under way, which may still publish, then disconnect."""
        await asyncio.gather(*(subscription.cancel() for subscription in list(self._subscriptions)))
        await asyncio.gather(self._publisher.close(), self._consuming.close())

    async def ping(self) -> None:
        """Have the broker confirm a message for nobody, and see that there is a connection to consume from."""
        await self._publisher.probe()
        if not self._consuming.is_connected:
            raise BusUnavailableError(f"not connected to RabbitMQ at {self._consuming.broker} to consume")

    async def publish(self, message: Message) -> None:
        """Send a message and wait for its confirm; any number of them may be waiting at the same time."""
        route = route_of(message)
        await self._publisher.publish(
            message.model_dump_json().encode(),
            exchange=route.exchange,
            key=route.key_of(message),
            properties=encoded_properties(message.kind),
        )

    async def subscribe(self, queue: Queue, handler: Handler, *, prefetch: int = 64) -> AmqpSubscription:
        """Consume a queue. Where the broker is there, the queue exists when this returns."""
        subscription = AmqpSubscription(
            self._consuming,
            Settlement(self._publisher, queue),
            queue,
            handler,
            prefetch=prefetch,
            when_over=self._subscriptions.discard,
        )
        self._subscriptions.add(subscription)
        await subscription.begun()
        return subscription

    def _declare_queues(self) -> None:
        for subscription in self._subscriptions:
            subscription.declare_anew()
