"""The files of an SSH configuration: the one that is named, and those that it includes."""

import glob
from collections.abc import Iterator
from pathlib import Path

from catalog.domain.inventories.ssh_config import SshConfig
from opsimate.importing.source_errors import told
from opsimate.reading import text_of

LARGEST_FILE = 1024 * 1024
"""In bytes."""


def read_config(path: Path) -> SshConfig:
    """What the file says, with what it includes; ``OpsimateError``."""
    with told():
        return SshConfig.read(str(path), text_of(path, most=LARGEST_FILE), _included)


def _included(pattern: str, _place: str) -> Iterator[tuple[str, str]]:
    path = Path(pattern).expanduser()
    whole = path if path.is_absolute() else Path("~/.ssh").expanduser() / path
    found = [Path(one) for one in sorted(glob.glob(str(whole)))]  # noqa: PTH207 - it may be absolute
    for one in found:
        if one.exists() and not one.is_dir():
            yield str(one), text_of(one, most=LARGEST_FILE)
