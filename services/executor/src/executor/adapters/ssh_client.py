"""An SSH connection as asyncssh (seen in 2.24.1) makes it, without what that does for each connection, log-in, packet
and command, and nobody needs.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from copy import copy
from functools import partial
from typing import Any, cast

import asyncssh
from asyncssh.constants import MSG_IGNORE
from asyncssh.logging import SSHLogger
from asyncssh.packet import Boolean

from executor.adapters.ssh_transport import PromptSocket
from shared.lru_cache import LruCache

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
    "known_hosts": None,
    "kex_algs": _KEY_EXCHANGES,
    "encryption_algs": _CIPHERS,
    "compression_algs": "none",
    "preferred_auth": ("publickey", "password", "keyboard-interactive"),
    "utf8_decode_errors": "replace",
}

_START_READING = getattr(asyncssh.SSHClientChannel, "_start_reading").__code__  # noqa: B009 - the name is asyncssh's own
_PUBLIC_KEY = b"publickey"

_prepared: LruCache[asyncssh.SSHClientConnectionOptions] = LruCache(most=100)
"""What does not depend on the provider: to work it out takes asyncssh a millisecond, in a thread of its own."""


async def connected(
    host: str,
    port: int,
    user: str,
    *,
    way: PromptSocket | asyncssh.SSHClientConnection,
    client: asyncssh.SSHClient,
    host_key_algorithms: tuple[str, ...],
    known_hosts: object,
) -> "FrugalConnection":
    """A connection that is logged in, over a socket or through another connection; errors as of ``asyncssh.connect``.

    ``known_hosts`` is for asyncssh; with none the client looks at the host's key itself.
    """
    loop = asyncio.get_running_loop()
    options = copy(await _prepared_options(user, host_key_algorithms))
    options.host = options.orig_host = name_in_certificates(host)
    options.port = port
    options.protocol_factory = lambda: client
    options.known_hosts = cast(Any, known_hosts)
    options.waiter = loop.create_future()
    make = partial(FrugalConnection, loop, options, wait="auth")
    connecting: Any = (
        loop.create_connection(make, sock=way)
        if isinstance(way, PromptSocket)
        else way.create_connection(cast(Any, make), host, port)
    )
    connection: FrugalConnection = (await connecting)[1]
    connection.set_extra_info(host=host, port=port)
    try:
        await options.waiter
    except BaseException:
        connection.abort()
        await connection.wait_closed()
        raise
    return connection


def name_in_certificates(host: str) -> str:
    """The name that a host certificate has to hold: hosts are the same in any case, and OpenSSH asks in small letters,
    as certificates are made.
    """
    return host.lower()


async def _prepared_options(user: str, host_key_algorithms: tuple[str, ...]) -> asyncssh.SSHClientConnectionOptions:
    key = f"{','.join(host_key_algorithms)} {user}"
    options = _prepared.get(key)
    if options is None:
        options = await asyncssh.SSHClientConnectionOptions.construct(
            username=user, server_host_key_algs=host_key_algorithms, **_SETTINGS
        )
        _prepared.remember(key, options)
    return options


class FrugalConnection(asyncssh.SSHClientConnection):
    """Sends what belongs together at once, signs when it offers a key, and keeps no log that nobody reads."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, options: asyncssh.SSHClientConnectionOptions, *, wait: str
    ) -> None:
        """``wait`` says when the waiter of the options is told, as asyncssh has it."""
        super().__init__(loop, options, wait=wait)
        self._unsent = list[bytes]()
        self._offered: asyncssh.SSHKeyPair | None = None
        self._pads: bool | None = None
        self._logger = _TerseLogger(context=getattr(self._logger, "_context", ""))

    def _reset_keepalive_timer(self) -> None:
        """Something was heard. asyncssh moves the timer with whatever arrives, which costs more than to ask in vain."""
        self._keepalive_count = 0
        if self._keepalive_timer is None and self._auth_complete:
            self._set_keepalive_timer()

    # --- log-in

    async def public_key_auth_requested(self) -> asyncssh.SSHKeyPair | None:
        """The next key to offer."""
        self._offered = await super().public_key_auth_requested()
        return self._offered

    async def send_userauth_request(self, method: bytes, *args: bytes, key: Any = None, trivial: bool = True) -> None:
        """Ask to be let in; with a key at once by its signature, as a server may be asked (RFC 4252, 7).

        asyncssh asks first whether the key would do: a round trip, and the server looks into its files twice.
        """
        if method == _PUBLIC_KEY and key is None and self._offered is not None:
            _, *which = args
            args, key, trivial = (Boolean(True), *which), self._offered, False
        try:
            await super().send_userauth_request(method, *args, key=key, trivial=trivial)
        except ValueError:  # such a signature cannot be made with it
            if method != _PUBLIC_KEY:
                raise
            self.try_next_auth()

    # --- packets

    def send_packet(self, pkttype: int, *args: bytes, handler: Any = None) -> None:
        """Send a packet, unless it is an empty one that hides where another begins from who attacks CBC (RFC 4251,
        9.3.1) and the cipher is none of that mode.
        """
        if pkttype == MSG_IGNORE and not self._hides_packets():
            return
        super().send_packet(pkttype, *args, handler=handler)

    def _hides_packets(self) -> bool:
        if self._pads is None:
            self._pads = "cbc" in str(self.get_extra_info("send_cipher"))
        return self._pads

    def _send(self, data: bytes) -> None:
        """Send together what is sent within one turn of the event loop: asyncssh takes ten system calls for a command,
        each of which wakes the server.
        """
        if self._transport is None:
            return
        if not self._unsent:
            self._loop.call_soon(self._send_unsent, self._transport)
        self._unsent.append(data)

    def _send_unsent(self, transport: asyncio.Transport) -> None:
        data = b"".join(self._unsent)
        self._unsent.clear()
        with suppress(ConnectionError):  # as asyncssh does: a channel through a jump host says so when it is closed
            transport.write(data)

    def log_sent_packet(self, *_: object) -> None:
        """Compose no line about it, which would show passwords, too."""

    def log_received_packet(self, *_: object) -> None:
        """Compose no line about it."""

    # --- commands

    def create_task(self, coro: Awaitable[None], task_logger: SSHLogger | None = None) -> "asyncio.Task[None]":
        """Begin a task; but to read from a new channel is begun at once, and so needs none: it waits for nothing."""
        if getattr(coro, "cr_code", None) is not _START_READING:
            return super().create_task(coro, task_logger)
        with suppress(StopIteration):
            cast("Coroutine[Any, Any, None]", coro).send(None)
        return cast("asyncio.Task[None]", None)


class _TerseLogger(SSHLogger):
    """Composes a line only where it will be written: asyncssh's own makes its texts first, and asks then."""

    def log(self, level: int, msg: object, *args: Any, **kwargs: Any) -> None:
        """Log a message, where this level is logged."""
        if self._logger.isEnabledFor(level):
            super().log(level, msg, *args, **kwargs)


def log_no_packets(channel: asyncssh.SSHClientChannel[Any]) -> None:
    """Have a channel compose no line about each packet."""
    setattr(channel, "_log_packet", _nothing)  # noqa: B010 - it is a method


_nothing: Callable[..., None] = lambda *_: None  # noqa: E731 - in the place of a line
