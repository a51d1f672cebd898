"""Tables that fit: what gives way where a terminal is narrower than a table, so that rows stay lines and ids whole."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from opsimate.terminal_text import one_line

GAP = 2
"""Columns of the terminal between two columns of a table."""
ROOM_TO_FOLD = 24
"""Columns in which a longer text may go on over several lines and is still easy to read."""
CUT = frozenset({"title"})
"""Columns whose texts are cut to the room there is; whoever asks for the one thing sees them whole."""
WHOLE = frozenset({"id", "name", "step", "state", "status", "run", "started", "created", "received", "last heard"})
"""Columns that are neither cut nor folded."""


@dataclass(frozen=True)
class Abridged:
    """A value that can also be told in fewer characters."""

    whole: str
    short: str

    def __str__(self) -> str:
        return self.whole


@dataclass(frozen=True)
class Rows:
    """What a table says: headings, and below them values."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[object]]

    def fits(self, width: int) -> bool:
        """Whether this many columns of a terminal are enough to read it."""
        needed = (_needed(column, [row[index] for row in self.rows]) for index, column in enumerate(self.columns))
        return sum(needed) + GAP * (len(self.columns) - 1) <= width

    def abridged(self) -> "Rows":
        """The same with short values."""
        return Rows(self.columns, [[_short(value) for value in row] for row in self.rows])

    def without(self, column: str) -> "Rows":
        """The same but for a column."""
        index = self.columns.index(column)
        left = [[*row[:index], *row[index + 1 :]] for row in self.rows]
        return Rows((*self.columns[:index], *self.columns[index + 1 :]), left)


def fitted(table: Rows, spare: Sequence[str], width: int) -> Rows | None:
    """The table as it fits: as it is, with short values, or without the first, the first two … spare columns.

    None where it fits in no way.
    """
    if table.fits(width):
        return table
    table = table.abridged()
    for column in spare:
        if table.fits(width):
            return table
        table = table.without(column)
    return table if table.fits(width) else None


def _needed(column: str, values: Sequence[object]) -> int:
    longest = max((cell_len(shown(value)) for value in values), default=0)
    return max(cell_len(column), longest if column in WHOLE else min(longest, ROOM_TO_FOLD))


def _short(value: object) -> object:
    return value.short if isinstance(value, Abridged) else value


def shown(value: object) -> str:
    """A value as it stands in a table."""
    return one_line("" if value is None else value)
