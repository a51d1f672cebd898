"""``{file: …}`` in definitions: read here, and turned into what a server understands."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from opsimate.definitions.files import FileDefinition
from opsimate.errors import OpsimateError
from opsimate.secret_files import read_private_key_file, read_secret
from shared.ssh_key_text import KeyTextError

SUFFIX_OF_CREDENTIAL = {
    "private_key": "key",
    "passphrase": "passphrase",
    "certificate": "certificate",
    "password": "password",
}
"""A credential's field in a provider's connection, and what the name of the secret made for it ends in."""


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
    read: dict[str, str] = {}
    replaced: dict[str, Any] = {}
    for credential, given in ssh.items():
        if credential in SUFFIX_OF_CREDENTIAL and _names_a_file(given):
            field = f"connection.ssh.{credential}"
            read[credential] = _read(definition, field, given["file"], complaints)
            made = _secret_for(definition, credential, read[credential])
            replaced[credential] = {"secret": made.name}
            yield made
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


def _secret_for(definition: FileDefinition, credential: str, value: str) -> FileDefinition:
    name = secret_name(definition.name, credential)
    said = f"The {credential.replace('_', ' ')} of the provider {definition.name}"
    body = {"kind": "secret", "name": name, "description": said, "value": value}
    return replace(definition, kind="secret", name=name, body=body)


def _names_a_file(value: object) -> bool:
    return isinstance(value, dict) and set(value) == {"file"}


def _read(definition: FileDefinition, field: str, file: object, complaints: list[str]) -> str:
    if not isinstance(file, str) or not file:
        complaints.append(definition.complaint(f"{field}.file", "has to be the name of a file"))
        return ""
    try:
        path = definition.directory / Path(file).expanduser()
        return read_private_key_file(path) if field.endswith("private_key") else read_secret(path)
    except (OpsimateError, RuntimeError) as error:  # RuntimeError: no home directory for ~somebody
        complaints.append(definition.complaint(f"{field}.file", str(error)))
        return ""


def _changed(definition: FileDefinition, **fields: Any) -> FileDefinition:
    return replace(definition, body={**definition.body, **fields})
