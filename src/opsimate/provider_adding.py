"""Adding a provider together with the secrets it logs in with, all of it or nothing; and removing it with them."""

import os
import re
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

import click

from opsimate.client import API, ApiClient, definition_path
from opsimate.definitions.file_references import (
    ProviderSecret,
    has_passphrase,
    provider_secrets,
    read_private_key_file,
    read_secret,
    secret_from_stdin,
)
from opsimate.errors import OpsimateError, RefusedError
from shared.ssh_key_text import KeyTextError

DEFAULT_PORT = 22
HIGHEST_PORT = 65_535

_ADDRESS = re.compile(r"(?P<user>[^@\s]+)@(?:\[(?P<ipv6>[^\]\s]+)\]|(?P<host>[^:\[\]\s]+))(?::(?P<port>\d+))?")


class SshAddress(NamedTuple):
    """Where and as whom to log in."""

    user: str
    host: str
    port: int


def ssh_address(text: str) -> SshAddress:
    """The parts of an address; ``ValueError`` with what is wrong."""
    found = _ADDRESS.fullmatch(text)
    if found is None:
        raise ValueError(_complaint(text))
    port = int(found["port"] or DEFAULT_PORT)
    if not 1 <= port <= HIGHEST_PORT:
        message = f"a port lies between 1 and {HIGHEST_PORT}, not at {port}"
        raise ValueError(message)
    return SshAddress(found["user"], found["ipv6"] or found["host"], port)


def _complaint(text: str) -> str:
    user, at, host = text.rpartition("@")
    if not at or not user:
        return f"'{text}' does not say as whom to log in; write it as USER@HOST or USER@HOST:PORT"
    if host.count(":") > 1 and not host.startswith("["):
        return f"put an IPv6 address in brackets: {user}@[{host}]:{DEFAULT_PORT}"
    return f"'{text}' is no address; write it as USER@HOST or USER@HOST:PORT"


WHERE_A_KEY_IS = (
    "Name the file of a private key on this machine, such as ~/.ssh/id_ed25519; 'ssh-keygen -t ed25519' makes one."
)


def _read(option: str, file: Path, read: Callable[[Path], str] = read_secret) -> str:
    """What the file of an option holds; ``OpsimateError`` that names the option where it cannot be read."""
    try:
        return read(file.expanduser())
    except OpsimateError as error:
        hint = WHERE_A_KEY_IS if option == "--key" and not file.expanduser().exists() else ""
        raise OpsimateError(f"{option}: {error.message}", hint=hint) from error


_KEY_FIELDS = ("connection.ssh.private_key", "connection.ssh.passphrase", "connection.ssh.certificate")


@dataclass(frozen=True, kw_only=True)
class NewProvider:
    """What the command line says of a provider to be added."""

    name: str
    ssh: SshAddress | None
    local: bool
    key: Path | None
    key_secret: str | None
    certificate: Path | None
    passphrase_stdin: bool
    password_stdin: bool
    password_secret: str | None
    host_key: str | None
    host_ca: Path | None
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
            trusts = self.host_key or self.host_ca
            takes_none = logs_in or self.certificate or self.passphrase_stdin or trusts or self.jump
            return "--local takes no key, password, host key or jump: nothing is logged in to." if takes_none else None
        both_ways = (self.key and self.key_secret) or (self.password_stdin and self.password_secret)
        mistakes = (
            (both_ways, "Give the key, or the password, in one way only."),
            (
                self.passphrase_stdin and (self.password_stdin or not self.key),
                "--passphrase-stdin goes with --key, and without --password-stdin.",
            ),
            (
                self.certificate and not (self.key or self.key_secret),
                "--certificate goes with --key or --key-secret.",
            ),
            (
                self.host_key and self.host_ca,
                "Give --host-key or --host-ca: one names the key, the other who may sign any.",
            ),
            (not logs_in, "Say how to log in: --key FILE or --password-stdin."),
        )
        return next((message for wrong, message in mistakes if wrong), None)

    def credentials(self) -> dict[str, str]:
        """The values to be stored as secrets, by the field of the connection that refers to each."""
        values: dict[str, str] = {}
        if self.key:
            values["private_key"] = _read("--key", self.key, read_private_key_file)
            if has_passphrase(values["private_key"]):
                values["passphrase"] = self._passphrase()
        if self.certificate:
            values["certificate"] = _read("--certificate", self.certificate)
        if self.key:
            self._try_to_open(values)
        if self.password_stdin:
            values["password"] = secret_from_stdin(f"Password of {self.name}")
        return values

    def _try_to_open(self, values: dict[str, str]) -> None:
        from shared.ssh_keys import read_private_key  # it takes its time to load, and only this needs it

        try:
            read_private_key(values["private_key"], values.get("passphrase"), values.get("certificate"))
        except KeyTextError as error:
            raise OpsimateError(f"The {error.field.replace('_', ' ')} given for {self.key} {error}.") from None

    def _passphrase(self) -> str:
        if self.passphrase_stdin or (sys.stdin.isatty() and not self.password_stdin):
            return secret_from_stdin(f"Passphrase of {self.key}")
        raise OpsimateError(f"{self.key} has a passphrase: give it with --passphrase-stdin.")

    def _host_key(self) -> str | None:
        """The key itself, as it is given or as it stands in a file."""
        if self.host_key is None or _is_host_key(self.host_key):
            return self.host_key
        file = Path(self.host_key).expanduser()
        text = read_secret(file) if os.path.lexists(file) else ""
        if not _is_host_key(text):
            what = "holds no" if text else "is neither a file nor a"
            raise OpsimateError(
                f"--host-key: {file} {what} host key: give SHA256:…, a public key such as 'ssh-ed25519 AAAA…', "
                "or a file that holds one public key."
            )
        return text

    def definition(self, secrets: dict[str, str]) -> dict[str, Any]:
        """The definition, given the names of the secrets by field."""
        about = {"name": self.name, "description": self.description, "labels": self.labels, "pool": self.pool}
        if self.ssh is None:
            return {**about, "connection": {"local": {}}}
        named = {"private_key": self.key_secret, "password": self.password_secret, **secrets}
        references = {field: {"secret": name} for field, name in named.items() if name}
        host_ca = _read("--host-ca", self.host_ca) if self.host_ca else None
        optional = {"host_key": self._host_key(), "host_ca": host_ca, "jump": self.jump}
        ssh = {**self.ssh._asdict(), **references, **{name: value for name, value in optional.items() if value}}
        return {**about, "connection": {"ssh": ssh}}


