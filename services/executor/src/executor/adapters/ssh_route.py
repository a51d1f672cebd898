"""The connections to one target: as many as its commands need, each carrying several."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from executor.adapters.connection_failed import ConnectionFailedError
from executor.adapters.ssh_link import Link

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
