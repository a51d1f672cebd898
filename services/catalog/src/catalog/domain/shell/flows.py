"""Which variables may hold a value: what is assigned from a placeholder, directly or by way of others."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from catalog.domain.shell.programs import FILTERS, LISTING, computes_number, is_quiet, program_name
from catalog.domain.shell.tree import HOLE, Command, Piece, Pipeline, Word

ANY = "any value"
"""The pseudo-variable that holds every value of a command."""
OURS = "OPSIMATE_"
MOST_NAMES = 50
"""That one variable may hold, of others, which bash would follow; one with more may lead to every value."""
_MANY = "*"
_IDENTIFIER = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
Contents = set[str]
"""What may be in a text: `{x` for the value of the parameter `x`, `?x` for what that value chooses, such as the lines
of a file, or the name of a variable, which bash follows where it computes."""


class Flows:
    """What each variable may hold. It grows while commands are judged, which is done again until nothing is new.

    Beside variables there are `@SCOPE` for the arguments in a scope, `NAME()` for what a function prints, and `<NAME`
    for what it reads.
    """

    def __init__(self, holes: Mapping[int, str], parameters: Iterable[str]) -> None:
        self.names = holes
        every = {f"{{{name}" for name in parameters}
        self.held: dict[str, Contents] = {ANY: every, "_": set(every)}
        self.begins: dict[str, Contents] = {}
        self.texts: dict[str, set[str | None]] = {}
        """Whole texts that variables get; None among them where one may get another."""
        self.functions: set[str] = set()
        self.scope = ""
        self.feed: Contents = set()
        """What the command that is looked at finds on its input."""
        self.grew = False

    def hold(self, name: str, contents: Contents, begins: Contents = frozenset()) -> None:  # type: ignore[assignment]
        """A variable may hold all of this, and begin with some of it."""
        for known, more in ((self.held, contents), (self.begins, begins)):
            before = known.get(name, set())
            if not more <= before:
                known[name] = before | more
                if _MANY in known[name] or len(known[name]) > MOST_NAMES + 2 * len(self.held[ANY]):
                    known[name] = {found for found in known[name] if found[0] in "{?"} | {_MANY}
                self.grew = self.grew or known[name] != before

    def is_text(self, name: str, text: str | None) -> None:
        """A variable may be this whole text, or one that only the running shell knows."""
        known = self.texts.setdefault(name, set())
        self.grew = self.grew or text not in known
        known.add(text)

    def held_by(self, name: str) -> Contents:
        """What a variable may hold."""
        return self.held.get(ANY if name.startswith(OURS) else name, set())

    def variable(self, name: str) -> str:
        """What a variable of that name is called here."""
        return f"@{self.scope}" if name in {"@", "*"} or name.isdigit() else name

    def followed(self, names: Iterable[str]) -> Contents:
        """What bash may meet when it computes with these names: it follows those that it finds."""
        rest, seen, found = [name for name in names if name in self.held or name.startswith(OURS)], set(), set()
        while rest:
            if (name := rest.pop()) not in seen:
                seen.add(name)
                if name == _MANY or len(seen) > MOST_NAMES:
                    return self.held[ANY]
                found |= self.held_by(name)
                rest += self.held_by(name)
        return found

    def contents(self, pieces: Iterable[Piece]) -> Contents:
        """What may be in a text made of these pieces."""
        found: Contents = set()
        for piece in pieces:
            expansion = piece.expansion
            if piece.is_hole:
                found.add(f"{{{self.names[piece.at]}")
            elif expansion is None or expansion.kind == "text":
                found |= self._mentioned(expansion.operation if expansion else piece.text)
            elif expansion.kind == "variable":
                if expansion.operation != "#length":
                    found |= self.held_by(self.variable(expansion.name))
                found |= self.contents(expansion.pieces)
            else:
                found |= self.printed(expansion.program)
                for word in expansion.words:
                    found |= self.contents(word.pieces)
        return found

    def _mentioned(self, text: str) -> Contents:
        names = {name for name in _IDENTIFIER.findall(text) if name in self.held}
        return names | (self.held[ANY] if OURS in text else set())

    def beginnings(self, word: Word, may_be_empty: frozenset[int]) -> Contents:
        """The values that a word may begin with."""
        found: Contents = set()
        for piece in leading(word.pieces, may_be_empty):
            expansion = piece.expansion
            if piece.is_hole:
                found.add(f"{{{self.names[piece.at]}")
            elif expansion and expansion.kind == "variable" and expansion.operation != "#length":
                name = self.variable(expansion.name)
                found |= self.held[ANY] if name.startswith(OURS) else self.begins.get(name, set())
            elif expansion and expansion.kind == "array":
                for inner in expansion.words:
                    found |= self.beginnings(inner, may_be_empty)
        return found

    def printed(self, program: Sequence[Pipeline]) -> Contents:
        """What may be in the output of these commands."""
        found: Contents = set()
        for pipeline in program:
            if not computes_number(pipeline[-1].words):
                for command in pipeline:
                    found |= self.printed_by(command)
        return found

    def printed_by(self, command: Command) -> Contents:
        """The same for one command of a pipeline."""
        found: Contents = set()
        name = program_name(command.words[0]) if command.words and command.kind == "simple" else ""
        if name in LISTING and (len(command.words) == 1 or name not in {"env", "set"}):
            found |= self.held[ANY]
        if name in self.functions:
            found |= self.held_by(f"{name}()")
        errors = any("&" in redirection.operator for redirection in command.redirections)
        quiet = is_quiet(name, command.words[1:]) and name not in self.functions
        given: Contents = set()
        for word in command.words:
            given |= self.contents(word.pieces)
        found |= chosen_by(given) if quiet and not errors else given
        if name in FILTERS:
            found |= self.feed
        if not quiet or name in FILTERS:
            found |= self.contents(fed_by(command))
        for inner in command.programs:
            found |= self.printed(inner)
        return found


def values_in(contents: Iterable[str]) -> Iterator[str]:
    """The parameters whose values are among the contents of a text."""
    return (found[1:] for found in sorted(contents) if found.startswith("{"))


def chosen_by(contents: Contents) -> Contents:
    """What is chosen by what is in a text."""
    return {f"?{found[1:]}" for found in contents if found[0] in "{?"}


def fed_by(command: Command) -> list[Piece]:
    """What a command's own redirections give it to read: here-documents, here-strings, the output of commands."""
    pieces: list[Piece] = []
    for redirection in command.redirections:
        if redirection.operator == "<<<" or (redirection.operator == "<" and redirection.word.literal is None):
            pieces += [piece for piece in redirection.word.pieces if redirection.operator == "<<<" or piece.expansion]
        pieces += redirection.body
    return pieces


def leading(pieces: Sequence[Piece], may_be_empty: frozenset[int]) -> Iterator[Piece]:
    """The holes and expansions that a text made of these pieces may begin with."""
    for piece in pieces:
        if piece.expansion or piece.is_hole:
            yield piece
        if (piece.text and piece.text != HOLE) or (piece.is_hole and piece.at not in may_be_empty):
            return
