"""The bus: commands and events between services, and how many of them there were."""

from urllib.parse import urlsplit

from shared.bus.memory import MemoryBus
from shared.bus.port import Bus, BusError, BusUnavailableError, Handler, Subscription
from shared.bus.topology import Queue
from shared.contracts.model import Message
from shared.metrics import PlainCounter

__all__ = [
    "Bus",
    "BusError",
    "BusUnavailableError",
    "Handler",
    "MeteredBus",
    "Queue",
    "Subscription",
    "message_bus",
]

PUBLISHED = PlainCounter("opsimate_bus_messages", "Messages published and confirmed.", ["kind"])
FAILED = PlainCounter(
    "opsimate_bus_failed_deliveries",
    "Deliveries whose handler raised; the message comes again or ends as a dead letter.",
    ["kind"],
)


def message_bus(url: str) -> Bus:
    """The bus at ``memory:``, ``amqp://…`` or ``amqps://…``, not opened yet; ``ValueError`` for another address."""
    if url == "memory:":
        return MemoryBus()
    if _is_amqp(url):
        # Imported only where it is used: the embedded form starts faster and smaller without the driver.
        from shared.bus.amqp import AmqpBus

        return AmqpBus(url)
    raise ValueError("a bus is memory: or amqp://USER:PASSWORD@HOST:PORT/VHOST (amqps:// with TLS)")


def _is_amqp(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("amqp", "amqps") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is none, or half an IPv6 address
        return False


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
