"""Hiding secrets in output.

A secret is masked where it stands as it is, in base64 (at whatever place in the encoded data it begins) and
percent-encoded; so is every line of a secret of several lines, unless it is shorter than ``SHORTEST_LINE``. A secret
shorter than ``SHORTEST_ENCODED`` is masked as it is only: its encoded forms are so short that they would hit
innocent text. Base64 of long secrets is also known in lines of 64 and 76 characters, as openssl and base64 print it.
"""

import base64
import re
from collections.abc import Iterable, Iterator
from typing import Literal
from urllib.parse import quote, quote_plus

MASK = "••••••".encode()
SHORTEST_LINE = 8
SHORTEST_ENCODED = 4

_BASE64_LINES = (64, 76)
_URL_SAFE = bytes.maketrans(b"+/", b"-_")

OutputStream = Literal["stdout", "stderr"]


def forms(secret: str) -> set[bytes]:
    """Everything that a secret looks like in output."""
    found = {secret.encode(), secret.strip("\r\n").encode()}
    found.update(line.encode() for line in secret.splitlines() if len(line) >= SHORTEST_LINE)
    if len(secret) >= SHORTEST_ENCODED:
        for text in {secret, secret.strip("\r\n")}:
            found.update(_percent_encoded(text))
            found.update(_base64_forms(text.encode()))
    return found - {b""}


class Masker:
    """Masks what comes in pieces, each stream by itself.

    Of every piece the end is held back that could be the beginning of a secret, and nothing else.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        self._literals = sorted({form for secret in secrets for form in forms(secret)}, key=len, reverse=True)
        self._any = re.compile(b"|".join(map(re.escape, self._literals)))
        # What may be the beginning of a literal ends with a byte that the literal has before its end.
        bytes_there_are = range(256 if self._literals else 0)
        self._begun_by = [[literal for literal in self._literals if byte in literal[:-1]] for byte in bytes_there_are]
        self._held: dict[OutputStream, bytes] = {}

    def feed(self, stream: OutputStream, data: bytes) -> bytes:
        """What of the stream can be shown now."""
        if not self._literals:
            return data
        shown, self._held[stream] = self._mask(self._held.get(stream, b"") + data)
        return shown

    def flush(self) -> list[tuple[OutputStream, bytes]]:
        """What was held back; the streams are over."""
        rest = [(stream, held) for stream, held in self._held.items() if held]
        self._held.clear()
        return rest

    def mask(self, data: bytes) -> bytes:
        """A whole text."""
        return self._any.sub(MASK, data) if self._literals else data

    def _mask(self, data: bytes) -> tuple[bytes, bytes]:
        """What can be shown, and what is to be held back."""
        if not any(literal in data for literal in self._literals):
            end = self._end_of_the_certain(data, 0)
            return data[:end], data[end:]
        return self._replace(data)

    def _replace(self, data: bytes) -> tuple[bytes, bytes]:
        """The same where there is a secret: what might be the beginning of a longer one waits for its end."""
        shown, position = [], 0
        end = self._end_of_the_certain(data, 0)
        for match in self._any.finditer(data):
            if match.start() >= end:
                break
            shown += [data[position : match.start()], MASK]
            position = match.end()
            if position > end:
                end = self._end_of_the_certain(data, position)
        return b"".join([*shown, data[position:end]]), data[end:]

    def _end_of_the_certain(self, data: bytes, start: int) -> int:
        """Where, from ``start`` on, the longest end begins that is the beginning of a secret."""
        if start >= len(data):
            return len(data)
        return min((_overlap(data, start, literal) for literal in self._begun_by[data[-1]]), default=len(data))


def _overlap(data: bytes, start: int, literal: bytes) -> int:
    """Where the longest end of the data begins that is a beginning of the literal, not all of it."""
    position = max(start, len(data) - len(literal) + 1)
    first = literal[:1]
    while (position := data.find(first, position)) >= 0:
        if literal.startswith(data[position:]):
            return position
        position += 1
    return len(data)


def _percent_encoded(text: str) -> Iterator[bytes]:
    for encoded in {quote(text), quote(text, safe=""), quote_plus(text), quote(text, safe="!'()*")}:
        yield encoded.encode()
        yield re.sub("%..", lambda escape: escape[0].lower(), encoded).encode()


def _base64_forms(secret: bytes) -> Iterator[bytes]:
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + secret).rstrip(b"=")
        first = -(-before * 4 // 3)  # characters that depend on what stands before are left out,
        last = (before + len(secret)) * 4 // 3  # as are those that depend on what may stand after
        for certain in {encoded[first:], encoded[first:last]}:
            yield certain
            yield certain.translate(_URL_SAFE)
    whole = base64.b64encode(secret)
    for width in _BASE64_LINES:
        lines = [whole[at : at + width] for at in range(0, len(whole), width)]
        yield from (line.rstrip(b"=") for line in lines if len(lines) > 1 and len(line) >= SHORTEST_LINE)
