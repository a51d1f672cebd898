"""Adding a provider together with the secrets it logs in with: all of it, or nothing."""

import sys
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import click

from opsimate.client import API, ApiClient, definition_path
from opsimate.definitions.file_references import secret_name
from opsimate.errors import OpsimateError, RefusedError
from opsimate.secret_files import has_passphrase, read_private_key, secret_from_stdin
from opsimate.ssh_address import SshAddress


@dataclass(frozen=True, kw_only=True)
class NewProvider:
    """What the command line says of a provider to be added."""

    name: str
    ssh: SshAddress | None
    local: bool
    key: Path | None
    key_secret: str | None
    passphrase_stdin: bool
    password_stdin: bool
    password_secret: str | None
    host_key: str | None
    jump: str | None
    labels: dict[str, str]
    pool: str
    description: str

    def misuse(self) -> str | None:
        """What is wrong with the options, taken together."""
        logs_in = self.key or self.key_secret or self.password_stdin or self.password_secret
        if (self.ssh is None) != self.local:
            return "Give one of --ssh USER@HOST and --local."
        if self.local:
            takes_none = logs_in or self.passphrase_stdin or self.host_key or self.jump
            return "--local takes no key, password, host key or jump: nothing is logged in to." if takes_none else None
        if (self.key and self.key_secret) or (self.password_stdin and self.password_secret):
            return "Give the key, or the password, in one way only."
        if self.passphrase_stdin and (self.password_stdin or not self.key):
            return "--passphrase-stdin goes with --key, and without --password-stdin."
        return None if logs_in else "Say how to log in: --key FILE or --password-stdin."

    def credentials(self) -> dict[str, str]:
        """The values to be stored as secrets, by the field of the connection that refers to each."""
        values: dict[str, str] = {}
        if self.key:
            values["private_key"] = read_private_key(self.key.expanduser())
            if has_passphrase(values["private_key"]):
                values["passphrase"] = self._passphrase()
        if self.password_stdin:
            values["password"] = secret_from_stdin(f"Password of {self.name}")
        return values

    def _passphrase(self) -> str:
        if self.passphrase_stdin or (sys.stdin.isatty() and not self.password_stdin):
            return secret_from_stdin(f"Passphrase of {self.key}")
        raise OpsimateError(f"{self.key} has a passphrase: give it with --passphrase-stdin.")

    def definition(self, secrets: dict[str, str]) -> dict[str, Any]:
        """The definition, given the names of the secrets by field."""
        about = {"name": self.name, "description": self.description, "labels": self.labels, "pool": self.pool}
        if self.ssh is None:
            return {**about, "connection": {"local": {}}}
        named = {"private_key": self.key_secret, "password": self.password_secret, **secrets}
        references = {field: {"secret": name} for field, name in named.items() if name}
        optional = {"host_key": self.host_key, "jump": self.jump}
        ssh = {**self.ssh._asdict(), **references, **{name: value for name, value in optional.items() if value}}
        return {**about, "connection": {"ssh": ssh}}


def add_provider(api: ApiClient, provider: NewProvider) -> list[str]:
    """Store the credentials and add the provider; the names of the secrets made.

    Where the provider is refused, the secrets made for it are removed again.
    """
    made: dict[str, str] = {}
    try:
        for field, value in provider.credentials().items():
            made[field] = _store(api, provider.name, field, value)
        api.send("POST", f"{API}/providers", provider.definition(made))
    except BaseException:
        for name in made.values():
            _remove_again(api, name)
        raise
    return list(made.values())


def _store(api: ApiClient, provider: str, field: str, value: str) -> str:
    name = secret_name(provider, field)
    description = f"The {field.replace('_', ' ')} of the provider {provider}"
    try:
        api.send("POST", f"{API}/secrets", {"name": name, "description": description, "value": value})
    except RefusedError as error:
        if error.status != HTTPStatus.CONFLICT:
            raise
        option = {"private_key": "--key-secret", "password": "--password-secret"}.get(field)
        use = f"Use it with {option} {name}, or remove" if option else "Remove"
        message = f"There is a secret '{name}' already. {use} it with: opsimate secrets delete {name}"
        raise OpsimateError(message) from error
    return name


def _remove_again(api: ApiClient, secret: str) -> None:
    try:
        api.send("DELETE", definition_path("secrets", secret))
    except OpsimateError as error:
        click.echo(f"The secret '{secret}' could not be removed again: {error.message}", err=True)
