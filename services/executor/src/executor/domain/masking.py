"""Hiding secrets in output: what they look like there, where such literals stand, and the mask over them."""

import base64
import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import compress
from typing import Literal
from urllib.parse import quote, quote_plus

MASK = "••••••".encode()

OutputStream = Literal["stdout", "stderr"]
Span = tuple[int, int]

SHORTEST_LINE = 8
"""Characters; shorter lines of a secret of several lines are in innocent text, too."""
SHORTEST_ENCODED = 4
"""Characters; the encoded forms of a shorter secret are so short that they would hit innocent text."""

_BASE64_LINES = (64, 76)
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_LINE_ENDS = b"\r\n"
_IS_TEXT = bytes(byte not in _LINE_ENDS for byte in range(256))
_NOT_ONE_BREAK = re.compile(rb"\n[\r\n]|\r[^\n]")
_LONGEST_BREAK = 2


@dataclass(frozen=True)
class Forms:
    """The forms of one secret, or of several."""

    unbroken: frozenset[bytes]
    """Those that stand in output as they are."""
    wrapped: frozenset[bytes]
    """Those that may have a line break between any two characters: base64, as its tools print it."""


def forms(secret: str) -> Forms:
    """Everything that a secret looks like in output.

    As it is, and each of its lines; percent-encoded, escaped as in JSON, quoted as by a shell; and in base64, at
    whatever place in the encoded data it begins. Base64 of long secrets is also known by the single lines that
    openssl and base64 print.
    """
    texts = {secret, secret.strip("\r\n")} - {""}
    unbroken = {text.encode() for text in texts}
    unbroken.update(line.encode() for line in secret.splitlines() if len(line) >= SHORTEST_LINE)
    wrapped: set[bytes] = set()
    if len(secret) >= SHORTEST_ENCODED:
        for text in texts:
            unbroken.update(form.encode() for form in (*_percent_encoded(text), *_escaped(text)))
            unbroken.update(_base64_lines(text.encode()))
            wrapped.update(_base64_anywhere(text.encode()))
    return Forms(frozenset(unbroken), frozenset(wrapped) - {b""})


def _percent_encoded(text: str) -> Iterator[str]:
    for encoded in {quote(text), quote(text, safe=""), quote_plus(text), quote(text, safe="!'()*")}:
        yield encoded
        yield re.sub("%..", lambda escape: escape[0].lower(), encoded)


def _escaped(text: str) -> Iterator[str]:
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield text.replace("'", r"'\''")  # bash with set -x, and coreutils
    yield text.replace("'", "'\"'\"'")  # dash with set -x, and Python's shlex


def _base64_anywhere(secret: bytes) -> Iterator[bytes]:
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + secret).rstrip(b"=")
        first = -(-before * 4 // 3)  # characters that depend on what stands before are left out,
        last = (before + len(secret)) * 4 // 3  # as are those that depend on what may stand after
        for certain in {encoded[first:], encoded[first:last]}:
            yield certain
            yield certain.translate(_URL_SAFE)


def _base64_lines(secret: bytes) -> Iterator[bytes]:
    whole = base64.b64encode(secret)
    for width in _BASE64_LINES:
        lines = [whole[at : at + width] for at in range(0, len(whole), width)]
        yield from (line.rstrip(b"=") for line in lines if len(lines) > 1 and len(line) >= SHORTEST_LINE)


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
        positions = _positions_of_text(data) if found else []
        for start, end in found:
            first, after = positions[start], positions[end - 1] + 1
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
        return start + _positions_of_text(tail)[begun] if begun < len(text) else len(data)


def _joined(data: bytes) -> bytes:
    return data.translate(None, _LINE_ENDS)


def _positions_of_text(data: bytes) -> list[int]:
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


_NO_LITERALS = Literals(()), WrappedLiterals(())


class Masker:
    """Masks what comes in pieces, each stream by itself.

    Of every piece the end is held back that could be the beginning of a secret, and nothing else.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        known = [forms(secret) for secret in secrets]
        unbroken = {form for of_one in known for form in of_one.unbroken}
        wrapped = {form for of_one in known for form in of_one.wrapped}
        self._masks_nothing = not unbroken
        self._unbroken, self._wrapped = (
            (Literals(unbroken - wrapped), WrappedLiterals(wrapped)) if unbroken else _NO_LITERALS
        )
        self._held: dict[OutputStream, bytes] = {}

    def feed(self, stream: OutputStream, data: bytes) -> bytes:
        """What of the stream can be shown now."""
        if self._masks_nothing:
            return data
        data = self._held.get(stream, b"") + data
        shown, self._held[stream] = self._mask(data, self._end_of_the_certain(data, 0))
        return shown

    def flush(self) -> list[tuple[OutputStream, bytes]]:
        """What was held back; the streams are over."""
        rest = [(stream, self.mask(held)) for stream, held in self._held.items() if held]
        self._held.clear()
        return rest

    def mask(self, data: bytes) -> bytes:
        """A whole text."""
        masked, _ = self._mask(data, len(data))
        return masked

    def _mask(self, data: bytes, end: int) -> tuple[bytes, bytes]:
        """What can be shown, and what is to be held back: what begins at ``end`` may be the beginning of a secret."""
        shown, position = [], 0
        for start, after in self._spans(data):
            if start >= end:
                break
            if start >= position:
                shown += [data[position:start], MASK]
                position = after
                if position > end:
                    end = self._end_of_the_certain(data, position)
        return b"".join([*shown, data[position:end]]), data[end:]

    def _spans(self, data: bytes) -> list[Span]:
        """Where secrets stand, from the first on; of those that begin at one position, the longest first."""
        found = [*self._unbroken.spans(data), *self._wrapped.spans(data)]
        return sorted(found, key=lambda span: (span[0], -span[1]))

    def _end_of_the_certain(self, data: bytes, start: int) -> int:
        """Where, from ``start`` on, the longest end begins that is the beginning of a secret."""
        return min(self._unbroken.begun_at(data, start), self._wrapped.begun_at(data, start))
