"""What texts may hold of values: directly, or by way of variables, arguments, files and the output of commands."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from catalog.domain.shell.programs import FILTERS, LISTING, is_quiet, program_name
from catalog.domain.shell.tree import Command, Piece, Place
from catalog.domain.shell.values import Value

ANY = "any value"
"""What holds every value of a command."""
OURS = "OPSIMATE_"
_OF_NO_VALUE = re.compile(r"OPSIMATE_(?:RUN_ID|ACTION|STEP|PROVIDER|ATTEMPT)(?!\w)")
"""What tells a command where it is: ids and names, which are plain and no parameter's value."""
_IDENTIFIER = re.compile(r"(?<![\w.])[A-Za-z_]\w*")


class Trace(NamedTuple):
    """How the value of a parameter may be in a text.

    `value`: as a part of it. `first`: the text may begin with it. `chosen`: what the value chooses is in the text, such
    as the lines of a file. `named`: the text names a variable with it, which bash follows where it computes.
    """

    how: Literal["value", "first", "chosen", "named"]
    parameter: str


Traces = frozenset[Trace]
NOTHING: Traces = frozenset()


def values_in(traces: Iterable[Trace]) -> list[str]:
    """The parameters whose values are in a text."""
    return sorted(trace.parameter for trace in traces if trace.how == "value")


def only(traces: Traces, *how: str) -> Traces:
    """Those of some kinds."""
    return frozenset(trace for trace in traces if trace.how in how)


def turned(traces: Traces, how: Literal["value", "first", "chosen", "named"], *before: str) -> Traces:
    """Traces of some kinds as such of another."""
    return frozenset(Trace(how, trace.parameter) for trace in traces if trace.how in before)


@dataclass
class Flows:
    """What each variable may hold: all that it gets anywhere. It grows while commands are judged, which is done again
    until nothing is new.

    Beside variables there are `@` for arguments, `NAME()` for what a function prints, `<NAME` for what it reads,
    `>FILE` for what is written to a file, and `(AT` for what is printed in a substitution at that position.
    """

    places: Mapping[int, Place]
    values: Mapping[str, Value]
    bash: bool
    """Whether bash runs the step."""
    held: dict[str, Traces] = field(default_factory=dict)
    texts: dict[str, set[str | None]] = field(default_factory=dict)
    """Whole texts that variables get; None among them where one may get another."""
    functions: set[str] = field(default_factory=set)
    grew: bool = False

    def __post_init__(self) -> None:
        every = frozenset(Trace("value", name) for name in self.values)
        self.held |= {ANY: every, "_": every}

    def hold(self, name: str, traces: Traces) -> None:
        """A variable may hold this."""
        before = self.held.get(name, NOTHING)
        if not traces <= before:
            self.held[name], self.grew = before | traces, True

    def is_text(self, name: str, text: str | None) -> None:
        """A variable may be this whole text, or one that only the running shell knows."""
        texts = self.texts.setdefault(name, set())
        self.grew = self.grew or text not in texts
        texts.add(text)

    def held_by(self, name: str) -> Traces:
        """What a variable may hold."""
        if name.startswith(OURS) and not _OF_NO_VALUE.fullmatch(name):
            return self.held[ANY] | turned(self.held[ANY], "first", "value")
        return self.held.get("@" if name == "*" or name.isdigit() else name, NOTHING)

    def contents(self, pieces: Iterable[Piece]) -> Traces:
        """What may be in a text made of these pieces."""
        found, leads = NOTHING, True
        for piece in pieces:
            own = self._in_piece(piece)
            found |= own if leads else only(own, "value", "chosen", "named")
            may_be_nothing = piece.expansion or not piece.text
            if piece.is_hole:
                may_be_nothing = self.values[self.places[piece.at].name].may_be_empty
            leads = leads and bool(may_be_nothing)
        return found

    def _in_piece(self, piece: Piece) -> Traces:
        expansion = piece.expansion
        if piece.is_hole:
            name = self.places[piece.at].name
            return frozenset({Trace("value", name), Trace("first", name)})
        if expansion is None:
            return self._mentioned(piece.text)
        match expansion.kind:
            case "text":
                return self._mentioned(expansion.pieces[0].text)
            case "variable":
                return self.held_by(expansion.name) | self.contents(expansion.pieces)
            case "array":
                return NOTHING.union(*(self.contents(word.pieces) for word in expansion.words))
        return self.held_by(f"({piece.at}")

    def _mentioned(self, text: str) -> Traces:
        found = self.held[ANY] if OURS in text and OURS in _OF_NO_VALUE.sub("", text) else NOTHING
        for name in self.held.keys() & _IDENTIFIER.findall(text):
            found |= turned(self.held[name], "named", "value", "named")
        return found

    def printed_by(self, command: Command, feed: Traces) -> Traces:
        """What may be in the output of a command that finds this on its input; what stands in it has been judged."""
        name = program_name(command.words[0]) if command.words and command.kind == "simple" else ""
        found = NOTHING.union(*(self.contents(word.pieces) for word in command.words))
        is_own = name in self.functions
        quiet = not is_own and is_quiet(name, command.words[1:])
        if quiet and not any("&" in redirection.operator for redirection in command.redirections):
            found = chosen_by(found)
        if is_own:
            found |= self.held_by(f"{name}()")
        if name in LISTING and (len(command.words) == 1 or name not in {"env", "set"}):
            found |= self.held[ANY]
        if name in FILTERS:
            found |= feed
        if not quiet or name in FILTERS:
            found |= self.contents(fed_by(command))
        return only(found, "value", "chosen", "named")


def chosen_by(traces: Traces) -> Traces:
    """What is in what a text chooses."""
    return turned(traces, "chosen", "value", "chosen")


def fed_by(command: Command) -> list[Piece]:
    """What a command's own redirections give it to read: here-documents, here-strings, the output of commands."""
    pieces: list[Piece] = []
    for redirection in command.redirections:
        if redirection.operator == "<<<":
            pieces += redirection.word.pieces
        elif redirection.operator == "<" and redirection.word.literal is None:
            pieces += [piece for piece in redirection.word.pieces if piece.expansion]
        pieces += redirection.body
    return pieces
