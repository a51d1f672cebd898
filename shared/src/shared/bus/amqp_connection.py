"""A connection to RabbitMQ, made anew whenever it is lost, and what is declared over it.

A message whose handler raised waits in a queue of its pause, shared by all: it is published there with the routing
key that is its queue's name, and when its time is over the broker hands it to the default exchange, back into that
queue. So a pause occupies no consumer and outlives every process.
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import aio_pika
import structlog
from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractQueue
from aio_pika.exceptions import CONNECTION_EXCEPTIONS, PublishError
from pamqp.common import FieldTable
from yarl import URL

from shared.bus.delivery import DEAD_LETTERS_KEPT, PAUSES, is_cancelled
from shared.bus.port import BusUnavailableError
from shared.bus.topology import DEAD_LETTERS, EXCHANGES, Queue

log = structlog.get_logger()
logging.getLogger("aiormq.connection").setLevel(logging.CRITICAL)  # tracebacks of what bus.connection_lost says

_CONNECT_SECONDS = 5
_HEARTBEAT_SECONDS = 10
"""A silent peer counts as dead after three of them. The driver's own 60 would leave consumers deaf for minutes."""


class UnroutableError(BusUnavailableError):
    """No queue takes a message that must arrive in one."""


class AmqpConnection:
    """Keeps connected, for one ``purpose`` that the broker shows beside the connection."""

    def __init__(self, url: str, *, purpose: str) -> None:
        self._url = URL(url)
        self._purpose = purpose
        self._connection: AbstractConnection | None = None
        self._connected = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None
        self._attempts = 0
        self._last_failure = "no answer"

    @property
    def broker(self) -> str:
        """Host and port, for people."""
        return self._url.authority.rpartition("@")[2]

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection now."""
        return self._connected.is_set()

    async def open(self, *, within: float) -> None:
        """Keep connected from now on; ``BusUnavailableError`` where the first time takes longer, in seconds."""
        self._keeping = asyncio.create_task(self._keep_connected())
        try:
            await asyncio.wait_for(self._connected.wait(), within)
        except TimeoutError:
            raise BusUnavailableError(f"cannot connect to RabbitMQ at {self.broker}: {self._last_failure}") from None

    async def close(self) -> None:
        """Disconnect for good."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait([self._keeping])

    async def established(self) -> AbstractConnection:
        """The connection, once there is one."""
        while self._connection is None:
            await self._connected.wait()
        return self._connection

    async def _prepare(self, connection: AbstractConnection) -> asyncio.Future[object]:
        """Make a new connection ready for its purpose; what is done when it is of no more use."""
        if connection.transport is None:
            raise BusUnavailableError("the connection was closed at once")
        return connection.transport.connection.closing

    def _unprepare(self) -> None:
        """Let go of what was prepared."""

    async def _keep_connected(self) -> None:
        while True:
            try:
                await self._connect_until_lost()
            except Exception as error:  # noqa: BLE001 - whatever it was, the next attempt may do
                self._note(str(error))
            await asyncio.sleep(pause_before(self._attempts))
            self._attempts += 1

    async def _connect_until_lost(self) -> None:
        with as_unavailable("no connection"):
            connection = await aio_pika.connect(
                self._url,
                timeout=_CONNECT_SECONDS,
                heartbeat=_HEARTBEAT_SECONDS,
                client_properties={"connection_name": f"opsimate {self._purpose}"},
            )
        async with connection:
            lost = await self._prepare(connection)
            self._begin(connection)
            try:
                await asyncio.wait([lost])
                log.warning("bus.connection_lost", broker=self.broker, purpose=self._purpose)
            finally:
                self._end()

    def _begin(self, connection: AbstractConnection) -> None:
        self._connection = connection
        self._attempts, self._last_failure = 0, ""
        self._connected.set()
        log.info("bus.connected", broker=self.broker, purpose=self._purpose)

    def _end(self) -> None:
        self._connected.clear()
        self._connection = None
        self._unprepare()

    def _note(self, failure: str) -> None:
        """Say why there is no connection, once for each reason."""
        if failure != self._last_failure:
            log.warning("bus.connection_failed", broker=self.broker, purpose=self._purpose, error=failure)
        self._last_failure = failure


@contextmanager
def as_unavailable(what: str) -> Iterator[None]:
    """Turn what the driver raises into ``BusUnavailableError``."""
    try:
        yield
    except PublishError as error:
        raise UnroutableError(f"{what}: no queue takes it") from error
    except asyncio.CancelledError as error:
        if is_cancelled():
            raise
        # The driver cancels its calls when their channel closes: nobody has cancelled this task.
        raise BusUnavailableError(f"{what}: the channel was closed") from error
    except (*CONNECTION_EXCEPTIONS, TimeoutError) as error:
        raise BusUnavailableError(f"{what}: {str(error) or type(error).__name__}") from error


def pause_before(attempts: int) -> float:
    """Seconds to wait after so many attempts that failed: from 0.1 to 2."""
    return float(min(0.1 * 2 ** min(attempts, 10), 2))


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
