"""How values are shown to people: lengths of time, and names in the order in which they are looked for."""

import re

_MINUTE, _HOUR, _DAY = 60, 60, 24
"""In seconds, minutes and hours."""
_DIGITS = re.compile("([0-9]+)")
UNDECIDED = "its condition could not be evaluated"
"""What is said of a condition before why; the why may name values that it compares."""


def length_text(seconds: float) -> str:
    """How long something took or takes, in two units at most: ``40ms``, ``2.5s``, ``48s``, ``3m 20s``, ``3d 4h``.

    The console writes them alike (``ui/time.ts``). What an author writes in a definition is ``duration_text``'s.
    """
    thousandths, whole, minutes = round(seconds * 1000), round(seconds), round(seconds / _MINUTE)
    if thousandths < 100:  # noqa: PLR2004 - tenths of a second are too coarse for it
        return f"{thousandths}ms" if thousandths else "0s"
    if whole < _MINUTE:
        return f"{seconds:.1f}s" if seconds < 9.95 else f"{whole}s"  # noqa: PLR2004 - tenths tell nothing above
    if whole < _HOUR * _MINUTE:
        return _in_two(whole, _MINUTE, "m", "s")
    if minutes < _DAY * _HOUR:
        return _in_two(minutes, _HOUR, "h", "m")
    return _in_two(round(minutes / _HOUR), _DAY, "d", "h")


def _in_two(number: int, of_one: int, unit: str, smaller: str) -> str:
    large, small = divmod(number, of_one)
    return f"{large}{unit} {small}{smaller}" if small else f"{large}{unit}"


def natural_order(name: str) -> list[tuple[bool, int, str, str]]:
    """To sort names by as people count: ``web-2`` before ``web-10``."""
    return [_rank(part) for part in _DIGITS.split(name) if part]


def _rank(part: str) -> tuple[bool, int, str, str]:
    if not _DIGITS.fullmatch(part):
        return True, 0, part, part
    digits = part.lstrip("0")  # of two numbers without zeros before them the longer one is the greater
    return False, len(digits), digits, part
