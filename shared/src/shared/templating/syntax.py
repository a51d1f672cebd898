"""What the reader of shell text finds: words, redirections, commands. Positions are characters from 0."""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cached_property
from typing import TypeVar

from shared.templating.places import Quoting
from shared.templating.taint import HOLE, UNTAINTED, Taint

_Found = TypeVar("_Found")


class Refusal(Exception):  # noqa: N818 - not a defect: the reader declines to guess
    """The place of a placeholder is not sure, or not safe; `offset` is where in the text that was read."""

    def __init__(self, offset: int, message: str) -> None:
        super().__init__(message)
        self.offset = offset
        self.message = message


class Nesting:
    """Counts how deep a reading has gone into commands within commands; deeper than any person writes is refused."""

    LIMIT = 40

    def __init__(self) -> None:
        self._depth = 0

    @contextmanager
    def level(self, offset: int) -> Iterator[None]:
        """One level deeper, for as long as the context lasts."""
        if self._depth == self.LIMIT:
            raise Refusal(offset, f"commands are nested more than {self.LIMIT} deep here: simplify them")
        self._depth += 1
        yield
        self._depth -= 1


class Kind(Enum):
    """What an atom of a word is."""

    TEXT = auto()  # one character, as the command will see it
    HOLE = auto()
    EXPANSION = auto()  # what only the running shell knows: $x, $(…), <(…), an array
    CARRIER = auto()  # an expansion that may hold a value


@dataclass(frozen=True, slots=True)
class Atom:
    """The smallest part of a word, with the quoting in which it stands.

    `splits` tells that the shell may make several words of a value in it.
    """

    kind: Kind
    text: str
    start: int
    end: int
    quoting: Quoting
    splits: bool = False


@dataclass(frozen=True)
class Word:
    """A word of a command, in its atoms."""

    atoms: tuple[Atom, ...]
    start: int
    end: int
    quoted: bool

    @cached_property
    def shape(self) -> str:
        """One character per atom: itself where bare, a `HOLE` (also for a carrier), or 1 for quoted text and 2 for an
        expansion.
        """
        return "".join(_shape_of(atom) for atom in self.atoms)

    @cached_property
    def literal(self) -> str | None:
        """The word as the command will see it, or None where only the running shell knows."""
        if any(atom.kind is not Kind.TEXT for atom in self.atoms) or self.multiplies:
            return None
        return "".join(atom.text for atom in self.atoms)

    @property
    def holes(self) -> tuple[Atom, ...]:
        """The placeholders that are part of the word itself, not of a substitution within it."""
        return tuple(atom for atom in self.atoms if atom.kind is Kind.HOLE)

    @property
    def multiplies(self) -> bool:
        """Whether bash makes several words of it: `{a,b}`."""
        opening, closing = self.shape.find("{"), self.shape.rfind("}")
        return opening >= 0 and any(self.shape.find(mark, opening, closing) >= 0 for mark in (",", ".."))

    @property
    def may_vanish(self) -> bool:
        """Made of unquoted expansions only: no word at all remains where they are empty."""
        return not self.quoted and all(
            atom.kind in {Kind.EXPANSION, Kind.CARRIER} and atom.quoting is Quoting.BARE for atom in self.atoms
        )

    @property
    def splits(self) -> bool:
        """Whether the shell may make several words of a value in it."""
        return any(atom.splits for atom in self.atoms)

    @property
    def substitutes(self) -> bool:
        """Holds the output of another command."""
        expansions = {Kind.EXPANSION, Kind.CARRIER}
        return any(atom.kind in expansions and atom.text.startswith(("$(", "`")) for atom in self.atoms)


def _shape_of(atom: Atom) -> str:
    match atom.kind:
        case Kind.HOLE | Kind.CARRIER:
            return HOLE
        case Kind.EXPANSION:
            return "\2"
        case Kind.TEXT:
            return atom.text if atom.quoting is Quoting.BARE else "\1"


