"""The processes of an attempt, seen from outside."""

import psutil

from executor.domain.command import MARKER


def marked_processes(attempt_id: str) -> list[str]:
    """The command lines of all processes of this machine that carry the attempt's marker."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARKER) == attempt_id:
                found.append(" ".join(process.cmdline()))
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found
