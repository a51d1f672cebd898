"""``{file: …}`` in definitions, and other credentials as they are given: what becomes of them is a stored secret.

They are read here, on the machine of whoever types, never in argv.
"""

import base64
import binascii
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

import click

from opsimate.client import API, ApiClient, definition_path
from opsimate.definitions.files import FileDefinition
from opsimate.errors import OpsimateError, RefusedError
from opsimate.reading import bytes_of, bytes_of_standard_input
from shared.ssh_key_text import KeyTextError, private_key_block

SUFFIX_OF_CREDENTIAL = {
    "private_key": "key",
    "passphrase": "passphrase",
    "certificate": "certificate",
    "password": "password",
}
"""A credential's field in a provider's connection, and what the name of the secret made for it ends in."""


LARGEST_FILE = 65_536
"""In bytes, as much as a secret may have."""
NAME_ANOTHER = "give the value to a secret with a name of your own, and refer to that: {secret: NAME}"
NOT_TEXT = "not UTF-8 text; encode it, for example with base64"
_OPENSSH_MAGIC = b"openssh-key-v1\0"
_LENGTH_BYTES = 4


def secret_name(provider: str, credential: str) -> str:
    """The name of the secret that holds a provider's credential."""
    return f"{provider}-{SUFFIX_OF_CREDENTIAL[credential]}"


def resolved(definition: FileDefinition, complaints: list[str]) -> Iterator[FileDefinition]:
    """The definition without names of files, and the secrets that this takes before it."""
    if definition.kind == "secret":
        yield _with_value(definition, complaints)
    elif definition.kind == "provider":
        yield from _with_secrets(definition, complaints)
    else:
        yield definition


def _with_value(definition: FileDefinition, complaints: list[str]) -> FileDefinition:
    value: Any = definition.body.get("value")
    if not _names_a_file(value):
        return definition
    return _changed(definition, value=_read(definition, "value", value["file"], complaints))


def _with_secrets(definition: FileDefinition, complaints: list[str]) -> Iterator[FileDefinition]:
    connection: Any = definition.body.get("connection")
    ssh = connection.get("ssh") if isinstance(connection, dict) else None
    if not isinstance(ssh, dict):
        yield definition
        return
    from shared.contracts.values import NAME_LENGTH, is_name  # as models do, it takes its time to load

    read: dict[str, str] = {}
    replaced: dict[str, Any] = {}
    for credential, given in ssh.items():
        if credential in SUFFIX_OF_CREDENTIAL and _names_a_file(given):
            field = f"connection.ssh.{credential}"
            read[credential] = _read(definition, field, given["file"], complaints)
            made = _secret_for(definition, field, ProviderSecret(definition.name, credential), read[credential])
            replaced[credential] = {"secret": made.name}
            if is_name(made.name):
                yield made
            elif is_name(definition.name):  # else that is told
                said = f"the secret that is made of it would be '{made.name}', longer than {NAME_LENGTH} characters"
                complaints.append(definition.complaint(f"{field}.file", f"{said}; {NAME_ANOTHER}"))
    complaints.extend(_key_complaints(definition, ssh, read))
    yield _changed(definition, connection={**connection, "ssh": {**ssh, **replaced}})


def _key_complaints(definition: FileDefinition, ssh: dict[str, Any], read: dict[str, str]) -> Iterator[str]:
    """Whether a key that was read opens, where what opens it is known here: a server would be told too late."""
    if not all(read.values()) or "private_key" not in read or ("passphrase" in ssh and "passphrase" not in read):
        return
    from shared.ssh_keys import read_private_key  # it takes its time to load, and only this needs it

    try:
        read_private_key(read["private_key"], read.get("passphrase"), read.get("certificate"))
    except KeyTextError as error:
        yield definition.complaint(f"connection.ssh.{error.field}", str(error))


def _secret_for(definition: FileDefinition, field: str, secret: "ProviderSecret", value: str) -> FileDefinition:
    body = {"kind": "secret", "name": secret.name, "description": secret.description, "value": value}
    return replace(definition, kind="secret", name=secret.name, body=body, of_field=field)


def _names_a_file(value: object) -> bool:
    return isinstance(value, dict) and set(value) == {"file"}


