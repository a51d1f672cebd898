"""Finding literals in data that comes in pieces: where they stand, and where one may have begun at the end."""

import re
from collections.abc import Collection, Iterator
from itertools import compress

_LINE_ENDS = b"\r\n"
_IS_TEXT = bytes(byte not in _LINE_ENDS for byte in range(256))
_NOT_ONE_BREAK = re.compile(rb"\n[\r\n]|\r[^\n]")
_LONGEST_BREAK = 2

Span = tuple[int, int]


class Literals:
    """Literals that stand as they are."""

    def __init__(self, literals: Collection[bytes]) -> None:
        self._literals = literals
        # What may be the beginning of a literal ends with a byte that the literal has before its end.
        self._begun_by: dict[int, list[bytes]] = {}
        for literal in literals:
            for byte in set(literal[:-1]):
                self._begun_by.setdefault(byte, []).append(literal)

    def spans(self, data: bytes) -> Iterator[Span]:
        """Where they stand, in no order; they may overlap."""
        for literal in self._literals:
            position = data.find(literal)
            while position >= 0:
                yield position, position + len(literal)
                position = data.find(literal, position + 1)

    def begun_at(self, data: bytes, start: int) -> int:
        """Where, from ``start`` on, the longest end begins that is the beginning of one, not all of it."""
        if start >= len(data):
            return len(data)
        return min((_overlap(data, start, literal) for literal in self._begun_by.get(data[-1], ())), default=len(data))


class WrappedLiterals:
    """Literals without line ends that may have one line break, LF or CRLF, between any two of their bytes.

    They are looked for in the data without its line ends, and what is found there is traced back.
    """

    def __init__(self, literals: Collection[bytes]) -> None:
        self._literals = Literals(literals)
        self._longest = max(map(len, literals), default=0) * (1 + _LONGEST_BREAK)

    def spans(self, data: bytes) -> Iterator[Span]:
        """Where they stand, in no order; they may overlap."""
        found = list(self._literals.spans(_joined(data)))
        places = _places_of_text(data) if found else []
        for start, end in found:
            first, after = places[start], places[end - 1] + 1
            if not _NOT_ONE_BREAK.search(data, first, after):
                yield first, after

    def begun_at(self, data: bytes, start: int) -> int:
        """Where, from ``start`` on, the longest end begins that is the beginning of one, not all of it."""
        start = max(start, len(data) - self._longest)
        for gap in _NOT_ONE_BREAK.finditer(data, start):
            start = gap.end() - 1
        tail = data[start:]
        text = _joined(tail)
        begun = self._literals.begun_at(text, 0)
        return start + _places_of_text(tail)[begun] if begun < len(text) else len(data)


def _joined(data: bytes) -> bytes:
    return data.translate(None, _LINE_ENDS)


def _places_of_text(data: bytes) -> list[int]:
    """Where each byte of the joined data stands in the data."""
    return list(compress(range(len(data)), data.translate(_IS_TEXT)))


def _overlap(data: bytes, start: int, literal: bytes) -> int:
    """Where the longest end of the data begins that is a beginning of the literal, not all of it."""
    position = max(start, len(data) - len(literal) + 1)
    first = literal[:1]
    while (position := data.find(first, position)) >= 0:
        if literal.startswith(data[position:]):
            return position
        position += 1
    return len(data)
