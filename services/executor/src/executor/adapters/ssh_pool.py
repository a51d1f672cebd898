"""The SSH connections of an executor, shared by all its commands."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from executor.adapters.output_stream import sudo_refused
from executor.adapters.ssh_connect import DroppedError, SshConnecting
from executor.adapters.ssh_connection import ConnectionPool, PooledConnection
from executor.adapters.ssh_login import OpenedKeys, SshCredentials
from executor.adapters.ssh_session import (
    CommandRefusedError,
    LostAtStartError,
    NoAnswerError,
    NoInputError,
    SessionRefusedError,
    SlowStartError,
    SshCommand,
    StaleConnectionError,
    TerminalError,
    TooLateError,
    lost_at_start,
    no_input,
    no_session,
    no_shell,
    slow_start,
    terminal,
)
from executor.domain.delivery import Delivery
from executor.domain.provider import ConnectionFailedError, SshProvider
from shared.contracts.host_key import HostKey

CLOSE_AFTER_IDLE = 300.0
"""Seconds."""
MOST_TRIES = 8
"""How often a command is tried to begin where connections are stale or refuse another session."""
MOST_LOST_AT_START = 3
"""How often it is tried where the connection goes while a command's shell starts; the shell itself may end it."""
LOSS_PAUSE = 0.25
"""Seconds, times how often that was, before it is tried again."""
REFUSAL_PAUSE = 0.05
"""Seconds, times the number of the try, after a server has refused a session."""
QUIET = 20.0
"""Seconds for which a provider is left alone that hung up without a greeting on every try, times how often it has done
so: more than the 15 for which OpenSSH bans an address at least, so that a step's retries outlive a ban."""
LONGEST_QUIET = 60.0
"""Seconds."""
_REFUSALS = (CommandRefusedError, NoAnswerError, NoInputError, SlowStartError, TerminalError)


class ProviderConnections:
    """The credentials of a provider and the connections to it, and how one more of them is made."""

    def __init__(self, provider: SshProvider, jump: "ProviderConnections | None", keys: OpenedKeys) -> None:
        """``jump`` has the connections that these go through."""
        self.provider, self._keys = provider, keys
        self.pool = ConnectionPool(self._connect)
        self.jump = jump
        self._credentials: SshCredentials | None = None
        self._host_key: HostKey | None = None
        """The one that was shown at the latest log-in."""
        self._hang_ups = 0
        self._quiet_until = 0.0

    def still_serves(self, provider: SshProvider) -> bool:
        """Whether commands for the provider, as it is now, may go over the connections that are there."""
        if provider is self.provider:
            return True
        shown = self._host_key_shown()
        return self.provider.leads_where(provider) and (shown is None or provider.host_key in {None, shown})

    async def calm_down(self) -> None:
        """Return when the provider, and what is on the way, may be asked for a connection again; at once where there is
        one.
        """
        if (self.jump is None and not self._hang_ups) or self._host_key_shown() is not None:
            return
        if self.jump is not None:
            await self.jump.calm_down()
        await asyncio.sleep(max(0.0, self._quiet_until - asyncio.get_running_loop().time()))

    def _host_key_shown(self) -> str | None:
        return next((connection.host_key for connection in self.pool.connections if connection.is_usable), None)

    async def _connect(self, on_lost: Callable[[], None]) -> PooledConnection:
        if self._credentials is None:
            self._credentials = await self._keys.credentials_of(self.provider)
        started = asyncio.get_running_loop().time()
        try:
            connection = await (self._connect_through(self.jump, on_lost) if self.jump else self._log_in(None, on_lost))
        except DroppedError as dropped:
            if not dropped.was_greeted:
                self._hang_ups += 1
                quiet = min(QUIET * self._hang_ups, LONGEST_QUIET)
                self._quiet_until = asyncio.get_running_loop().time() + quiet
            raise
        self._hang_ups, self._quiet_until = 0, 0.0
        connection.connect_ms = (asyncio.get_running_loop().time() - started) * 1000
        return connection

    async def _connect_through(self, jump: "ProviderConnections", on_lost: Callable[[], None]) -> PooledConnection:
        try:
            carrier = await jump.pool.acquire()
        except ConnectionFailedError as failure:
            message = f"On the way, at the jump host: {failure.message}"
            raise ConnectionFailedError(failure.reason, message, is_lasting=failure.is_lasting) from None
        try:
            connection = await self._log_in(carrier, on_lost)
            carrier.carries(connection.ssh)
        finally:
            jump.pool.release(carrier)
        return connection

    async def _log_in(self, carrier: PooledConnection | None, on_lost: Callable[[], None]) -> PooledConnection:
        assert self._credentials is not None  # noqa: S101 - they come first
        connected = await SshConnecting(self.provider, self._credentials).connect(
            self._expected_host_key(), carrier.ssh if carrier else None, on_lost
        )
        self._host_key = connected.host_key
        return PooledConnection(connected.connection, connected.host_key.fingerprint, connected.banner)

    def _expected_host_key(self) -> HostKey | None:
        if self.provider.host_ca is not None:
            return None  # any key that is signed will do
        fingerprint = self.provider.host_key or self._host_key_shown()
        if fingerprint is None:
            return None
        known = self._host_key if self._host_key and self._host_key.fingerprint == fingerprint else None
        return known or HostKey(fingerprint.rstrip("="), self.provider.host_key_type)


def _nothing() -> None:
    """Nobody is to know."""


