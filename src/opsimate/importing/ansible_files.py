"""The files of an Ansible inventory: the one that is named, and the variables in ``group_vars`` and ``host_vars``."""

import os
from collections.abc import Iterator
from pathlib import Path

from catalog.domain.inventories.ansible_inventory import Inventory, InventoryError, Variables
from catalog.domain.inventories.ansible_text import VAULT, inventory_of
from catalog.domain.inventories.ansible_yaml import mapping_in, read_variables
from catalog.domain.yaml_documents import NodeBudget
from opsimate.importing.source_errors import told
from opsimate.reading import bytes_of, decoded

LARGEST_FILE = 16 * 1024 * 1024
"""In bytes, all files of an inventory together."""
YAML_SUFFIXES = frozenset({".yaml", ".yml", ".json"})
TOO_LARGE = f"an inventory has at most {LARGEST_FILE // 1024 // 1024} MiB with all its files; import it in parts"


class InventoryFiles:
    """What stands on disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._left = LARGEST_FILE
        self._budget = NodeBudget()
        self.notes: list[str] = []
        """What was not read, in sentences."""

    def inventory(self) -> Inventory:
        """All of it read; ``OpsimateError``."""
        with told():
            return self._inventory()

    def _inventory(self) -> Inventory:
        if self._path.is_dir():
            message = "is a directory; name one file, or let Ansible put them together: ansible-inventory -i"
            raise InventoryError(f"{self._path}: {message} {self._path} --list --yaml --export > hosts.yaml")
        text = self._text(self._path)
        if text.startswith("#!") and os.access(self._path, os.X_OK):
            message = f"is a program, which is not run; import what it says: ansible-inventory -i {self._path} --list"
            raise InventoryError(f"{self._path}: {message} --yaml --export > hosts.yaml")
        suffix = self._path.suffix
        # Ansible takes a file without a suffix for YAML, if it can be.
        is_yaml = True if suffix in YAML_SUFFIXES else None if not suffix else False
        inventory = inventory_of(text, str(self._path), self._budget, is_yaml=is_yaml)
        self._add_variables(inventory)
        return inventory

    def _add_variables(self, inventory: Inventory) -> None:
        beside = self._path.resolve().parent
        inventory.group("all", str(self._path))
        for group in inventory.groups.values():
            group.of_files = self._variables(beside / "group_vars", group.name)
        if (beside / "host_vars").is_dir():
            for host in inventory.hosts.values():
                host.of_files = self._variables(beside / "host_vars", host.name)

    def _variables(self, directory: Path, name: str) -> Variables:
        found: Variables = {}
        if "/" in name or name in {".", ".."} or not directory.is_dir():
            return found
        for path in _files_of(directory, name):
            text = self._text(path)
            if text.startswith(VAULT):
                self.notes.append(f"{path} is encrypted by ansible-vault and was not read.")
                continue
            root = mapping_in(text, str(path), self._budget) if text.strip() else None
            found |= {} if root is None else read_variables(root, str(path))
        return found

    def _text(self, path: Path) -> str:
        data = bytes_of(path, most=self._left, if_larger=TOO_LARGE)
        self._left -= len(data)
        return decoded(data, str(path))


def _files_of(directory: Path, name: str) -> Iterator[Path]:
    """Those that hold the variables of one group or host, in the order in which a later one goes before."""
    whole = directory / name
    if whole.is_dir():
        yield from _files_below(whole, set())
        return
    for suffix in ("", ".yml", ".yaml", ".json"):
        path = directory / f"{name}{suffix}"
        if path.exists() and not path.is_dir():
            yield path
            return


def _files_below(directory: Path, entered: set[str]) -> Iterator[Path]:
    """Each folder once: links may lead up again, or from many to one."""
    real = os.path.realpath(directory)
    if real in entered:
        return
    entered.add(real)
    for path in sorted(directory.iterdir()):
        if path.name.startswith(".") or path.name.endswith("~"):
            continue
        if path.is_dir() and not path.suffix:
            yield from _files_below(path, entered)
        elif path.exists() and not path.is_dir() and path.suffix in {"", *YAML_SUFFIXES}:
            yield path
