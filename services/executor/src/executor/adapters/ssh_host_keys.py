"""Which host keys a server is asked for, what it can show, and that it showed another one."""

from collections.abc import Iterable, Sequence

import asyncssh

from executor.domain.provider import ConnectionFailedError, SshProvider
from shared.contracts.host_key import HostKey

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
