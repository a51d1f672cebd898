"""Which adapter an address means."""

from urllib.parse import urlsplit

from shared.bus.memory import MemoryBus
from shared.bus.port import Bus


def message_bus(url: str) -> Bus:
    """The bus at ``memory:``, ``amqp://…`` or ``amqps://…``, not opened yet; ``ValueError`` for another address."""
    if url == "memory:":
        return MemoryBus()
    parts = urlsplit(url)
    if parts.scheme in ("amqp", "amqps") and parts.hostname:
        # Imported only where it is used: the embedded form starts faster and smaller without the driver.
        from shared.bus.amqp import AmqpBus

        return AmqpBus(url)
    raise ValueError("a bus is memory: or amqp://USER:PASSWORD@HOST:PORT/VHOST (amqps:// with TLS)")
