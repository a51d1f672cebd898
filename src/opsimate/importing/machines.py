"""Machines as other tools know them, made into definitions: valid names, one secret for each key file, groups."""

import getpass
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from opsimate.definitions.file_references import at_home, has_passphrase, read_private_key_file
from opsimate.definitions.files import FileDefinition
from opsimate.errors import OpsimateError
from shared.contracts.presentation import natural_order
from shared.contracts.problem import field_errors
from shared.contracts.values import NAME_LENGTH, is_name
from shared.kinds import PROVIDER, PROVIDER_GROUP
from shared.ssh_key_text import KeyTextError

DEFAULT_KEYS = ("id_rsa", "id_ecdsa", "id_ed25519")
"""Below ~/.ssh, in the order in which ssh tries them."""
_OF_NO_NAME = re.compile(r"[^a-z0-9._-]+")
_BEGINS_NO_NAME = re.compile(r"^[^a-z0-9]+")


class UnreadableMachineError(ValueError):
    """A machine cannot be imported; the text says why."""


@dataclass
class Machine:
    """One machine, as far as it is known."""

    name: str
    """As its source calls it."""
    place: str
    """``FILE:LINE`` where it is named."""
    host: str = ""
    port: int = 22
    user: str = ""
    keys: Sequence[Path] = ()
    """Files of private keys, of which the first that can be read is taken; none for those that ssh tries."""
    certificate: Path | None = None
    password: str | None = None
    jump: str | None = None
    """Another machine, as its source calls it."""
    is_local: bool = False
    labels: dict[str, str] = field(default_factory=dict)


@dataclass
class Defaults:
    """What holds where a source does not say it."""

    user: str | None = None
    key: Path | None = None
    pool: str | None = None


