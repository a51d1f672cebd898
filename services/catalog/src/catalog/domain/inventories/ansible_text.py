"""The text of an Ansible inventory, in whichever form it is."""

from catalog.domain.inventories.ansible_ini import read_ini
from catalog.domain.inventories.ansible_inventory import Inventory, InventoryError
from catalog.domain.inventories.ansible_yaml import mapping_in, read_yaml
from catalog.domain.yaml_documents import NodeBudget, YamlError

VAULT = "$ANSIBLE_VAULT"
"""What a text that is encrypted begins with."""


def inventory_of(text: str, source: str, budget: NodeBudget, *, is_yaml: bool | None) -> Inventory:
    """The inventory that the text is; YAML if it can be where None is given. ``InventoryError``, ``YamlError``."""
    if text.startswith(VAULT):
        raise InventoryError(f"{source}: is encrypted by ansible-vault; decrypt it first: ansible-vault view")
    if is_yaml:
        root = mapping_in(text, source, budget)
        if root is None:
            raise InventoryError(f"{source}: this is no inventory: it begins with the name of a group, as in all:")
        return read_yaml(root, source)
    if is_yaml is None:
        try:
            root = mapping_in(text, source, budget)
        except YamlError:
            if budget.left < 0 or _begins_as_yaml(text):
                raise
            root = None
        if root is not None:
            return read_yaml(root, source)
    return read_ini(text, source)


def _begins_as_yaml(text: str) -> bool:
    lines = (line.strip() for line in text.splitlines())
    first = next((line for line in lines if line and not line.startswith("#")), "")
    return first == "---" or first.endswith(":")
