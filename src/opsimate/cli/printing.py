"""What commands print: tables that fit where they go, fields, errors and JSON."""

import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import IO, Any, TypeVar

import click
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from opsimate.errors import OpsimateError
from opsimate.terminal_text import moment, one_line, readable, short_moment

GAP = 2
"""Columns of the terminal between two columns of a table."""
ROOM_TO_FOLD = 24
"""Columns in which a longer text may go on over several lines and is still easy to read."""
CUT = frozenset({"title", "description"})
"""Columns whose texts are cut to the room there is; whoever asks for the one thing sees them whole."""
NAMES = frozenset({"name", "step"})
"""Columns of names, which are folded only where leaving columns out is not enough."""
WHOLE = frozenset({"id", "name", "step", "state", "status", "run", "started", "created", "received", "last heard"})
"""Columns that are never cut, nor folded otherwise."""


@dataclass(frozen=True)
class Short:
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
    folds_names: bool = False

    def fits(self, width: int) -> bool:
        """Whether this many columns of a terminal are enough to read it."""
        needed = (self._needed(column, [row[index] for row in self.rows]) for index, column in enumerate(self.columns))
        return sum(needed) + GAP * (len(self.columns) - 1) <= width

    def is_whole(self, column: str) -> bool:
        """Whether the values of a column are neither cut nor folded."""
        return column in WHOLE and not (self.folds_names and column in NAMES)

    def _needed(self, column: str, values: Sequence[object]) -> int:
        longest = max((cell_len(shown(value)) for value in values), default=0)
        return max(cell_len(column), longest if self.is_whole(column) else min(longest, ROOM_TO_FOLD))

    def abridged(self) -> "Rows":
        """The same with short values."""
        return replace(self, rows=[[_short(value) for value in row] for row in self.rows])

    def without(self, column: str) -> "Rows":
        """The same but for a column."""
        index = self.columns.index(column)
        left = [[*row[:index], *row[index + 1 :]] for row in self.rows]
        return replace(self, columns=(*self.columns[:index], *self.columns[index + 1 :]), rows=left)


def fitted(table: Rows, spare: Sequence[str], width: int) -> Rows | None:
    """The table as it fits: as it is, with short values, or without the first, the first two … spare columns.

    Where that is not enough, the same with names that go on in the next line; none where it fits in no way.
    """
    if table.fits(width):
        return table
    for folds_names in (False, True):
        left = replace(table.abridged(), folds_names=folds_names)
        for column in spare:
            if left.fits(width):
                return left
            left = left.without(column)
        if left.fits(width):
            return left
    return None


def instant(at: str | None) -> Short:
    """An instant of the API, with its year or without."""
    return Short(moment(at), short_moment(at))


def _short(value: object) -> object:
    return value.short if isinstance(value, Short) else value


def shown(value: object) -> str:
    """A value as it stands in a table."""
    return one_line("" if value is None else value)


WIDTH_OF_A_FILE = 4_000
"""Columns where the output is no terminal, so that nothing is wrapped or cut."""
STYLE_OF_STATE = {
    "running": "cyan",
    "paused": "yellow",
    "succeeded": "green",
    "failed": "red",
    "unknown": "magenta",
    "cancelled": "yellow",
    "being cancelled": "yellow",
    "rejected": "yellow",
    "expired": "yellow",
    "ok": "green",
    "firing": "red",
    "created": "green",
    "changed": "yellow",
}
_C1 = re.compile(r"[\x7f-\x9f]")

CommandT = TypeVar("CommandT", bound=Callable[..., Any])


def output_option(command: CommandT) -> CommandT:
    """Add ``-o json`` as the argument ``as_json``."""
    option = click.option(
        "-o",
        "--output",
        "as_json",
        type=click.Choice(["table", "json"]),
        default="table",
        show_default=True,
        callback=lambda _ctx, _parameter, value: value == "json",
        help="For people or for programs.",
    )
    return option(command)


def console(*, stderr: bool = False) -> Console:
    """Where to print."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(
        stderr=stderr, highlight=False, markup=False, emoji=False, width=None if stream.isatty() else WIDTH_OF_A_FILE
    )


def show_json(value: Any) -> None:
    """Print the value as the API gave it. JSON escapes control characters; those of Unicode are escaped here."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    click.echo(_C1.sub(lambda control: f"\\u{ord(control.group()):04x}", text))


def show_items(items: Sequence[Any]) -> None:
    """Print a list for programs: all lists have one form, that of the API, and all of their items."""
    show_json({"items": items, "next": None})


def show_table(
    columns: Sequence[str], rows: Sequence[Sequence[object]], *, nothing: str, spare: Sequence[str] = ()
) -> None:
    """Print rows below their headings; where there is none, say so on stderr, as programs read no remarks.

    On a narrow terminal the ``spare`` columns are left out one after the other until it fits; where that is not enough,
    each row is shown as names and values below each other.
    """
    if not rows:
        click.echo(nothing, err=True)
        return
    out, whole = console(), Rows(tuple(columns), rows)
    table = fitted(whole, spare, out.width)
    if table is None:
        _show_upright(whole.abridged())
    else:
        out.print(_drawn(table))


def _drawn(rows: Rows) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in rows.columns:
        table.add_column(column.upper(), no_wrap=rows.is_whole(column), overflow="fold")
    for row in rows.rows:
        table.add_row(*(_cell(column, value) for column, value in zip(rows.columns, row, strict=True)))
    return table


def _show_upright(rows: Rows) -> None:
    for index, row in enumerate(rows.rows):
        if index:
            click.echo()
        show_fields([(column, shown(value)) for column, value in zip(rows.columns, row, strict=True)])


def _cell(column: str, value: object) -> Text:
    text = styled(shown(value)) if column in {"state", "change", "status"} else Text(shown(value))
    if column in CUT:
        text.no_wrap, text.overflow = True, "ellipsis"
    return text


def styled(state: str) -> Text:
    """A state in its colour; of ``running, paused`` the last word tells it."""
    return Text(state, STYLE_OF_STATE.get(state.rpartition(", ")[2], ""))


def show_fields(fields: Sequence[tuple[str, object]]) -> None:
    """Print names and values below each other, those without a value left out."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")  # a long word goes on in the next line, below its beginning; nothing is cut off
    for name, value in fields:
        if value not in (None, "", [], {}):
            table.add_row(Text(name, "dim"), value if isinstance(value, Text) else Text(readable(value)))
    console().print(table)


def definitions_text(number: int) -> str:
    """``1 definition is``, ``32 definitions are``."""
    return "1 definition is" if number == 1 else f"{number:,} definitions are"


def show_diff(diff: str) -> None:
    """Print a unified diff in its colours."""
    for line in diff.splitlines():
        click.secho(readable(line), fg={"+": "green", "-": "red", "@": "cyan"}.get(line[:1]))


def show_error(error: OpsimateError, file: IO[str] | None = None) -> None:
    """Print an error with its fields and what to do."""
    lines = [f"Error: {readable(error.message)}"]
    # The message of an API's error repeats its fields; below each other they are easier to read.
    if error.fields and all(message in error.message for _, message in error.fields):
        lines = ["Error:"] if len(error.fields) > 1 else []
        lines += [f"{'  ' if lines else 'Error: '}{one_line(name)}: {one_line(text)}" for name, text in error.fields]
    else:
        lines += [f"  {one_line(name)}: {one_line(text)}" for name, text in error.fields]
    if error.hint:
        lines.append(readable(error.hint))
    click.echo("\n".join(lines), file=file, err=file is None)