@dataclass
class Imported:
    """What became of a source."""

    definitions: list[FileDefinition] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What was left out and is worth a word, in sentences."""
    complaints: list[str] = field(default_factory=list)
    """What kept single machines from being imported, each with where it stands."""


def valid_name(text: str) -> str:
    """The name of a definition that comes nearest; empty where nothing is left."""
    return _BEGINS_NO_NAME.sub("", _OF_NO_NAME.sub("-", text.lower()))[:NAME_LENGTH].rstrip("-")


def _secret_name(provider: str, use: str) -> str:
    """The name of a provider's own secret, which no other provider's has."""
    name = f"{provider}-{use}"
    if len(name) <= NAME_LENGTH:
        return name
    mark = hashlib.sha256(provider.encode()).hexdigest()[:10]
    return f"{provider[: NAME_LENGTH - len(use) - len(mark) - 2]}-{mark}-{use}"


def imported(
    source: str, machines: Sequence[Machine], groups: dict[str, list[str]], defaults: Defaults, found: Imported
) -> Imported:
    """The same with the definitions of machines and groups; a group has the names of its machines."""
    _Making(source, defaults, found).make(machines, groups)
    return found


class _Making:
    def __init__(self, source: str, defaults: Defaults, found: Imported) -> None:
        self._source = source
        self._defaults = defaults
        self._found = found
        self._names: dict[str, str] = {}
        self._taken: dict[str, str] = {}
        self._secret_of_key: dict[Path, str] = {}
        self._unread: dict[Path, str] = {}
        self._locked: set[str] = set()
        """The secrets of keys that have a passphrase."""

    def make(self, machines: Sequence[Machine], groups: dict[str, list[str]]) -> None:
        known = [machine for machine in machines if self._is_named(machine)]
        made = {
            machine.name: body
            for machine in known
            if (body := self._body(machine)) is not None and self._can_be(machine, body)
        }
        places = {machine.name: machine.place for machine in known}
        for name in self._without_lost_jumps(made, places):
            del made[name]
        for name, body in made.items():
            self._add("provider", body, places[name])
        self._add_groups({name: [one for one in members if one in made] for name, members in groups.items()})
        renamed = {old: new for old, new in self._names.items() if old != new and old in made}
        if renamed:
            shown = ", ".join(f"{old} → {new}" for old, new in list(renamed.items())[:5])
            more = f" and {len(renamed) - 5} more" if len(renamed) > 5 else ""  # noqa: PLR2004 - as many as are shown
            self._found.notes.append(f"Names were made valid: {shown}{more}.")

    def _add_groups(self, groups: dict[str, list[str]]) -> None:
        taken: dict[str, str] = {}
        for group, members in groups.items():
            name, of_group = valid_name(group), f"{self._source}: the group {group}"
            if not members:
                continue
            if not is_name(name):
                self._found.complaints.append(f"{of_group}: no valid name can be made of it")
            elif name in taken:
                self._found.complaints.append(f"{of_group}: becomes {name}, as {taken[name]} does; rename one of them")
            else:
                taken[name] = group
                body = {"name": name, "providers": sorted((self._names[one] for one in members), key=natural_order)}
                self._add(PROVIDER_GROUP.word, body, self._source)

    def _is_named(self, machine: Machine) -> bool:
        name = valid_name(machine.name)
        if not is_name(name):
            self._complain(machine, "no valid name can be made of it: use a-z, 0-9, '.', '_' and '-'")
            return False
        if name in self._taken:
            self._complain(machine, f"becomes {name}, as {self._taken[name]} does; rename one of them")
            return False
        self._taken[name] = machine.name
        self._names[machine.name] = name
        return True

    def _can_be(self, machine: Machine, body: dict[str, Any]) -> bool:
        """Whether the provider is one as far as it tells by itself; what names a file is read later."""
        ssh = body["connection"].get("ssh", {})
        # The name of a jump is made valid later, and a certificate is read from its file later.
        read = {name: value for name, value in ssh.items() if name not in {"jump", "certificate"}}
        try:
            PROVIDER.model.model_validate(body | ({"connection": {"ssh": read}} if ssh else {}))
        except ValidationError as error:
            for found in field_errors(error.errors(include_url=False)):
                self._complain(machine, f"{found.field.removeprefix('connection.ssh.')}: {found.message}")
            return False
        return True

    def _body(self, machine: Machine) -> dict[str, Any] | None:
        body: dict[str, Any] = {"name": self._names[machine.name], "connection": {"local": {}}}
        if not machine.is_local:
            credentials = self._credentials(machine)
            if credentials is None:
                return None
            user = machine.user or self._defaults.user or getpass.getuser()
            ssh = {"host": machine.host or machine.name, "user": user, **credentials}
            ssh |= {"port": machine.port} if machine.port != 22 else {}  # noqa: PLR2004 - the port of SSH
            ssh |= {"jump": machine.jump} if machine.jump is not None else {}
            body["connection"] = {"ssh": ssh}
        body |= {"labels": machine.labels} if machine.labels else {}
        return body | ({"pool": self._defaults.pool} if self._defaults.pool else {})

    def _credentials(self, machine: Machine) -> dict[str, Any] | None:
        if machine.password is not None:
            secret = _secret_name(self._names[machine.name], "password")
            said = f"The password of the provider {self._names[machine.name]}"
            self._add("secret", {"name": secret, "description": said, "value": machine.password}, machine.place)
            return {"password": {"secret": secret}}
        given = [*machine.keys, *([self._defaults.key] if self._defaults.key else [])]
        tried = given or [Path("~/.ssh", name).expanduser() for name in DEFAULT_KEYS]
        for path in tried:
            stored = self._secret_for(path, machine.place)
            if stored is not None:
                return {
                    "private_key": {"secret": stored},
                    **({"passphrase": {"secret": f"{stored}-passphrase"}} if stored in self._locked else {}),
                    **({"certificate": {"file": str(machine.certificate)}} if machine.certificate else {}),
                }
        why = (
            "; ".join(self._unread[path] for path in tried) if given else "none is named, and ~/.ssh has none of ssh's"
        )
        self._complain(machine, f"has no key to log in with ({why}); name one with --key FILE")
        return None

    def _secret_for(self, path: Path, place: str) -> str | None:
        """The secret that holds a key file's content, the same for all who name it; none where it cannot be read."""
        if path not in self._secret_of_key and path not in self._unread:
            try:
                is_locked = has_passphrase(read_private_key_file(at_home(path)))
            except (OpsimateError, KeyTextError) as error:
                self._unread[path] = str(error).rstrip(".")
            else:
                self._secret_of_key[path] = name = self._free_secret(path)
                said = f"The private key {path.name}"
                self._add("secret", {"name": name, "description": said, "value": {"file": str(path)}}, place)
                if is_locked:
                    self._locked.add(name)
                    store = f"opsimate secrets set {name}-passphrase --value-stdin"
                    self._found.notes.append(f"{path} has a passphrase, which has to be stored: {store}")
        return self._secret_of_key.get(path)

    def _free_secret(self, path: Path) -> str:
        base = valid_name(path.stem if path.suffix in {".pem", ".key"} else path.name)[: NAME_LENGTH - 20] or "key"
        base = base if base.endswith("key") else f"{base}-key"
        taken, number, name = set(self._secret_of_key.values()), 2, base
        while name in taken:
            name, number = f"{base}-{number}", number + 1
        return name

    def _without_lost_jumps(self, made: dict[str, dict[str, Any]], places: dict[str, str]) -> Iterable[str]:
        """Those that lead through what is not imported; the names of the others' jumps are made valid."""
        lost: dict[str, str] = {}
        for name, body in made.items():
            ssh = body["connection"].get("ssh")
            if ssh is None or "jump" not in ssh:
                continue
            through, seen = ssh["jump"], {name}
            while through in made and through not in seen:
                seen.add(through)
                through = made[through]["connection"].get("ssh", {}).get("jump")
            if through is not None:
                lost[name] = (
                    f"leads through {through}, which is not imported" if through not in seen else "leads in a circle"
                )
        for name, why in lost.items():
            self._found.complaints.append(f"{places[name]}: {name}: {why}")
        for name, body in made.items():
            if name not in lost and "jump" in body["connection"].get("ssh", {}):
                body["connection"]["ssh"]["jump"] = self._names[body["connection"]["ssh"]["jump"]]
        return lost

    def _complain(self, machine: Machine, said: str) -> None:
        self._found.complaints.append(f"{machine.place}: {machine.name}: {said}")

    def _add(self, kind: str, body: dict[str, Any], place: str) -> None:
        source, _, line = place.rpartition(":")
        whole = {"kind": kind, **body}
        number = int(line) - 1 if line.isdecimal() else 0
        mark = yaml.Mark(source, 0, number, 0, None, 0)
        node = yaml.ScalarNode("", "", mark, mark)
        one = FileDefinition(kind, body["name"], whole, source or place, Path.cwd(), node)
        self._found.definitions.append(one)


def told_often(said: Mapping[str, int]) -> Iterator[str]:
    """Each sentence once, with how often it was said."""
    for sentence, times in said.items():
        yield f"{sentence} ({times} hosts)" if times > 1 else sentence
