"""What the variables of an Ansible inventory say of how its hosts are reached."""

import re
import shlex
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from catalog.domain.inventories.ansible_inventory import (
    ALL,
    IN_PARTS,
    UNGROUPED,
    Inventory,
    InventoryError,
    InventoryHost,
    NoText,
    Variables,
)
from catalog.domain.inventories.machines import Found, Machine, UnreadableMachineError, told_often
from catalog.domain.inventories.ssh_config import jump_of_command
from shared.contracts.problem import nearest

_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
LONGEST_VALUE = 65_536
"""In characters, of the variables of a host that name others, with these in them."""
LONGEST_USED = 4_096
"""In characters, of what a connection is made of; as many as the name of a file may have."""
MOST_FILLED = 20_000_000
"""Characters that are filled in for all hosts together: each takes a variable of all of them anew."""
DEEPEST = 10
"""Variables that a variable may lead through."""
_BY_SSH = frozenset({"ssh", "smart", "paramiko", "paramiko_ssh", "ansible.builtin.ssh", "ansible.builtin.paramiko_ssh"})
_LOCAL = frozenset({"local", "ansible.builtin.local"})
_READ = {
    "host": ("ansible_ssh_host", "ansible_host"),
    "port": ("ansible_ssh_port", "ansible_port"),
    "user": ("ansible_ssh_user", "ansible_user"),
    "password": ("ansible_password", "ansible_ssh_password", "ansible_ssh_pass"),
    "key": ("ansible_private_key_file", "ansible_ssh_private_key_file"),
    "connection": ("ansible_connection",),
}
"""By what each says: names of variables, of which the last that a host has counts."""
_ARGUMENTS = ("ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args")
_SILENT = frozenset({"ansible_group_priority", *_ARGUMENTS, *(name for names in _READ.values() for name in names)})


@dataclass
class AnsibleMachines:
    """How the hosts of an inventory are read."""

    inventory: Inventory
    labels: Mapping[str, str] = field(default_factory=dict)
    """Labels by their names, each with the variable that it is made of."""
    _known: dict[str, tuple[str | None, list[str]]] = field(default_factory=dict)
    """What options of ssh come to, which many hosts have of one group."""
    _filled: int = 0

    def read(self, source: str) -> Found:
        """All of them, with their groups."""
        inventory, found = self.inventory, Found()
        said: Counter[str] = Counter()
        known: set[str] = set()
        for name, groups in inventory.groups_of(source).items():
            host = inventory.hosts[name]
            variables = inventory.variables_of(host, groups)
            known |= variables.keys()
            try:
                machine = self._machine(host, variables, said)
            except UnreadableMachineError as error:
                found.complaints.append(f"{host.place}: {name}: {error}")
                continue
            if machine is not None:
                found.machines.append(machine)
                for group in groups:
                    if group.name not in {ALL, UNGROUPED}:
                        found.groups.setdefault(group.name, []).append(name)
        if not inventory.hosts:
            found.complaints.append(f"{source}: no host is in it")
        missing = sorted({*self.labels.values()} - known) if inventory.hosts else []
        found.complaints += [f"{source}: no host has the variable '{one}'{nearest(one, known)}" for one in missing]
        found.notes += told_often(said)
        found.groups = dict(sorted(found.groups.items()))
        _jumps_by_address(found.machines)
        return found

    def _machine(self, host: InventoryHost, variables: Variables, said: Counter[str]) -> Machine | None:
        values = _Values(host, variables)
        try:
            return self._worked_out(host, variables, values, said)
        finally:
            self._filled += values.length
            if self._filled > MOST_FILLED:
                many = f"more than {MOST_FILLED} characters are to be filled in for variables that name others"
                raise InventoryError(f"{host.place}: {many}, for all hosts; {IN_PARTS}")

    def _worked_out(
        self, host: InventoryHost, variables: Variables, values: "_Values", said: Counter[str]
    ) -> Machine | None:
        text = _reader(values, variables)
        connection = text("connection") or "ssh"
        said.update(
            f"{name} means nothing here and is left out."
            for name in variables
            if name.startswith("ansible_") and name not in _SILENT
        )
        labels = self._labels(values, variables)
        if connection in _LOCAL:
            return Machine(host.name, host.place, is_local=True, labels=labels)
        if connection not in _BY_SSH:
            said[f"Hosts with ansible_connection={connection} are not reached over SSH and are left out."] += 1
            return None
        key = text("key")
        return Machine(
            host.name,
            host.place,
            host=text("host") or host.name,
            port=_port(text("port")),
            user=text("user"),
            keys=[key] if key else (),
            password=text("password") or None,
            jump=self._jump(variables, said),
            labels=labels,
        )

    def _jump(self, variables: Variables, said: Counter[str]) -> str | None:
        """The machine that options of ssh lead through."""
        jump: str | None = None
        for name in _ARGUMENTS:
            value = variables.get(name)
            if not isinstance(value, str) or not value.strip():
                continue
            _refuse_long(name, value)
            try:
                found, others = self._known[value] if value in self._known else _options(value)
            except ValueError as error:
                raise UnreadableMachineError(f"{name}: {error}") from error
            self._known[value] = found, others
            jump = found or jump
            said.update(f"{name} has {option}, which means nothing here and is left out." for option in others)
        return jump

    def _labels(self, values: "_Values", variables: Variables) -> dict[str, str]:
        found: dict[str, str] = {}
        for label, name in self.labels.items():
            if name not in variables:
                continue
            value = values.of(name)
            if not isinstance(value, str) or len(value) > 200:  # noqa: PLR2004 - as labels have it
                raise UnreadableMachineError(
                    f"{name} cannot be the label {label}: that is a text of at most 200 characters"
                )
            found[label] = value
        return found


