"""What files and standard input say, read up to a bound and told of by name where they cannot be read."""

import sys
from pathlib import Path

from opsimate.errors import OpsimateError
from shared.ordinary_files import TooLargeFileError, read_ordinary_file

STDIN_NAME = "standard input"


def text_of(path: Path, *, most: int) -> str:
    """The text of an ordinary file, at most so many bytes; ``OpsimateError`` that names the file."""
    return decoded(bytes_of(path, most=most), str(path))


def bytes_of(path: Path, *, most: int, if_larger: str = "") -> bytes:
    """What an ordinary file holds, at most so many bytes; ``OpsimateError`` that names the file.

    ``if_larger`` says what is wrong where the bound is not that of a single file.
    """
    try:
        return read_ordinary_file(path, most=most)
    except TooLargeFileError as error:
        raise OpsimateError(f"{path}: {if_larger or error.strerror}") from error
    except OSError as error:
        raise OpsimateError(f"{path}: {error.strerror}") from error


def bytes_of_standard_input(*, most: int, what: str = STDIN_NAME, if_larger: str = "") -> bytes:
    """What standard input holds to its end, at most so many bytes; ``OpsimateError``."""
    data = sys.stdin.buffer.read(most + 1)
    if len(data) > most:
        raise OpsimateError(f"{what}: {if_larger or f'is larger than {most} bytes, the most that is read of it'}")
    return data


def decoded(data: bytes, source: str) -> str:
    """The text that these bytes of a source are; ``OpsimateError`` where they are not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise OpsimateError(f"{source}: not UTF-8 at byte {error.start}") from error
