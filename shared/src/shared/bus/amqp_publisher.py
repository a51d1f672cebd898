"""The connection that publishes to RabbitMQ.

While a memory or disk alarm lasts, RabbitMQ reads nothing from a connection that has published, so nothing but
publishing may need this one: acknowledgements and consumers have another. The broker tells of the alarm only when
something is published during it.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import structlog
from aio_pika.abc import AbstractConnection
from aiormq.abc import AbstractConnection as DriverConnection
from pamqp.commands import Basic

from shared.bus.amqp_connection import (
    DEFAULT_EXCHANGE,
    AmqpConnection,
    UnroutableError,
    as_unavailable,
    declare_topology,
)
from shared.bus.amqp_outgoing import Outgoing
from shared.bus.port import BusUnavailableError

log = structlog.get_logger()

_CONFIRM_SECONDS = 5
_PROBE_SECONDS = 3
_POLL_SECONDS = 0.2
"""How often to look whether the broker has blocked the connection: the driver can be asked, and does not call."""
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
        self._unblocked = asyncio.Event()
        self._unblocked.set()
        self._confirms_due: set[asyncio.Timeout] = set()

    async def publish(
        self,
        body: bytes,
        *,
        exchange: str,
        key: str,
        properties: Basic.Properties,
        must_arrive: bool = False,
        within: float = _CONFIRM_SECONDS,
    ) -> None:
        """Return once the broker has confirmed the message; ``BusUnavailableError`` where it does not.

        At once where an alarm blocks the connection, else after ``within`` seconds. A message that no queue takes
        is dropped, unless it must arrive: then it is an ``UnroutableError``.
        """
        if self._outgoing is None or self._outgoing.channel.is_closed:
            raise BusUnavailableError(f"not connected to RabbitMQ at {self.broker}")
        with self._alarm_named(), as_unavailable(f"RabbitMQ at {self.broker} did not confirm a message"):
            async with asyncio.timeout(within) as due:
                self._confirms_due.add(due)
                try:
                    await self._outgoing.publish(body, exchange, key, properties, must_arrive=must_arrive)
                finally:
                    self._confirms_due.discard(due)

    async def publish_surely(self, body: bytes, *, exchange: str, key: str, properties: Basic.Properties) -> None:
        """Publish a message that must arrive; where the topology was deleted, it is declared anew for it."""
        try:
            await self.publish(body, exchange=exchange, key=key, properties=properties, must_arrive=True)
        except UnroutableError:
            log.warning("bus.topology_lost", broker=self.broker)
            await _declare(await self.established())
            await self.publish(body, exchange=exchange, key=key, properties=properties, must_arrive=True)

    async def probe(self) -> None:
        """Return if the broker takes messages now; ``BusUnavailableError`` says why it does not."""
        await self.publish(
            b"", exchange=DEFAULT_EXCHANGE, key=_NOBODY, properties=Basic.Properties(), within=_PROBE_SECONDS
        )

    async def unblocked(self) -> None:
        """Return when no alarm blocks the connection, at once where none does or there is no connection."""
        await self._unblocked.wait()

    async def _prepare(self, connection: AbstractConnection) -> asyncio.Future[object]:
        await _declare(connection)
        self._when_declared()
        with as_unavailable("no channel"):
            channel = await connection.channel(on_return_raises=True)
            driver = await channel.get_underlay_channel()
        self._outgoing = Outgoing(driver)
        self._watching = asyncio.create_task(self._watch(driver.connection))
        return driver.closing

    def _unprepare(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
        self._outgoing, self._watching = None, None
        self._unblocked.set()

    async def _watch(self, connection: DriverConnection) -> None:
        """See the broker block the connection, and let it go again."""
        while True:
            await asyncio.sleep(_POLL_SECONDS)
            if await _is_ready(connection):
                continue
            self._unblocked.clear()
            log.warning("bus.publishing_blocked", broker=self.broker, error=self._alarm)
            for due in self._confirms_due:
                if not due.expired():
                    due.reschedule(0)  # it would wait in vain
            await connection.ready()
            self._unblocked.set()
            log.info("bus.publishing_resumed", broker=self.broker)

    @property
    def _alarm(self) -> str:
        return f"RabbitMQ at {self.broker} takes no messages: it has an alarm, as its memory or disk runs low"

    @contextmanager
    def _alarm_named(self) -> Iterator[None]:
        """Name the alarm in the error, where there is one, instead of what comes of it."""
        if not self._unblocked.is_set():
            raise BusUnavailableError(self._alarm)
        try:
            yield
        except BusUnavailableError as error:
            if self._unblocked.is_set():
                raise
            raise BusUnavailableError(self._alarm) from error


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
