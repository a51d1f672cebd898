"""What a target is logged in to with, parsed once."""

import asyncio
from dataclasses import dataclass, field

import asyncssh

from executor.adapters.connection_failed import ConnectionFailedError
from executor.domain.target import SshTarget


@dataclass(frozen=True)
class Credentials:
    """A key, a password, or both."""

    key: asyncssh.SSHKey | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        """What is tried, in words."""
        kinds = [kind for kind, given in (("private key", self.key), ("password", self.password)) if given is not None]
        return " and the ".join(kinds)


async def credentials_of(target: SshTarget) -> Credentials:
    """The credentials of a target; ``misconfigured``, with which secret is wrong, where they are none."""
    key = None
    if target.private_key is not None:  # to open a key is slow on purpose, so not on the event loop
        key = await asyncio.to_thread(_private_key, target.private_key, _one_line(target.passphrase))
    return Credentials(key, _one_line(target.password))


def _one_line(secret: str | None) -> str | None:
    """Without the line end that editors and ``echo`` put into files."""
    return secret.rstrip("\r\n") if secret is not None else None


def _private_key(text: str, passphrase: str | None) -> asyncssh.SSHKey:
    with_unix_lines = text.replace("\r\n", "\n").strip() + "\n"
    try:
        return asyncssh.import_private_key(with_unix_lines, passphrase)
    except ValueError as error:  # asyncssh has several kinds, all of them this
        raise ConnectionFailedError("misconfigured", _what_is_wrong(str(error), passphrase)) from None


def _what_is_wrong(told: str, passphrase: str | None) -> str:
    if passphrase is None and "assphrase" in told:
        return "The private key is encrypted: give the secret with its passphrase, too."
    if isinstance(passphrase, str) and ("assphrase" in told or "decrypt" in told):
        return "The secret given as passphrase does not open the private key: correct it."
    return f"The secret given as private_key is no private key in OpenSSH or PEM form ({told}): correct it."
