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
    StaleLinkError,
    TerminalError,
)
from executor.domain.command import Exit
from executor.domain.provider import ConnectionFailedError
from executor.domain.script import NOT_ARRIVED

OPEN_WITHIN = 10.0
"""Seconds for a server to open a channel on a connection that is there."""
LAST_WORDS = 2.0
"""Seconds that whatever is there instead has to end once its input does."""
WINDOW = 512 * 1024
"""How many bytes of output a server may send ahead of being read."""


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


SESSIONS_EACH = 5
"""Commands at once on one connection: half of what OpenSSH allows by default (MaxSessions 10), for it counts
a session that has just ended until its next turn."""
MOST_LINKS = 16
"""Connections at once to one target."""

Connect = Callable[[Callable[[], None]], Awaitable[Link]]
"""Makes a connection that tells when it has ended."""


class LinkPool:
    """Finds every command a place on a connection, and makes connections as they are needed, one after the other."""

    def __init__(self, connect: Connect) -> None:
        self.links: list[Link] = []
        self._connect = connect
        self._sessions_each, self._most_links = SESSIONS_EACH, MOST_LINKS
        self._retired = False
        self._waiting: deque[tuple[asyncio.Future[Link], bool]] = deque()
        self._connecting: asyncio.Task[None] | None = None

    @property
    def is_unused(self) -> bool:
        """Whether there is no connection, and nobody who waits for one."""
        return not self.links and not self._waiting and self._connecting is None

    async def acquire(self, *, urgent: bool = False) -> Link:
        """A place on a connection, waited for where all are taken; an urgent one may go beyond the bound.

        ``ConnectionFailedError`` where there is no connection and none can be made.
        """
        if not self._waiting and (link := self._with_room()):
            link.places_taken += 1
            return link
        place: asyncio.Future[Link] = asyncio.get_running_loop().create_future()
        (self._waiting.appendleft if urgent else self._waiting.append)((place, urgent))
        self._serve()
        try:
            return await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled() and not place.exception():
                self.release(place.result())
            raise

    def release(self, link: Link) -> None:
        """A place is free again."""
        link.places_taken -= 1
        link.idle_since = asyncio.get_running_loop().time()
        self._serve()
        if (self._retired or link.is_distrusted) and link.is_idle:
            link.close()

    def session_ended(self, link: Link) -> None:
        """A command that had begun on the link is over."""
        link.open_sessions -= 1
        self.release(link)

    def learn_limit(self, link: Link) -> None:
        """The server has refused one more session than there are on the link."""
        if link.open_sessions:
            self._sessions_each = min(self._sessions_each, link.open_sessions)

    def distrust_idle(self) -> None:
        """One connection turned out to be dead, so those that nobody hears from may be, too."""
        for link in self.links:
            if link.is_idle:
                link.close()

    def close_idle(self, since: float) -> None:
        """Close the connections that nobody has used since then."""
        for link in self.links:
            if link.is_idle and link.idle_since <= since:
                link.close()

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
        for link in self.links:
            link.close()
            await link.connection.wait_closed()

    @property
    def _usable(self) -> list[Link]:
        """The connections that commands can be begun on; a dead one may stand among ``links`` for a while."""
        return [link for link in self.links if link.is_usable]

    def _with_room(self) -> Link | None:
        return next((link for link in self._usable if link.places_taken < self._sessions_each), None)

    def _serve(self) -> None:
        while self._waiting:
            place, urgent = self._waiting[0]
            if place.done():
                self._waiting.popleft()
            elif link := self._with_room():
                link.places_taken += 1
                self._waiting.popleft()
                place.set_result(link)
            else:
                self._connect_another(urgent=urgent)
                return

    def _connect_another(self, *, urgent: bool) -> None:
        if self._connecting is None and (urgent or len(self._usable) < self._most_links):
            self._connecting = asyncio.create_task(self._connect_one())

    async def _connect_one(self) -> None:
        try:
            link = await self._connect(self._one_has_ended)
        except Exception as failure:  # noqa: BLE001 - whoever waits is told, whatever it is
            self._give_up(failure)
        else:
            self._add(link)
        finally:
            self._connecting = None
        self._serve()

    def _add(self, link: Link) -> None:
        if link.is_usable:
            self.links = [known for known in self.links if not known.connection.is_closed()]
            self.links.append(link)
        else:
            message = "The provider ended the connection right after log-in: the log of its sshd says why."
            self._give_up(ConnectionFailedError("disconnected", message))

    def _one_has_ended(self) -> None:
        self.links = [link for link in self.links if not link.connection.is_closed()]
        self._most_links = MOST_LINKS
        self._serve()

    def _give_up(self, failure: Exception) -> None:
        """Nobody waits who has no hope; the others make do with the connections that are there."""
        has_links = bool(self._usable)
        self._most_links = max(1, len(self._usable))
        for place, urgent in self._waiting:
            if not place.done() and (urgent or not has_links):
                place.set_exception(failure)
