"""Hiding secrets in output."""

from collections.abc import Iterable
from typing import Literal

from executor.domain.literals import Literals, Span, WrappedLiterals
from executor.domain.secret_forms import forms

MASK = "••••••".encode()

OutputStream = Literal["stdout", "stderr"]


class Masker:
    """Masks what comes in pieces, each stream by itself.

    Of every piece the end is held back that could be the beginning of a secret, and nothing else.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        known = [forms(secret) for secret in secrets]
        unbroken = {form for of_one in known for form in of_one.unbroken}
        wrapped = {form for of_one in known for form in of_one.wrapped}
        self._masks_nothing = not unbroken
        self._unbroken, self._wrapped = Literals(unbroken - wrapped), WrappedLiterals(wrapped)
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
        """Where secrets stand, from the first on; of those that begin at one place, the longest first."""
        found = [*self._unbroken.spans(data), *self._wrapped.spans(data)]
        return sorted(found, key=lambda span: (span[0], -span[1]))

    def _end_of_the_certain(self, data: bytes, start: int) -> int:
        """Where, from ``start`` on, the longest end begins that is the beginning of a secret."""
        return min(self._unbroken.begun_at(data, start), self._wrapped.begun_at(data, start))
