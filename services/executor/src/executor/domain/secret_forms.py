"""What secrets look like in output."""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

SHORTEST_LINE = 8
"""Characters; shorter lines of a secret of several lines are in innocent text, too."""
SHORTEST_ENCODED = 4
"""Characters; the encoded forms of a shorter secret are so short that they would hit innocent text."""

_BASE64_LINES = (64, 76)
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


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