def _read(definition: FileDefinition, field: str, file: object, complaints: list[str]) -> str:
    if not isinstance(file, str) or not file:
        complaints.append(definition.complaint(f"{field}.file", "has to be the name of a file"))
        return ""
    try:
        path = definition.directory / at_home(Path(file))
        return read_private_key_file(path) if field.endswith("private_key") else read_secret(path)
    except (OpsimateError, ValueError) as error:
        complaints.append(definition.complaint(f"{field}.file", str(error)))
        return ""


def _changed(definition: FileDefinition, **fields: Any) -> FileDefinition:
    return replace(definition, body={**definition.body, **fields})


@dataclass(frozen=True)
class ProviderSecret:
    """What holds one credential of a provider."""

    provider: str
    credential: str
    """The field of the connection that refers to it."""

    @property
    def name(self) -> str:
        """The name of the secret."""
        return secret_name(self.provider, self.credential)

    @property
    def description(self) -> str:
        """What it says about itself, by which it is told from a secret that somebody made under the same name."""
        return f"The {self.credential.replace('_', ' ')} of the provider {self.provider}"

    def create(self, api: ApiClient, value: str) -> None:
        """Store the value; ``OpsimateError`` where there is a secret of the name."""
        try:
            api.send("POST", f"{API}/secrets", self._body(value))
        except RefusedError as error:
            if error.status != HTTPStatus.CONFLICT:
                raise
            raise self._taken() from error

    def _taken(self) -> OpsimateError:
        option = {"private_key": "--key-secret", "password": "--password-secret"}.get(self.credential)
        use = f"Use it with {option} {self.name}, or remove" if option else "Remove"
        return OpsimateError(
            f"There is a secret '{self.name}' already. {use} it with: opsimate secrets delete {self.name}"
        )

    def replace(self, api: ApiClient, value: str) -> None:
        """Store another value in place of the one before."""
        api.send("PUT", definition_path("secrets", self.name), self._body(value))

    def is_stored(self, api: ApiClient) -> bool:
        """Whether it is there; ``OpsimateError`` where somebody else's secret has the name."""
        stored = self._stored(api)
        if stored is not None and stored["description"] != self.description:
            raise self._taken()
        return stored is not None

    def delete(self, api: ApiClient) -> None:
        """Remove it; ``RefusedError`` where something uses it."""
        api.send("DELETE", definition_path("secrets", self.name))

    def delete_if_own(self, api: ApiClient) -> str | None:
        """Remove it where it was made for the provider and nothing uses it; what became of it, in a sentence."""
        stored = self._stored(api)
        if stored is None or stored["description"] != self.description:
            return None
        try:
            self.delete(api)
        except RefusedError as error:
            if error.status != HTTPStatus.CONFLICT:
                raise
            return f"The secret '{self.name}' is kept: {error.message}."
        return f"The secret '{self.name}' is deleted too."

    def _stored(self, api: ApiClient) -> dict[str, Any] | None:
        stored: dict[str, Any] | None = api.get_if_there(definition_path("secrets", self.name))
        return stored

    def _body(self, value: str) -> dict[str, str]:
        return {"name": self.name, "description": self.description, "value": value}


def provider_secrets(provider: str) -> Iterator[ProviderSecret]:
    """Those that a provider may have."""
    return (ProviderSecret(provider, credential) for credential in SUFFIX_OF_CREDENTIAL)


def secret_text(text: str) -> str:
    """A value without the line end that editors and ``echo`` put behind a single line; keys keep theirs."""
    value = text.removesuffix("\n").removesuffix("\r")
    return text if "\n" in value else value


def at_home(path: Path) -> Path:
    """The path, with the home that ``~`` or ``~somebody`` stands for."""
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise OpsimateError(f"{path}: there is no such home directory here") from error


def read_secret(path: Path) -> str:
    """The value that a file holds."""
    try:
        value = secret_text(bytes_of(path, most=LARGEST_FILE).decode())
    except UnicodeDecodeError as error:
        raise OpsimateError(f"{path}: {NOT_TEXT}") from error
    if not value:
        raise OpsimateError(f"{path}: there is nothing in it")
    return value


def secret_from_stdin(what: str) -> str:
    """A value from standard input; where that is a terminal it is asked for, and not shown."""
    if sys.stdin.isatty():
        return str(click.prompt(what, hide_input=True, err=True))
    try:
        value = secret_text(bytes_of_standard_input(most=LARGEST_FILE, what=what).decode())
    except UnicodeDecodeError as error:
        raise OpsimateError(f"{what}: {NOT_TEXT}") from error
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
