"""What becomes of a delivery from RabbitMQ once its handler is through, or was not begun."""

import asyncio
from contextlib import suppress

import structlog
from aiormq.abc import AbstractChannel, DeliveredMessage
from pamqp.commands import Basic
from pamqp.common import FieldTable

from shared.bus.amqp_connection import as_unavailable
from shared.bus.amqp_outgoing import Outgoing
from shared.bus.amqp_publisher import AmqpPublisher
from shared.bus.amqp_topology import DEFAULT_EXCHANGE, PAUSING, pause_name
from shared.bus.delivery import error_text, pause_after
from shared.bus.port import BusUnavailableError
from shared.bus.topology import DEAD_LETTERS, Queue

log = structlog.get_logger()

_PERSISTENT = 2
_DELIVERY_HEADER = "delivery"
"""Which delivery of the message this is; absent from the first."""


class Settlement:
    """Settles the deliveries of one queue. Where the connection is lost, the broker delivers them again by itself."""

    def __init__(self, publisher: AmqpPublisher, queue: Queue) -> None:
        self._publisher = publisher
        self._queue = queue
        self._ending = asyncio.Event()
        self._outgoing: Outgoing | None = None
        """Over the channel that deliveries come by now."""

    def deliveries_come_by(self, channel: AbstractChannel) -> None:
        """A new channel has taken the place of the one before, whose deliveries come again."""
        self._outgoing = Outgoing(channel)

    def end(self) -> None:
        """Hold no delivery any more, whatever blocks the broker."""
        self._ending.set()

    def acknowledge(self, delivery: DeliveredMessage) -> None:
        """The handler returned."""
        if self._outgoing is not None and self._outgoing.channel is delivery.channel:
            self._outgoing.acknowledge(delivery.delivery_tag or 0)

    async def give_back(self, delivery: DeliveredMessage) -> None:
        """No handler has begun: any consumer may have it, at once."""
        with suppress(BusUnavailableError), as_unavailable("not given back"):
            await delivery.channel.basic_nack(delivery.delivery_tag or 0, requeue=True, wait=False)

    async def fail(self, delivery: DeliveredMessage, error: Exception) -> None:
        """The handler raised: deliver again after a pause, or bury."""
        number = _number(delivery)
        if number >= self._queue.deliveries:
            await self.bury(delivery, error)
            return
        pause = pause_after(number)
        log.warning("bus.handler_failed", **self._fields(delivery), error=error_text(error), pause=pause)
        headers: FieldTable = {"pause": pause_name(pause), _DELIVERY_HEADER: number + 1}
        await self._replace(delivery, exchange=PAUSING, key=self._queue.name, headers=headers)

    async def bury(self, delivery: DeliveredMessage, error: Exception) -> None:
        """To deliver it again would change nothing."""
        text = error_text(error)
        log.error("bus.message_dead_lettered", **self._fields(delivery), error=text, exc_info=error)
        headers: FieldTable = {"error": text, "queue": self._queue.name}
        await self._replace(delivery, exchange=DEFAULT_EXCHANGE, key=DEAD_LETTERS, headers=headers)

    async def _replace(self, delivery: DeliveredMessage, *, exchange: str, key: str, headers: FieldTable) -> None:
        """Acknowledge a delivery as soon as the broker has the message in its other place.

        A broker that an alarm blocks cannot have it: the delivery is held meanwhile. Were it given back, it would come
        again at once, and again, until the broker buries it.
        """
        await self._until_publishable()
        properties = message_properties(delivery.header.properties.message_type, headers)
        try:
            await self._publisher.publish_surely(delivery.body, exchange=exchange, key=key, properties=properties)
        except BusUnavailableError as error:
            log.warning("bus.message_given_back", **self._fields(delivery), error=str(error))
            await self.give_back(delivery)
        else:
            self.acknowledge(delivery)

    async def _until_publishable(self) -> None:
        waiting = [asyncio.ensure_future(event) for event in (self._publisher.unblocked(), self._ending.wait())]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for one in waiting:
            one.cancel()

    def _fields(self, delivery: DeliveredMessage) -> dict[str, str | int | None]:
        kind = delivery.header.properties.message_type
        return {"queue": self._queue.name, "kind": kind, "delivery": _number(delivery)}


def message_properties(kind: str | None, headers: FieldTable | None = None) -> Basic.Properties:
    """How a message travels: its kind as the type, JSON, kept on disk."""
    return Basic.Properties(
        content_type="application/json", delivery_mode=_PERSISTENT, message_type=kind, headers=headers
    )


def _number(delivery: DeliveredMessage) -> int:
    number = (delivery.header.properties.headers or {}).get(_DELIVERY_HEADER)
    return number if isinstance(number, int) else 1
