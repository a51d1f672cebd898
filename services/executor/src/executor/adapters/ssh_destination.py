"""A target with its connections, and how one more of them is made."""

import asyncio
from collections.abc import Callable

from executor.adapters.connection_failed import ConnectionFailedError
from executor.adapters.ssh_connecting import SshConnecting
from executor.adapters.ssh_credentials import Credentials, credentials_of
from executor.adapters.ssh_link import Link
from executor.adapters.ssh_route import Route
from executor.domain.target import SshTarget


class Destination:
    """Where a target's credentials and connections are kept."""

    def __init__(self, target: SshTarget, jump: "Destination | None") -> None:
        """``jump`` is the destination that the connections go through."""
        self.target = target
        self.route = Route(self._connect)
        self.jump = jump
        self._credentials: Credentials | None = None

    def still_serves(self, target: SshTarget) -> bool:
        """Whether commands for the target, as it is now, may go over the connections that are there."""
        shown = self._host_key_shown()
        return self.target.leads_where(target) and (shown is None or target.host_key in {None, shown})

    def _host_key_shown(self) -> str | None:
        return next((link.host_key for link in self.route.links if link.is_usable), None)

    async def _connect(self, on_lost: Callable[[], None]) -> Link:
        if self._credentials is None:
            self._credentials = await credentials_of(self.target)
        started = asyncio.get_running_loop().time()
        link = await (self._connect_through(self.jump, on_lost) if self.jump else self._log_in(None, on_lost))
        link.connect_ms = (asyncio.get_running_loop().time() - started) * 1000
        return link

    async def _connect_through(self, jump: "Destination", on_lost: Callable[[], None]) -> Link:
        try:
            carrier = await jump.route.acquire()
        except ConnectionFailedError as failure:
            raise ConnectionFailedError(failure.reason, f"On the way, at the jump host: {failure.message}") from None
        try:
            link = await self._log_in(carrier, on_lost)
            carrier.carries(link.connection)
        finally:
            jump.route.release(carrier)
        return link

    async def _log_in(self, carrier: Link | None, on_lost: Callable[[], None]) -> Link:
        assert self._credentials is not None  # noqa: S101 - they come first
        host_key = self.target.host_key or self._host_key_shown()
        connected = await SshConnecting(self.target, self._credentials).connect(
            host_key, carrier.connection if carrier else None, on_lost
        )
        return Link(connected.connection, connected.host_key)
