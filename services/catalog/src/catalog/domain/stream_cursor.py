"""How far a viewer has come in the events of a run. Pure."""

import re
from dataclasses import dataclass

_CURSOR = re.compile(r"(\d{1,7})(s?)((?:\.\d{1,9}){0,200})")


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
    """Of each open attempt: 0 for nothing, 1 that it runs, 1 + n for n chunks."""

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
