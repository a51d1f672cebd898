"""Inventories and SSH configurations of which only the text is known: nothing that it names is read."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from catalog.domain.inventories import InventoryFormat, Unsaid
from catalog.domain.inventories.ansible_machines import AnsibleMachines
from catalog.domain.inventories.ansible_text import inventory_of
from catalog.domain.inventories.machines import (
    Converted,
    Found,
    Machine,
    UnreadableMachineError,
    converted,
    password_for,
    told_often,
)
from catalog.domain.inventories.ssh_config import SshConfig
from catalog.domain.inventories.ssh_machines import SshMachines
from catalog.domain.yaml_documents import NodeBudget

MOST_NODES = 200_000
"""Keys and values of a YAML text, several times what ten thousand machines take; a server reads for many."""
_SOURCES: Mapping[InventoryFormat, str] = {"ansible_inventory": "inventory", "ssh_config": "ssh_config"}
"""What a place begins with, as the text itself has no name."""


def read_pasted(text: str, form: InventoryFormat, unsaid: Unsaid) -> Converted:
    """The definitions that the text comes to; ``SourceError`` where it cannot be read."""
    log_ins = _StoredKey(unsaid.key)
    source = _SOURCES[form]
    if form == "ansible_inventory":
        inventory = inventory_of(text, source, NodeBudget(MOST_NODES), is_yaml=None)
        found = AnsibleMachines(inventory, unsaid.labels).read(source)
    else:
        found = _ssh(text, source, unsaid.user)
    made = converted(source, found, log_ins, user=unsaid.user, pool=unsaid.pool)
    made.notes += told_often(log_ins.said)
    return made


def _ssh(text: str, source: str, user: str | None) -> Found:
    notes: list[str] = []

    def nothing(pattern: str, place: str) -> list[tuple[str, str]]:
        notes.append(f"{place}: Include {pattern} is not read: put what it says in its place.")
        return []

    config = SshConfig.read(source, text, nothing)
    config.notes += notes
    return SshMachines(config, user).read(source)


class _StoredKey:
    """One stored secret opens all of them: key files lie on the machine of whoever wrote the text."""

    def __init__(self, secret: str | None) -> None:
        self._secret = secret
        self.said: Counter[str] = Counter()

    def of(self, machine: Machine, made: Converted) -> dict[str, Any]:
        """The secret, or the password that the text has."""
        if machine.password is not None:
            return password_for(machine, made)
        named = f" (its file {machine.keys[0]} is not read here)" if machine.keys else ""
        if self._secret is None:
            raise UnreadableMachineError(f"has no key to log in with{named}: name a stored secret that holds one")
        if machine.keys:
            self.said[f"The key file {machine.keys[0]} is not read here: the secret {self._secret} is meant."] += 1
        if machine.certificate:
            self.said[f"The certificate {machine.certificate} is not read here and is left out."] += 1
        return {"private_key": {"secret": self._secret}}
