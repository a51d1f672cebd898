"""The hosts of an Ansible inventory that lies on this machine."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from catalog.domain.inventories.ansible_machines import AnsibleMachines
from opsimate.definitions.file_references import at_home
from opsimate.errors import OpsimateError
from opsimate.importing.ansible_files import InventoryFiles
from opsimate.importing.machines import Defaults, Imported, imported
from opsimate.importing.source_errors import told


@dataclass
class AnsibleImport:
    """How an inventory is read."""

    path: Path
    defaults: Defaults = field(default_factory=Defaults)
    labels: Mapping[str, str] = field(default_factory=dict)
    """Labels by their names, each with the variable that it is made of."""

    def read(self) -> Imported:
        """All of it; ``OpsimateError`` where it is no inventory."""
        files = InventoryFiles(self.path)
        inventory = files.inventory()
        with told():
            found = AnsibleMachines(inventory, self.labels).read(str(self.path))
        found.notes = [*files.notes, *found.notes]
        return imported(str(self.path), found, self.defaults, self._file)

    def _file(self, named: str) -> Path:
        """A file as Ansible finds it: relative to where the inventory lies, or to where it is called."""
        path = Path(named)
        with suppress(OpsimateError):  # whoever reads it says so
            path = at_home(path)
        beside = self.path.resolve().parent / path
        return beside if beside.exists() else path
