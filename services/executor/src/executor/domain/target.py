"""What is known of a provider that is reached over SSH, secrets resolved."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Self

Pin = Callable[[str], Awaitable[str]]
"""Stores the fingerprint that a provider showed, unless there is one, and returns the one that holds."""


@dataclass(frozen=True)
class SshTarget:
    """Where to connect, as whom, with which credentials."""

    key: str
    """What its connections are kept under: the provider's uid, so that one made anew inherits none."""
    host: str
    user: str
    pin: Pin = field(compare=False, repr=False)
    """Asked before the first log-in where no ``host_key`` is given."""
    port: int = 22
    private_key: str | None = field(default=None, repr=False)
    """In OpenSSH or PEM form."""
    passphrase: str | None = field(default=None, repr=False)
    """Opens the private key."""
    password: str | None = field(default=None, repr=False)
    host_key: str | None = None
    """The fingerprint that the provider has to show, ``SHA256:…``."""
    jump: Self | None = None
    """The target that the connection goes through."""

    @property
    def address(self) -> str:
        """Where it is, for people."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def leads_where(self, other: Self) -> bool:
        """Whether a connection to the other, its host key aside, is as good as one to this."""
        return _without_host_key(self) == _without_host_key(other)


def _without_host_key(target: SshTarget) -> tuple[object, ...]:
    return (
        target.key,
        target.host,
        target.port,
        target.user,
        target.private_key,
        target.passphrase,
        target.password,
        target.jump,
    )
