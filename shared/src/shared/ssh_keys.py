"""Private keys and their certificates as people paste them. Whoever takes one reads it here, in one way."""

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import Literal

import asyncssh
from asyncssh.public_key import CERT_TYPE_USER, SSHOpenSSHCertificate

KeyField = Literal["private_key", "passphrase", "certificate"]

_BLOCK = re.compile(r"-----BEGIN ((?:[A-Z0-9]+ )*PRIVATE KEY)-----(.*?)-----END \1-----", re.DOTALL)
_CERTIFICATE = re.compile(r"^\S+-cert-v01@openssh\.com [A-Za-z0-9+/=]+", re.MULTILINE)
_BINARY_FORMS = (b"openssh-key-v1\0", b"\x30\x82", b"\x30\x81", b"\x30\x2e")
"""What keys begin with once their base64 is undone: OpenSSH's form, and DER of several lengths."""

_OTHER_TEXTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"PuTTY-User-Key-File"),
        (
            "is a PuTTY file: turn it into OpenSSH's form with puttygen FILE.ppk -O private-openssh -o FILE, "
            "and give what FILE holds then"
        ),
    ),
    (
        re.compile(r"BEGIN SSH2 ENCRYPTED PRIVATE KEY"),
        (
            "is a key in the form of ssh.com (Tectia): turn it into OpenSSH's form with ssh-keygen -i -f FILE, "
            "and give that"
        ),
    ),
    (
        re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----"),
        "is cut off: its last line, -----END … PRIVATE KEY-----, is missing; give the whole file",
    ),
    (_CERTIFICATE, "is a certificate alone: give the private key, and the certificate behind it or as certificate"),
    (
        re.compile(r"^(?:ssh-|ecdsa-|sk-)\S+ AAAA|BEGIN (?:\S+ )?PUBLIC KEY", re.MULTILINE),
        "is the public key: give the private one, mostly the file of the same name without .pub",
    ),
    (re.compile(r"BEGIN CERTIFICATE"), "is an X.509 certificate: give a private key in OpenSSH or PEM form"),
    (
        re.compile(r"\A(?:(?:~|\.{0,2})/[^\n]{1,200}|[\w.-]*id_[a-z0-9]+(?:\.pub)?)\Z"),
        "is the name of a file: give what the file holds, in YAML as {file: PATH}",
    ),
)
_NO_BORDERS = (
    "is base64 without the lines around it: give the whole file, from -----BEGIN … PRIVATE KEY----- "
    "to -----END … PRIVATE KEY-----"
)
_ENCODED_TWICE = "is a key file that was put into base64 once more: undo that with base64 -d, and give what comes out"
_SEVERAL = "holds several private keys: give one"
_UNKNOWN = "is no private key in OpenSSH or PEM form"


class KeyTextError(ValueError):
    """A text that cannot be used; says of which field, what is wrong and what to do."""

    def __init__(self, of: KeyField, message: str) -> None:
        super().__init__(message)
        self.field: KeyField = of
        """Of the provider's SSH connection."""


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
    text = _as_lines(text)
    key = _opened(_only_block(text), passphrase)
    return PrivateKey(key, _certificate_of(key, text, certificate))


def require_private_key(text: str) -> None:
    """``KeyTextError`` unless there is a private key in the text; whether it opens is not looked at."""
    _only_block(_as_lines(text))


def has_passphrase(text: str) -> bool:
    """Whether the private key in the text has to be opened with a passphrase."""
    try:
        asyncssh.import_private_key(_only_block(_as_lines(text)))
    except asyncssh.KeyEncryptionError:
        return True
    except ValueError as error:
        return "assphrase" in str(error)
    return False


def _as_lines(text: str) -> str:
    """What was meant, where a form or an editor has changed how the lines stand."""
    text = text.strip("\ufeff \t\r\n")
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    if "\n" not in text.strip():
        text = text.replace("\\r", "").replace("\\n", "\n")
    return "\n".join(line.strip("\ufeff\u00a0 \t") for line in text.splitlines())


def _only_block(text: str) -> str:
    found = list(_BLOCK.finditer(text))
    if len(found) != 1:
        raise KeyTextError("private_key", _SEVERAL if found else _what_it_is(text))
    kind, body = found[0].groups()
    if "\n" not in body.strip() and ":" not in body:  # all in one line, with spaces where the lines ended
        body = "\n".join(["", *body.split(), ""])
    body = re.sub(r"\n\n+", "\n", body) if ":" not in body else body
    return f"-----BEGIN {kind}-----{body}-----END {kind}-----\n"


def _what_it_is(text: str) -> str:
    for pattern, what in _OTHER_TEXTS:
        if pattern.search(text):
            return what
    decoded = _without_base64(text)
    if decoded.startswith(b"-----BEGIN"):
        return _ENCODED_TWICE
    return _NO_BORDERS if decoded.startswith(_BINARY_FORMS) else _UNKNOWN


def _without_base64(text: str) -> bytes:
    letters = "".join(text.split())
    try:
        return base64.b64decode(letters + "=" * (-len(letters) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _opened(block: str, passphrase: str | None) -> asyncssh.SSHKey:
    try:
        return asyncssh.import_private_key(block, passphrase)
    except ValueError as error:  # asyncssh has several kinds, all of them this
        told = str(error)
    if passphrase is None and "assphrase" in told:
        raise KeyTextError("passphrase", "is missing: the private key is encrypted, give the secret that opens it")
    if passphrase is not None and ("assphrase" in told or "decrypt" in told):
        raise KeyTextError("passphrase", "does not open the private key: correct it")
    raise KeyTextError("private_key", f"is a private key that cannot be read ({told}): give the whole file, unchanged")


def _certificate_of(key: asyncssh.SSHKey, text: str, certificate: str | None) -> SSHOpenSSHCertificate | None:
    given = _CERTIFICATE.findall(text if certificate is None else _as_lines(certificate))
    if not given:
        if certificate is not None:
            message = "is no certificate: give the line that ssh-keygen -s wrote, in a file that ends in -cert.pub"
            raise KeyTextError("certificate", message)
        return None
    try:
        certificates = [asyncssh.import_certificate(line) for line in given]
    except ValueError as error:
        raise KeyTextError("certificate", f"cannot be read ({error}): give the whole line, unchanged") from None
    for one in certificates:
        if isinstance(one, SSHOpenSSHCertificate) and one.key.public_data == key.public_data:
            return one
    raise KeyTextError("certificate", "belongs to another key: give the one that was made for this private key")


def _complaint(told: str, user: str, principals: str) -> str:
    if "principal" in told:
        return f"the certificate is for {principals}, not for {user}: have one made with -n {user}"
    if "type" in told:
        return "the certificate is one for hosts: have one made without -h"
    what = (
        "has expired" if "expired" in told else "is not valid yet" if "not yet" in told else f"does not hold ({told})"
    )
    return f"the certificate {what}: have a new one made, and see that the clocks are right"
