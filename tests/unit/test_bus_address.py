import subprocess
import sys

import pytest

from shared.bus import message_bus
from shared.bus.amqp import AmqpBus
from shared.bus.memory import MemoryBus


@pytest.mark.parametrize(
    ("address", "adapter"),
    [
        ("memory:", MemoryBus),
        ("amqp://broker", AmqpBus),
        ("amqp://user:p%40ss@broker:5672/vhost", AmqpBus),
        ("amqps://[::1]:5671/", AmqpBus),
    ],
)
def test_an_address_chooses_the_adapter(address: str, adapter: type) -> None:
    assert isinstance(message_bus(address), adapter)


@pytest.mark.parametrize(
    "address",
    ["", "memory", "memory://x", "rabbitmq://broker", "amqp:", "amqp://", "amqp://broker:port", "amqp://[::1"],
)
def test_another_address_is_refused_with_those_that_are_allowed(address: str) -> None:
    with pytest.raises(ValueError, match="a bus is memory: or amqp://"):
        message_bus(address)


def test_an_address_is_refused_without_saying_its_password() -> None:
    with pytest.raises(ValueError, match="a bus is") as error:
        message_bus("ampq://user:secret-word@broker")
    assert "secret-word" not in str(error.value)


def test_the_bus_in_memory_does_without_the_driver_of_the_other() -> None:
    program = (
        "import sys; from shared.bus import message_bus; message_bus('memory:'); sys.exit('aio_pika' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
