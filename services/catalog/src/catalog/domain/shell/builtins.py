"""What the shell's own commands take for code, and which variables they fill."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from catalog.domain.shell.checker import Checker, path_of
from catalog.domain.shell.code import IN_STRING, IN_TEXT
from catalog.domain.shell.judge import ARGUMENT, ASSIGNMENT, COMPUTES, Context
from catalog.domain.shell.programs import Entry, cut, read_arguments
from catalog.domain.shell.tree import Word

OWN_INPUT = frozenset({"-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"})


class Builtins(Checker):
    """Judges assignments and the shell's own commands, each by the method that the table names for it."""

    def run(self, words: Sequence[Word], context: Context) -> None:
        """Judge a command that begins with the word for its program."""
        raise NotImplementedError

    def assign(self, word: Word, match: re.Match[str]) -> None:
        """`name=value`, `name[subscript]=value`."""
        name = match[1]
        if match[2]:
            end = re.search(r"\]\+?=", word.shape)
            subscript = cut(word, match.end(1) + 1, end.start() if end else None).pieces
            if name in self.maps:
                self.require(subscript, IN_STRING, COMPUTES)
            else:
                self.computed(subscript)
        value = cut(word, word.shape.find("=", match.end() - 1) + 1)
        self.tilde(value)
        self.gets(name, [value])

    def file(self, word: Word, what: str, _context: Context) -> None:
        """A file that is run; it may be the output of commands: `bash <(…)`."""
        self.program_word(word, what)
        self.run_files.add(path_of(word))
        for piece in word.pieces:
            if piece.expansion and piece.expansion.name == "<":
                self.none_in(self.printed(piece.expansion.program), ("code",), piece.at, "it would be run")

    def read_script(self, name: str, context: Context) -> None:
        """A shell reads its script from its input."""
        feed = context.feed
        if feed.code:
            self.script(feed.code, replace(context, feed=type(feed)()))
        else:
            self.read(feed, IN_STRING, f"it would be part of what {name} reads and runs: {ARGUMENT}")

    def _find(self, _name: str, entry: Entry, words: Sequence[Word], context: Context) -> None:
        starts = entry["starts"].split()
        while words:
            is_start, words = words[0].literal in starts, words[1:]
            if is_start:
                end = next((n for n, word in enumerate(words) if word.literal in {";", "+"}), len(words))
                self.run(words[:end], context)
                words = words[end:]

    def _trap(self, _name: str, entry: Entry, words: Sequence[Word], context: Context) -> None:
        for word in read_arguments(words, entry).operands[:1]:
            self.script(word.pieces, context)

    def _source(self, _name: str, entry: Entry, words: Sequence[Word], context: Context) -> None:
        for word in read_arguments(words, entry).operands[:1]:
            self.file(word, "the script to run", context)
            if word.literal in OWN_INPUT:
                self.read_script(".", context)

    def _test(self, _name: str, _entry: Entry, words: Sequence[Word], _context: Context) -> None:
        self.test(words)
        for before, word in pairwise(words):
            if before.literal is None and any(True for _ in self.found(before.pieces)):
                self.require(word.pieces, IN_TEXT, "two values in a row: the first could be the operator -v")

    def _declare(self, _name: str, _entry: Entry, words: Sequence[Word], _context: Context) -> None:
        letters = "".join(word.literal or "" for word in words if word.shape[:1] in {"-", "+"})
        for word in words:
            match = ASSIGNMENT.match(word.bare)
            name = match[1] if match else str(word.literal)
            self.maps |= {name} if "A" in letters else set()
            self.integers |= {name} if "i" in letters or "n" in letters else set()
            if not match:
                self.require(word.pieces, ("choice",), "it would choose the variable: write NAME={{ x }}")
                continue
            if letters.strip("-+rxgl"):
                scalar = [piece for piece in word.pieces if not (piece.expansion and piece.expansion.kind == "array")]
                self.require(scalar, IN_TEXT, "with options, bash runs commands that it finds in it: leave them out")
            self.assign(word, match)

    def _let(self, _name: str, _entry: Entry, words: Sequence[Word], _context: Context) -> None:
        for word in words:
            self.computed(word.pieces)
            if match := ASSIGNMENT.match(word.bare):
                self.gets(match[1], [word])

    def _read(self, _name: str, _entry: Entry, words: Sequence[Word], context: Context) -> None:
        """Commands that fill the variables they name."""
        for word in words:
            self.variable_name(word)
            if match := re.match(r"[A-Za-z_]\w*", word.literal or ""):
                self.reads(match[0], context.feed)
        for name in ("REPLY", "MAPFILE", "OPTARG"):
            self.reads(name, context.feed)
            self.hold(name, self.held_by(f"@{context.scope}"))

    def _format(self, _name: str, _entry: Entry, words: Sequence[Word], _context: Context) -> None:
        words = list(words)
        if words and words[0].shape.startswith("-v"):
            first = words.pop(0)
            target = cut(first, 2) if len(first.shape) > len("-v") else words.pop(0) if words else first
            self.variable_name(target)
            self.gets(target.literal or "", words)
        if words and words[0].literal == "--":
            words.pop(0)
        for word in words[:1]:
            self.require(word.pieces, IN_STRING, "it would be a part of printf's format: write printf '%s\\n' {{ x }}")
            self.arguments([word])

    def _fill(self, _name: str, entry: Entry, words: Sequence[Word], context: Context) -> None:
        """`set` fills the arguments, `cd` some variables."""
        for name in entry["fills"].split():
            self.gets(name.replace("@", f"@{context.scope}"), words)

    def _wait(self, _name: str, _entry: Entry, words: Sequence[Word], _context: Context) -> None:
        for before, word in pairwise(words):
            if re.fullmatch(r"-\w*p", before.literal or ""):
                self.variable_name(word)

    def _jobs(self, _name: str, _entry: Entry, words: Sequence[Word], context: Context) -> None:
        self.run([word for word in words if word.literal != "-x"], context)

    def _own_code(self, _name: str, _entry: Entry, words: Sequence[Word], _context: Context) -> None:
        """`alias` and its like keep code for later."""
        why = "it would be read as code"
        for word in words:
            self.require(word.pieces, ("choice", "code"), why)
            self.none_in(self.followed(re.findall(r"\w+", word.literal or "")), ("code",), word.at, why)
