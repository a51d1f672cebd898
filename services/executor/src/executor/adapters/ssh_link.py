"""One pooled SSH connection, and commands begun on it."""

import asyncio
from collections.abc import Callable

import asyncssh

from executor.adapters.ssh_session import SshCommand
from executor.domain.command import Exit
from executor.domain.script import NOT_ARRIVED

OPEN_WITHIN = 10.0
"""Seconds for a server to open a channel on a connection that is there."""
LAST_WORDS = 2.0
"""Seconds that whatever is there instead has to end once its input does."""
WINDOW = 512 * 1024
"""How many bytes of output a server may send ahead of being read."""


class StaleLinkError(Exception):
    """The connection was not there any more; the command was surely not begun."""


class LostAtStartError(Exception):
    """The connection went before the shell of the command had answered; the command was surely not begun."""


class NoAnswerError(Exception):
    """No shell of the command has answered, but something else has ended; the command was surely not begun."""


class NoInputError(Exception):
    """The shell of the command has found its standard input empty; the command was surely not begun."""


class TerminalError(Exception):
    """The shell of the command has answered through a terminal; the command was surely not begun."""


class SlowStartError(Exception):
    """No shell of the command has answered in time; the command was surely not begun, and will not be."""


class SessionRefusedError(Exception):
    """The server opens no further session on this connection; the command was surely not begun."""


class CommandRefusedError(Exception):
    """The server opened a session but would not run a command in it."""


class TooLateError(Exception):
    """The shell was about to be told when the command was not to be begun any more; it was surely not begun."""


class Link:
    """A connection that is logged in, with a count of who uses it."""

    def __init__(self, connection: asyncssh.SSHClientConnection, host_key: str, banner: str = "") -> None:
        self.connection, self.host_key = connection, host_key
        self.banner = banner
        """What the server said at log-in, fit for people to read."""
        self.connect_ms = 0.0
        """What connecting and logging in took."""
        self.places_taken = 0
        """How many commands have a place on it, begun or about to be."""
        self.open_sessions = 0
        """How many commands the server has accepted and not ended."""
        self.is_distrusted = False
        """Whether it does not answer as it should, and so takes no further command."""
        self.idle_since = asyncio.get_running_loop().time()
        self._carried: list[asyncssh.SSHClientConnection] = []

    @property
    def is_usable(self) -> bool:
        """Whether a command may be begun on it."""
        return not self.is_distrusted and not self.connection.is_closed()

    @property
    def is_idle(self) -> bool:
        """Whether nobody uses it."""
        self._carried = [connection for connection in self._carried if not connection.is_closed()]
        return not self.places_taken and not self._carried

    def carries(self, connection: asyncssh.SSHClientConnection) -> None:
        """A connection to another target goes through it, and needs it for as long as it is there."""
        self._carried.append(connection)

    async def open(self, command: SshCommand, line: str, *, start_up: float, on_open: Callable[[], None]) -> None:
        """Have the server run the line, and return once the shell of the command has answered.

        ``on_open`` is called when a session is open; from then on the answer has ``start_up`` seconds to come.
        However this fails, the command was not begun, and nothing that was started can begin it.
        """
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(OPEN_WITHIN) as patience:

                def opened() -> SshCommand:
                    patience.reschedule(loop.time() + start_up)
                    self.open_sessions += 1
                    on_open()
                    return command

                await self.connection.create_session(opened, line, encoding=None, window=WINDOW)
                await command.opening.settled()
        except TimeoutError:
            if not command.is_open:
                self.is_distrusted = True  # a channel may still come that nobody waits for
                raise StaleLinkError from None
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
        if self.connection.is_closed():
            raise LostAtStartError if command.is_open else StaleLinkError from None
        if command.is_open:
            raise CommandRefusedError(str(error)) from None
        raise SessionRefusedError(str(error)) from None

    def _tell_no_answer(self, command: SshCommand) -> None:
        """Where the connection goes before an exit, or the shell had answered, nothing is known of the log-in."""
        if command.opening.has_answered and command.feed.exit == Exit(status=NOT_ARRIVED):
            raise NoInputError
        is_cut_off = command.was_cut_off and command.feed.exit is None and not command.opening.has_a_terminal
        if command.opening.has_answered or is_cut_off:
            raise LostAtStartError
        raise TerminalError if command.opening.has_a_terminal else NoAnswerError

    def close(self) -> None:
        """Close the connection with everything on it."""
        self.connection.close()
