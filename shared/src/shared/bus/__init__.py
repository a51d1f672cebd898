"""The bus: commands and events between services."""

from urllib.parse import urlsplit

from shared.bus.memory import MemoryBus
from shared.bus.metered import MeteredBus
from shared.bus.port import Bus, BusError, BusUnavailableError, Handler, Subscription
from shared.bus.topology import Queue

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
