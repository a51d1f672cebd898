"""Secret values from files and from standard input: read here, on the machine of whoever types, never in argv."""

import base64
import binascii
import sys
from pathlib import Path

import click

from opsimate.errors import OpsimateError
from shared.ssh_key_text import KeyTextError, private_key_block

LARGEST_FILE = 65_536
"""In bytes, as much as a secret may have."""
_OPENSSH_MAGIC = b"openssh-key-v1\0"
_LENGTH_BYTES = 4


def secret_text(text: str) -> str:
    """A value without the line end that editors and ``echo`` put behind a single line; keys keep theirs."""
    value = text.removesuffix("\n").removesuffix("\r")
    return text if "\n" in value else value


def read_secret(path: Path) -> str:
    """The value that a file holds."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise OpsimateError(f"{path}: {error.strerror}") from error
    if len(data) > LARGEST_FILE:
        raise OpsimateError(f"{path}: larger than {LARGEST_FILE} bytes, the most that a secret may have")
    try:
        value = secret_text(data.decode())
    except UnicodeDecodeError as error:
        raise OpsimateError(f"{path}: not UTF-8 text; encode it, for example with base64") from error
    if not value:
        raise OpsimateError(f"{path}: there is nothing in it")
    return value


def secret_from_stdin(what: str) -> str:
    """A value from standard input; where that is a terminal it is asked for, and not shown."""
    if sys.stdin.isatty():
        return str(click.prompt(what, hide_input=True, err=True))
    value = secret_text(sys.stdin.read())
    if not value:
        raise OpsimateError(f"{what}: standard input is empty.")
    return value


def read_private_key_file(path: Path) -> str:
    """The private key that a file holds."""
    text = read_secret(path)
    try:
        private_key_block(text)
    except KeyTextError as error:
        raise OpsimateError(f"{path} {error}.") from None
    return text


def has_passphrase(key: str) -> bool:
    """Whether a private key has to be opened with a passphrase."""
    key = private_key_block(key)
    if "BEGIN OPENSSH PRIVATE KEY" not in key:
        return "ENCRYPTED" in key
    lines = [line.strip() for line in key.splitlines()]
    try:
        data = base64.b64decode("".join(line for line in lines if not line.startswith("-----")))
    except binascii.Error:
        return False
    rest = data.removeprefix(_OPENSSH_MAGIC)
    length = int.from_bytes(rest[:_LENGTH_BYTES])
    return rest[_LENGTH_BYTES : _LENGTH_BYTES + length] != b"none"
