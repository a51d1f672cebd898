"""What a bus carries, as figures for Prometheus."""

from shared.bus.port import Bus, Handler, Subscription
from shared.bus.topology import Queue
from shared.contracts.message import Message
from shared.metrics import PlainCounter

PUBLISHED = PlainCounter("opsimate_bus_messages", "Messages published and confirmed.", ["kind"])
FAILED = PlainCounter(
    "opsimate_bus_failed_deliveries",
    "Deliveries whose handler raised; the message comes again or ends as a dead letter.",
    ["kind"],
)


class MeteredBus:
    """Counts what is published on the bus it wraps, and the deliveries that its handlers fail on."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.keeps_messages = bus.keeps_messages

    async def open(self) -> None:
        """Open the bus."""
        await self._bus.open()

    async def close(self) -> None:
        """Close the bus."""
        await self._bus.close()

    async def ping(self) -> None:
        """Ask the bus, which counts as no message."""
        await self._bus.ping()

    async def publish(self, message: Message) -> None:
        """Publish, and count what was confirmed."""
        await self._bus.publish(message)
        PUBLISHED.inc(message.kind)

    async def subscribe(self, queue: Queue, handler: Handler, *, prefetch: int = 64) -> Subscription:
        """Subscribe a handler whose failures count."""

        async def counted(message: Message) -> None:
            try:
                await handler(message)
            except Exception:
                FAILED.inc(message.kind)
                raise

        return await self._bus.subscribe(queue, counted, prefetch=prefetch)
