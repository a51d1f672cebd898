"""Lines of a run's output that hold a text or fit a regular expression, found as the output is read. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from catalog.domain.views import View
from shared.contracts.attempt import OutputChunk, OutputStream
from shared.contracts.values import Instant

LONGEST_LINE = 64 * 1024
"""Bytes of a line that are looked through; of a longer one the rest is passed over."""
LONGEST_SHOWN = 1_000
"""Characters of a line in an answer."""
Fits = Callable[[str], bool]


class FoundLine(View):
    """A line that was looked for."""

    id: str
    """Of the item that the line begins in: ``from`` of the output goes on after it."""
    line: int = Field(examples=[42])
    """Its number, from 1 within the attempt."""
    step: str = Field(examples=["restart"])
    attempt: int = Field(examples=[1])
    provider: str = Field(examples=["web-1"])
    stream: OutputStream
    """Where it begins."""
    at: Instant
    text: str = Field(examples=["Restarting nginx"])
    """Without its end; of a long line the first thousand characters."""


def containing(text: str) -> Fits:
    """Whether a line holds the text, in capitals or not."""
    wanted = text.casefold()
    return lambda line: wanted in line.casefold()


def fitting(pattern: str) -> Fits:
    """Whether the pattern fits anywhere in a line, in a time that grows with the line alone."""
    matcher = TypeAdapter(Annotated[str, StringConstraints(pattern=pattern)])

    def fits(line: str) -> bool:
        try:
            matcher.validate_python(line)
        except ValidationError:
            return False
        return True

    return fits


@dataclass
class OutputSearch:
    """Takes chunks as they follow each other, and finds lines behind a place."""

    fits: Fits
    after_line: int = 0
    """Lines up to this number are passed over, of the attempt that is taken first."""
    found: list[FoundLine] = field(default_factory=list)
    _begin: OutputChunk | None = None
    """The chunk that the line which is not whole yet begins in."""
    _line: int = 0
    _rest: bytes = b""

    @property
    def place(self) -> tuple[str, int] | None:
        """From which chunk to go on, and behind which of its lines."""
        return None if self._begin is None else (self._begin.id, self._line - 1)

    def take(self, chunks: Sequence[OutputChunk]) -> None:
        """Look through the lines that end in these chunks."""
        for chunk in chunks:
            if self._begin is not None and self._begin.attempt_id != chunk.attempt_id:
                self.end()
                self.after_line = 0
            if self._begin is None:
                self._begin, self._line = chunk, chunk.first_line
            *whole, rest = chunk.data.split(b"\n")
            for piece in whole:
                self._look(self._rest + piece)
                self._begin, self._line, self._rest = chunk, self._line + 1, b""
            self._rest = (self._rest + rest)[:LONGEST_LINE]

    def end(self) -> None:
        """Nothing follows: what is left is a line, too."""
        if self._rest:
            self._look(self._rest)
        self._begin, self._rest = None, b""

    def _look(self, data: bytes) -> None:
        begin = self._begin
        if begin is None or self._line <= self.after_line:
            return
        text = data[:LONGEST_LINE].decode(errors="replace").removesuffix("\r")
        if self.fits(text):
            about = {name: getattr(begin, name) for name in ("id", "step", "attempt", "provider", "stream", "at")}
            self.found.append(FoundLine(**about, line=self._line, text=text[:LONGEST_SHOWN]))
