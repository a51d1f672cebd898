"""The connections to one provider: as many as its commands need, each carrying several."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

import asyncssh

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
)
from executor.domain.command import Exit
from executor.domain.delivery import NOT_ARRIVED
from executor.domain.provider import ConnectionFailedError
from shared.timers import Patience

OPEN_WITHIN = 10.0
"""Seconds for a server to open a channel on a connection that is there."""
LAST_WORDS = 2.0
"""Seconds that whatever is there instead has to end once its input does."""
SESSIONS_EACH = 5
"""Commands at once on one connection: half of what OpenSSH allows by default (MaxSessions 10), for it counts
a session that has just ended until its next turn."""
MOST_CONNECTIONS = 16
"""Connections at once to one provider."""
WINDOW = 512 * 1024
"""How many bytes of output a server may send ahead of being read."""


class PooledConnection:
    """A connection that is logged in, with a count of who uses it."""

    def __init__(self, ssh: asyncssh.SSHClientConnection, host_key: str, banner: str = "") -> None:
        self.ssh, self.host_key = ssh, host_key
        self.banner = banner
        """What the server said at log-in, fit for people to read."""
        self.connect_ms = 0.0
        """What connecting and logging in took."""
        self.sessions_reserved = 0
        """How many commands have a session on it, begun or about to be."""
        self.open_sessions = 0
        """How many commands the server has accepted and not ended."""
        self.is_distrusted = False
        """Whether it does not answer as it should, and so takes no further command."""
        self.idle_since = asyncio.get_running_loop().time()
        self._carried: list[asyncssh.SSHClientConnection] = []

    @property
    def is_usable(self) -> bool:
        """Whether a command may be begun on it."""
        return not self.is_distrusted and not self.ssh.is_closed()

    @property
    def is_idle(self) -> bool:
        """Whether nobody uses it."""
        self._carried = [ssh for ssh in self._carried if not ssh.is_closed()]
        return not self.sessions_reserved and not self._carried

    def carries(self, ssh: asyncssh.SSHClientConnection) -> None:
        """A connection to another provider goes through it, and needs it for as long as it is there."""
        self._carried.append(ssh)

    async def open(self, command: SshCommand, line: str, *, start_up: float, on_open: Callable[[], None]) -> None:
        """Have the server run the line, and return once the shell of the command has answered.

        ``on_open`` is called when a session is open; from then on the answer has ``start_up`` seconds to come.
        However this fails, the command was not begun, and nothing that was started can begin it.
        """
        try:
            async with Patience(OPEN_WITHIN) as patience:

                def opened() -> SshCommand:
                    patience.last(start_up)
                    self.open_sessions += 1
                    on_open()
                    return command

                await self.ssh.create_session(opened, line, encoding=None, window=WINDOW)
                await command.opening.settled()
        except TimeoutError:
            if not command.is_open:
                self.is_distrusted = True  # a channel may still come that nobody waits for
                raise StaleConnectionError from None
            await self._end_a_slow_start(command)
        except asyncio.CancelledError:
            self.is_distrusted = not command.is_open
            command.let_go()
            raise
        except (asyncssh.Error, OSError) as error:
            self._tell(command, error)
        if not command.can_begin:
            command.let_go()
            self._tell_no_answer(command)

    async def _end_a_slow_start(self, command: SshCommand) -> None:
        """A shell that start-up files turned into waits for input, and ends with it; slow start-up files go on."""
        command.end_input()
        try:
            async with asyncio.timeout(LAST_WORDS):
                await command.opening.settled()
        except TimeoutError:
            raise SlowStartError from None
        finally:
            command.let_go()
        if command.opening.has_answered:
            raise SlowStartError

    def _tell(self, command: SshCommand, error: Exception) -> None:
        if self.ssh.is_closed():
            raise LostAtStartError if command.is_open else StaleConnectionError from None
        if command.is_open:
            raise CommandRefusedError(str(error)) from None
        raise SessionRefusedError(str(error)) from None

    def _tell_no_answer(self, command: SshCommand) -> None:
        """Where the connection goes before an exit, or the shell had answered, nothing is known of the log-in."""
        if command.opening.has_answered and command.output.exit == Exit(status=NOT_ARRIVED):
            raise NoInputError
        is_cut_off = command.was_cut_off and command.output.exit is None and not command.opening.has_a_terminal
        if command.opening.has_answered or is_cut_off:
            raise LostAtStartError
        raise TerminalError if command.opening.has_a_terminal else NoAnswerError

    def close(self) -> None:
        """Close the connection with everything on it."""
        self.ssh.close()


Connect = Callable[[Callable[[], None]], Awaitable[PooledConnection]]
"""Makes a connection that tells when it has ended."""


class ConnectionPool:
    """Finds every command a session on a connection, and makes connections as they are needed, one after the other."""

    def __init__(self, connect: Connect) -> None:
        self.connections: list[PooledConnection] = []
        self.reads_posix = True
        """Whether the login shell may be a POSIX shell; csh and fish show that they are none."""
        self._connect = connect
        self._sessions_each, self._most_connections = SESSIONS_EACH, MOST_CONNECTIONS
        self._retired = False
        self._waiting: deque[tuple[asyncio.Future[PooledConnection], bool]] = deque()
        self._connecting: asyncio.Task[None] | None = None

    @property
    def is_unused(self) -> bool:
        """Whether there is no connection, and nobody who waits for one."""
        return not self.connections and not self._waiting and self._connecting is None

    async def acquire(self, *, urgent: bool = False) -> PooledConnection:
        """Reserve a session on a connection, waited for where all are taken; an urgent one may go beyond the bound.

        ``ConnectionFailedError`` where there is no connection and none can be made.
        """
        if not self._waiting and (connection := self._with_room()):
            connection.sessions_reserved += 1
            return connection
        reserved: asyncio.Future[PooledConnection] = asyncio.get_running_loop().create_future()
        (self._waiting.appendleft if urgent else self._waiting.append)((reserved, urgent))
        self._serve()
        try:
            return await reserved
        except asyncio.CancelledError:
            if reserved.done() and not reserved.cancelled() and not reserved.exception():
                self.release(reserved.result())
            raise

    def release(self, connection: PooledConnection) -> None:
        """A session is free again."""
        connection.sessions_reserved -= 1
        connection.idle_since = asyncio.get_running_loop().time()
        self._serve()
        if (self._retired or connection.is_distrusted) and connection.is_idle:
            connection.close()

    def session_ended(self, connection: PooledConnection) -> None:
        """A command that had begun on the connection is over."""
        connection.open_sessions -= 1
        self.release(connection)

    def learn_limit(self, connection: PooledConnection) -> None:
        """The server has refused one more session than there are on the connection."""
        if connection.open_sessions:
            self._sessions_each = min(self._sessions_each, connection.open_sessions)

    def distrust_idle(self) -> None:
        """One connection turned out to be dead, so those that nobody hears from may be, too."""
        for connection in self.connections:
            if connection.is_idle:
                connection.close()

    def close_idle(self, since: float) -> None:
        """Close the connections that nobody has used since then."""
        for connection in self.connections:
            if connection.is_idle and connection.idle_since <= since:
                connection.close()

    def retire(self) -> None:
        """Close every connection after its last command, for no new ones come."""
        self._retired = True
        self.distrust_idle()

    async def close(self) -> None:
        """Close every connection with everything on it."""
        self.retire()
        if self._connecting:
            self._connecting.cancel()
            await asyncio.wait([self._connecting])
        for connection in self.connections:
            connection.close()
            await connection.ssh.wait_closed()

    @property
    def _usable(self) -> list[PooledConnection]:
        """The connections that commands can be begun on; a dead one may stand among ``connections`` for a while."""
        return [connection for connection in self.connections if connection.is_usable]

    def _with_room(self) -> PooledConnection | None:
        for connection in self.connections:
            if connection.sessions_reserved < self._sessions_each and connection.is_usable:
                return connection
        return None

    def _serve(self) -> None:
        while self._waiting:
            reserved, urgent = self._waiting[0]
            if reserved.done():
                self._waiting.popleft()
            elif connection := self._with_room():
                connection.sessions_reserved += 1
                self._waiting.popleft()
                reserved.set_result(connection)
            else:
                self._connect_another(urgent=urgent)
                return

    def _connect_another(self, *, urgent: bool) -> None:
        if self._connecting is None and (urgent or len(self._usable) < self._most_connections):
            self._connecting = asyncio.create_task(self._connect_one())

    async def _connect_one(self) -> None:
        try:
            connection = await self._connect(self._one_has_ended)
        except Exception as failure:  # noqa: BLE001 - whoever waits is told, whatever it is
            self._give_up(failure)
        else:
            self._add(connection)
        finally:
            self._connecting = None
        self._serve()

    def _add(self, connection: PooledConnection) -> None:
        if connection.is_usable:
            self.connections = [known for known in self.connections if not known.ssh.is_closed()]
            self.connections.append(connection)
        else:
            message = "The provider ended the connection right after log-in: the log of its sshd says why."
            self._give_up(ConnectionFailedError("disconnected", message))

    def _one_has_ended(self) -> None:
        self.connections = [connection for connection in self.connections if not connection.ssh.is_closed()]
        self._most_connections = MOST_CONNECTIONS
        self._serve()

    def _give_up(self, failure: Exception) -> None:
        """Nobody waits who has no hope; the others make do with the connections that are there."""
        has_connections = bool(self._usable)
        self._most_connections = max(1, len(self._usable))
        for reserved, urgent in self._waiting:
            if not reserved.done() and (urgent or not has_connections):
                reserved.set_exception(failure)
