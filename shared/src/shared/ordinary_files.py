"""Reading ordinary files: whatever a name leads to, reading it ends, and holds no more than it may."""

import errno
import os
import stat
from pathlib import Path

_KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class UnfitFileError(OSError):
    """The file is there, and none of those that are read; ``strerror`` says why, as that of any ``OSError`` does."""

    def __init__(self, why: str, path: Path) -> None:
        super().__init__(errno.EINVAL, why, str(path))


class TooLargeFileError(UnfitFileError):
    """The file holds more than is read."""


def read_ordinary_file(path: Path, *, most: int) -> bytes:
    """What the file holds, at most so many bytes; ``OSError`` whose ``strerror`` says what is wrong.

    A pipe or a device is not read: nobody may ever write into the one, and the other may have no end. Links are
    followed.
    """
    if "\0" in str(path):
        raise UnfitFileError("the name of a file cannot hold a NUL", path)
    _refuse_others(path.stat().st_mode, path)  # to open a pipe would let whoever writes into it begin
    # Another may stand there by now, so no opening or reading may wait.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        _refuse_others(os.fstat(descriptor).st_mode, path)
        parts, left = [], most + 1
        while left and (part := os.read(descriptor, left)):
            parts.append(part)
            left -= len(part)
    finally:
        os.close(descriptor)
    if not left:
        raise TooLargeFileError(f"is larger than {most} bytes, the most that is read of it", path)
    return b"".join(parts)


def _refuse_others(mode: int, path: Path) -> None:
    if not stat.S_ISREG(mode):
        what = next((word for fits, word in _KINDS if fits(mode)), "something else")
        raise UnfitFileError(f"is {what}, no regular file", path)