def _reader(values: "_Values", variables: Variables) -> Callable[[str], str]:
    def text(what: str) -> str:
        names = [name for name in _READ[what] if name in variables]
        if not names:
            return ""
        value = values.of(names[-1])
        if isinstance(value, NoText):
            advice = "; decrypt it, or leave it out and name a key with --key" if value is NoText.VAULTED else ""
            raise UnreadableMachineError(f"{names[-1]} is {value.value}{advice}")
        _refuse_long(names[-1], value)
        return value

    return text


def _refuse_long(name: str, value: str) -> None:
    if len(value) > LONGEST_USED:
        raise UnreadableMachineError(f"{name} has more than {LONGEST_USED} characters")


class _Values:
    """The values of a host's variables, with those of others in them; what else Jinja could do there is not evaluated.

    Each is worked out once, and bounded: a short text may name another one ten times, and that the next.
    """

    def __init__(self, host: InventoryHost, variables: Variables) -> None:
        own = {"inventory_hostname": host.name, "inventory_hostname_short": host.name.partition(".")[0]}
        self._variables: dict[str, str | NoText] = {**own, **variables}
        self._known: dict[str, str] = {}
        self.length = 0
        """Of what was filled in, in characters."""

    def of(self, name: str, within: tuple[str, ...] = ()) -> str | NoText:
        if name not in self._variables:
            raise UnreadableMachineError(f"there is no variable {name}, which {within[-1]} names")
        if name in within or len(within) > DEEPEST:
            raise UnreadableMachineError(f"the variables {', '.join(within)} lead to each other")
        value = self._variables[name]
        if not isinstance(value, str) or ("{{" not in value and "{%" not in value):
            return value
        if name not in self._known:
            self._known[name] = self._filled_in(name, value, (*within, name))
        return self._known[name]

    def _filled_in(self, name: str, value: str, within: tuple[str, ...]) -> str:
        def inner(found: re.Match[str]) -> str:
            part = self.of(found[1], within)
            if not isinstance(part, str):
                raise UnreadableMachineError(f"{found[1]}, which {name} names, is {part.value}")
            self._count(len(part), name)
            return part

        self._count(len(value), name)
        text = _PLACEHOLDER.sub(inner, value)
        if "{{" in _PLACEHOLDER.sub("", value) or "{%" in value:
            message = f"{name} is a template that is not evaluated here: {value[:60]}; write its value"
            raise UnreadableMachineError(message)
        return text

    def _count(self, characters: int, name: str) -> None:
        self.length += characters
        if self.length > LONGEST_VALUE:
            raise UnreadableMachineError(f"{name} has more than {LONGEST_VALUE} characters with the others in it")


def _port(text: str) -> int:
    if not text:
        return 22
    if not re.fullmatch("[0-9]{1,9}", text) or not 1 <= int(text) <= 65_535:  # noqa: PLR2004 - what a port can be
        raise UnreadableMachineError(f"the port {text[:20]!r} is no number from 1 to 65535")
    return int(text)


def _options(written: str) -> tuple[str | None, list[str]]:
    """The machine that options of ssh lead through, and those that mean nothing here; ``ValueError``."""
    try:
        words = shlex.split(written)
    except ValueError as error:
        raise ValueError("a quotation mark is not closed") from error
    jump: str | None = None
    others: list[str] = []
    index = 0
    while index < len(words):
        word = words[index]
        option, value = word[:2], word[2:]
        if option in {"-o", "-J"} and not value and index + 1 < len(words):
            index += 1
            value = words[index]
        index += 1
        key, given = (*re.split(r"\s*[=\s]\s*", value, maxsplit=1), "")[:2] if option == "-o" else ("", "")
        if option == "-J":
            jump = value
        elif key.lower() == "proxyjump":
            jump = given
        elif key.lower() == "proxycommand" and (through := jump_of_command(given)):
            jump = through
        elif key.lower() == "proxycommand":
            raise ValueError(f"leads through the program {given[:60]!r}; give ProxyJump instead")
        else:
            others.append(f"{option} {key}".strip() if option == "-o" else word)
    return jump, list(dict.fromkeys(others))


_ADDRESS = re.compile(r"(?:(?P<user>[^@]+)@)?(?P<host>[^:@]+)(?::(?P<port>[0-9]+))?")


def _jumps_by_address(machines: Sequence[Machine]) -> None:
    """A jump is named by an address, as user@host:port; where a machine of the inventory has it, that is meant."""
    by_host: dict[str, Machine] = {}
    for machine in machines:
        for host in (machine.host, machine.name):
            by_host.setdefault(host, machine)
    for machine in machines:
        found = None if machine.jump is None else _ADDRESS.fullmatch(machine.jump)
        through = None if found is None else by_host.get(found["host"])
        if found is not None and through is not None:
            is_same_user = found["user"] in {None, through.user}
            if is_same_user and found["port"] in {None, str(through.port)}:
                machine.jump = through.name
