"""Host keys as people write them: fingerprints and public keys."""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}=?")
_PUBLIC_KEY = re.compile(
    r"(?:\S+ )?(ssh-ed25519|ecdsa-sha2-nistp(?:256|384|521)|ssh-rsa) ([A-Za-z0-9+/]+={0,2})(?: .*)?"
)
_LENGTH_BYTES = 4


@dataclass(frozen=True)
class HostKey:
    """What a server has to show, or has shown."""

    fingerprint: str
    """``SHA256:…`` without padding, as ssh-keygen -l prints it."""
    type: str | None = None
    """As it stands in known_hosts, such as ``ssh-ed25519``; none where only the fingerprint is known."""


def read_host_key(text: str) -> HostKey:
    """A fingerprint, or a whole public key, with or without the host before it; ``ValueError`` for anything else."""
    text = text.strip()
    if _FINGERPRINT.fullmatch(text):
        return HostKey(text.rstrip("="))
    return _public_key(text)


def public_keys(text: str) -> list[str]:
    """The public keys in a text, one a line, each as its type and its base64; ``ValueError`` for anything else."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        message = "holds no public key"
        raise ValueError(message)
    for line in lines:
        _public_key(line)
    return [" ".join(found.groups()) for line in lines if (found := _PUBLIC_KEY.fullmatch(line))]


def _public_key(line: str) -> HostKey:
    found = _PUBLIC_KEY.fullmatch(line)
    try:
        data = base64.b64decode(found[2], validate=True) if found else b""
    except binascii.Error:
        data = b""
    if found is None or not data[_LENGTH_BYTES:].startswith(found[1].encode()):
        message = "is neither a fingerprint such as SHA256:… nor a whole public key such as ssh-ed25519 AAAA…"
        raise ValueError(message)
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
    return HostKey(f"SHA256:{digest.rstrip('=')}", found[1])
