"""An Ansible inventory: hosts, groups, and which variables a host has in the end. Nothing is evaluated or run.

A value is its text as it is written. Of what no text says there stands what it is instead.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from catalog.domain.inventories.host_ranges import LONGEST_NAME, MOST_HOSTS, HostRangeError, expanded, without_port
from catalog.domain.source_error import SourceError
from catalog.domain.yaml_documents import DEEPEST


class NoText(Enum):
    """What a variable holds instead of a text."""

    VAULTED = "encrypted by ansible-vault"
    NESTED = "a list or a mapping"


Value = str | NoText
Variables = dict[str, Value]
ALL, UNGROUPED = "all", "ungrouped"
MOST_GROUPS = 10_000
"""In one inventory; as many as one plan may hold."""
MOST_PLACED = 1_000_000
"""Hosts with their variables, once for each time that they are put into a group, and once for each group above it: a
short text may stand for many."""
MOST_MERGED = 5_000_000
"""Variables of all hosts together, with those of their groups."""
IN_PARTS = "import it in parts"


class InventoryError(SourceError):
    """The file is no inventory that can be read; the message begins with where."""


@dataclass
class InventoryGroup:
    """Some hosts, and groups below it."""

    name: str
    hosts: dict[str, None] = field(default_factory=dict)
    children: dict[str, None] = field(default_factory=dict)
    variables: Variables = field(default_factory=dict)
    of_files: Variables = field(default_factory=dict)
    """What files below ``group_vars`` say."""


@dataclass
class InventoryHost:
    """A machine."""

    name: str
    place: str
    """``FILE:LINE`` where it is named first."""
    variables: Variables = field(default_factory=dict)
    of_files: Variables = field(default_factory=dict)
    """What files below ``host_vars`` say."""


@dataclass
class Inventory:
    """All of it."""

    groups: dict[str, InventoryGroup] = field(default_factory=dict)
    hosts: dict[str, InventoryHost] = field(default_factory=dict)
    _placed: int = 0
    _merged: int = 0

    def group(self, name: str, place: str = "") -> InventoryGroup:
        """The group of this name, which is made where there is none yet; ``InventoryError``."""
        found = self.groups.get(name)
        if found is None:
            if len(self.groups) >= MOST_GROUPS:
                raise InventoryError(f"{place}: there are more than {MOST_GROUPS} groups; {IN_PARTS}")
            found = self.groups[name] = InventoryGroup(name)
        return found

    def add_hosts(self, pattern: str, variables: Mapping[str, Value], group: str, place: str) -> None:
        """Put the hosts of a name or range, which may have a port, into a group; ``InventoryError``."""
        name, port = without_port(pattern)
        try:
            for one in expanded(name):
                if len(one) > LONGEST_NAME:
                    raise InventoryError(f"{place}: a host's name has at most {LONGEST_NAME} characters: {one[:60]}…")
                self._count_placed(1 + len(variables), place)
                host = self.hosts.get(one)
                if host is None:
                    if len(self.hosts) >= MOST_HOSTS:
                        raise InventoryError(f"{place}: there are more than {MOST_HOSTS} hosts; {IN_PARTS}")
                    host = self.hosts[one] = InventoryHost(one, place)
                    host.variables |= {} if port is None else {"ansible_port": str(port)}
                host.variables |= variables
                self.group(group).hosts[one] = None
        except HostRangeError as error:
            raise InventoryError(f"{place}: {error}") from error

    def _count_placed(self, number: int, place: str) -> None:
        self._placed += number
        if self._placed > MOST_PLACED:
            said = "hosts and their variables, counted in each of their groups and in those above"
            raise InventoryError(f"{place}: more than {MOST_PLACED} {said}, are too much to read; {IN_PARTS}")

    def refuse_circles(self, source: str) -> None:
        """``InventoryError`` where a group is below itself."""
        done: set[str] = set()

        def walk(name: str, path: tuple[str, ...]) -> None:
            if name in path:
                circle = " → ".join([*path[path.index(name) :], name])
                raise InventoryError(f"{source}: the groups go round in a circle: {circle}")
            if name in done:
                return
            if len(path) > DEEPEST:
                raise InventoryError(f"{source}: more than {DEEPEST} groups lie below each other, from {path[0]} on")
            for child in self.groups[name].children:
                walk(child, (*path, name))
            done.add(name)

        for name, group in self.groups.items():
            if ALL in group.children:
                raise InventoryError(f"{source}: the group {ALL} is above every other, so it cannot be below {name}")
            walk(name, ())

    def groups_of(self, source: str) -> dict[str, list[InventoryGroup]]:
        """For each host its groups, those above them included, those that lie deeper behind those above them.

        ``all`` is left out: whatever there is belongs to it. ``InventoryError`` where that is too much.
        """
        above: dict[str, set[str]] = {name: set() for name in self.groups}
        for group in self.groups.values():
            for child in group.children:
                above[child].add(group.name)
        depths: dict[str, int] = {}
        ancestors: dict[str, set[str]] = {}

        def depth(name: str) -> int:
            if name not in depths:
                parents = above[name] - {ALL}
                depths[name] = 1 + max(map(depth, parents), default=0)
                self._count_placed(sum(len(ancestors[parent]) for parent in parents), source)
                ancestors[name] = {name}.union(*(ancestors[parent] for parent in parents))
            return depths[name]

        order = {
            group.name: (depth(group.name), _priority(group), group.name)
            for group in self.groups.values()
            if group.name != ALL
        }
        of_host: dict[str, set[str]] = {name: set() for name in self.hosts}
        for group in self.groups.values():
            for host in group.hosts if group.name != ALL else ():
                self._count_placed(len(ancestors[group.name]), source)
                of_host[host] |= ancestors[group.name]
        return {
            host: [self.groups[name] for name in sorted(names, key=order.__getitem__)]
            for host, names in of_host.items()
        }

    def variables_of(self, host: InventoryHost, groups: list[InventoryGroup]) -> Variables:
        """What holds for a host: what stands in files beside the inventory goes before what stands in it, a group
        before the groups above it, and the host's own before all. ``InventoryError`` where that is too much for all.
        """
        layers: Iterator[Variables] = (
            layer
            for part in (
                [self.group(ALL).variables, *(group.variables for group in groups)],
                [self.group(ALL).of_files, *(group.of_files for group in groups)],
                [host.variables, host.of_files],
            )
            for layer in part
        )
        found: Variables = {}
        for layer in layers:
            self._merged += len(layer)
            if self._merged > MOST_MERGED:
                said = "variables of all hosts, with those of their groups, are too much to read"
                raise InventoryError(f"{host.place}: more than {MOST_MERGED} {said}; {IN_PARTS}")
            found |= layer
        return found


def _priority(group: InventoryGroup) -> int:
    given = group.variables.get("ansible_group_priority")
    return int(given) if isinstance(given, str) and re.fullmatch("-?[0-9]{1,9}", given) else 1
