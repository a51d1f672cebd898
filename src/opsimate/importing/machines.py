"""Machines as other tools know them, made into definitions as files have them: their keys are read here."""

import getpass
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from catalog.domain.inventories import machines as inventories
from catalog.domain.inventories.machines import Found, Machine, MadeDefinition, UnreadableMachineError
from opsimate.definitions.file_references import at_home, has_passphrase, read_private_key_file
from opsimate.definitions.files import FileDefinition
from opsimate.errors import OpsimateError
from shared.contracts.values import NAME_LENGTH
from shared.ssh_key_text import KeyTextError

DEFAULT_KEYS = ("id_rsa", "id_ecdsa", "id_ed25519")
"""Below ~/.ssh, in the order in which ssh tries them."""


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


def imported(source: str, found: Found, defaults: Defaults, file_of: Callable[[str], Path]) -> Imported:
    """The definitions of machines and groups; ``file_of`` is the file that the source calls so."""
    user = defaults.user or getpass.getuser()
    made = inventories.converted(source, found, _KeyFiles(defaults.key, file_of), user=user, pool=defaults.pool)
    return Imported([_as_in_a_file(one) for one in made.definitions], made.notes, made.complaints)


def _as_in_a_file(made: MadeDefinition) -> FileDefinition:
    source, _, line = made.place.rpartition(":")
    number = int(line) - 1 if line.isdecimal() else 0
    mark = yaml.Mark(source, 0, number, 0, None, 0)
    whole = {"kind": made.kind, **made.body}
    node = yaml.ScalarNode("", "", mark, mark)
    return FileDefinition(made.kind, made.body["name"], whole, source or made.place, Path.cwd(), node)


class _KeyFiles:
    """One secret for each key file, the same for all who name it."""

    def __init__(self, default: Path | None, file_of: Callable[[str], Path]) -> None:
        self._default = default
        self._file_of = file_of
        self._secret_of_key: dict[Path, str] = {}
        self._unread: dict[Path, str] = {}
        self._locked: set[str] = set()
        """The secrets of keys that have a passphrase."""

    def of(self, machine: Machine, made: inventories.Converted) -> dict[str, Any]:
        """The first key that can be read, or the password that the source has."""
        if machine.password is not None:
            return inventories.password_for(machine, made)
        given = [*map(self._file_of, machine.keys), *([self._default] if self._default else [])]
        tried = given or [Path("~/.ssh", name).expanduser() for name in DEFAULT_KEYS]
        for path in tried:
            stored = self._secret_for(path, machine.place, made)
            if stored is not None:
                certificate = machine.certificate
                return {
                    "private_key": {"secret": stored},
                    **({"passphrase": {"secret": f"{stored}-passphrase"}} if stored in self._locked else {}),
                    **({"certificate": {"file": str(self._file_of(certificate))}} if certificate else {}),
                }
        why = (
            "; ".join(self._unread[path] for path in tried) if given else "none is named, and ~/.ssh has none of ssh's"
        )
        raise UnreadableMachineError(f"has no key to log in with ({why}); name one with --key FILE")

    def _secret_for(self, path: Path, place: str, made: inventories.Converted) -> str | None:
        """The secret that holds a key file's content; none where it cannot be read."""
        if path not in self._secret_of_key and path not in self._unread:
            try:
                is_locked = has_passphrase(read_private_key_file(at_home(path)))
            except (OpsimateError, KeyTextError) as error:
                self._unread[path] = str(error).rstrip(".")
            else:
                self._secret_of_key[path] = name = self._free_secret(path)
                body = {"name": name, "description": f"The private key {path.name}", "value": {"file": str(path)}}
                made.definitions.append(MadeDefinition("secret", body, place))
                if is_locked:
                    self._locked.add(name)
                    store = f"opsimate secrets set {name}-passphrase --value-stdin"
                    made.notes.append(f"{path} has a passphrase, which has to be stored: {store}")
        return self._secret_of_key.get(path)

    def _free_secret(self, path: Path) -> str:
        stem = path.stem if path.suffix in {".pem", ".key"} else path.name
        base = inventories.valid_name(stem)[: NAME_LENGTH - 20] or "key"
        base = base if base.endswith("key") else f"{base}-key"
        taken, number, name = set(self._secret_of_key.values()), 2, base
        while name in taken:
            name, number = f"{base}-{number}", number + 1
        return name
