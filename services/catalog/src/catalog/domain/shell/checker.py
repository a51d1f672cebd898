"""Walking through the commands of a text, and the scripts in them, with what flows from one into the other."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from catalog.domain.shell.flows import NOTHING, Traces, chosen_by, fed_by
from catalog.domain.shell.grammar import read_shell
from catalog.domain.shell.judge import ASSIGNMENT, Context, Feed, Judge, path_of
from catalog.domain.shell.programs import CODE_VARIABLE, FILE_VARIABLE, PROGRAMS, computes_number
from catalog.domain.shell.tree import (
    HOLE,
    UNKNOWN,
    Command,
    Expansion,
    Piece,
    Pipeline,
    Redirection,
    Refusal,
    Word,
    shape_of,
)

MOST_ROUNDS = 6
"""Of judging; each follows a value one variable further against the order of the text."""
LONGEST_SURE_TEST = 5
"""Words of a test: of longer ones POSIX does not say whether `!` or `(` is an operand or an operator."""
MOST_SHIFTS = 4
"""Arguments that a function of the author's may take away before it runs the others; behind more, any may be run."""
_OF_SHELLS = frozenset({"ENV", "HOME", "SHELL", "IFS"})
"""Variables that mean something to shells alone, and often something else to others."""
_BETWEEN = {"echo": " ", "printf": " ", "%s": "", "%s\\n": "\n"}
"""What stands between the words that echo, or printf with these formats, print; of other formats nothing is known."""
_WRITES = frozenset({">", ">>", ">|", "&>", "&>>", "<>"})


