"""How the topology looks in RabbitMQ, beyond what the table says.

A message whose handler raised waits in a queue of its pause, shared by all: it is published there with the routing
key that is its queue's name, and when its time is over the broker hands it to the default exchange, back into that
queue. So a pause occupies no consumer and outlives every process.
"""

from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel, AbstractQueue
from pamqp.common import FieldTable

from shared.bus.delivery import DEAD_LETTERS_KEPT, PAUSES
from shared.bus.topology import DEAD_LETTERS, EXCHANGES, Queue

PAUSING = "opsimate.pausing"
"""The exchange to the queues of pauses; it chooses by the header ``pause``."""

DEFAULT_EXCHANGE = ""
"""It takes a message to the queue that its routing key names."""

_UNSETTLED_DELIVERIES = 20
"""How often a message may come to an end with its consumer, or be given back, before the broker buries it.

Declared because RabbitMQ knows no such limit before version 4. It is far above ``Queue.deliveries``, as good messages
that are in the hands of a consumer when it ends are counted as well.
"""

_LOOKS_AT_A_DEAD_LETTER = 1_000_000
"""Whoever looks at dead letters and puts them back must not lose them, which RabbitMQ 4 would do at the 20th look."""


def pause_name(seconds: float) -> str:
    """A pause as the header ``pause`` names it."""
    return f"{round(seconds * 1000)}ms"


async def declare_topology(channel: AbstractChannel) -> None:
    """Declare what all queues need: exchanges, dead letters, pauses. Again changes nothing."""
    for exchange in EXCHANGES:
        await channel.declare_exchange(exchange, ExchangeType.TOPIC, durable=True)
    await channel.declare_exchange(PAUSING, ExchangeType.HEADERS, durable=True)
    await _declare_quorum_queue(
        channel, DEAD_LETTERS, {"x-max-length": DEAD_LETTERS_KEPT, "x-delivery-limit": _LOOKS_AT_A_DEAD_LETTER}
    )
    for pause in PAUSES:
        name = pause_name(pause)
        queue = await _declare_quorum_queue(
            channel,
            f"{PAUSING}.{name}",
            {"x-message-ttl": round(pause * 1000), "x-dead-letter-exchange": DEFAULT_EXCHANGE},
        )
        await queue.bind(PAUSING, arguments={"x-match": "all", "pause": name})


async def declare_queue(channel: AbstractChannel, queue: Queue) -> None:
    """Declare a queue with its bindings. Again changes nothing.

    An instance queue is exclusive: it ends with its connection. It is not auto-delete, which would end it when its
    only consumer pauses.
    """
    if queue.durable:
        declared = await _declare_quorum_queue(
            channel,
            queue.name,
            {
                "x-delivery-limit": _UNSETTLED_DELIVERIES,
                "x-dead-letter-exchange": DEFAULT_EXCHANGE,
                "x-dead-letter-routing-key": DEAD_LETTERS,
            },
        )
    else:
        declared = await channel.declare_queue(queue.name, exclusive=True)
    for exchange, key in queue.bindings:
        await declared.bind(exchange, key)


async def _declare_quorum_queue(channel: AbstractChannel, name: str, arguments: FieldTable) -> AbstractQueue:
    return await channel.declare_queue(name, durable=True, arguments={"x-queue-type": "quorum", **arguments})
