"""The bus: commands and events between services."""

from shared.bus.address import message_bus
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
