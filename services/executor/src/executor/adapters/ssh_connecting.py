"""Making one SSH connection: reach the target, verify its host key, log in."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncssh

from executor.adapters import ssh_failures
from executor.adapters.connection_failed import ConnectionFailedError
from executor.adapters.ssh_credentials import Credentials
from executor.adapters.ssh_socket import connected_socket
from executor.domain.target import SshTarget

CONNECT_WITHIN = 10.0
"""Seconds for connecting and logging in."""
KEEPALIVE_EVERY = 15.0
"""Seconds; a connection that leaves three in a row unanswered is lost."""
PAUSES_AFTER_DROPS = (0.1, 0.3, 1.0)
"""Seconds before each further try to connect where the target hangs up without a greeting. sshd does so while too
many log in at once (MaxStartups), and counts a connection for a moment after it has ended."""

_HOST_KEY_TYPES = (
    ("ssh-ed25519",),
    ("ecdsa-sha2-nistp256",),
    ("ecdsa-sha2-nistp384",),
    ("ecdsa-sha2-nistp521",),
    ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"),
)
_ANY_HOST_KEY_TYPE = tuple(algorithm for algorithms in _HOST_KEY_TYPES for algorithm in algorithms)

# The cheapest safe one first (a sixth of the CPU that asyncssh's own choice takes), then all others.
_KEY_EXCHANGES = "^curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256"
_CIPHERS = "^aes128-gcm@openssh.com,aes256-gcm@openssh.com"

# Nothing of the account that the executor runs under counts: no files, no agent, no keys of its own.
_NOTHING_OF_THE_ACCOUNT: dict[str, object] = {
    "config": None,
    "agent_path": None,
    "agent_forwarding": False,
    "known_hosts": ([], [], []),
    "x509_trusted_certs": None,
    "x509_trusted_cert_paths": None,
    "gss_host": None,
    "gss_kex": False,
    "gss_auth": False,
}
_SETTINGS: dict[str, object] = {
    **_NOTHING_OF_THE_ACCOUNT,
    "kex_algs": _KEY_EXCHANGES,
    "encryption_algs": _CIPHERS,
    "compression_algs": "none",
    "preferred_auth": ("publickey", "password", "keyboard-interactive"),
    "keepalive_interval": KEEPALIVE_EVERY,
    "keepalive_count_max": 3,
}


@dataclass(frozen=True)
class Connected:
    """A connection that is logged in."""

    connection: asyncssh.SSHClientConnection
    host_key: str
    """The fingerprint that the target showed, which is the one that it had to."""


class SshConnecting:
    """Makes connections to one target."""

    def __init__(self, target: SshTarget, credentials: Credentials) -> None:
        self._target, self._credentials = target, credentials

    async def connect(
        self, host_key: str | None, tunnel: asyncssh.SSHClientConnection | None, on_lost: Callable[[], None]
    ) -> Connected:
        """Connect and log in; ``ConnectionFailedError`` says why not.

        Before anything is told to it, the target has to show the host key; one that is not known yet is pinned
        first. A server has host keys of several types and shows one, so each type is asked for where need be.
        ``on_lost`` is called when the connection, made in full or not, has ended.
        """
        expected = host_key or await self._pinned(tunnel)
        shown: list[str] = []
        for algorithms in (_ANY_HOST_KEY_TYPE, *_HOST_KEY_TYPES):
            try:
                return Connected(await self._log_in_at_last(expected, algorithms, tunnel, on_lost), expected)
            except ssh_failures.WrongHostKeyError as error:
                shown.append(error.shown)
            except ConnectionFailedError as failure:
                if not shown or failure.reason != "disconnected":  # else it merely has no host key of this type
                    raise
        raise ssh_failures.changed_host_key(self._target, expected, shown)

    async def _pinned(self, tunnel: asyncssh.SSHClientConnection | None) -> str:
        """The fingerprint that holds from now on."""
        async with self._way(tunnel) as way:
            key = await asyncssh.get_server_host_key(
                self._target.host,
                self._target.port,
                **way,
                config=None,
                kex_algs=_KEY_EXCHANGES,
                server_host_key_algs=_ANY_HOST_KEY_TYPE,
            )
        assert key is not None  # noqa: S101 - a key exchange without a host key would have failed
        return await self._target.pin(key.get_fingerprint())

    async def _log_in_at_last(
        self,
        expected: str,
        algorithms: Sequence[str],
        tunnel: asyncssh.SSHClientConnection | None,
        on_lost: Callable[[], None],
    ) -> asyncssh.SSHClientConnection:
        """Log in, with further tries where the target hung up without a greeting."""
        for pause in PAUSES_AFTER_DROPS:
            client = _Client(expected, self._credentials.password, on_lost)
            try:
                return await self._log_in(client, algorithms, tunnel)
            except ssh_failures.DroppedError:
                if client.was_greeted:
                    raise
            await asyncio.sleep(pause)
        return await self._log_in(_Client(expected, self._credentials.password, on_lost), algorithms, tunnel)

    async def _log_in(
        self, client: "_Client", algorithms: Sequence[str], tunnel: asyncssh.SSHClientConnection | None
    ) -> asyncssh.SSHClientConnection:
        async with self._way(tunnel) as way:
            try:
                return await asyncssh.connect(
                    self._target.host,
                    self._target.port,
                    **way,
                    client_factory=lambda: client,
                    server_host_key_algs=algorithms,
                    username=self._target.user,
                    password=self._credentials.password,
                    client_keys=[self._credentials.key] if self._credentials.key else None,
                    **_SETTINGS,
                )
            except asyncssh.HostKeyNotVerifiable:
                raise ssh_failures.WrongHostKeyError(client.shown) from None

    @asynccontextmanager
    async def _way(self, tunnel: asyncssh.SSHClientConnection | None) -> AsyncIterator[dict[str, Any]]:
        """What the target is reached through, for one connection; what fails with it is told in words."""
        async with ssh_failures.told_in_words(self._target, self._credentials, CONNECT_WITHIN):
            if tunnel is not None:
                yield {"tunnel": tunnel}
                return
            sock = await connected_socket(self._target, CONNECT_WITHIN)
            try:
                yield {"sock": sock}
            except BaseException:
                sock.close()
                raise


class _Client(asyncssh.SSHClient):
    """Checks the host key and answers what is asked at log-in."""

    def __init__(self, expected: str, password: str | None, on_lost: Callable[[], None]) -> None:
        self.shown = ""
        self._expected, self._password, self._on_lost = expected.rstrip("="), password, on_lost
        self._offers_answers = password is not None
        self._connection: asyncssh.SSHClientConnection | None = None

    @property
    def was_greeted(self) -> bool:
        """Whether the target has said which SSH it speaks."""
        return self._connection is not None and self._connection.get_extra_info("server_version") is not None

    def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
        """The target can be reached; nothing was said yet."""
        self._connection = conn

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:  # noqa: ARG002 - asyncssh's signature
        """Whether this is the expected key."""
        self.shown = key.get_fingerprint()
        return self.shown == self._expected

    def kbdint_auth_requested(self) -> str | None:
        """Offer, once, to answer questions where there is a password to answer with.

        A server may accept the offer in general and refuse it without a question each time it is made.
        """
        offers, self._offers_answers = self._offers_answers, False
        return "" if offers else None

    def kbdint_challenge_received(
        self,
        name: str,  # noqa: ARG002 - asyncssh's signature
        instructions: str,  # noqa: ARG002 - asyncssh's signature
        lang: str,  # noqa: ARG002 - asyncssh's signature
        prompts: Sequence[tuple[str, bool]],
    ) -> list[str] | None:
        """The password, once, to a single hidden question in whatever language; nothing to a mere message."""
        if not prompts:
            return []
        if len(prompts) > 1 or prompts[0][1] or self._password is None:
            return None
        answer, self._password = self._password, None
        return [answer]

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncssh's signature
        """The connection has ended."""
        self._on_lost()
