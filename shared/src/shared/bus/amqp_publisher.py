"""The connection that publishes to RabbitMQ.

While a memory or disk alarm lasts, RabbitMQ reads nothing from a connection that has published, so nothing but
publishing may need this one: acknowledgements and consumers have another. The broker tells of the alarm only when
something is published during it.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from uuid import uuid4

import structlog
from aio_pika.abc import AbstractConnection
from aio_pika.exceptions import CONNECTION_EXCEPTIONS, PublishError
from aiormq.abc import AbstractConnection as DriverConnection
from pamqp.commands import Basic
from pamqp.common import FieldTable

from shared.bus.amqp_connection import (
    DEFAULT_EXCHANGE,
    AmqpConnection,
    UnroutableError,
    as_unavailable,
    declare_topology,
)
from shared.bus.amqp_outgoing import CONFIRM_SECONDS, Outgoing
from shared.bus.delivery import is_cancelled
from shared.bus.port import BusUnavailableError

log = structlog.get_logger()

_PERSISTENT = 2
_PROBE_SECONDS = 3
_POLL_SECONDS = 0.2
"""How often to look whether the broker has blocked the connection, while a confirm is waited for: the driver can be
asked, and does not call."""
_NOBODY = "opsimate.nobody"
"""A queue that does not exist: what is published for it is confirmed and dropped."""


class AmqpPublisher(AmqpConnection):
    """Keeps connected, with the topology declared, and publishes."""

    def __init__(self, url: str, *, when_declared: Callable[[], None]) -> None:
        """``when_declared`` is called with every new connection: where an exchange was deleted, which ends a
        connection that publishes, the bindings of the queues went with it.
        """
        super().__init__(url, purpose="publishing")
        self._when_declared = when_declared
        self._outgoing: Outgoing | None = None
        self._watching: asyncio.Task[None] | None = None
        self._published = asyncio.Event()
        self._unblocked = asyncio.Event()
        self._unblocked.set()

    async def publish(
        self, body: bytes, *, exchange: str, key: str, properties: bytes, must_arrive_as: str | None = None
    ) -> None:
        """Return once the broker has confirmed the message; ``BusUnavailableError`` where it does not.

        At once where an alarm blocks the connection, else after five seconds. A message that no queue takes is
        dropped, unless it must arrive, under the id in its properties: then it is an ``UnroutableError``.
        """
        outgoing = self._outgoing
        if outgoing is None or outgoing.channel.is_closed:
            raise BusUnavailableError(f"not connected to RabbitMQ at {self.broker}")
        if not self._unblocked.is_set():
            raise BusUnavailableError(self._alarm)
        self._published.set()
        try:
            await outgoing.publish(body, exchange, key, properties, must_arrive_as=must_arrive_as)
        except PublishError as error:
            raise UnroutableError(f"{self._not_confirmed}: no queue takes it") from error
        except asyncio.CancelledError as error:
            if is_cancelled():
                raise
            raise BusUnavailableError(self._why_given_up(outgoing)) from error
        except CONNECTION_EXCEPTIONS as error:
            raise BusUnavailableError(f"{self._not_confirmed}: {str(error) or type(error).__name__}") from error

    async def publish_surely(
        self, body: bytes, *, exchange: str, key: str, kind: str | None, headers: FieldTable
    ) -> None:
        """Publish a message that must arrive; where the topology was deleted, it is declared anew for it."""
        message_id = uuid4().hex
        properties = _properties(kind, headers, message_id).marshal()
        try:
            await self.publish(body, exchange=exchange, key=key, properties=properties, must_arrive_as=message_id)
        except UnroutableError:
            log.warning("bus.topology_lost", broker=self.broker)
            await _declare(await self.established())
            await self.publish(body, exchange=exchange, key=key, properties=properties, must_arrive_as=message_id)

    async def probe(self) -> None:
        """Return if the broker takes messages now; ``BusUnavailableError`` says why it does not."""
        with as_unavailable(self._not_confirmed):
            async with asyncio.timeout(_PROBE_SECONDS):
                await self.publish(b"", exchange=DEFAULT_EXCHANGE, key=_NOBODY, properties=_NO_PROPERTIES)

    async def unblocked(self) -> None:
        """Return when no alarm blocks the connection, at once where none does or there is no connection."""
        await self._unblocked.wait()

    async def _prepare(self, connection: AbstractConnection) -> asyncio.Future[object]:
        await _declare(connection)
        self._when_declared()
        with as_unavailable("no channel"):
            channel = await connection.channel(on_return_raises=True)
            driver = await channel.get_underlay_channel()
        self._outgoing = outgoing = Outgoing(driver)
        self._watching = asyncio.create_task(self._watch(driver.connection, outgoing))
        return driver.closing

    def _unprepare(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
        self._outgoing, self._watching = None, None
        self._unblocked.set()

    async def _watch(self, connection: DriverConnection, outgoing: Outgoing) -> None:
        """See the broker block the connection, and let it go again."""
        while True:
            await self._published.wait()
            self._published.clear()
            while outgoing.awaits_confirms:
                await asyncio.sleep(_POLL_SECONDS)
                if not await _is_ready(connection):
                    await self._until_unblocked(connection, outgoing)

    async def _until_unblocked(self, connection: DriverConnection, outgoing: Outgoing) -> None:
        self._unblocked.clear()
        log.warning("bus.publishing_blocked", broker=self.broker, error=self._alarm)
        outgoing.give_up()  # they would wait in vain
        await connection.ready()
        self._unblocked.set()
        log.info("bus.publishing_resumed", broker=self.broker)

    @property
    def _alarm(self) -> str:
        return f"RabbitMQ at {self.broker} takes no messages: it has an alarm, as its memory or disk runs low"

    @property
    def _not_confirmed(self) -> str:
        return f"RabbitMQ at {self.broker} did not confirm a message"

    def _why_given_up(self, outgoing: Outgoing) -> str:
        if not self._unblocked.is_set():
            return self._alarm
        if outgoing.channel.is_closed:
            return f"{self._not_confirmed}: the channel was closed"
        return f"{self._not_confirmed} in {CONFIRM_SECONDS} seconds"


def _properties(kind: str | None, headers: FieldTable | None = None, message_id: str | None = None) -> Basic.Properties:
    """How a message travels: its kind as the type, JSON, kept on disk."""
    return Basic.Properties(
        content_type="application/json",
        delivery_mode=_PERSISTENT,
        message_type=kind,
        headers=headers,
        message_id=message_id,
    )


@lru_cache(maxsize=256)
def encoded_properties(kind: str) -> bytes:
    """The properties of the messages of a kind, as they travel."""
    return _properties(kind).marshal()


_NO_PROPERTIES = Basic.Properties().marshal()


async def _declare(connection: AbstractConnection) -> None:
    with as_unavailable("the topology could not be declared"):
        async with connection.channel(publisher_confirms=False) as channel:
            await declare_topology(channel)


async def _is_ready(connection: DriverConnection) -> bool:
    """Whether the broker has not blocked the connection."""
    with suppress(TimeoutError):
        async with asyncio.timeout(0):
            await connection.ready()
            return True
    return False
