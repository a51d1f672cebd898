"""Machines as other tools know them, made into definitions: valid names, one secret for each key file, groups."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import ValidationError

from shared.contracts.presentation import natural_order
from shared.contracts.problem import field_errors
from shared.contracts.provider import MOST_JUMPS
from shared.contracts.values import NAME_LENGTH, is_name
from shared.kinds import PROVIDER, PROVIDER_GROUP

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
    keys: Sequence[str] = ()
    """Names of files of private keys, of which the first that can be read is taken; none for those that ssh tries."""
    certificate: str | None = None
    password: str | None = None
    jump: str | None = None
    """Another machine, as its source calls it."""
    is_local: bool = False
    labels: dict[str, str] = field(default_factory=dict)


@dataclass
class Found:
    """The machines of a source."""

    machines: list[Machine] = field(default_factory=list)
    groups: dict[str, list[str]] = field(default_factory=dict)
    """Each with the machines in it, as the source calls them."""
    notes: list[str] = field(default_factory=list)
    """What was left out and is worth a word, in sentences."""
    complaints: list[str] = field(default_factory=list)
    """What kept single machines from being imported, each with where it stands."""


@dataclass(frozen=True)
class MadeDefinition:
    """A definition that is made of a source."""

    kind: str
    body: dict[str, Any]
    """Without its kind."""
    place: str
    """Where the source has it: ``FILE:LINE``, or ``FILE``."""


@dataclass
class Converted:
    """What became of a source."""

    definitions: list[MadeDefinition] = field(default_factory=list)
    """Each in the order in which it was made, secrets before what names them."""
    notes: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


class LogIns(Protocol):
    """What machines log in with, and the secrets that are made for it."""

    def of(self, machine: Machine, made: Converted) -> dict[str, Any]:
        """The fields of a connection that say it; what has to be stored for it, or told, is added to ``made``.

        ``UnreadableMachineError`` where there is nothing to log in with.
        """


def valid_name(text: str) -> str:
    """The name of a definition that comes nearest; empty where nothing is left."""
    return _BEGINS_NO_NAME.sub("", _OF_NO_NAME.sub("-", text.lower()))[:NAME_LENGTH].rstrip("-")


def password_for(machine: Machine, made: Converted) -> dict[str, Any]:
    """What logs in with the password that a source has of a machine, which becomes a secret of its own."""
    name = valid_name(machine.name)
    secret = _secret_name(name, "password")
    body = {"name": secret, "description": f"The password of the provider {name}", "value": machine.password}
    made.definitions.append(MadeDefinition("secret", body, machine.place))
    return {"password": {"secret": secret}}


def _secret_name(provider: str, use: str) -> str:
    """The name of a provider's own secret, which no other provider's has."""
    name = f"{provider}-{use}"
    if len(name) <= NAME_LENGTH:
        return name
    mark = hashlib.sha256(provider.encode()).hexdigest()[:10]
    return f"{provider[: NAME_LENGTH - len(use) - len(mark) - 2]}-{mark}-{use}"


def converted(source: str, found: Found, log_ins: LogIns, *, user: str | None, pool: str | None) -> Converted:
    """The definitions of machines and groups; ``user`` logs in where the source does not say who."""
    made = Converted(notes=found.notes, complaints=found.complaints)
    _Making(source, log_ins, user, pool, made).make(found.machines, found.groups)
    return made


class _Making:
    def __init__(self, source: str, log_ins: LogIns, user: str | None, pool: str | None, found: Converted) -> None:
        self._source = source
        self._log_ins = log_ins
        self._user = user
        self._pool = pool
        self._found = found
        self._names: dict[str, str] = {}
        self._taken: dict[str, str] = {}

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
        for name in _jumps_first({self._names[name]: body for name, body in made.items()}):
            original = self._taken[name]
            self._add("provider", made[original], places[original])
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
            try:
                ssh = self._ssh(machine)
            except UnreadableMachineError as error:
                self._complain(machine, str(error))
                return None
            body["connection"] = {"ssh": ssh}
        body |= {"labels": machine.labels} if machine.labels else {}
        return body | ({"pool": self._pool} if self._pool else {})

    def _ssh(self, machine: Machine) -> dict[str, Any]:
        user = machine.user or self._user
        if not user:
            raise UnreadableMachineError("does not say who logs in; name the user for those of whom that is not said")
        ssh = {"host": machine.host or machine.name, "user": user, **self._log_ins.of(machine, self._found)}
        ssh |= {"port": machine.port} if machine.port != 22 else {}  # noqa: PLR2004 - the port of SSH
        return ssh | ({"jump": machine.jump} if machine.jump is not None else {})

    def _without_lost_jumps(self, made: dict[str, dict[str, Any]], places: dict[str, str]) -> Iterable[str]:
        """Those that lead through what is not imported; the names of the others' jumps are made valid."""
        lost: dict[str, str] = {}
        for name, body in made.items():
            ssh = body["connection"].get("ssh")
            if ssh is None or "jump" not in ssh:
                continue
            through, seen = ssh["jump"], {name}
            while through in made and through not in seen and len(seen) <= MOST_JUMPS:
                seen.add(through)
                through = made[through]["connection"].get("ssh", {}).get("jump")
            if through in seen:
                lost[name] = "leads in a circle"
            elif through in made:
                lost[name] = f"leads through more than {MOST_JUMPS} other machines"
            elif through is not None:
                lost[name] = f"leads through {through}, which is not imported"
        for name, why in lost.items():
            self._found.complaints.append(f"{places[name]}: {name}: {why}")
        for name, body in made.items():
            if name not in lost and "jump" in body["connection"].get("ssh", {}):
                body["connection"]["ssh"]["jump"] = self._names[body["connection"]["ssh"]["jump"]]
        return lost

    def _complain(self, machine: Machine, said: str) -> None:
        self._found.complaints.append(f"{machine.place}: {machine.name}: {said}")

    def _add(self, kind: str, body: dict[str, Any], place: str) -> None:
        self._found.definitions.append(MadeDefinition(kind, body, place))


def _jumps_first(providers: dict[str, dict[str, Any]]) -> Iterator[str]:
    """The names of providers so that what leads to one comes before it; nothing leads in a circle any more."""
    done: set[str] = set()
    for name in providers:
        way: list[str] = []
        through: str | None = name
        while through in providers and through not in done:
            way.append(through)
            through = providers[through]["connection"].get("ssh", {}).get("jump")
        yield from reversed(way)
        done.update(way)


def told_often(said: Mapping[str, int]) -> Iterator[str]:
    """Each sentence once, with how often it was said."""
    for sentence, times in said.items():
        yield f"{sentence} ({times} hosts)" if times > 1 else sentence
