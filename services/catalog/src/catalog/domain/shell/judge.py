"""Judging what stands in words: which values are there, by which ways, and whether they may be."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from catalog.domain.shell.code import BARE, IN_TEXT, needs_in_code
from catalog.domain.shell.flows import Flows, values_in
from catalog.domain.shell.programs import CODE_VARIABLE, LANGUAGES
from catalog.domain.shell.tree import HOLE, UNKNOWN, Notes, Piece, Refusal, Word
from catalog.domain.shell.values import Value
from shared.commands import variable_name
from shared.contracts.command import LimitKind, ValueClass

COMPUTES = "bash runs commands that it finds in what it computes with: let expr do it, $(expr {{ x }} + 1)"
ARGUMENT = "hand it over as an argument, sh -c '… \"$1\" …' sh {{ x }}"
ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(\[[^\]]*\])?\+?=")
_READS = "it would choose what is read and run"
_RUN = "this code runs texts: hand the value to a program as an argument of its own"
_SPLITS = 'a shell makes several words of it: write "$name", or let … | while read -r name; do … "$name"; done'
_CHOOSES = "what {} holds is run, or chooses what is run: use another name"
_NAMED = "it would choose the variable: write its name"
_FOLDER = ", or go there and run it: cd {{ x }} && ./PROGRAM"
_COMPARES = frozenset({"-eq", "-ne", "-lt", "-le", "-gt", "-ge"})
_IDENTIFIER = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
_IN_RANGE = re.compile(r"\{[^{},\s]*(?:\0[^{},\s]*\.\.|\.\.[^{},\s]*\0)[^{},\s]*\}")


@dataclass(frozen=True)
class Feed:
    """What a command finds on its input: code that stands in the text, or what other commands print."""

    code: tuple[Piece, ...] = ()
    printed: frozenset[str] = frozenset()
    at: int = 0


@dataclass(frozen=True)
class Context:
    """Where commands run. `reach`: the environment, in which values travel, reaches there."""

    reach: bool = True
    bash: bool = True
    scope: str = ""
    feed: Feed = field(default_factory=Feed)


class Judge(Flows):
    """Judges one command template; `names` are its holes, `values` what is known of each parameter."""

    def __init__(self, names: Mapping[int, str], values: Mapping[str, Value], notes: Notes) -> None:
        super().__init__(names, values)
        self.values, self.notes = values, notes
        self.as_text: dict[int, ValueClass] = {}
        self.limits: set[tuple[str, LimitKind, str, int]] = set()
        self.integers: set[str] = set()
        self.maps: set[str] = set()
        self._may_be_empty = frozenset(at for at, name in names.items() if values[name].may_be_empty)

    # --- which values may be somewhere

    def found(self, pieces: Iterable[Piece]) -> Iterator[tuple[int, str, bool]]:
        """The values in pieces: where, of which parameter, and whether they came there by way of a variable."""
        for piece in pieces:
            if piece.is_hole:
                yield piece.at, self.names[piece.at], False
            elif piece.expansion:
                yield from ((piece.at, name, True) for name in values_in(self.contents([piece])))

    def require(self, pieces: Iterable[Piece], needs: Sequence[str], why: str, *, unsigned: bool = False) -> None:
        """Raise `Refusal` for a value of none of the classes in `needs`."""
        for at, name, detour in self.found(pieces):
            self.one(at, name, needs, why, detour=detour)
            if unsigned and self.values[name].may_be_negative:
                self.limits.add((name, "negative", "", at))

    def none_in(self, contents: Iterable[str], needs: Sequence[str], at: int, why: str) -> None:
        """The same for what may come by other ways."""
        for name in values_in(contents):
            self.one(at, name, needs, why, detour=True)

    def none_chosen(self, contents: Iterable[str], at: int, why: str = _READS) -> None:
        """What is run is not chosen by any text whatever: an address, or the name of a file."""
        for name in sorted(found[1:] for found in contents if found.startswith("?")):
            self.one(at, name, (*IN_TEXT, "code"), why, detour=True)

    def one(self, at: int, name: str, needs: Sequence[str], why: str, *, detour: bool) -> None:
        """Raise `Refusal` where the value of a parameter is of none of the classes in `needs`."""
        value = self.values[name]
        if not value.classes & set(needs) and not ("folder" in needs and value.folder):
            came = f"this may hold the value of {{{{ {name} }}}}, which came through a variable or an argument: "
            raise Refusal(at, (came if detour else "") + why, needs, name)

    # --- what it is there

    def computed(self, pieces: Sequence[Piece]) -> None:
        """Bash computes with these: nothing but digits, also in variables whose names stand there."""
        self.require(pieces, ("digits",), COMPUTES, unsigned=True)
        names = {found for piece in pieces if not piece.expansion for found in _IDENTIFIER.findall(piece.text)}
        expansions = [piece.expansion for piece in pieces if piece.expansion]
        names |= {self.variable(found.name) for found in expansions if found.kind == "variable"}
        self.none_in(self.followed(names), ("digits",), pieces[0].at if pieces else 0, COMPUTES)

    def code(self, language: str, word: Sequence[Piece], why: str) -> None:
        """These pieces are code of another language."""
        pieces = [piece for piece in word if piece.text or piece.expansion]
        text = "".join(UNKNOWN if piece.expansion else piece.text for piece in pieces)
        needs, at = needs_in_code(language, text), 0
        advice = f"{why}: use {LANGUAGES[language]['advice']}"
        for piece in pieces:
            if piece.is_hole or piece.expansion:
                self.require([piece], (*needs[at], "code"), advice, unsigned=True)
            at += piece.width
        if pieces and self.runs(language, text):
            for name in sorted(self.values):
                if variable_name(name) in text:
                    self.one(pieces[0].at, name, (*BARE, "code"), _RUN, detour=True)

    def runs(self, language: str, code: str) -> bool:
        """Whether code of another language may run a text that it finds in a variable."""
        return re.search(LANGUAGES[language].get("runs", "(?!)"), code) is not None

    def text_at(self, at: int, why: str, needs: Sequence[ValueClass] = IN_TEXT) -> None:
        """The value itself is written at a hole, so it has to be harmless."""
        name = self.names[at]
        self.one(at, name, needs, why, detour=False)
        self.limits.add((name, "text", "", at))
        self.as_text[at] = next(known for known in needs if known in self.values[name].classes)

    def arguments(self, words: Sequence[Word]) -> None:
        """Words that a program gets: none may come to be an option that nobody wrote."""
        for word in words:
            if word.shape.lstrip("-").startswith(HOLE) and word.shape[0] == "-":
                first = next(piece for piece in word.pieces if piece.is_hole)
                self.require([first], ("digits", "choice"), "it would choose the option", unsigned=True)
            for name in values_in(self.beginnings(word, self._may_be_empty)):
                if self.values[name].may_be_option:
                    self.limits.add((name, "option", "", word.at))

    def loose(self, words: Sequence[Word]) -> None:
        """What may not stand unquoted: variables that become several words, braces and tildes before a value."""
        for word in words:
            self.tilde(word)
            self.require([piece for piece in word.pieces if _splits(piece)], IN_TEXT, _SPLITS)
            if HOLE in word.bare and _IN_RANGE.search(word.bare):
                for piece in word.pieces:
                    if piece.is_hole:
                        self.text_at(piece.at, "no shell fills a value into {a..b}: use $(seq …)", ("digits",))
                        self.notes.quotings[piece.at][-1] = "inert"

    def tilde(self, word: Word) -> None:
        """Behind a tilde stands the name of a user as text."""
        if word.bare.startswith("~" + HOLE):
            at = next(piece.at for piece in word.pieces if piece.is_hole)
            self.text_at(at, "no shell looks for a value behind ~", ("digits", "plain"))
            self.notes.quotings[at][-1] = "inert"

    def program_word(self, word: Word, what: str) -> None:
        """This word chooses what is run."""
        why = f"the value would choose {what}: write its name, or choose with case … esac"
        for piece in word.pieces:
            if piece.expansion:
                self.none_chosen(self.contents([piece]), piece.at, why)
        if next(self.found(word.pieces), None) is None:
            return
        if "/" in re.split("[\0\1]", word.shape)[0]:
            self.require(word.pieces, ("plain", "choice"), why)
        elif word.pieces[0].is_hole and word.shape[1:2] in {"/", ""}:
            first, *rest = word.pieces
            self.require([first], ("choice", "folder"), why + _FOLDER)
            if "choice" not in self.values[self.names[first.at]].classes:
                self.limits.add((self.names[first.at], "parent", "", first.at))
            self.require(rest, ("plain", "choice"), why)
        else:
            self.require(word.pieces, ("choice",), why)

    def variable_name(self, word: Word) -> None:
        """A word that names a variable, in whose subscript bash would compute."""
        self.require(word.pieces, ("choice",), _NAMED)
        if not (word.literal or "").isidentifier() and word.shape[:1] != "-":
            self.computed([piece for piece in word.pieces if not piece.is_hole])

    def test(self, words: Sequence[Word]) -> None:
        """`[[ … ]]` and `[ … ]`."""
        literals = [None, *(word.literal for word in words), None]
        for word, before, after in zip(words, literals, literals[2:], strict=False):
            if _COMPARES & {before, after}:
                self.computed(word.pieces or [Piece(word.at, "bare")])
            if before in {"-v", "-R"}:
                self.variable_name(word)

    def read(self, feed: Feed, needs: Sequence[str], why: str) -> None:
        """What runs what it reads."""
        self.none_in(feed.printed, needs, feed.at, why)
        self.none_chosen(feed.printed, feed.at)

    # --- what variables get

    def gets(self, name: str, words: Sequence[Word]) -> None:
        """A variable may get what is in one of these words."""
        for word in words:
            if CODE_VARIABLE.fullmatch(name):
                self.require(word.pieces, ("choice",), _CHOOSES.format(name))
            if name in self.integers:
                self.computed(word.pieces or [Piece(word.at, "bare")])
            self.hold(name, self.contents(word.pieces), self.beginnings(word, self._may_be_empty))
            self.is_text(name, word.literal)

    def reads(self, name: str, feed: Feed) -> None:
        """A variable gets what is read from the input."""
        if CODE_VARIABLE.fullmatch(name):
            self.none_in(feed.printed, ("choice",), feed.at, _CHOOSES.format(name))
        self.hold(name, set(feed.printed), set(feed.printed))
        self.is_text(name, None)


def _splits(piece: Piece) -> bool:
    found = piece.expansion
    return (
        found is not None
        and piece.quoting == "bare"
        and (
            (found.kind == "variable" and found.operation != "#length" and found.name not in {"#", "?", "$", "!"})
            or (found.kind == "commands" and found.name not in {"<", ">"})
        )
    )
