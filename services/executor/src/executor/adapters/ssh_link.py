"""One pooled SSH connection, and commands begun on it."""

import asyncio

import asyncssh

from executor.adapters.ssh_session import SshCommand

OPEN_WITHIN = 10.0
"""Seconds for a server to open a channel on a connection that is there."""
WINDOW = 512 * 1024
"""How many bytes of output a server may send ahead of being read."""


class StaleLinkError(Exception):
    """The connection was not there any more; the command was surely not begun."""


class SessionRefusedError(Exception):
    """The server opens no further session on this connection; the command was surely not begun."""


class CommandRefusedError(Exception):
    """The server opened a session but would not run a command in it."""


class TooLateError(Exception):
    """The server was about to be asked when the command was not to be begun any more; it was surely not begun."""


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

    async def begin(self, command: SshCommand, line: str) -> None:
        """Ask the server to run a command.

        Once the server was asked, a connection that fails is told by the command, not here.
        """
        try:
            async with asyncio.timeout(OPEN_WITHIN) as patience:

                def opened() -> SshCommand:
                    if not command.may_begin():
                        self.is_distrusted = True  # its channel stays open, with nobody to use it
                        raise TooLateError
                    patience.reschedule(None)
                    self.open_sessions += 1
                    return command

                await self.connection.create_session(opened, line, encoding=None, window=WINDOW)
        except (TimeoutError, asyncio.CancelledError) as given_up:
            self.is_distrusted = not command.has_begun  # a channel may still come that nobody waits for
            if isinstance(given_up, TimeoutError):
                raise StaleLinkError from None
            command.let_go()
            raise
        except (asyncssh.Error, OSError) as error:
            self._tell(command, error)

    def _tell(self, command: SshCommand, error: Exception) -> None:
        if command.has_begun:
            if not self.connection.is_closed():
                raise CommandRefusedError(str(error)) from None
        elif self.connection.is_closed():
            raise StaleLinkError from None
        else:
            raise SessionRefusedError(str(error)) from None

    def close(self) -> None:
        """Close the connection with everything on it."""
        self.connection.close()
