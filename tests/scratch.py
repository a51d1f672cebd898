"""Where tests keep their files: in memory, where this machine has room there.

What a store or a broker confirms it has written through to the disk first. The tests kill programs and never cut the
power, so they cannot tell a disk from memory; but to wait for the disk takes a third of the time of those that write
much, and a quarter of their CPU.
"""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ROOM = 4 << 30
"""Bytes that must be free there; a run of all tests leaves a quarter of that."""
_RESTRICTIONS: int = sum(getattr(os, name, 0) for name in ("ST_NOEXEC", "ST_NODEV", "ST_NOSUID"))
"""What may not be done in many a container's, and can be done on a disk."""


def use_memory() -> Callable[[], None]:
    """Have temporary files of this process, and of those that it starts, made in memory; returns what removes them.

    Where ``TMPDIR`` is set they stay there, and where memory is short or restricted in their usual place.
    """
    if "TMPDIR" in os.environ or not is_roomy(_MEMORY):
        return lambda: None
    folder = tempfile.mkdtemp(prefix="opsimate-", dir=_MEMORY)
    Path(folder).chmod(0o1777)  # as /tmp: databases write there as users of their own
    os.environ["TMPDIR"] = tempfile.tempdir = folder

    def remove() -> None:
        del os.environ["TMPDIR"]
        tempfile.tempdir = None
        shutil.rmtree(folder, ignore_errors=True)

    return remove


def is_roomy(folder: Path) -> bool:
    """Whether all that tests do with files can be done in this folder."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return False
    return found.f_bavail * found.f_frsize >= _ROOM and not found.f_flag & _RESTRICTIONS
