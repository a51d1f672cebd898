"""What is beneath a log-in: TCP connections to providers, the host keys that they are asked for and show, and what is
sent, without what asyncssh (seen in 2.24.1) does for each command and nobody needs.
"""

import asyncio
import socket
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from typing import Any

import asyncssh
from asyncssh.constants import MSG_IGNORE
from asyncssh.logging import SSHLogger

from executor.domain.provider import ConnectionFailedError, SshProvider
from shared.contracts.provider import HostKey
from shared.descriptors import check_descriptors

_QUICK_ACK: int | None = getattr(socket, "TCP_QUICKACK", None)  # Linux has it
FIRST_WORDS = 1024
"""How many bytes are kept of what a server says before its greeting."""


TYPES: dict[str, tuple[str, ...]] = {
    "ssh-ed25519": ("ssh-ed25519",),
    "ecdsa-sha2-nistp256": ("ecdsa-sha2-nistp256",),
    "ecdsa-sha2-nistp384": ("ecdsa-sha2-nistp384",),
    "ecdsa-sha2-nistp521": ("ecdsa-sha2-nistp521",),
    "ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"),
}
"""The types of host keys, each with the algorithms that it signs by. A server shows one key, of the first of these
algorithms that it has a key for."""
_CERTIFIED = "-cert-v01@openssh.com"
_TYPE_OF = {
    algorithm: kind
    for kind, algorithms in TYPES.items()
    for plain in algorithms
    for algorithm in (plain, plain + _CERTIFIED)
}
_COOKIE = 1 + 16
"""Bytes of a key exchange's first message before its lists: the number of the message, and chance."""
_LENGTH = 4


_START_READING = getattr(asyncssh.SSHClientChannel, "_start_reading").__code__  # noqa: B009 - the name is asyncssh's own


class PromptSocket(socket.socket):
    """Acknowledges at once what it receives, and keeps what a server says before it greets.

    sshd holds back a small packet until the one before is acknowledged, which a kernel delays for 40 ms: on every
    fresh connection that would be the time of its first command. The kernel forgets the setting, so it is repeated.
    """

    _heard = b""
    _is_greeted = False

    @property
    def first_words(self) -> bytes:
        """What came before the greeting: why the server hangs up, or what it is if it is no SSH server."""
        return self._heard.partition(b"SSH-")[0]

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """Receive, and see that the acknowledgement goes out."""
        data = super().recv(bufsize, flags)
        if not self._is_greeted:
            self._heard += data[: FIRST_WORDS - len(self._heard)]
            self._is_greeted = b"SSH-" in self._heard or len(self._heard) >= FIRST_WORDS
        if data and _QUICK_ACK is not None:
            self.setsockopt(socket.IPPROTO_TCP, _QUICK_ACK, 1)
        return data


async def connected_socket(provider: SshProvider, within: float) -> PromptSocket:
    """A TCP connection to the provider, each of its addresses tried in turn for its share of the time."""
    addresses = await _addresses(provider)
    failure: ConnectionFailedError | None = None
    for family, kind, protocol, _, address in addresses:
        attempt = PromptSocket(family, kind, protocol)
        attempt.setblocking(False)
        try:
            async with asyncio.timeout(within / len(addresses)):
                await asyncio.get_running_loop().sock_connect(attempt, address)
        except OSError as error:
            attempt.close()
            failure = _failure(provider, error, within)
        except BaseException:
            attempt.close()
            raise
        else:
            return attempt
    assert failure is not None  # noqa: S101 - a resolver that succeeds names an address
    raise failure


