"""Secrets at rest: sealed with one master key, opened only where they are used."""

import base64
import binascii
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
SCHEME = "v1"


class MasterKeyError(ValueError):
    """The master key is missing or is not one, or it is not the one that a secret was sealed with."""


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

    def seal(self, text: str, *, place: str) -> str:
        """The text, encrypted, as ``v1:`` and URL-safe base64 of nonce and ciphertext."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, text.encode(), place.encode())
        return f"{SCHEME}:{base64.urlsafe_b64encode(sealed).decode()}"

    def open(self, sealed: str, *, place: str) -> str:
        """The text again; ``MasterKeyError`` where the key or the place is another."""
        scheme, _, encoded = sealed.partition(":")
        if scheme != SCHEME:
            message = f"sealed with the unknown scheme '{scheme}'; this version opens {SCHEME}"
            raise MasterKeyError(message)
        data = base64.urlsafe_b64decode(encoded)
        try:
            return self._cipher.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], place.encode()).decode()
        except InvalidTag as error:
            message = f"cannot open {place}: it was sealed with another master key"
            raise MasterKeyError(message) from error


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
    """Write a new file that only its owner can read; ``FileExistsError`` where it is there already."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
