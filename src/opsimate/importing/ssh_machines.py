"""The hosts of an SSH configuration that lies on this machine."""

import getpass
import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from catalog.domain.inventories.ssh_machines import SshMachines
from opsimate.definitions.file_references import at_home
from opsimate.errors import OpsimateError
from opsimate.importing.machines import Defaults, Imported, imported
from opsimate.importing.source_errors import told
from opsimate.importing.ssh_files import read_config


@dataclass
class SshImport:
    """How a configuration is read."""

    path: Path
    defaults: Defaults = field(default_factory=Defaults)

    def read(self) -> Imported:
        """All of it; ``OpsimateError`` where it is no configuration."""
        with told():
            found = self.machines().read(str(self.path))
        return imported(str(self.path), found, self.defaults, _file)

    def machines(self) -> SshMachines:
        """What it says of its hosts to whoever reads it here; ``OpsimateError``."""
        own = getpass.getuser()
        tokens = {"u": own, "d": str(Path.home()), "i": str(os.getuid())}
        return SshMachines(read_config(self.path), self.defaults.user or own, tokens, os.environ)


def _file(named: str) -> Path:
    path = Path(named)
    with suppress(OpsimateError):  # whoever reads it says so
        path = at_home(path)
    return path
