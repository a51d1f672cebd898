"""Making one SSH connection: reach the target, verify its host key, log in."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncssh

from executor.adapters import ssh_failures
from executor.adapters.ssh_credentials import SshCredentials
from executor.adapters.ssh_host_keys import TYPES, algorithms, untried
from executor.adapters.ssh_login import LogIn
from executor.adapters.ssh_socket import connected_socket, send_together
from executor.domain.heard import readable
from executor.domain.target import SshTarget
from shared.contracts.host_key import HostKey, public_keys

CONNECT_WITHIN = 10.0
"""Seconds for connecting and logging in."""
KEEPALIVE_EVERY = 15.0
"""Seconds; a connection that leaves three in a row unanswered is lost."""
PAUSES_AFTER_DROPS = (0.1, 0.3, 1.0)
"""Seconds before each further try to connect where the target hangs up without a greeting. sshd does so while too
many log in at once (MaxStartups), and counts a connection for a moment after it has ended."""

# The cheapest safe one first (a sixth of the CPU that asyncssh's own choice takes), then all others.
_KEY_EXCHANGES = "^curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256"
_CIPHERS = "^aes128-gcm@openssh.com,aes256-gcm@openssh.com"

# Nothing of the account that the executor runs under counts: no files, no agent, no keys of its own.
_NOTHING_OF_THE_ACCOUNT: dict[str, object] = {
    "config": None,
    "agent_path": None,
    "agent_forwarding": False,
    "x509_trusted_certs": None,
    "x509_trusted_cert_paths": None,
    "gss_host": None,
    "gss_kex": False,
    "gss_auth": False,
    "client_keys": None,
}
_SETTINGS: dict[str, object] = {
    **_NOTHING_OF_THE_ACCOUNT,
    "kex_algs": _KEY_EXCHANGES,
    "encryption_algs": _CIPHERS,
    "compression_algs": "none",
    "preferred_auth": ("publickey", "password", "keyboard-interactive"),
    "utf8_decode_errors": "replace",
    "keepalive_interval": KEEPALIVE_EVERY,
    "keepalive_count_max": 3,
}


@dataclass(frozen=True)
class Connected:
    """A connection that is logged in."""

    connection: asyncssh.SSHClientConnection
    host_key: HostKey
    """What the target showed, which is what it had to."""
    banner: str
    """What it said at log-in, fit for people to read."""


class SshConnecting:
    """Makes connections to one target."""

    def __init__(self, target: SshTarget, credentials: SshCredentials) -> None:
        self._target, self._credentials = target, credentials

    async def connect(
        self, host_key: HostKey | None, tunnel: asyncssh.SSHClientConnection | None, on_lost: Callable[[], None]
    ) -> Connected:
        """Connect and log in; ``ConnectionFailedError`` says why not.

        That takes one connection: before anything secret is told to it, the target has to show the host key, and one
        that is not known yet is pinned. A server has host keys of several types and shows one; so where the type of
        the key is not known, those that the server has are asked for, each by a connection of its own.
        ``on_lost`` is called when the connection, made in full or not, has ended.
        """
        expected, types = host_key, (host_key.type,) if host_key and host_key.type in TYPES else tuple(TYPES)
        shown: list[str] = []
        pauses = iter(PAUSES_AFTER_DROPS)
        while True:
            login = LogIn(self._target, self._credentials, expected, on_lost)
            login.asked_host_keys = algorithms(types, certified=self._target.host_ca is not None)
            try:
                connected = await self._log_in(login, tunnel)
            except ssh_failures.DroppedError as dropped:
                if login.pinning is not None:  # the server would not wait for as long as the store is away
                    expected = await login.pinning
                elif dropped.was_greeted or (pause := next(pauses, None)) is None:
                    raise
                else:
                    await asyncio.sleep(pause)
            except ssh_failures.WrongHostKeyError:
                expected = login.expected
                shown += [login.shown.fingerprint] if login.shown else []
                left = untried(types, expected, login.shown, login.offered) if expected else ()
                if not left or len(left) == len(types):  # a stranger may show what nobody has asked for
                    raise ssh_failures.changed_host_key(self._target, expected, shown, login.offered) from None
                types = left
            else:
                if host_key is not None and host_key.type is None:
                    await self._target.learn_type(connected.host_key)
                return connected

    async def _log_in(self, login: LogIn, tunnel: asyncssh.SSHClientConnection | None) -> Connected:
        async with self._way(login, tunnel) as way:
            connection = await asyncssh.connect(
                self._target.host,
                self._target.port,
                **way,
                client_factory=lambda: login,
                server_host_key_algs=login.asked_host_keys,
                known_hosts=self._known_hosts(),
                username=self._target.user,
                **_SETTINGS,
            )
            try:
                await login.trust()  # not asked for anything secret, it has not waited for that
            except BaseException:
                connection.abort()
                raise
        assert login.shown is not None  # noqa: S101 - nobody logs in without
        send_together(connection)
        return Connected(connection, login.shown, readable(login.banner))

    def _known_hosts(self) -> object:
        """None where the key is what counts: then ``LogIn`` looks at it, whether a certificate is around it or not."""
        if self._target.host_ca is None:
            return None
        return [], [asyncssh.import_public_key(key) for key in public_keys(self._target.host_ca)], []

    @asynccontextmanager
    async def _way(self, login: LogIn, tunnel: asyncssh.SSHClientConnection | None) -> AsyncIterator[dict[str, Any]]:
        """What the target is reached through, for one connection; what fails with it is told in words."""
        async with ssh_failures.told_in_words(self._target, self._credentials, login, CONNECT_WITHIN):
            if tunnel is not None:
                yield {"tunnel": tunnel}
                return
            login.sock = await connected_socket(self._target, CONNECT_WITHIN)
            try:
                yield {"sock": login.sock}
            except BaseException:
                login.sock.close()
                raise
