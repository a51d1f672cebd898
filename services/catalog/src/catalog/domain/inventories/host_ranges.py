"""Names of hosts as inventories write them: ranges such as ``web[01:10].example.com``, and a port behind."""

import re
import string
from collections.abc import Iterator

MOST_HOSTS = 10_000
"""In one inventory; as many as one plan may hold."""
LONGEST_NAME = 255
"""In characters, of a host; more than any name server takes."""
_BRACKETED = re.compile(r"\[([^\[\]]+)\]:([0-9]{1,9})")
_WITH_PORT = re.compile(r"((?:[^:\[\]]|\[[^\]]*\])+):([0-9]{1,9})")
_NUMBER = re.compile("[0-9]{1,9}")
MOST_RANGES = 20
"""In one name."""
_RANGE = re.compile(r"\[([^\[\]]*)\]")
_PARTS = (2, 3)


class HostRangeError(ValueError):
    """The text is no range; the message says why."""


def without_port(pattern: str) -> tuple[str, int | None]:
    """The name or range, and the port behind it, if there is one. An IPv6 address needs brackets before a port."""
    found = _BRACKETED.fullmatch(pattern) if "::" in pattern else _WITH_PORT.fullmatch(pattern)
    return (pattern, None) if found is None else (found[1], int(found[2]))


def expanded(pattern: str) -> Iterator[str]:
    """Each of the names; ``HostRangeError``. They are made as they are asked for: a short text may stand for many."""
    found = _RANGE.search(pattern)
    if found is None:
        if "[" in pattern:
            raise HostRangeError("the bracket [ of a range is not closed")
        yield pattern
        return
    if pattern.count("[") > MOST_RANGES:
        raise HostRangeError(f"more than {MOST_RANGES} ranges stand in one name")
    head, tail = pattern[: found.start()], pattern[found.end() :]
    for rest in _steps(found[1]):
        yield from expanded(f"{head}{rest}{tail}")


def _steps(written: str) -> Iterator[str]:
    bounds = written.split(":")
    if len(bounds) not in _PARTS:
        raise HostRangeError(f"[{written}] is no range: write it as [begin:end] or [begin:end:step]")
    begin, end, stride = bounds[0] or "0", bounds[1], bounds[2] if len(bounds) == max(_PARTS) else "1"
    if not _NUMBER.fullmatch(stride):
        raise HostRangeError(f"the step of [{written[:50]}] is no number of up to nine digits")
    step = int(stride)
    if not end:
        raise HostRangeError(f"[{written}] has no end")
    if step < 1:
        raise HostRangeError(f"the step of [{written}] is less than 1")
    if begin in string.ascii_letters and end in string.ascii_letters:
        first, last = string.ascii_letters.index(begin), string.ascii_letters.index(end)
        numbers = range(first, last + 1, step)
        names: Iterator[str] = (string.ascii_letters[number] for number in numbers)
    elif _NUMBER.fullmatch(begin) and _NUMBER.fullmatch(end):
        width = len(begin) if begin[0] == "0" and len(begin) > 1 else 0
        if width and width != len(end):
            raise HostRangeError(f"begin and end of [{written}] have to be of one length, as the begin has zeros")
        numbers = range(int(begin), int(end) + 1, step)
        names = (str(number).zfill(width) for number in numbers)
    else:
        way = "it goes from number to number, of up to nine digits, or from letter to letter"
        raise HostRangeError(f"[{written[:50]}] is no range: {way}")
    if not numbers:
        raise HostRangeError(f"[{written}] ends before it begins")
    yield from names
