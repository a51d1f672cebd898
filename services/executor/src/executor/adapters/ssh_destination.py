"""A target with its connections, and how one more of them is made."""

import asyncio
from collections.abc import Callable

from executor.adapters.connection_failed import ConnectionFailedError
from executor.adapters.ssh_connecting import SshConnecting
from executor.adapters.ssh_credentials import SshCredentials, credentials_of
from executor.adapters.ssh_failures import DroppedError
from executor.adapters.ssh_link import Link
from executor.adapters.ssh_route import LinkPool
from executor.domain.target import SshTarget
from shared.contracts.host_key import HostKey

QUIET = 20.0
"""Seconds for which a target is left alone that hung up without a greeting on every try, times how often it has done
so: more than the 15 for which OpenSSH bans an address at least, so that a step's retries outlive a ban."""
LONGEST_QUIET = 60.0
"""Seconds."""


class Destination:
    """Where a target's credentials and connections are kept."""

    def __init__(self, target: SshTarget, jump: "Destination | None") -> None:
        """``jump`` is the destination that the connections go through."""
        self.target = target
        self.route = LinkPool(self._connect)
        self.jump = jump
        self._credentials: SshCredentials | None = None
        self._host_key: HostKey | None = None
        """The one that was shown at the latest log-in."""
        self._hang_ups = 0
        self._quiet_until = 0.0

    def still_serves(self, target: SshTarget) -> bool:
        """Whether commands for the target, as it is now, may go over the connections that are there."""
        shown = self._host_key_shown()
        return self.target.leads_where(target) and (shown is None or target.host_key in {None, shown})

    async def calm_down(self) -> None:
        """Return when the target, and what is on the way, may be asked for a connection again; at once where there is
        one.
        """
        if self._host_key_shown() is not None:
            return
        if self.jump is not None:
            await self.jump.calm_down()
        await asyncio.sleep(max(0.0, self._quiet_until - asyncio.get_running_loop().time()))

    def _host_key_shown(self) -> str | None:
        return next((link.host_key for link in self.route.links if link.is_usable), None)

    async def _connect(self, on_lost: Callable[[], None]) -> Link:
        if self._credentials is None:
            self._credentials = await credentials_of(self.target)
        started = asyncio.get_running_loop().time()
        try:
            link = await (self._connect_through(self.jump, on_lost) if self.jump else self._log_in(None, on_lost))
        except DroppedError as dropped:
            if not dropped.was_greeted:
                self._hang_ups += 1
                quiet = min(QUIET * self._hang_ups, LONGEST_QUIET)
                self._quiet_until = asyncio.get_running_loop().time() + quiet
            raise
        self._hang_ups, self._quiet_until = 0, 0.0
        link.connect_ms = (asyncio.get_running_loop().time() - started) * 1000
        return link

    async def _connect_through(self, jump: "Destination", on_lost: Callable[[], None]) -> Link:
        try:
            carrier = await jump.route.acquire()
        except ConnectionFailedError as failure:
            message = f"On the way, at the jump host: {failure.message}"
            raise ConnectionFailedError(failure.reason, message, is_lasting=failure.is_lasting) from None
        try:
            link = await self._log_in(carrier, on_lost)
            carrier.carries(link.connection)
        finally:
            jump.route.release(carrier)
        return link

    async def _log_in(self, carrier: Link | None, on_lost: Callable[[], None]) -> Link:
        assert self._credentials is not None  # noqa: S101 - they come first
        connected = await SshConnecting(self.target, self._credentials).connect(
            self._expected_host_key(), carrier.connection if carrier else None, on_lost
        )
        self._host_key = connected.host_key
        return Link(connected.connection, connected.host_key.fingerprint, connected.banner)

    def _expected_host_key(self) -> HostKey | None:
        if self.target.host_ca is not None:
            return None  # any key that is signed will do
        fingerprint = self.target.host_key or self._host_key_shown()
        if fingerprint is None:
            return None
        known = self._host_key if self._host_key and self._host_key.fingerprint == fingerprint else None
        return known or HostKey(fingerprint.rstrip("="), self.target.host_key_type)
