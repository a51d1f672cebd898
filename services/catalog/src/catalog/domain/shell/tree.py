"""What the reader of shell text finds: commands, their words, the pieces of these. Positions are in the template."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from shared.contracts.compiled_action import Quoting, ValueClass

HOLE = "\0"
"""Stands for a placeholder in the text that is read; no shell text can hold it otherwise."""
UNKNOWN = "\1"
"""Stands for what only the running shell knows."""
DEEPEST = 30
"""Substitutions and commands within each other; deeper than any person writes is refused."""


class Refusal(Exception):  # noqa: N818 - not a defect: the analysis declines
    """A placeholder may not stand at `at`, or its place is not certain. `needs` are the classes of values that may."""

    def __init__(self, at: int, message: str, needs: Sequence[str] = (), name: str = "") -> None:
        super().__init__(message)
        self.at, self.message, self.needs, self.name = at, message, tuple(needs), name


class Unreadable(Refusal):
    """No shell that may run the text can read it."""


class BashWord(Refusal):
    """Text for another shell holds what only bash understands."""


@dataclass
class Place:
    """Where the placeholder of a parameter stands, which the reader finds out. The fields are those of a `Slot`."""

    name: str
    quoting: list[Quoting] = field(default_factory=list)
    as_text: ValueClass | None = None
    alone: bool = False
    after_name: bool = False
    delimiters: tuple[str, ...] = ()


@dataclass(slots=True)
class Expansion:
    """What only the running shell knows: `$x`, `${x…}`, `${#x}`, `$(…)`, `<(…)`, `$((…))`, `(an array)`, `$'…'`."""

    kind: Literal["variable", "length", "commands", "arithmetic", "array", "text"]
    name: str = ""
    """Of a variable; of commands, what begins them, such as `<(`."""
    indirect: bool = False
    """`${!x}`: the variable holds the name of another."""
    pieces: list["Piece"] = field(default_factory=list)
    """What stands in the braces behind a variable's name, its operator first; a text as it is written."""
    computed: list["Piece"] = field(default_factory=list)
    """What bash computes with: arithmetic, subscripts, the numbers of a substring."""
    program: list["Pipeline"] = field(default_factory=list)
    words: list["Word"] = field(default_factory=list)
    """The elements of an array."""


@dataclass(slots=True)
class Piece:
    """Text as the command will see it, a hole (`HOLE`), or an expansion (`UNKNOWN`), in one quoting."""

    at: int
    quoting: Quoting
    text: str
    expansion: Expansion | None = None

    @property
    def is_hole(self) -> bool:
        """Whether a placeholder stands here."""
        return self.text == HOLE


def shape_of(pieces: Sequence[Piece]) -> str:
    """The text of pieces, with one character for each hole and each expansion."""
    return "".join([piece.text for piece in pieces])


@dataclass
class Word:
    """A word of a command."""

    at: int
    pieces: list[Piece] = field(default_factory=list)

    @cached_property
    def quoted(self) -> bool:
        """Whether any of it is: an empty one stays a word."""
        return any(piece.quoting in {"single", "double", "escaped"} for piece in self.pieces)

    @cached_property
    def shape(self) -> str:
        """The word with one character for each hole and each expansion."""
        return shape_of(self.pieces)

    @cached_property
    def literal(self) -> str | None:
        """The word as the command will see it, or None where only the running shell knows."""
        return None if HOLE in self.shape or UNKNOWN in self.shape else self.shape

    @cached_property
    def bare(self) -> str:
        """The shape with quoted text taken out, in which operators and braces mean something."""
        return shape_of([piece for piece in self.pieces if piece.quoting == "bare" or piece.text in {HOLE, UNKNOWN}])

    @cached_property
    def solid(self) -> list[Piece]:
        """The pieces but for quotes with nothing between them."""
        return [piece for piece in self.pieces if piece.text]

    def cut(self, start: int, end: int | None = None) -> "Word":
        """A part of it, by the characters of its shape."""
        pieces, at = list[Piece](), 0
        for piece in self.pieces:
            text = piece.text[max(start - at, 0) : None if end is None else max(end - at, 0)]
            if text or (not piece.text and at >= start):
                first = piece.at + max(start - at, 0)
                pieces.append(Piece(first, piece.quoting, text, piece.expansion))
            at += len(piece.text)
        return Word(pieces[0].at if pieces else self.at, pieces)


@dataclass
class Redirection:
    """`operator word`; `body` is that of a here-document."""

    operator: str
    word: Word
    body: list[Piece] = field(default_factory=list)


@dataclass
class Command:
    """A simple command with words, or a compound one with `programs`; `name` is a function's or a loop's variable."""

    kind: Literal["simple", "test", "group", "loop", "case", "function"]
    at: int
    words: list[Word] = field(default_factory=list)
    redirections: list[Redirection] = field(default_factory=list)
    programs: list[list["Pipeline"]] = field(default_factory=list)
    computed: list[Piece] = field(default_factory=list)
    name: str = ""

    @property
    def pieces(self) -> list[Piece]:
        """Those of its words, of its redirections, and of what it computes."""
        words = [*self.words, *(redirection.word for redirection in self.redirections)]
        bodies = [piece for redirection in self.redirections for piece in redirection.body]
        return [piece for word in words for piece in word.pieces] + bodies + self.computed


Pipeline = list[Command]
