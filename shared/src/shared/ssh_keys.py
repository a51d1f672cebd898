"""Private keys to log in with, and their certificates. Whoever opens one does it here, in one way."""

from dataclasses import dataclass, field

import asyncssh
from asyncssh.public_key import CERT_TYPE_USER, SSHOpenSSHCertificate

from shared.ssh_key_text import CERTIFICATE_LINE, KeyTextError, as_lines, private_key_block

_NOT_OPENED = (
    "is missing: the private key is encrypted; give what opens it as {secret: NAME}, "
    "in YAML for opsimate apply as {file: PATH} too"
)


@dataclass(frozen=True)
class PrivateKey:
    """A key to log in with."""

    key: asyncssh.SSHKey = field(repr=False)
    certificate: SSHOpenSSHCertificate | None = field(default=None, repr=False)
    """By which an authority vouches for the key."""

    def complaint(self, user: str) -> str | None:
        """What a server may have against the certificate, as far as can be seen here; none where it is in order."""
        if self.certificate is None:
            return None
        try:
            self.certificate.validate(CERT_TYPE_USER, user)
        except ValueError as error:
            return _complaint(str(error), user, ", ".join(self.certificate.principals))
        return None


def read_private_key(text: str, passphrase: str | None = None, certificate: str | None = None) -> PrivateKey:
    """The key in a text, opened, with its certificate where one stands behind it or is given; ``KeyTextError``.

    Slow on purpose where the key has a passphrase.
    """
    key = _opened(private_key_block(text), None if passphrase is None else passphrase.rstrip("\r\n"))
    return PrivateKey(
        key, _certificate_of(key, certificate if certificate is not None else text, given=certificate is not None)
    )


def _opened(block: str, passphrase: str | None) -> asyncssh.SSHKey:
    try:
        return asyncssh.import_private_key(block, passphrase)
    except ValueError as error:  # asyncssh has several kinds, all of them this
        cause = str(error)
    if passphrase is None and "assphrase" in cause:
        raise KeyTextError("passphrase", _NOT_OPENED)
    if passphrase is not None and ("assphrase" in cause or "decrypt" in cause):
        raise KeyTextError("passphrase", "does not open the private key: correct it")
    raise KeyTextError("private_key", f"is a private key that cannot be read ({cause}): give the whole file, unchanged")


def _certificate_of(key: asyncssh.SSHKey, text: str, *, given: bool) -> SSHOpenSSHCertificate | None:
    lines = CERTIFICATE_LINE.findall(as_lines(text))
    if given and not lines:
        message = "is no certificate: give the line that ssh-keygen -s wrote, in a file that ends in -cert.pub"
        raise KeyTextError("certificate", message)
    if not lines:
        return None
    try:
        certificates = [asyncssh.import_certificate(line) for line in lines]
    except ValueError as error:
        raise KeyTextError("certificate", f"cannot be read ({error}): give the whole line, unchanged") from None
    for one in certificates:
        if isinstance(one, SSHOpenSSHCertificate) and one.key.public_data == key.public_data:
            return one
    raise KeyTextError("certificate", "belongs to another key: give the one that was made for this private key")


def _complaint(cause: str, user: str, principals: str) -> str:
    if "principal" in cause:
        return f"the certificate is for {principals}, not for {user}: have one made with -n {user}"
    if "type" in cause:
        return "the certificate is one for hosts: have one made without -h"
    what = (
        "has expired"
        if "expired" in cause
        else "is not valid yet"
        if "not yet" in cause
        else f"does not hold ({cause})"
    )
    return f"the certificate {what}: have a new one made, and see that the clocks are right"
