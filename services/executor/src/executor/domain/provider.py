"""A provider that is reached over SSH: how, that it cannot be, and what it says in words of its own."""

import unicodedata
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Self

from shared.contracts.host_key import HostKey
from shared.contracts.provider import ConnectionReason

MOST_HEARD = 500
"""Characters that are passed on of what a provider says in words of its own."""

Pin = Callable[[HostKey], Awaitable[HostKey]]
"""Stores the host key that a provider showed, unless there is one, and returns the one that holds."""
LearnType = Callable[[HostKey], Awaitable[None]]
"""Remembers the type of a host key that was expected by its fingerprint alone."""


async def _learns_nothing(_: HostKey) -> None:
    """Where nobody asks again."""


@dataclass(frozen=True)
class SshProvider:
    """Where to connect, as whom, with which credentials; secrets are resolved."""

    key: str
    """What its connections are kept under: the provider's uid, so that one made anew inherits none."""
    host: str
    user: str
    pin: Pin = field(compare=False, repr=False)
    """Asked before the first log-in where no ``host_key`` is given."""
    learn_type: LearnType = field(default=_learns_nothing, compare=False, repr=False)
    """Told after a log-in where ``host_key_type`` was not known."""
    port: int = 22
    private_key: str | None = field(default=None, repr=False)
    """In OpenSSH or PEM form."""
    passphrase: str | None = field(default=None, repr=False)
    """Opens the private key."""
    certificate: str | None = field(default=None, repr=False)
    """That of the private key, where it does not stand behind the key itself."""
    password: str | None = field(default=None, repr=False)
    host_key: str | None = None
    """The fingerprint that the provider has to show, ``SHA256:…``."""
    host_key_type: str | None = None
    """The type of that key, such as ``ssh-ed25519``, where it is known."""
    host_ca: str | None = None
    """Public keys, one a line: the provider has to show a certificate that one of them has signed."""
    jump: Self | None = None
    """The provider that the connection goes through."""

    @property
    def address(self) -> str:
        """Where it is, for people."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def leads_where(self, other: Self) -> bool:
        """Whether a connection to the other, its host key aside, is as good as one to this."""
        return _without_host_key(self) == _without_host_key(other)


def _without_host_key(provider: SshProvider) -> tuple[object, ...]:
    return (
        provider.key,
        provider.host,
        provider.port,
        provider.user,
        provider.private_key,
        provider.passphrase,
        provider.certificate,
        provider.password,
        provider.host_ca,
        provider.jump,
    )


class ConnectionFailedError(Exception):
    """A provider cannot be reached; the message says so in sentences, with the next thing to do."""

    def __init__(self, reason: ConnectionReason, message: str, *, is_lasting: bool = False) -> None:
        """``is_lasting``: the next try would end alike, until a person has changed something."""
        super().__init__(message)
        self.reason: ConnectionReason = reason
        self.message = message
        self.is_lasting = is_lasting


def readable(text: str) -> str:
    """What a server or a start-up file says, on one line, not too long, and without what a terminal would act on."""
    plain = "".join(" " if character.isspace() else character for character in text)
    words = " ".join("".join(one for one in plain if unicodedata.category(one)[0] != "C").split())
    return words if len(words) <= MOST_HEARD else f"{words[:MOST_HEARD]}…"
