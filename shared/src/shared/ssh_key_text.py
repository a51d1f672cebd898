"""Private keys as people paste them: the text that was meant, or what it is instead."""

import base64
import binascii
import re
from typing import Literal

KeyField = Literal["private_key", "passphrase", "certificate"]

_BLOCK = re.compile(r"-----BEGIN ((?:[A-Z0-9]+ )*PRIVATE KEY)-----(.*?)-----END \1-----", re.DOTALL)
CERTIFICATE_LINE = re.compile(r"^\S+-cert-v01@openssh\.com [A-Za-z0-9+/=]+", re.MULTILINE)
_MOST_BLOCKS = 20
"""Blocks of any kind in one text, which each take a search to its end."""
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
    (CERTIFICATE_LINE, "is a certificate alone: give the private key, and the certificate behind it or as certificate"),
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


def as_lines(text: str) -> str:
    """What was meant, where a form or an editor has changed how the lines stand."""
    text = text.strip("\ufeff \t\r\n")
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    if "\n" not in text.strip():
        text = text.replace("\\r", "").replace("\\n", "\n")
    return "\n".join(line.strip("\ufeff\u00a0 \t") for line in text.splitlines())


def private_key_block(text: str) -> str:
    """The private key in such a text, from its first line to its last; ``KeyTextError`` where there is none."""
    text = as_lines(text)
    found = list(_BLOCK.finditer(text)) if text.count("-----BEGIN") <= _MOST_BLOCKS else []
    if len(found) != 1:
        raise KeyTextError("private_key", _SEVERAL if found else _what_it_is(text))
    kind, body = found[0].groups()
    if "\n" not in body.strip() and ":" not in body:  # all in one line, with spaces where the lines ended
        body = "\n".join(["", *body.split(), ""])
    body = re.sub(r"\n\n+", "\n", body) if ":" not in body else body
    return f"-----BEGIN {kind}-----{body}-----END {kind}-----\n"


def is_plain_key(text: str) -> bool:
    """Whether there is a private key and nothing else in such a text, in the form and of a kind that ``ssh-keygen``
    makes, without a passphrase, and whole; ``KeyTextError`` where there is none.

    Whoever only wants to know that it can be read is spared asyncssh's seven megabytes for nearly every key. What is
    no such key may be a good one all the same: ``ssh_keys`` can tell.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_ssh_private_key

    block = private_key_block(text)
    if CERTIFICATE_LINE.search(as_lines(text)):
        return False
    try:
        key = load_ssh_private_key(block.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm, NotImplementedError):  # the last one for points of a curve
        return False
    return isinstance(key, Ed25519PrivateKey | RSAPrivateKey | EllipticCurvePrivateKey)


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
