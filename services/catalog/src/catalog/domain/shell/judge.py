"""Judging what stands in words: which values are there, by which ways, and whether they may be."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from catalog.domain.shell.flows import NOTHING, Flows, Traces, turned, values_in
from catalog.domain.shell.programs import (
    ALTERS,
    CODE_VARIABLE,
    FILE_VARIABLE,
    LANGUAGES,
    PLACES,
    Entry,
    classes,
    names_in,
    needs_in_code,
)
from catalog.domain.shell.tree import HOLE, Piece, Refusal, Word, shape_of
from shared.commands import variable_name
from shared.contracts.compiled_action import LimitKind, ValueClass

ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(\[[^\]]*\])?\+?=")
_AS_TEXT: tuple[ValueClass, ...] = ("digits", "number", "plain", "path", "choice")
_FROM_ENVIRONMENT = re.compile(r"(?:environ|ENV|getenv)\w*\W{1,4}(?:get\W{1,4}|fetch\W{1,4})?([A-Za-z_]\w*)")
"""How the code of other languages reads a variable: `os.environ["A"]`, `$ENV{A}`, `ENVIRON["A"]`, `getenv("A")`."""
_ONE_WORD = frozenset({"#", "?", "$", "!", "<(", ">("})
"""Numbers and names of files, which stay one word without quotes."""
_COMPARES = frozenset({"-eq", "-ne", "-lt", "-le", "-gt", "-ge"})
_IN_RANGE = re.compile(r"\{[^{},\s]*(?:\0[^{},\s]*\.\.|\.\.[^{},\s]*\0)[^{},\s]*\}")


@dataclass(frozen=True)
class Feed:
    """What a command finds on its input: code that stands in the text, or what other commands print."""

    code: tuple[Piece, ...] = ()
    printed: Traces = NOTHING
    at: int = 0


@dataclass(frozen=True)
class Context:
    """Where commands run. `reach`: the environment, in which values travel, reaches there."""

    reach: bool = True
    bash: bool = True
    depth: int = 0
    """Scripts around them."""
    function: str = ""
    """The author's, whose arguments theirs are."""
    repeats: bool = False
    """They stand in a loop, which may run them any number of times."""
    feed: Feed = field(default_factory=Feed)


