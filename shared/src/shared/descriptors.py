"""Descriptors: as many as this process may have, and what is out of them told from other errors."""

import contextlib
import errno
import os
import resource

_GIVEN = resource.getrlimit(resource.RLIMIT_NOFILE)
"""The limits that this process was started with, soft and hard."""
_SHORTAGES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EAGAIN})


def use_all_descriptors() -> None:
    """Raise the soft limit of this process to the hard one."""
    hard = _GIVEN[1]
    with contextlib.suppress(ValueError, OSError):  # macOS says "unlimited" and takes less
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def give_usual_limit(pid: int) -> None:
    """Let a process that was just started have the soft limit that this one was started with.

    Programs that close or watch every number below their limit would take long, or break, under a large one.
    """
    with contextlib.suppress(ProcessLookupError):  # it has ended already
        resource.prlimit(pid, resource.RLIMIT_NOFILE, _GIVEN)


def most_descriptors() -> int | None:
    """How many descriptors this process may have open; none where nothing limits them."""
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return None if soft == resource.RLIM_INFINITY else soft


def is_shortage(error: BaseException | None) -> bool:
    """Whether the system had no descriptor, process or memory left: later it may have, and nothing else is wrong."""
    return isinstance(error, OSError) and error.errno in _SHORTAGES


async def check_descriptors() -> None:
    """A check of readiness: raises the ``OSError`` of a process that has no descriptor left."""
    os.close(os.open(os.devnull, os.O_RDONLY))
