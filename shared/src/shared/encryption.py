"""Secrets at rest: sealed with one master key, opened only where they are used."""

import base64
import binascii
import hmac
import os
import re
import tempfile
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
SCHEME = "v2"
"""How texts are sealed now: ``v2:``, the id of the key, ``:``, and URL-safe base64 of nonce and ciphertext."""
SCHEME_WITHOUT_KEY_ID = "v1"
"""How they were sealed before: the same without the id, so that only trying tells whether a key is the right one."""
_KEY_ID = re.compile(r"[0-9a-f]{16}")


class MasterKeyError(ValueError):
    """The master key is missing or is not one, or it does not open what is stored of a secret."""


class Sealer:
    """Seals and opens texts with AES-256-GCM, each bound to what it belongs to.

    What a text is bound to (such as ``secret/deploy-key``) is authenticated with it, so that a sealed value moved to
    another document does not open there; so is the id of the key.
    """

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != KEY_BYTES:
            message = f"the master key has {len(master_key)} bytes, it needs {KEY_BYTES}"
            raise MasterKeyError(message)
        self._cipher = AESGCM(master_key)
        self._digest_key = hmac.digest(master_key, b"opsimate digest", "sha256")
        self.key_id = hmac.digest(master_key, b"opsimate key id", "sha256")[:8].hex()
        """Names the key and says nothing of it: whatever is sealed carries it, so keys can be told apart."""
        self._head = f"{SCHEME}:{self.key_id}:"

    def digest(self, text: str) -> str:
        """What two equal texts have in common, in hexadecimal. Without the key no text can be tried against it."""
        return hmac.digest(self._digest_key, text.encode(), "sha256").hex()

    def seal(self, text: str, *, bound_to: str) -> str:
        """The text, encrypted, with the id of the key."""
        return self._head + base64.urlsafe_b64encode(self._encrypted(text.encode(), bound_to)).decode()

    def seal_bytes(self, data: bytes, *, bound_to: str) -> bytes:
        """The same for bytes, without base64."""
        return self._head.encode() + self._encrypted(data, bound_to)

    def open(self, sealed: str, *, bound_to: str) -> str:
        """The text again; ``MasterKeyError`` for another key, for what it is not bound to, and where it is damaged."""
        key_id, encoded = _parts(sealed, bound_to)
        self._require(key_id, bound_to)
        try:
            data = base64.b64decode(encoded, altchars=b"-_", validate=True)
        except ValueError as error:  # no base64, or letters that are not ASCII
            message = f"cannot open {bound_to}: what is stored of it is damaged"
            raise MasterKeyError(message) from error
        return self._decrypted(data, bound_to, key_id).decode()

    def open_bytes(self, sealed: bytes, *, bound_to: str) -> bytes:
        """The bytes again; ``MasterKeyError`` as for a text."""
        head = len(self._head)
        key_id, _ = _parts(sealed[:head].decode("ascii", "replace"), bound_to)
        self._require(key_id, bound_to)
        return self._decrypted(sealed[head:], bound_to, key_id)

    def opens(self, sealed: str, *, bound_to: str) -> bool:
        """Whether ``open`` would give a text."""
        try:
            self.open(sealed, bound_to=bound_to)
        except MasterKeyError:
            return False
        return True

    def _encrypted(self, data: bytes, bound_to: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, data, f"{self._head}{bound_to}".encode())

    def _require(self, key_id: str | None, bound_to: str) -> None:
        if key_id not in {self.key_id, None}:
            message = f"cannot open {bound_to}: it needs the master key {key_id}, and this process has {self.key_id}"
            raise MasterKeyError(message)

    def _decrypted(self, data: bytes, bound_to: str, key_id: str | None) -> bytes:
        if len(data) < NONCE_BYTES + TAG_BYTES:
            message = f"cannot open {bound_to}: what is stored of it is damaged, its end is missing"
            raise MasterKeyError(message)
        authenticated = bound_to if key_id is None else f"{self._head}{bound_to}"
        try:
            return self._cipher.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], authenticated.encode())
        except InvalidTag as error:
            found = "it was sealed with another master key, or it is damaged" if key_id is None else "it is damaged"
            message = f"cannot open {bound_to}: {found}"
            raise MasterKeyError(message) from error


def _parts(sealed: str, bound_to: str) -> tuple[str | None, str]:
    """The id of the key that a text was sealed with, none where it carries none, and what is encoded in it."""
    scheme, _, rest = sealed.partition(":")
    if scheme == SCHEME_WITHOUT_KEY_ID:
        return None, rest
    key_id, _, encoded = rest.partition(":")
    if scheme != SCHEME or not _KEY_ID.fullmatch(key_id):
        opened = f"{SCHEME} and {SCHEME_WITHOUT_KEY_ID}"
        message = f"cannot open {bound_to}: it is damaged, or sealed by another version (this one opens {opened})"
        raise MasterKeyError(message)
    return key_id, encoded


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
