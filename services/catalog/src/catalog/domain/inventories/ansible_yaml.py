"""An Ansible inventory in its YAML form, and the YAML files of variables beside one."""

from collections.abc import Iterator
from typing import Any

import yaml

from catalog.domain.inventories.ansible_inventory import Inventory, InventoryError, NoText, Value, Variables
from catalog.domain.yaml_documents import NodeBudget, documents

MOST_NODES = 1_000_000
"""Visited, aliases as often as they are used."""
_VAULT_TAGS = frozenset({"!vault", "!vault-encrypted"})
_NULL = "tag:yaml.org,2002:null"


def mapping_in(text: str, source: str, budget: NodeBudget) -> yaml.MappingNode | None:
    """The mapping that the one document of a text is, none where it is something else; ``YamlError``."""
    found = list(documents(text, source, budget))
    if len(found) != 1 or not isinstance(found[0], yaml.MappingNode):
        return None
    return found[0]


def read_yaml(root: yaml.MappingNode, source: str) -> Inventory:
    """The inventory that the document is; ``InventoryError``."""
    return _YamlReading(source).inventory(root)


def read_variables(root: yaml.MappingNode, source: str) -> Variables:
    """Those of a file below ``group_vars`` or ``host_vars``; ``InventoryError``."""
    return _YamlReading(source).variables(root)


class _YamlReading:
    def __init__(self, source: str) -> None:
        self._source = source
        self._inventory = Inventory()
        self._seen = 0

    def inventory(self, root: yaml.MappingNode) -> Inventory:
        entries = dict(self._entries(root))
        if "plugin" in entries:
            raise InventoryError(f"{self._place(root)}: {_DYNAMIC}")
        if "_meta" in entries:
            raise InventoryError(f"{self._place(root)}: {_OF_A_PROGRAM}")
        for name, node in entries.items():
            self._group(name, node, ())
        self._inventory.refuse_circles(self._source)
        return self._inventory

    def variables(self, node: yaml.Node) -> Variables:
        return {name: self._value(inner) for name, inner in self._entries(node)}

    def _group(self, name: str, node: yaml.Node, within: tuple[str, ...]) -> None:
        group = self._inventory.group(name, self._place(node))
        if name in within:
            raise InventoryError(f"{self._place(node)}: the group {name} is below itself")
        if _is_null(node):
            return
        for key, inner in self._entries(node):
            if _is_null(inner):
                continue
            if key == "vars":
                group.variables |= self.variables(inner)
            elif key == "children":
                for child, below in self._named(inner):
                    self._group(child, below, (*within, name))
                    group.children[child] = None
            elif key == "hosts":
                for pattern, given in self._named(inner):
                    variables = {} if _is_null(given) else self.variables(given)
                    self._inventory.add_hosts(pattern, variables, name, self._place(given))
            else:
                message = f"{key} is not known here: a group has hosts, children and vars"
                raise InventoryError(f"{self._place(inner)}: {message}")

    def _named(self, node: yaml.Node) -> Iterator[tuple[str, yaml.Node]]:
        """Names with what stands below each; one name may stand by itself."""
        if isinstance(node, yaml.ScalarNode):
            yield node.value, yaml.ScalarNode(_NULL, "", node.start_mark, node.end_mark)
        else:
            yield from self._entries(node)

    def _entries(self, node: yaml.Node) -> Iterator[tuple[str, yaml.Node]]:
        """The pairs of a mapping, what it merges by ``<<`` before its own."""
        self._count(node)
        if not isinstance(node, yaml.MappingNode):
            raise InventoryError(f"{self._place(node)}: here have to stand names with their values, as name: value")
        for key, inner in node.value:
            if key.value == "<<" and isinstance(key, yaml.ScalarNode):
                for merged in inner.value if isinstance(inner, yaml.SequenceNode) else [inner]:
                    yield from self._entries(merged)
        for key, inner in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise InventoryError(f"{self._place(key)}: a name has to be a text")
            if key.value != "<<":
                self._count(inner)
                yield key.value, inner

    def _value(self, node: yaml.Node) -> Value:
        if node.tag in _VAULT_TAGS:
            return NoText.VAULTED
        return str(node.value) if isinstance(node, yaml.ScalarNode) else NoText.NESTED

    def _count(self, node: yaml.Node) -> None:
        self._seen += 1
        if self._seen > MOST_NODES:
            raise InventoryError(f"{self._place(node)}: more than {MOST_NODES} values are too much to read")

    def _place(self, node: yaml.Node) -> str:
        mark: Any = node.start_mark
        return f"{self._source}:{mark.line + 1}"


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == _NULL


_OF_A_PROGRAM = (
    "this is what programs tell Ansible, as _meta shows, and no inventory. Let Ansible write one, and import that: "
    "ansible-inventory -i FILE --list --yaml --export > hosts.yaml"
)
_DYNAMIC = (
    "this names a plugin that asks elsewhere for hosts, which is not done here. Let Ansible ask, and import what it "
    "says: ansible-inventory -i FILE --list --yaml --export > hosts.yaml"
)