@dataclass
class Judge(Flows):
    """Judges the words of a command template, and notes what values may not be."""

    altered: set[tuple[int, str]] = field(default_factory=set)
    """Holes where a value may not arrive as it is, and what to write instead."""
    limits: set[tuple[str, LimitKind, str, int]] = field(default_factory=set)
    integers: set[str] = field(default_factory=set)
    maps: set[str] = field(default_factory=set)

    def require(self, pieces: Iterable[Piece], place: str, what: str = "", *, may: str = "") -> None:
        """Raise `Refusal` for a value in pieces that may not stand at a place of the table."""
        for piece in pieces:
            if piece.is_hole:
                self._one(piece.at, self.places[piece.at].name, place, what, may=may)
            elif piece.expansion or "named" in PLACES[place]:
                self.require_traces(self.contents([piece]), place, piece.at, what, may=may)

    def require_traces(self, traces: Traces, place: str, at: int, what: str = "", *, may: str = "") -> None:
        """The same for what has come to a place by way of a variable, an argument or the input."""
        for how, name in sorted(traces):
            came = f"this may hold the value of {{{{ {name} }}}}, which came through a variable or an argument: "
            if how == "value":
                self._one(at, name, place, what, may=may, came=came)
            elif how in PLACES[place]:
                self._one(at, name, PLACES[place][how], what, came=came)

    def _one(self, at: int, name: str, place: str, what: str = "", *, may: str = "", came: str = "") -> None:
        value, rule = self.values[name], PLACES[place]
        needs = classes(may or rule["may"])
        if value.classes.isdisjoint(needs) and not ("folder" in needs and value.folder):
            raise Refusal(at, came + rule["why"].replace("<what>", what), sorted(needs), name)
        if "unsigned" in rule and value.may_be_negative:
            self.limits.add((name, "negative", "", at))

    def other_code(self, language: str, word: Sequence[Piece], name: str) -> None:
        """These pieces are code of another language, for the program of this name."""
        pieces, at = [piece for piece in word if piece.text], 0
        text, known = shape_of(pieces), LANGUAGES[language]
        if place := known.get("place"):
            self.require(pieces, place, name)
            return
        needs = needs_in_code(known, text)
        for piece in pieces:
            if at in needs:
                self.require([piece], "code", f"{name} runs: use {known['advice']}", may=f"{needs[at]} code")
            at += len(piece.text)
        if pieces and runs_texts(language, text):
            named = frozenset(trace for trace in self.held_by("any value") if variable_name(trace.parameter) in text)
            others = [self.held_by(name) for name in _FROM_ENVIRONMENT.findall(text)]
            self.require_traces(named.union(*others), "runs", pieces[0].at)

    def write_text(self, at: int, place: str) -> None:
        """The value itself is written at a hole, so it has to be harmless."""
        found = self.places[at]
        self._one(at, found.name, place)
        self.limits.add((found.name, "text", "", at))
        may = classes(PLACES[place]["may"]) & self.values[found.name].classes
        found.as_text = next(known for known in _AS_TEXT if known in may)

    def arguments(self, words: Sequence[Word]) -> None:
        """Words that a program gets: none may come to be an option that nobody wrote."""
        for word in words:
            if word.shape[:1] == "-" and word.shape.lstrip("-")[:1] == HOLE:
                self.require([piece for piece in word.pieces if piece.is_hole][:1], "option")
            for name in values_in(turned(self.contents(word.pieces), "value", "first")):
                if self.values[name].may_be_option:
                    self.limits.add((name, "option", "", word.at))

    def loose(self, words: Sequence[Word]) -> None:
        """What may not stand unquoted: variables that become several words, braces and tildes before a value."""
        for word in words:
            self.tilde(word)
            self.require([piece for piece in word.pieces if _splits(piece)], "splits")
            if HOLE in word.bare and _IN_RANGE.search(word.bare):
                for at in (piece.at for piece in word.pieces if piece.is_hole):
                    self.write_text(at, "range")
                    self.places[at].quoting[-1] = "inert"

    def tilde(self, word: Word) -> None:
        """Behind a tilde stands the name of a user as text."""
        if word.bare.startswith("~" + HOLE):
            at = next(piece.at for piece in word.pieces if piece.is_hole)
            self.write_text(at, "user")
            self.places[at].quoting[-1] = "inert"

    def program_word(self, word: Word, what: str) -> None:
        """This word chooses what is run."""
        pieces = word.solid
        self.require_traces(self.held_by(f">{path_of(word)}"), "file", word.at)
        if "/" in re.split("[\0\1]", word.shape)[0]:
            self.require(pieces, "within_folder", what)
        elif pieces and pieces[0].is_hole and word.shape[1:2] in {"/", ""}:
            self.require(pieces[:1], "folder", what)
            name = self.places[pieces[0].at].name
            if "choice" not in self.values[name].classes:
                self.limits.add((name, "parent", "", pieces[0].at))
            self.require(pieces[1:], "within_folder", what)
        else:
            self.require(pieces, "program", what)

    def file(self, word: Word, what: str) -> None:
        """A file that is run; it may be the output of commands: `bash <(…)`."""
        self.program_word(word, what)
        for piece in word.pieces:
            if piece.expansion and piece.expansion.name == "<(":
                self.require([piece], "output")

    def variable_name(self, word: Word) -> None:
        """A word that names a variable, in whose subscript bash would compute."""
        self.require(word.pieces, "variable")
        if not (word.literal or "").isidentifier() and word.shape[:1] != "-":
            self.require([piece for piece in word.pieces if not piece.is_hole], "computed")

    def tested(self, words: Sequence[Word]) -> None:
        """`[[ … ]]` and `[ … ]`."""
        literals = [None, *(word.literal for word in words), None]
        for word, before, after in zip(words, literals, literals[2:], strict=False):
            if _COMPARES & {before, after}:
                self.require(word.pieces, "computed")
            if before in {"-v", "-R"}:
                self.variable_name(word)

    def alters(self, words: Sequence[Word]) -> None:
        """Note where a program reads backslashes, or options, in what is meant as data."""
        row = ALTERS.get(str(words[0].literal), {})
        if row and not (self.bash and "sh" in row):
            found = [piece for word in words if re.match(row["words"], word.shape) for piece in word.pieces]
            self.altered |= {(piece.at, row["instead"]) for piece in found if piece.is_hole}

    # --- what variables get

    def gets(self, name: str, words: Sequence[Word]) -> None:
        """A variable may get what is in one of these words."""
        for word in words:
            if CODE_VARIABLE.fullmatch(name):
                self.require(word.pieces, "code_variable", name)
            elif FILE_VARIABLE.fullmatch(name):
                self.program_word(word, f"what {name} leads to, which is run or says what is")
            if name in self.integers:
                self.require(word.pieces, "computed")
            self.hold(name, self.contents(word.pieces))
            self.is_text(name, word.literal)

    def reads(self, name: str, feed: Feed) -> None:
        """A variable gets what is read from the input."""
        if CODE_VARIABLE.fullmatch(name) or FILE_VARIABLE.fullmatch(name):
            self.require_traces(feed.printed, "code_variable", feed.at, name)
        self.hold(name, feed.printed | turned(feed.printed, "first", "value"))
        self.is_text(name, None)

    def assign(self, word: Word, match: re.Match[str]) -> None:
        """`name=value`, `name[subscript]=value`."""
        if match[2]:
            end = re.search(r"\]\+?=", word.shape)
            subscript = word.cut(match.end(1) + 1, end.start() if end else None)
            self.require(subscript.pieces, "subscript" if match[1] in self.maps else "computed")
        value = word.cut(word.shape.find("=", match.end() - 1) + 1)
        self.tilde(value)
        self.gets(match[1], [value])

    # --- commands of the shell's own, by what the table says that they do

    def _declare(self, _entry: Entry, words: Sequence[Word], _context: Context) -> None:
        letters = "".join(word.shape for word in words if word.shape[:1] in {"-", "+"})
        for word in words:
            match = ASSIGNMENT.match(word.bare)
            name = match[1] if match else str(word.literal)
            self.maps |= {name} if "A" in letters else set()
            self.integers |= {name} if "i" in letters or "n" in letters else set()
            if not match:
                self.require(word.pieces, "exported")
                continue
            if letters.strip("-+rxgl"):
                arrays = [piece for piece in word.pieces if piece.expansion and piece.expansion.kind == "array"]
                self.require([piece for piece in word.pieces if piece not in arrays], "attributes")
            self.assign(word, match)

    def _test(self, _entry: Entry, words: Sequence[Word], _context: Context) -> None:
        self.tested(words)
        for before, word in pairwise(words):
            if before.literal is None and values_in(self.contents(before.pieces)):
                self.require(word.pieces, "operand")

    def _read(self, entry: Entry, words: Sequence[Word], context: Context) -> None:
        """Commands that fill the variables they name."""
        for word in words:
            self.variable_name(word)
            if match := re.match(r"[A-Za-z_]\w*", word.literal or ""):
                self.reads(match[0], context.feed)
        for name in names_in(entry, "fills"):
            self.reads(name, context.feed)
            self.hold(name, self.held_by("@"))


def runs_texts(language: str, code: str) -> bool:
    """Whether code of another language may run a text that it finds in a variable."""
    return re.search(LANGUAGES[language].get("runs", "(?!)"), code) is not None


def path_of(word: Word) -> str:
    """A file's name as it is written, with its variables."""
    name = "".join(f"${piece.expansion.name}" if piece.expansion else piece.text for piece in word.pieces)
    return name.removeprefix("./")


def _splits(piece: Piece) -> bool:
    found = piece.expansion
    may = found is not None and found.kind in {"variable", "commands"} and found.name not in _ONE_WORD
    return may and piece.quoting == "bare"