@dataclass
class Redirection:
    """`operator word`; a here-document's body is found later, at the next end of line."""

    operator: str
    word: Word
    body: range = range(0)

    @property
    def feeds(self) -> bool:
        """Gives the command something to read."""
        return self.operator.startswith("<")


@dataclass
class Command:
    """A simple command with its words, or (without words) a compound one; both with their redirections."""

    start: int
    end: int = 0
    words: list[Word] = field(default_factory=list)
    redirections: list[Redirection] = field(default_factory=list)


@dataclass
class Reading:
    """All that was found in one shell text. The nesting of commands can be told from their positions."""

    text: str
    quotings: dict[int, Quoting] = field(default_factory=dict)
    delimiters: dict[int, tuple[str, ...]] = field(default_factory=dict)
    commands: list[Command] = field(default_factory=list)
    pipelines: list[list[Command]] = field(default_factory=list)
    here_documents: list[Redirection] = field(default_factory=list)
    output_processes: list[range] = field(default_factory=list)
    taint: Taint = UNTAINTED
    carriers: list[int] = field(default_factory=list)
    positionals: list[int] = field(default_factory=list)
    counts: list[range] = field(default_factory=list)
    computed: list[range] = field(default_factory=list)
    backquotes: list[range] = field(default_factory=list)
    bound: list[tuple[str, range]] = field(default_factory=list)
    functions: list[tuple[str, range]] = field(default_factory=list)
    loop_words: list[Word] = field(default_factory=list)
    only_bash: list[tuple[int, str]] = field(default_factory=list)
    """What no POSIX shell has, as bash writes it, and where."""

    def hole_in(self, start: int, end: int) -> int | None:
        """The first hole in a stretch of text."""
        found = self.text.find(HOLE, start, end)
        return found if found >= 0 else None

    def value_in(self, start: int, end: int) -> int | None:
        """The first hole or carrier in a stretch of text."""
        carriers = (position for position in self.carriers if start <= position < end)
        hole = self.hole_in(start, end)
        return min([*carriers, *([] if hole is None else [hole])], default=None)

    def source(self, start: int, end: int) -> str:
        """A stretch of text with a `HOLE` for every positional parameter and without what can only be a number."""
        characters = list(self.text[start:end])
        for position in self.positionals:
            if start <= position < end:
                characters[position - start] = HOLE
        for count in self.counts:
            if start <= count.start and count.stop <= end:
                characters[count.start - start : count.stop - start] = "0" * len(count)
        return "".join(characters)

    def mention_in(self, start: int, end: int) -> int | None:
        """Where a stretch of text may have to do with a value, be it by the name of a variable only."""
        if not self.taint.mentioned_in(self.source(start, end)):
            return None
        value = self.value_in(start, end)
        return start if value is None else value

    def mention_reaching(self, start: int, end: int) -> int | None:
        """The same in a stretch of text or in a here-document that was asked for there."""
        stretches = [range(start, end), *self._bodies(start, end)]
        return next((found for s in stretches if (found := self.mention_in(s.start, s.stop)) is not None), None)

    def commands_within(self, start: int, end: int) -> list[Command]:
        """The commands that begin in a stretch of text or in its here-documents."""
        stretches = [range(start, end), *self._bodies(start, end)]
        return [command for stretch in stretches for command in _between(self.commands, stretch, _command_start)]

    def _bodies(self, start: int, end: int) -> list[range]:
        return [d.body for d in _between(self.here_documents, range(start, end), _redirection_start)]


def _command_start(command: Command) -> int:
    return command.start


def _redirection_start(redirection: Redirection) -> int:
    return redirection.word.start


def _between(found: list[_Found], stretch: range, start: Callable[[_Found], int]) -> list[_Found]:
    """What begins in a stretch of text; reading goes forward only, so that all is found in order."""
    return found[bisect_left(found, stretch.start, key=start) : bisect_left(found, stretch.stop, key=start)]