@dataclass
class Checker(Judge):
    """Judges all commands of a template."""

    runs_arguments: dict[str, set[bool]] = field(default_factory=dict)
    """Functions of the author's that run what they are given."""
    shifts: dict[str, set[tuple[int, int]]] = field(default_factory=dict)
    """Which arguments each function may have taken away before: one for each that a `shift` takes."""
    scripts: dict[tuple[int, str], list[Pipeline]] = field(default_factory=dict)
    """Those that have been read, by where they begin."""
    judged: set[object] = field(default_factory=set)
    """Commands that have been in this round: several ways may lead to one, and to the next within it."""

    def run(self, words: Sequence[Word], context: Context) -> None:
        """Judge a command that begins with the word for its program."""
        raise NotImplementedError

    def check(self, program: list[Pipeline]) -> None:
        """Raises `Refusal`."""
        for _ in range(MOST_ROUNDS):
            self.grew = False
            self.judged.clear()
            self.program(program, Context(bash=self.bash))
            if not self.grew:
                return
        at = program[0][0].at if program else 0
        raise Refusal(at, f"values go through variables in more than {MOST_ROUNDS} rounds here: simplify the commands")

    def script(self, word: Sequence[Piece], context: Context) -> None:
        """These pieces are a script of a shell in `context`."""
        pieces = [piece for piece in word if piece.text]
        filled = [piece for piece in pieces if piece.expansion]
        whole = len(pieces) == 1 and (pieces[0].is_hole or bool(filled))
        self.require(pieces if whole else filled, "whole" if whole else "filled")
        if whole:
            return
        text = shape_of(pieces)
        offsets = [piece.at + n for piece in pieces for n in range(len(piece.text))]
        key, inner = (offsets[0] if offsets else 0, text), replace(context, depth=context.depth + 1, function="")
        try:
            if key not in self.scripts:
                bash = self.bash or context.bash
                self.scripts[key] = read_shell(text, offsets, self.places, bash=bash, depth=5 * inner.depth)
            if not context.reach:
                for at in (at for at, character in zip(offsets, text, strict=True) if character == HOLE):
                    self.write_text(at, "unreached")
            self.program(self.scripts[key], inner)
        except Refusal as refusal:
            raise Refusal(refusal.at, f"in this script: {refusal.message}", refusal.needs, refusal.name) from None

    def program(self, program: Sequence[Pipeline], context: Context) -> Traces:
        """Judge commands one after the other; what may be in their output."""
        found = NOTHING
        for pipeline in program:
            feed, all_printed = context.feed, NOTHING
            for command in pipeline:
                if own := fed_by(command):
                    feed = Feed(tuple(own), self.contents(own), own[0].at)
                chosen = [piece for r in command.redirections if r.operator == "<" for piece in r.word.pieces]
                feed = replace(feed, printed=feed.printed | chosen_by(self.contents(chosen)))
                printed = self._command(command, replace(context, feed=feed))
                all_printed |= printed
                passed_on = NOTHING if computes_number(command.words) else feed.printed | printed
                feed = Feed(_said(command) if command is pipeline[0] else (), passed_on, pipeline[0].at)
                for path in _written_by(command):
                    self.hold(f">{path}", passed_on)
            if not computes_number(pipeline[-1].words):
                found |= all_printed
        return found

    def _command(self, command: Command, context: Context) -> Traces:
        """Judge a command; what may be in its output."""
        for redirection in command.redirections:
            self._redirection(redirection)
        self.expansions(command.pieces, context)
        self.require(command.computed, "computed")
        match command.kind:
            case "function":
                self.functions.add(command.name)
                feed = Feed(printed=self.held_by(f"<{command.name}"), at=command.at)
                self.hold(
                    f"{command.name}()",
                    self.program(
                        command.programs[0], replace(context, feed=feed, function=command.name, repeats=False)
                    ),
                )
                return NOTHING
            case "loop" if command.name:
                context = replace(context, repeats=True)
                arguments = Piece(command.at, "double", UNKNOWN, Expansion("variable", "@"))
                self.gets(command.name, command.words or [Word(command.at, [arguments])])  # for v; do …: all arguments
                self.loose(command.words)
            case "loop":
                context = replace(context, repeats=True)
            case "test":
                self.tested(command.words)
                self.gets("BASH_REMATCH", command.words)
            case "simple":
                self._simple(command.words, context)
        inner = NOTHING.union(*(self.program(program, context) for program in command.programs))
        printed = inner | self.printed_by(command, context.feed.printed)
        for piece in command.pieces:
            if piece.expansion and piece.expansion.name == ">(":
                self.hold(f">({piece.at}", printed)
        return printed

    def _simple(self, words: Sequence[Word], context: Context) -> None:
        rest = list(words)
        while rest and (match := ASSIGNMENT.match(rest[0].bare)):
            self.assign(rest.pop(0), match)
        if not rest:
            return
        if re.match(r"\w+\[", rest[0].bare) and "]" not in rest[0].bare:
            raise Refusal(rest[0].at, "write the subscript without blanks")
        entry = PROGRAMS.get(str(rest[0].literal), {})
        does = entry.get("does")
        if entry.get("language") != "format" and (does != "test" or len(rest) > LONGEST_SURE_TEST):
            self.arguments(rest)
        for word in rest[1:]:  # docker run -e PATH={{ x }}
            match = re.match(r"(?:--?[a-z]+=?)?([A-Za-z_]\w*)=", word.shape)
            if match and match[1] not in _OF_SHELLS and CODE_VARIABLE.fullmatch(match[1]):
                self.require(word.pieces, "passed_variable", match[1])
            elif match and FILE_VARIABLE.fullmatch(match[1]):
                self.program_word(word.cut(match.end()), f"what {match[1]} leads to, which is run or says what is")
        is_whole = context.bash and does == "declare"  # bash splits no assignment there
        self.loose([word for word in rest if not (is_whole and ASSIGNMENT.match(word.bare))])
        if not context.depth:
            self.alters(rest)
        self.run(rest, context)

    def run_arguments(self, name: str, words: list[Word], context: Context) -> None:
        """A function of the author's runs its arguments, perhaps without the first ones."""
        most = len(self.shifts.get(name, ()))
        for word in words if most > MOST_SHIFTS else ():
            self.program_word(word, "the program to run")
        for reach in sorted(self.runs_arguments[name]):  # as behind sudo it is another than without
            inner = replace(context, reach=context.reach and reach)
            for first in range(min(most, MOST_SHIFTS, len(words)) + 1):
                self.run(words[first:], inner)

    def shift(self, head: Word, rest: Sequence[Word], context: Context) -> None:
        """A function of the author's takes away its first arguments, in a loop any number of them."""
        count = rest[0].literal or "" if rest else "1"
        is_sure = count.isdecimal() and int(count) <= MOST_SHIFTS and not context.repeats
        shifts = self.shifts.setdefault(context.function, set())
        found = {(head.at, n) for n in range(int(count) if is_sure else MOST_SHIFTS + 1)}
        self.grew |= not found <= shifts
        shifts |= found

    def _redirection(self, redirection: Redirection) -> None:
        if redirection.operator in {">&", "<&"}:
            self.require(redirection.word.pieces, "descriptor")
        self.tilde(redirection.word)
        if redirection.body and redirection.word.quoted:
            holes = [piece.at for piece in redirection.body if piece.is_hole]
            for at in holes:
                self.write_text(at, "here_document")
            self._lines(shape_of(redirection.body), holes, str(redirection.word.literal))

    def _lines(self, text: str, holes: Sequence[int], delimiter: str) -> None:
        """No line of a here-document may come to equal its end."""
        rest = iter(holes)
        for line in text.split("\n"):
            at = [next(rest) for character in line if character == HOLE]
            before, _, after = line.partition(HOLE)
            before = before.lstrip("\t")
            if len(at) > 1:
                self.limits.update((self.places[hole].name, "line", delimiter, hole) for hole in at)
            elif at and delimiter.startswith(before) and delimiter.endswith(after):
                value = delimiter[len(before) : len(delimiter) - len(after)]
                self.limits.add((self.places[at[0]].name, "line", value, at[0]))

    def expansions(self, pieces: Sequence[Piece], context: Context) -> None:
        """Judge what stands in the expansions among these pieces."""
        for piece in pieces:
            found = piece.expansion
            if found is None:
                continue
            if found.program:
                feed = Feed((), self.held_by(f">({piece.at}"), piece.at) if found.name == ">(" else context.feed
                self.hold(f"({piece.at}", self.program(found.program, replace(context, feed=feed)))
            if found.computed and shape_of(found.computed) not in {"@", "*"}:
                self.require(found.computed, "subscript" if found.name in self.maps else "computed")
            if found.kind == "variable":
                self._variable(piece, found)
            for word in found.words:
                self._element(word, context)
            self.expansions([*found.pieces, *found.computed], context)

    def _element(self, word: Word, context: Context) -> None:
        """A word of an array."""
        if word.bare.startswith("["):
            subscript = word.pieces[: next((n for n, p in enumerate(word.pieces) if "]=" in p.text), 0) + 1]
            self.require(subscript, "subscript" if self.maps else "computed")
        self.expansions(word.pieces, context)
        self.loose([word])

    def _variable(self, piece: Piece, found: Expansion) -> None:
        self.require([inner for inner in found.pieces if inner.is_hole], "braces")
        text = shape_of(found.pieces)
        if found.indirect or "@P" in text:
            self.require([piece], "computed")
            self.require([Piece(piece.at, "inert", found.name)], "computed")
        if re.match(r":?=", text):
            self.gets(found.name, [Word(piece.at, found.pieces)])


def _written_by(command: Command) -> list[str]:
    into = [redirection.word for redirection in command.redirections if redirection.operator in _WRITES]
    literals = [word.literal for word in command.words]
    into += command.words[literals.index("tee") + 1 :] if "tee" in literals[:2] else []
    return [path_of(word) for word in into]


def _said(command: Command) -> tuple[Piece, ...]:
    """What echo or printf says, where the text of it stands there."""
    words = command.words
    if not words or words[0].literal not in _BETWEEN:
        return ()
    said, between = words[1:], _BETWEEN["echo"]
    if words[0].literal == "printf" and said and "%" in said[0].shape:
        if said[0].literal not in _BETWEEN:
            return ()
        between, said = _BETWEEN[said[0].literal], said[1:]
    blank = Piece(words[0].at, "bare", between)
    return tuple(piece for word in said for piece in (*word.pieces, blank))[:-1]