def _is_host_key(text: str) -> bool:
    # What checks models takes its time to load, and is needed for this alone.
    from shared.contracts.host_key import read_host_key

    try:
        read_host_key(text)
    except ValueError:
        return False
    return True


def add_provider(api: ApiClient, provider: NewProvider, *, replace: bool = False) -> list[str]:
    """Store the credentials and add the provider; what was done besides, in sentences.

    Where the provider is refused, everything is as it was before. With ``replace`` a provider of the name, and what
    was stored to log in to it, give way to the new.
    """
    known = api.get_if_there(definition_path("providers", provider.name)) is not None
    if known and not replace:
        raise _taken(provider.name)
    values = {ProviderSecret(provider.name, field): value for field, value in provider.credentials().items()}
    # The value of a secret cannot be read, so none is replaced before the provider was found to be right.
    old = {secret for secret in values if replace and secret.is_stored(api)}
    made: list[ProviderSecret] = []
    try:
        for secret in [one for one in values if one not in old]:
            secret.create(api, values[secret])
            made.append(secret)
        definition = provider.definition({one.credential: one.name for one in values})
        refused = _send_unless_keys_are_old(api, definition, known=known, old=old)
    except BaseException:
        for secret in made:
            _remove_again(api, secret)
        raise
    for secret in old:
        secret.replace(api, values[secret])
    if refused:
        _send(api, definition, known=known)
    said = [f"The secret '{secret.name}' is stored." for secret in values]
    return said + (_without_left_over(api, provider.name, values) if replace else [])


def _send_unless_keys_are_old(
    api: ApiClient, definition: dict[str, Any], *, known: bool, old: Collection[ProviderSecret]
) -> bool:
    """Whether it was refused for nothing but what stands in secrets that are yet to be replaced."""
    try:
        _send(api, definition, known=known)
    except RefusedError as error:
        if old and error.fields and all(field.startswith(_KEY_FIELDS) for field, _ in error.fields):
            return True
        raise
    return False


def _send(api: ApiClient, definition: dict[str, Any], *, known: bool) -> None:
    if known:
        api.send("PUT", definition_path("providers", definition["name"]), definition)
        return
    try:
        api.send("POST", f"{API}/providers", definition)
    except RefusedError as error:
        if error.status == HTTPStatus.CONFLICT:
            raise _taken(definition["name"]) from error
        raise


def _taken(name: str) -> OpsimateError:
    return OpsimateError(
        f"there is a provider '{name}' already. Change it with: opsimate providers show {name} > {name}.yaml, edit, "
        f"opsimate apply -f {name}.yaml; or begin anew with: opsimate providers add --replace …"
    )


def _without_left_over(api: ApiClient, provider: str, used: Collection[ProviderSecret]) -> list[str]:
    """Remove what the provider before this one logged in with; what became of each secret."""
    left_over = [secret for secret in provider_secrets(provider) if secret not in used]
    return [said for secret in left_over if (said := secret.delete_if_own(api)) is not None]


def remove_provider(api: ApiClient, name: str, *, keep_secrets: bool = False, note: str | None = None) -> list[str]:
    """Remove a provider, and the secrets that were made for it and that nothing else uses; what became of each."""
    api.send("DELETE", definition_path("providers", name), query={"note": note})
    return [] if keep_secrets else _without_left_over(api, name, ())


def _remove_again(api: ApiClient, secret: ProviderSecret) -> None:
    try:
        secret.delete(api)
    except OpsimateError as error:
        click.echo(f"The secret '{secret.name}' could not be removed again: {error.message}", err=True)
