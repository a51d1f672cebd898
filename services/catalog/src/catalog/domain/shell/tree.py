"""What the reader of shell text finds: commands, their words, the pieces of these. Positions are in the template."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from shared.contracts.command import Quoting

HOLE = "\0"
"""Stands for a placeholder in the text that is read; no shell text can hold it otherwise."""
UNKNOWN = "\1"
"""Stands in shapes, and in scripts that a shell outside has filled in, for what only the running shell knows."""


DEEPEST = 30
"""Substitutions and commands within each other; deeper than any person writes is refused."""


@dataclass
class Notes:
    """What is found about the holes of a whole template, by their position in it."""

    quotings: dict[int, list[Quoting]] = field(default_factory=dict)
    alone: dict[int, bool] = field(default_factory=dict)
    after_name: set[int] = field(default_factory=set)
    delimiters: dict[int, tuple[str, ...]] = field(default_factory=dict)
    bash_words: list[tuple[int, str]] = field(default_factory=list)
    """What only bash understands, in text for another shell: where, and what."""


class Refusal(Exception):  # noqa: N818 - not a defect: the analysis declines
    """A placeholder may not stand at `at`, or its place is not certain. `needs` are the classes of values that may."""

    def __init__(self, at: int, message: str, needs: Sequence[str] = (), name: str = "") -> None:
        super().__init__(message)
        self.at = at
        self.message = message
        self.needs = tuple(needs)
        self.name = name


@dataclass(slots=True)
class Expansion:
    """What only the running shell knows: `$x`, `${x…}`, `$(…)`, `<(…)`, `$((…))`, `(an array)`."""

    kind: Literal["variable", "commands", "arithmetic", "array", "text"]
    name: str = ""
    operation: str = ""
    """Of a variable: what follows its name in `${…}`, up to the first piece that is no text."""
    pieces: list["Piece"] = field(default_factory=list)
    computed: list["Piece"] = field(default_factory=list)
    """What bash computes with: arithmetic, subscripts, the numbers of a substring."""
    program: list["Pipeline"] = field(default_factory=list)
    words: list["Word"] = field(default_factory=list)


@dataclass(slots=True)
class Piece:
    """Text as the command will see it, a hole, or an expansion, in one quoting."""

    at: int
    quoting: Quoting
    text: str = ""
    expansion: Expansion | None = None

    @property
    def is_hole(self) -> bool:
        """Whether a placeholder stands here."""
        return self.text == HOLE

    @property
    def width(self) -> int:
        """Its characters in a shape, in which an expansion is one."""
        return 1 if self.expansion else len(self.text)


@dataclass
class Word:
    """A word of a command. `quoted`: an empty one stays a word."""

    at: int
    pieces: list[Piece] = field(default_factory=list)
    quoted: bool = False

    @cached_property
    def literal(self) -> str | None:
        """The word as the command will see it, or None where only the running shell knows."""
        return None if HOLE in self.shape or UNKNOWN in self.shape else self.shape

    @cached_property
    def shape(self) -> str:
        """The same with one character for each hole and each expansion."""
        return "".join(UNKNOWN if piece.expansion else piece.text for piece in self.pieces)

    @cached_property
    def bare(self) -> str:
        """The shape with quoted text taken out, in which operators and braces mean something."""
        quoted = ("single", "double", "escaped")
        return "".join(
            UNKNOWN if piece.expansion else "" if piece.quoting in quoted and not piece.is_hole else piece.text
            for piece in self.pieces
        )


@dataclass
class Redirection:
    """`operator word`; `body` is that of a here-document."""

    operator: str
    word: Word
    body: list[Piece] = field(default_factory=list)
    quoted: bool = False


@dataclass
class Command:
    """A simple command with words, or a compound one with `programs`; `name` is a function's or a loop's variable."""

    kind: Literal["simple", "test", "arithmetic", "group", "loop", "case", "function"]
    at: int
    words: list[Word] = field(default_factory=list)
    redirections: list[Redirection] = field(default_factory=list)
    programs: list[list["Pipeline"]] = field(default_factory=list)
    computed: list[Piece] = field(default_factory=list)
    name: str = ""


Pipeline = list[Command]


def commands_in(program: list[Pipeline]) -> Iterator[Command]:
    """Every command of a program, but for those in substitutions."""
    for pipeline in program:
        for command in pipeline:
            yield command
            for inner in command.programs:
                yield from commands_in(inner)


def pieces_of(command: Command) -> Iterator[Piece]:
    """The pieces of a command itself: of its words, its redirections, and what it computes."""
    for word in command.words:
        yield from word.pieces
    for redirection in command.redirections:
        yield from redirection.word.pieces
        yield from redirection.body
    yield from command.computed


def within(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """The pieces and those in their expansions, programs included."""
    for piece in pieces:
        yield piece
        if found := piece.expansion:
            yield from within(found.pieces)
            yield from within(found.computed)
            for word in found.words:
                yield from within(word.pieces)
            for command in commands_in(found.program):
                yield from within(list(pieces_of(command)))
