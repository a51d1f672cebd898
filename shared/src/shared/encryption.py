"""Secrets at rest: sealed with one master key, opened only where they are used."""

import base64
import binascii
import hmac
import os
import tempfile
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
SCHEME = "v1"


class MasterKeyError(ValueError):
    """The master key is missing or is not one, or it does not open what is stored of a secret."""


class Sealer:
    """Seals and opens texts with AES-256-GCM, each bound to the place it belongs to.

    The place (such as ``secret/deploy-key``) is authenticated with the text, so that a sealed value moved to
    another place in the database does not open there.
    """

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != KEY_BYTES:
            message = f"the master key has {len(master_key)} bytes, it needs {KEY_BYTES}"
            raise MasterKeyError(message)
        self._cipher = AESGCM(master_key)
        self._digest_key = hmac.digest(master_key, b"opsimate digest", "sha256")

    def digest(self, text: str) -> str:
        """What two equal texts have in common, in hexadecimal. Without the key no text can be tried against it."""
        return hmac.digest(self._digest_key, text.encode(), "sha256").hex()

    def seal(self, text: str, *, place: str) -> str:
        """The text, encrypted, as ``v1:`` and URL-safe base64 of nonce and ciphertext."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, text.encode(), place.encode())
        return f"{SCHEME}:{base64.urlsafe_b64encode(sealed).decode()}"

    def open(self, sealed: str, *, place: str) -> str:
        """The text again; ``MasterKeyError`` where the key or the place is another, or where it is damaged."""
        scheme, _, encoded = sealed.partition(":")
        if scheme != SCHEME:
            message = f"cannot open {place}: it is damaged, or sealed by another version (this one opens {SCHEME})"
            raise MasterKeyError(message)
        try:
            data = base64.b64decode(encoded, altchars=b"-_", validate=True)
        except ValueError as error:  # no base64, or letters that are not ASCII
            message = f"cannot open {place}: what is stored of it is damaged"
            raise MasterKeyError(message) from error
        if len(data) < NONCE_BYTES + TAG_BYTES:
            message = f"cannot open {place}: what is stored of it is damaged, its end is missing"
            raise MasterKeyError(message)
        try:
            return self._cipher.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], place.encode()).decode()
        except InvalidTag as error:
            message = f"cannot open {place}: it was sealed with another master key, or it is damaged"
            raise MasterKeyError(message) from error

    def opens(self, sealed: str, *, place: str) -> bool:
        """Whether ``open`` would give a text."""
        try:
            self.open(sealed, place=place)
        except MasterKeyError:
            return False
        return True


def new_master_key() -> str:
    """32 random bytes in URL-safe base64."""
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()


def master_key_from(text: str) -> bytes:
    """A master key from its URL-safe base64."""
    try:
        key = base64.b64decode(text.strip(), altchars=b"-_", validate=True)
    except binascii.Error as error:
        message = f"the master key is not URL-safe base64 of {KEY_BYTES} bytes"
        raise MasterKeyError(message) from error
    if len(key) != KEY_BYTES:
        message = f"the master key has {len(key)} bytes, it needs {KEY_BYTES}"
        raise MasterKeyError(message)
    return key


def write_private(path: Path, text: str) -> None:
    """Write a new file that only its owner can read, whole or not at all; ``FileExistsError`` where it is there."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # mkstemp makes it 0600
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    finally:
        Path(draft).unlink()