@dataclass(frozen=True)
class Stages:
    """Who hears how far the beginning of a command has come, and has a say in it."""

    start_up: float
    """Seconds for the shell to answer, once there is a session."""
    on_open: Callable[[], None] = _nothing
    """Called when there is a session for it, and its shell is asked for."""
    may_begin: Callable[[], bool] = lambda: True
    """Asked right before the shell is told to begin."""
    on_begun: Callable[[], None] = _nothing
    """Called when the shell is told to begin."""


class SshConnections:
    """Begins commands on providers, each over a connection that is there or made for it."""

    def __init__(self, *, close_after_idle: float = CLOSE_AFTER_IDLE) -> None:
        """``close_after_idle`` is in seconds."""
        self._close_after_idle = close_after_idle
        self._by_provider: dict[str, ProviderConnections] = {}
        self._retired: list[ProviderConnections] = []
        self.keys = OpenedKeys()
        self._sweep: asyncio.TimerHandle | None = None

    def open_connections(self, provider: SshProvider) -> list[PooledConnection]:
        """The connections to a provider that are open now."""
        known = self._by_provider.get(provider.key)
        return [connection for connection in known.pool.connections if connection.is_usable] if known else []

    async def begin(
        self, provider: SshProvider, delivery: Delivery, stages: Stages, *, urgent: bool = False
    ) -> tuple[SshCommand, PooledConnection]:
        """Begin a command, at most once: have its shell started, see that it is one, and tell it to begin. From then
        on how it goes, a lost connection included, is the command's to tell.

        ``ConnectionFailedError`` where it was surely not begun, ``TooLateError`` where that is because ``may_begin``
        said so.
        """
        known = self._connections_to(provider)
        if not urgent:
            await known.calm_down()
        pool = known.pool
        told, lost = "every connection to it was dead", 0
        for tries in range(1, MOST_TRIES + 1):
            connection = await pool.acquire(urgent=urgent)
            command = SshCommand(delivery, on_closed=partial(pool.session_ended, connection))
            as_posix = pool.reads_posix and delivery.sudo is None
            try:
                line = delivery.posix_line if as_posix else delivery.line
                await _begin_on(connection, pool, command, line, stages)
            except StaleConnectionError:
                pool.distrust_idle()
            except LostAtStartError:
                pool.distrust_idle()
                lost += 1
                if lost == MOST_LOST_AT_START:
                    raise lost_at_start(provider, command.opening.heard) from None
                await asyncio.sleep(LOSS_PAUSE * lost)
            except SessionRefusedError as error:
                told = str(error)
                pool.learn_limit(connection)
                await asyncio.sleep(REFUSAL_PAUSE * tries)
            except _REFUSALS as error:
                if as_posix and isinstance(error, NoAnswerError):
                    pool.reads_posix = False
                    continue
                raise _in_words(error, provider, connection, command, stages) from None
            else:
                return command, connection
        raise no_session(provider, told)

    async def close(self) -> None:
        """Close every connection, with everything that runs over it."""
        if self._sweep:
            self._sweep.cancel()
        for known in (*self._by_provider.values(), *self._retired):
            await known.pool.close()
        self._by_provider.clear()
        self._retired.clear()

    def _connections_to(self, provider: SshProvider) -> ProviderConnections:
        jump = self._connections_to(provider.jump) if provider.jump else None
        known = self._by_provider.get(provider.key)
        if known is not None and known.still_serves(provider):
            known.provider, known.jump = provider, jump
            return known
        if known is not None:
            known.pool.retire()
            self._retired.append(known)
        self._by_provider[provider.key] = ProviderConnections(provider, jump, self.keys)
        self._sweep_soon()
        return self._by_provider[provider.key]

    def _sweep_soon(self) -> None:
        if self._sweep is None:
            self._sweep = asyncio.get_running_loop().call_later(self._close_after_idle / 2, self._close_idle)

    def _close_idle(self) -> None:
        self._sweep = None
        since = asyncio.get_running_loop().time() - self._close_after_idle
        for known in (*self._by_provider.values(), *self._retired):
            known.pool.close_idle(since)
        self._by_provider = {key: known for key, known in self._by_provider.items() if not known.pool.is_unused}
        self._retired = [known for known in self._retired if not known.pool.is_unused]
        if self._by_provider or self._retired:
            self._sweep_soon()


def _in_words(
    error: CommandRefusedError | NoAnswerError | NoInputError | SlowStartError | TerminalError,
    provider: SshProvider,
    connection: PooledConnection,
    command: SshCommand,
    stages: Stages,
) -> ConnectionFailedError:
    match error:
        case CommandRefusedError():
            return no_session(provider, f"running a command was refused: {error}")
        case NoAnswerError() if command.sudo is not None:
            return sudo_refused(command.sudo, provider.user, provider.address, command.opening, command.output)
        case NoAnswerError():
            return no_shell(provider, connection.banner, command.opening.heard, command.output.exit)
        case NoInputError():
            return no_input()
        case TerminalError():
            return terminal(provider)
        case SlowStartError():
            return slow_start(provider, stages.start_up, command.opening.heard)


async def _begin_on(
    connection: PooledConnection, pool: ConnectionPool, command: SshCommand, line: str, stages: Stages
) -> None:
    try:
        await connection.open(command, line, start_up=stages.start_up, on_open=stages.on_open)
    finally:
        if not command.is_open:
            pool.release(connection)
    if not stages.may_begin():
        command.let_go()
        raise TooLateError
    stages.on_begun()
    command.begin()
