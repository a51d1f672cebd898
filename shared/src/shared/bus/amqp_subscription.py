"""A consumer of one queue of RabbitMQ, which begins again whenever its channel or its queue is lost.

What becomes of a delivery once its handler is through, or was not begun, is settled here, too.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress

import structlog
from aio_pika.abc import AbstractChannel
from aiormq.abc import AbstractChannel as DriverChannel
from aiormq.abc import DeliveredMessage
from pamqp.commands import Basic
from pamqp.common import FieldTable

from shared.bus.amqp_connection import (
    DEFAULT_EXCHANGE,
    PAUSING,
    AmqpConnection,
    as_unavailable,
    declare_queue,
    declare_topology,
    pause_before,
    pause_name,
)
from shared.bus.amqp_outgoing import Acknowledgements
from shared.bus.amqp_publisher import AmqpPublisher
from shared.bus.delivery import Decoder, Handlings, UndecodableError, error_of, error_text, pause_after
from shared.bus.port import BusUnavailableError, Handler
from shared.bus.topology import DEAD_LETTERS, Queue

log = structlog.get_logger()


_CANCEL_SECONDS = 2
"""How long each answer of the broker is waited for at the end: a silent one must not hold up who stops."""
_DELIVERY_HEADER = "delivery"
"""Which delivery of the message this is; absent from the first."""


class Settlement:
    """Settles the deliveries of one queue. Where the connection is lost, the broker delivers them again by itself."""

    def __init__(self, publisher: AmqpPublisher, queue: Queue) -> None:
        self._publisher = publisher
        self._queue = queue
        self._ending = asyncio.Event()
        self._acknowledgements: Acknowledgements | None = None
        """Over the channel that deliveries come by now."""

    def deliveries_come_by(self, channel: DriverChannel, prefetch: int) -> None:
        """A new channel has taken the place of the one before, whose deliveries come again."""
        self._acknowledgements = Acknowledgements(channel, prefetch)

    def end(self) -> None:
        """Hold no delivery any more, whatever blocks the broker."""
        self._ending.set()

    def flush(self) -> None:
        """Tell the broker of all that was handled: nothing more is."""
        if self._acknowledgements is not None:
            self._acknowledgements.tell()

    def expect(self, delivery: DeliveredMessage) -> None:
        """A delivery came that is to be settled."""
        if (acknowledgements := self._of(delivery)) is not None:
            acknowledgements.expect(delivery.delivery_tag or 0)

    def acknowledge(self, delivery: DeliveredMessage) -> None:
        """The handler returned."""
        if (acknowledgements := self._of(delivery)) is not None:
            acknowledgements.add(delivery.delivery_tag or 0)

    def _of(self, delivery: DeliveredMessage) -> Acknowledgements | None:
        """Where the delivery is acknowledged; one that came by an earlier channel comes again."""
        current = self._acknowledgements
        return current if current is not None and current.is_for(delivery.channel) else None

    async def give_back(self, delivery: DeliveredMessage) -> None:
        """No handler has begun: any consumer may have it, at once."""
        with suppress(BusUnavailableError), as_unavailable("not given back"):
            await delivery.channel.basic_nack(delivery.delivery_tag or 0, requeue=True, wait=False)
        # Not before it is on its way: until then no acknowledgement may answer for it together with later ones.
        if (acknowledgements := self._of(delivery)) is not None:
            acknowledgements.forget(delivery.delivery_tag or 0)

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
        kind = delivery.header.properties.message_type
        try:
            await self._publisher.publish_surely(delivery.body, exchange=exchange, key=key, kind=kind, headers=headers)
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


def _number(delivery: DeliveredMessage) -> int:
    number = (delivery.header.properties.headers or {}).get(_DELIVERY_HEADER)
    return number if isinstance(number, int) else 1


class AmqpSubscription:
    """Wants deliveries or does not; one task of its own makes it so, on whatever channel there is."""

    def __init__(
        self,
        connection: AmqpConnection,
        settlement: Settlement,
        queue: Queue,
        handler: Handler,
        *,
        prefetch: int,
        when_over: Callable[["AmqpSubscription"], None],
    ) -> None:
        self._connection = connection
        self._queue = queue
        self._handler = handler
        self._prefetch = prefetch
        self._when_over = when_over
        self._decoder = Decoder(queue)
        self._settlement = settlement
        self._handlings = Handlings(prefetch, self._begin_waiting)
        self._waiting: deque[DeliveredMessage] = deque()
        self._is_wanted = True
        self._channel: AbstractChannel | None = None
        self._is_declared = False
        self._consumer_tag: str | None = None
        self._consumers_begun = 0
        self._attempts = 0
        self._changed = asyncio.Event()
        self._settled = asyncio.Event()
        self._keeping = asyncio.create_task(self._keep_consuming())

    async def begun(self) -> None:
        """Wait until deliveries begin, or cannot for now."""
        await self._settled.wait()

    def declare_anew(self) -> None:
        """See to it that the queue and its bindings are there; where there is no channel, the next one does."""
        self._is_declared = False
        self._changed.set()

    async def pause(self) -> None:
        """Stop deliveries, and give back those that no handler has begun."""
        await self._want(deliveries=False)

    async def resume(self) -> None:
        """Go on with deliveries."""
        await self._want(deliveries=True)

    async def cancel(self) -> None:
        """Stop for good and wait for the handlers under way. An instance queue ends with its subscription."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_CANCEL_SECONDS):
                await self.pause()
        self._settlement.end()
        await self._handlings.all_ended()
        self._settlement.flush()
        if self._channel is not None and not self._queue.durable:
            with suppress(BusUnavailableError), as_unavailable("not deleted"):
                await self._channel.queue_delete(self._queue.name, if_unused=True, timeout=_CANCEL_SECONDS)
        self._keeping.cancel()
        await asyncio.wait([self._keeping], timeout=_CANCEL_SECONDS)
        self._when_over(self)

    async def _want(self, *, deliveries: bool) -> None:
        self._is_wanted = deliveries
        if self._channel is not None:  # the next one begins as is wanted then
            self._settled.clear()
            self._changed.set()
            await self._settled.wait()

    async def _keep_consuming(self) -> None:
        while True:
            if not self._connection.is_connected:
                self._settled.set()
            connection = await self._connection.established()
            try:
                with as_unavailable(f"{self._queue.name} cannot be consumed"):
                    await self._consume_until_lost(await connection.channel(publisher_confirms=False))
            except Exception as error:  # noqa: BLE001 - whatever it was, the next attempt may do
                log.warning("bus.consumer_failed", queue=self._queue.name, error=str(error))
            finally:
                self._settled.set()
            await asyncio.sleep(pause_before(self._attempts))
            self._attempts += 1

    async def _consume_until_lost(self, channel: AbstractChannel) -> None:
        driver = await channel.get_underlay_channel()
        driver.on_consumer_cancel_callbacks.add(self._on_queue_lost)
        driver.closing.add_done_callback(lambda _: self._changed.set())
        self._settlement.deliveries_come_by(driver, self._prefetch)
        self._channel, self._consumer_tag, self._is_declared = channel, None, False
        try:
            await channel.set_qos(self._prefetch)
            while not driver.is_closed:
                self._changed.clear()
                await self._reconcile(channel, driver)
                self._attempts = 0
                if not self._changed.is_set():
                    self._settled.set()
                await self._changed.wait()
        finally:
            self._channel = None
            self._waiting.clear()  # the broker has them again
            with suppress(BusUnavailableError), as_unavailable("not closed"):
                await channel.close()

    async def _reconcile(self, channel: AbstractChannel, driver: DriverChannel) -> None:
        """Make what is on this channel what is wanted."""
        if not self._is_declared:
            self._is_declared = True
            await declare_topology(channel)
            await declare_queue(channel, self._queue)
        if self._is_wanted and self._consumer_tag is None:
            self._consumers_begun += 1
            self._consumer_tag = str(self._consumers_begun)
            await driver.basic_consume(self._queue.name, self._arrived, consumer_tag=self._consumer_tag)
        elif not self._is_wanted and self._consumer_tag is not None:
            tag, self._consumer_tag = self._consumer_tag, None
            await driver.basic_cancel(tag)
            await self._give_back_waiting()
        self._begin_waiting()

    async def _arrived(self, delivery: DeliveredMessage) -> None:
        self._settlement.expect(delivery)
        self._waiting.append(delivery)
        self._begin_waiting()

    def _on_queue_lost(self, _: Basic.Cancel) -> None:
        log.warning("bus.queue_lost", queue=self._queue.name)
        self._is_declared, self._consumer_tag = False, None
        self._changed.set()

    def _begin_waiting(self) -> None:
        """Rarely does one wait: where a pause ended before all handlers from before it had."""
        while self._waiting and self._is_wanted and self._handlings.has_room:
            self._handlings.begin(self._handle(self._waiting.popleft()))

    async def _give_back_waiting(self) -> None:
        while self._waiting:
            await self._settlement.give_back(self._waiting.popleft())

    async def _handle(self, delivery: DeliveredMessage) -> None:
        try:
            message = self._decoder.decode(delivery.header.properties.message_type, delivery.body)
        except UndecodableError as error:
            await self._settlement.bury(delivery, error)
            return
        failure = await error_of(self._handler, message)
        if failure is not None:
            await self._settlement.fail(delivery, failure)
        else:
            self._settlement.acknowledge(delivery)
