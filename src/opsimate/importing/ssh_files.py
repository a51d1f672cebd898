"""The files of an SSH configuration: the one that is named, and those that it includes."""

import glob
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from catalog.domain.inventories.ssh_config import MOST_FILES, SshConfig
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
    # Of more than may be read it is enough to know that they are more: a pattern may match what a disk holds.
    some = islice(glob.iglob(str(whole)), MOST_FILES + 1)  # noqa: PTH207 - it may be absolute
    for one in map(Path, sorted(some)):
        if one.exists() and not one.is_dir():
            yield str(one), text_of(one, most=LARGEST_FILE)
