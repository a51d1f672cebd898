"""What is beneath a log-in: TCP connections to providers, and the host keys that they are asked for and show."""

import asyncio
import socket
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

import asyncssh

from executor.domain.provider import ConnectionFailedError, SshProvider
from shared.contracts.host_key import HostKey
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
    with suppress(socket.gaierror, UnicodeError):  # a name: only an address is read without asking anybody
        return socket.getaddrinfo(
            provider.host, provider.port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        )
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