async def _addresses(provider: SshProvider) -> list[tuple[Any, Any, int, str, Any]]:
    try:
        return await asyncio.get_running_loop().getaddrinfo(provider.host, provider.port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        await check_descriptors()  # without one a resolver finds nobody
        message = f"There is no host named {provider.host}: correct the provider's host, or its name in the DNS."
        raise ConnectionFailedError("host_not_found", message) from None


def _failure(provider: SshProvider, error: OSError, within: float) -> ConnectionFailedError:
    if isinstance(error, TimeoutError):
        message = (
            f"{provider.address} did not answer within {within:g} s: "
            "check that the machine is up, and that no firewall is between."
        )
        return ConnectionFailedError("timed_out", message)
    if isinstance(error, ConnectionRefusedError):
        message = f"{provider.address} refused the connection: check that sshd runs there, and the port."
        return ConnectionFailedError("refused", message)
    message = f"{provider.address} cannot be reached ({error.strerror or error}): check the network and the address."
    return ConnectionFailedError("refused", message)


def algorithms(types: Iterable[str], *, certified: bool) -> tuple[str, ...]:
    """What to ask for to be shown a key of one of the types; ``certified`` where only a certificate will do.

    A server may have a certificate and show nothing else, so that is asked for, too, behind the keys alone.
    """
    plain = [algorithm for kind in types for algorithm in TYPES[kind]]
    certificates = [algorithm + _CERTIFIED for algorithm in plain]
    return tuple(certificates if certified else [*plain, *certificates])


def offered_by(connection: asyncssh.SSHClientConnection) -> frozenset[str] | None:
    """The algorithms of the host keys that the server has, as it says itself; none where it has not said.

    No sshd tells why it hangs up on whoever asks for a type of key that it has not, so the list has to be looked at.
    asyncssh keeps the message, but hands it out nowhere.
    """
    message: bytes = getattr(connection, "_server_kexinit", b"")
    if not message:
        return None
    _, rest = _list_in(message[_COOKIE:])
    names, _ = _list_in(rest)
    return frozenset(names.decode("ascii", "replace").split(","))


def _list_in(data: bytes) -> tuple[bytes, bytes]:
    end = _LENGTH + int.from_bytes(data[:_LENGTH])
    return data[_LENGTH:end], data[end:]


def types_among(offered: Iterable[str]) -> list[str]:
    """The types of the keys that a server has."""
    found = {_TYPE_OF[algorithm] for algorithm in offered if algorithm in _TYPE_OF}
    return [kind for kind in TYPES if kind in found]


def untried(
    types: Sequence[str], expected: HostKey, shown: HostKey | None, offered: frozenset[str] | None
) -> tuple[str, ...]:
    """The types that the expected key may still be of, where another was shown, or none of the types asked for."""
    left = [kind for kind in types if shown is None or kind != shown.type]
    if offered is not None:
        left = [kind for kind in left if kind in types_among(offered)]
    elif shown is None:
        left = []
    return tuple(kind for kind in left if expected.type in {None, kind})


def changed_host_key(
    provider: SshProvider, expected: HostKey | None, shown: list[str], offered: frozenset[str] | None
) -> ConnectionFailedError:
    """The provider is perhaps not the one it was."""
    has = ", ".join(types_among(offered or ())) or "none that is known here"
    if expected is None:
        message = (
            f"{provider.address} has no host certificate, but host_ca asks for one (it has host keys of the types: "
            f"{has}): give it one with HostCertificate in its sshd_config, or take host_ca away."
        )
        return ConnectionFailedError("host_key_changed", message)
    shows = f"shows the host key {shown[0]}" if shown else f"has no host key of the type {expected.type} (only {has})"
    message = (
        f"{provider.address} {shows}, but {expected.fingerprint} is expected: somebody may be in between. "
        "If the machine was installed anew, set the provider's host_key to what ssh-keygen -l prints there."
    )
    return ConnectionFailedError("host_key_changed", message)


class _TerseLogger(SSHLogger):
    """Composes a line only where it will be written: asyncssh's own makes its texts first, and asks then."""

    def log(self, level: int, msg: object, *args: Any, **kwargs: Any) -> None:
        """Log a message, where this level is logged."""
        if self._logger.isEnabledFor(level):
            super().log(level, msg, *args, **kwargs)


def log_what_is_wanted(connection: asyncssh.SSHClientConnection) -> None:
    """Have the connection and its channels compose no lines that are not written."""
    setattr(connection, "_logger", _TerseLogger(context=getattr(connection.logger, "_context", "")))  # noqa: B010 - the name is asyncssh's own
    log_no_packets(connection)


def log_no_packets(packets: asyncssh.SSHClientConnection | asyncssh.SSHClientChannel[Any]) -> None:
    """Have a connection or a channel compose no line about each packet, which would show passwords, too."""
    setattr(packets, "_log_packet", _nothing)  # noqa: B010 - it is a method


def _nothing(*_: object) -> None:
    """In the place of a line."""


def read_at_once(connection: asyncssh.SSHClientConnection) -> None:
    """Have the connection begin to read from a new channel at once: asyncssh makes a task of it, which waits for
    nothing.
    """
    create_task: Callable[..., object] = connection.create_task

    def create_task_unless_it_reads(coroutine: Coroutine[Any, Any, None], *logger: SSHLogger | None) -> object:
        if getattr(coroutine, "cr_code", None) is not _START_READING:
            return create_task(coroutine, *logger)
        with suppress(StopIteration):
            coroutine.send(None)
        return None

    setattr(connection, "create_task", create_task_unless_it_reads)  # noqa: B010 - it is a method


def keep_alive(connection: asyncssh.SSHClientConnection, *, every: float, most_unanswered: int) -> None:
    """Have the connection ask the server every so many seconds whether it is there; it is lost when nothing at all has
    been heard after that many questions.

    asyncssh moves the timer for that with whatever arrives, which costs more than to ask in vain.
    """
    connection.set_keepalive(every, most_unanswered)

    def heard() -> None:
        setattr(connection, "_keepalive_count", 0)  # noqa: B010 - the name is asyncssh's own

    setattr(connection, "_reset_keepalive_timer", heard)  # noqa: B010 - it is a method


def send_together(connection: asyncssh.SSHClientConnection) -> None:
    """Have what the connection sends within one turn of the event loop sent by one system call.

    asyncssh sends each packet by itself, and an empty one before each, which is ten system calls for a
    command, each of which wakes the server. The empty ones hide where a packet begins from who attacks CBC (RFC 4251,
    9.3.1), so they are left out where the cipher is none of that mode.
    """
    loop, waiting = asyncio.get_running_loop(), list[bytes]()
    send_packet: Callable[..., None] = connection.send_packet

    def send(data: bytes) -> None:
        transport = getattr(connection, "_transport", None)
        if transport is not None:
            if not waiting:
                loop.call_soon(flush, transport)
            waiting.append(data)

    def flush(transport: asyncio.Transport) -> None:
        data = b"".join(waiting)
        waiting.clear()
        with suppress(ConnectionError):  # as asyncssh does: a channel through a jump host says so when it is closed
            transport.write(data)

    def send_all_but_empty(packet_type: int, *parts: bytes, **how: Any) -> None:
        if packet_type != MSG_IGNORE:
            send_packet(packet_type, *parts, **how)

    setattr(connection, "_send", send)  # noqa: B010 - the name is asyncssh's own
    if "cbc" not in str(connection.get_extra_info("send_cipher")):
        setattr(connection, "send_packet", send_all_but_empty)  # noqa: B010 - it is a method
