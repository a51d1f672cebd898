"""One connection to RabbitMQ, made anew whenever it is lost."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import aio_pika
import structlog
from aio_pika.abc import AbstractConnection
from aio_pika.exceptions import CONNECTION_EXCEPTIONS, PublishError
from aiormq.abc import AbstractChannel as DriverChannel
from pamqp.commands import Basic
from yarl import URL

from shared.bus.amqp_topology import declare_topology
from shared.bus.port import BusUnavailableError

log = structlog.get_logger()
logging.getLogger("aiormq.connection").setLevel(logging.CRITICAL)  # tracebacks of what bus.connection_lost says

_CONNECT_SECONDS = 5
_CONFIRM_SECONDS = 5
_HEARTBEAT_SECONDS = 10
"""A silent peer counts as dead after three of them. The driver's own 60 would leave consumers deaf for minutes."""


class UnroutableError(BusUnavailableError):
    """No queue takes a message that must arrive in one."""


class AmqpConnection:
    """Keeps connected, with the topology declared, and publishes."""

    def __init__(self, url: str) -> None:
        self._url = URL(url)
        self._connection: AbstractConnection | None = None
        self._publisher: DriverChannel | None = None
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
        """Whether a publication would reach the broker."""
        return self._publisher is not None and not self._publisher.is_closed

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

    async def publish(
        self, body: bytes, *, exchange: str, key: str, properties: Basic.Properties, must_arrive: bool = False
    ) -> None:
        """Return once the broker has confirmed the message; ``BusUnavailableError`` where it does not.

        A message that no queue takes is dropped, unless it must arrive: then it is an ``UnroutableError``.
        """
        if self._publisher is None:
            raise BusUnavailableError(f"not connected to RabbitMQ at {self.broker}")
        with as_unavailable(f"RabbitMQ at {self.broker} did not confirm a message"):
            await self._publisher.basic_publish(
                body,
                exchange=exchange,
                routing_key=key,
                properties=properties,
                mandatory=must_arrive,
                timeout=_CONFIRM_SECONDS,
            )

    async def publish_surely(self, body: bytes, *, exchange: str, key: str, properties: Basic.Properties) -> None:
        """Publish a message that must arrive; where the topology was deleted, it is declared anew for it."""
        try:
            await self.publish(body, exchange=exchange, key=key, properties=properties, must_arrive=True)
        except UnroutableError:
            log.warning("bus.topology_lost", broker=self.broker)
            await self._declare_topology(await self.established())
            await self.publish(body, exchange=exchange, key=key, properties=properties, must_arrive=True)

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
            connection = await aio_pika.connect(self._url, timeout=_CONNECT_SECONDS, heartbeat=_HEARTBEAT_SECONDS)
        async with connection:
            await self._declare_topology(connection)
            with as_unavailable("no channel"):
                channel = await connection.channel(on_return_raises=True)
                publisher = await channel.get_underlay_channel()
            self._begin(connection, publisher)
            try:
                await asyncio.wait([publisher.closing])
                log.warning("bus.connection_lost", broker=self.broker)
            finally:
                self._end()

    async def _declare_topology(self, connection: AbstractConnection) -> None:
        with as_unavailable("the topology could not be declared"):
            async with connection.channel(publisher_confirms=False) as channel:
                await declare_topology(channel)

    def _begin(self, connection: AbstractConnection, publisher: DriverChannel) -> None:
        self._connection, self._publisher = connection, publisher
        self._attempts, self._last_failure = 0, ""
        self._connected.set()
        log.info("bus.connected", broker=self.broker)

    def _end(self) -> None:
        self._connected.clear()
        self._connection, self._publisher = None, None

    def _note(self, failure: str) -> None:
        """Say why there is no connection, once for each reason."""
        if failure != self._last_failure:
            log.warning("bus.connection_failed", broker=self.broker, error=failure)
        self._last_failure = failure


@contextmanager
def as_unavailable(what: str) -> Iterator[None]:
    """Turn what the driver raises into ``BusUnavailableError``."""
    try:
        yield
    except PublishError as error:
        raise UnroutableError(f"{what}: no queue takes it") from error
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        # The driver cancels its calls when their channel closes: nobody has cancelled this task.
        raise BusUnavailableError(f"{what}: the channel was closed") from error
    except (*CONNECTION_EXCEPTIONS, TimeoutError) as error:
        raise BusUnavailableError(f"{what}: {str(error) or type(error).__name__}") from error


def pause_before(attempts: int) -> float:
    """Seconds to wait after so many attempts that failed: from 0.1 to 2."""
    return float(min(0.1 * 2 ** min(attempts, 10), 2))
