"""Walking through the commands of a text, and the scripts in them, with what flows into variables."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from catalog.domain.shell.code import IN_STRING, IN_TEXT
from catalog.domain.shell.flows import chosen_by, fed_by
from catalog.domain.shell.grammar import read_shell
from catalog.domain.shell.judge import ARGUMENT, COMPUTES, Context, Feed, Judge
from catalog.domain.shell.programs import computes_number
from catalog.domain.shell.tree import (
    HOLE,
    UNKNOWN,
    Command,
    Expansion,
    Notes,
    Piece,
    Pipeline,
    Redirection,
    Refusal,
    Word,
    commands_in,
    pieces_of,
)
from catalog.domain.shell.values import Value

MOST_ROUNDS = 6
"""Of judging; each follows a value one variable further against the order of the text."""
_WHOLE = f"it would be the whole of a script: write the script, and {ARGUMENT}"
_FILLED = (
    "the shell outside fills it into this script first: put the script in single quotes, and hand the value over as an "
    "argument (sh -c '… \"$1\" …' sh {{ x }}) or export its variable"
)
_UNREACHED = "the environment, in which values travel, does not reach there: " + ARGUMENT + ", or make that machine a "
_WRITES = frozenset({">", ">>", ">|", "&>", "&>>", "<>"})


class Checker(Judge):
    """Judges all commands of a template."""

    def __init__(self, names: Mapping[int, str], values: Mapping[str, Value], notes: Notes) -> None:
        super().__init__(names, values, notes)
        self.runs_arguments: set[str] = set()
        """Functions of the author's that run what they are given."""
        self.depth = 0
        self._written: list[tuple[str, Command, frozenset[str]]] = []
        self.run_files: set[str] = set()
        self._scripts: dict[tuple[int, str], list[Pipeline]] = {}

    def simple(self, words: Sequence[Word], context: Context) -> None:
        """Judge the words of a simple command."""
        raise NotImplementedError

    def check(self, program: list[Pipeline], *, bash: bool) -> None:
        """Raises `Refusal`."""
        for _ in range(MOST_ROUNDS):
            self.grew = False
            self._written = []
            self.program(program, Context(bash=bash))
            for path, command, contents in self._written:
                if path in self.run_files:
                    self.none_in(contents, ("code",), command.at, "it is written to a file that is run")
            if not self.grew:
                return
        at = program[0][0].at if program and program[0] else 0
        raise Refusal(at, f"values go through variables in more than {MOST_ROUNDS} rounds here: simplify the commands")

    def script(self, word: Sequence[Piece], context: Context, arguments: Sequence[Word] = ()) -> None:
        """These pieces are a script of a shell in `context`, with these arguments."""
        pieces = [piece for piece in word if piece.text or piece.expansion]
        filled = [piece for piece in pieces if piece.expansion]
        whole = len(pieces) == 1 and (pieces[0].is_hole or bool(filled))
        self.require(pieces if whole else filled, ("code",) if whole else IN_TEXT, _WHOLE if whole else _FILLED)
        for piece in filled:
            self.none_chosen(self.contents([piece]), piece.at)
        if whole:
            return
        text = "".join(UNKNOWN if piece.expansion else piece.text for piece in pieces)
        offsets = [piece.at + n for piece in pieces for n in range(piece.width)]
        scope = f"{context.scope}/{offsets[0]}" if offsets else ""
        self.gets(f"@{scope}", arguments)
        try:
            key = (offsets[0] if offsets else 0, text)
            if key not in self._scripts:
                depth = 5 * (context.scope.count("/") + 1)
                self._scripts[key] = read_shell(text, offsets, self.notes, bash=context.bash, depth=depth)
            if not context.reach:
                for at in (offsets[n] for n, character in enumerate(text) if character == HOLE):
                    self.text_at(at, _UNREACHED + "provider")
            self.program(self._scripts[key], replace(context, scope=scope))
        except Refusal as refusal:
            raise Refusal(refusal.at, f"in this script: {refusal.message}", refusal.needs, refusal.name) from None

    def program(self, program: Sequence[Pipeline], context: Context) -> None:
        """Judge commands one after the other."""
        for pipeline in program:
            feed = context.feed
            for command in pipeline:
                self.scope, self.feed = context.scope, set(context.feed.printed)
                if own := fed_by(command):
                    feed = Feed(tuple(own), frozenset(self.contents(own)), at=own[0].at)
                chosen = [piece for r in command.redirections if r.operator == "<" for piece in r.word.pieces]
                feed = replace(feed, printed=feed.printed | chosen_by(self.contents(chosen)))
                self._command(command, replace(context, feed=feed))
                self.scope, self.feed = context.scope, set(context.feed.printed)
                feed = self._behind(command, feed, pipeline)
                self._note_written(command, feed)

    def _behind(self, command: Command, feed: Feed, pipeline: Pipeline) -> Feed:
        """What the next command of a pipeline finds on its input."""
        printed = self.printed_by(command)
        if not computes_number(command.words):
            printed |= feed.printed
        else:
            printed = set()
        return Feed(_said(command) if command is pipeline[0] else (), frozenset(printed), pipeline[0].at)

    def _command(self, command: Command, context: Context) -> None:
        for redirection in command.redirections:
            self._redirection(redirection)
        self.expansions(list(pieces_of(command)), context, command)
        if command.kind == "function":
            self.functions.add(command.name)
            body = command.programs[0]
            self.hold(f"{command.name}()", self.printed(body))
            fed = frozenset(self.held_by(f"<{command.name}"))
            context = replace(context, feed=Feed(printed=fed, at=command.at))
            if any(_is_arguments(inner.words[:1]) for inner in commands_in(body)):
                self.runs_arguments.add(command.name)
        elif command.kind == "loop" and command.name:
            words = command.words
            if not words:  # for v; do …: all arguments
                words = [Word(command.at, [Piece(command.at, "double", "", Expansion("variable", "@"))])]
            self.gets(command.name, words)
            self.loose(command.words)
        elif command.kind == "arithmetic" or command.computed:
            self.computed(command.computed)
        elif command.kind == "simple":
            self.simple(command.words, context)
        elif command.kind == "test":
            self.test(command.words)
            self.gets("BASH_REMATCH", command.words)
        for program in command.programs:
            self.program(program, context)

    def _redirection(self, redirection: Redirection) -> None:
        pieces = redirection.word.pieces
        if redirection.operator in {">&", "<&"}:
            self.require(pieces, ("digits",), "bash reads it twice behind >&: write > {{ x }} 2>&1")
        self.tilde(redirection.word)
        if redirection.quoted:
            for piece in redirection.body:
                if piece.is_hole:
                    self.text_at(piece.at, "a quoted delimiter lets no variable in: write <<E, and \\$ for a dollar")
            self._lines(redirection.body, str(redirection.word.literal))

    def _lines(self, body: Sequence[Piece], delimiter: str) -> None:
        """No line of a here-document may come to equal its end."""
        text = "".join(piece.text for piece in body)
        holes = iter([piece.at for piece in body if piece.is_hole])
        for line in text.split("\n"):
            at = [next(holes) for character in line if character == HOLE]
            before, _, after = line.partition(HOLE)
            before = before.lstrip("\t")
            if len(at) > 1:
                self.limits.update((self.names[hole], "line", delimiter, hole) for hole in at)
            elif at and delimiter.startswith(before) and delimiter.endswith(after):
                rest = delimiter[len(before) : len(delimiter) - len(after)]
                self.limits.add((self.names[at[0]], "line", rest, at[0]))

    def expansions(self, pieces: Sequence[Piece], context: Context, command: Command | None = None) -> None:
        """Judge what stands in the expansions among these pieces."""
        for piece in pieces:
            found = piece.expansion
            if found is None:
                continue
            if found.program:
                feed = context.feed
                if found.name == ">" and command:
                    printed = self.printed([[replace(command, redirections=[])]])
                    feed = Feed((), frozenset(printed), at=piece.at)
                self.program(found.program, replace(context, feed=feed))
                self.scope, self.feed = context.scope, set(context.feed.printed)
            if found.kind == "variable" and found.name in self.maps:
                self.require(found.computed, IN_STRING, COMPUTES)
            elif found.computed and [piece.text for piece in found.computed] not in (["@"], ["*"]):
                self.computed(found.computed)
            if found.kind == "variable":
                self._variable(piece, found)
            for word in found.words:
                self._element(word, context)
            self.expansions([*found.pieces, *found.computed], context)

    def _element(self, word: Word, context: Context) -> None:
        """A word of an array."""
        if word.bare.startswith("["):
            subscript = word.pieces[: next((n for n, p in enumerate(word.pieces) if "]=" in p.text), 0) + 1]
            if self.maps:
                self.require(subscript, IN_STRING, COMPUTES)
            else:
                self.computed(subscript)
        self.expansions(word.pieces, context)
        self.loose([word])

    def _variable(self, piece: Piece, found: Expansion) -> None:
        holes = [inner for inner in found.pieces if inner.is_hole]
        self.require(holes, IN_TEXT, 'shells differ in what quotes mean in ${…}: write v={{ x }} before, and then "$v"')
        if "!" in found.operation or "@P" in found.operation + "".join(p.text for p in found.pieces):
            self.require([piece], ("digits",), COMPUTES)
            self.computed([Piece(piece.at, "inert", found.name)])
        if re.match(r":?=", found.operation.lstrip("!")):
            self.gets(found.name, [Word(piece.at, found.pieces)])

    def _note_written(self, command: Command, behind: Feed) -> None:
        into = [redirection.word for redirection in command.redirections if redirection.operator in _WRITES]
        literals = [word.literal for word in command.words]
        into += command.words[literals.index("tee") + 1 :] if "tee" in literals[:2] else []
        self._written += [(path_of(word), command, behind.printed) for word in into]


def path_of(word: Word) -> str:
    """A file's name as it is written, with its variables."""
    name = "".join(f"${piece.expansion.name}" if piece.expansion else piece.text for piece in word.pieces)
    return name.removeprefix("./")


def _said(command: Command) -> tuple[Piece, ...]:
    """What echo or printf says, where the text of it stands there."""
    words = command.words
    if not words or words[0].literal not in {"echo", "printf"}:
        return ()
    blank = Piece(words[0].at, "bare", " ")
    return tuple(piece for word in words[1:] for piece in (*word.pieces, blank))[:-1]


def _is_arguments(words: Sequence[Word]) -> bool:
    """`"$@"`"""
    pieces = [piece for word in words for piece in word.pieces if piece.text or piece.expansion]
    return len(pieces) == 1 and pieces[0].expansion is not None and pieces[0].expansion.name == "@"
