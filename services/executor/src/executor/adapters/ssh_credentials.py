"""What a target is logged in to with, parsed once."""

import asyncio
from dataclasses import dataclass, field

import asyncssh

from executor.adapters.connection_failed import ConnectionFailedError
from executor.domain.target import SshTarget
from shared.ssh_key_text import KeyTextError
from shared.ssh_keys import PrivateKey, read_private_key


@dataclass(frozen=True)
class SshCredentials:
    """A key, a password, or both."""

    key: PrivateKey | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        """What is tried, in words."""
        private_key = "private key and its certificate" if self.has_certificate else "private key"
        kinds = [kind for kind, given in ((private_key, self.key), ("password", self.password)) if given is not None]
        return " and the ".join(kinds)

    @property
    def has_certificate(self) -> bool:
        """Whether an authority vouches for the key."""
        return self.key is not None and self.key.certificate is not None

    def key_pairs(self) -> list[asyncssh.SSHKeyPair]:
        """What the key is offered as: with its certificate first, where it has one, and alone."""
        if self.key is None:
            return []
        with_certificate = self.key.certificate and (self.key.key, self.key.certificate)
        return list(asyncssh.load_keypairs([with_certificate or self.key.key]))


async def credentials_of(target: SshTarget) -> SshCredentials:
    """The credentials of a target; ``misconfigured``, with which secret is wrong, where they are none."""
    key = None
    if target.private_key is not None:  # to open a key is slow on purpose, so not on the event loop
        key = await asyncio.to_thread(_private_key, target)
    return SshCredentials(key, _one_line(target.password))


def _one_line(secret: str | None) -> str | None:
    """Without the line end that editors and ``echo`` put into files."""
    return secret.rstrip("\r\n") if secret is not None else None


def _private_key(target: SshTarget) -> PrivateKey:
    assert target.private_key is not None  # noqa: S101 - asked only then
    try:
        return read_private_key(target.private_key, target.passphrase, target.certificate)
    except KeyTextError as error:
        message = f"The secret given as {error.field} {error}."
        if error.field == "passphrase" and target.passphrase is None:
            message = "The private key is encrypted: give the secret with its passphrase, too."
        raise ConnectionFailedError("misconfigured", message) from None
