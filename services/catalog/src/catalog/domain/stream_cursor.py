"""How far a viewer has come in the events of a run. Pure."""

import re
from dataclasses import dataclass

_CURSOR = re.compile(r"(\d{1,7})(s?)((?:\.\d{1,10}){0,200})")


_NUMBERS = 100
"""More than an invocation has attempts."""


@dataclass(frozen=True, slots=True)
class OutputPosition:
    """How much of the output of an invocation was sent, whose attempts follow each other."""

    number: int = 0
    """Of the attempt that was sent last; 0: nothing was."""
    seq: int = 0
    """Of the last chunk of that attempt."""

    @classmethod
    def of(cls, code: int) -> "OutputPosition":
        """The position that a number in a cursor says."""
        return cls(code % _NUMBERS, code // _NUMBERS)

    @property
    def code(self) -> int:
        """The number that says it in a cursor."""
        return self.seq * _NUMBERS + self.number


class StreamCursorError(ValueError):
    """A text is no cursor of this run's events."""


@dataclass(frozen=True)
class StreamCursor:
    """How far a viewer has come, as the text that events have for an id: ``4``, ``4s``, ``4.17``."""

    seq: int = 0
    """The number of the last entry of the timeline that was sent wholly."""
    step_sent: bool = False
    """Whether of the next entry the ``step`` was sent, and its ``run`` not yet."""
    sent: tuple[int, ...] = ()
    """Of each open attempt: 0 for nothing, 1 that it runs, 1 + n for n chunks. Of each invocation of an open step on
    several providers the ``code`` of its position."""

    def __str__(self) -> str:
        return ".".join([f"{self.seq}{'s' if self.step_sent else ''}", *map(str, self.sent)])


def cursor_of(text: str) -> StreamCursor:
    """The cursor that a text is; ``StreamCursorError`` where it is none."""
    found = _CURSOR.fullmatch(text)
    if found is None:
        message = f"'{text[:80]}' is not the id of an event of this run"
        raise StreamCursorError(message)
    sent = tuple(int(part) for part in found[3].split(".")[1:])
    return StreamCursor(int(found[1]), bool(found[2]), sent)
