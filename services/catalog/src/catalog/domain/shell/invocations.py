"""Which arguments of a command are code, and for whom: what the table says of programs, carried out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from catalog.domain.shell.checker import Checker
from catalog.domain.shell.flows import only, values_in
from catalog.domain.shell.judge import ASSIGNMENT, Context, Feed, runs_texts
from catalog.domain.shell.programs import (
    DATA,
    LANGUAGES,
    PROGRAMS,
    RUNS_OPTION,
    SHELLS,
    Arguments,
    Entry,
    may_run_arguments,
    may_vanish,
    names_in,
    program_name,
    read_arguments,
    script_option,
)
from catalog.domain.shell.tree import DEEPEST, HOLE, UNKNOWN, Piece, Refusal, Word

MOST_TEXTS = 8
"""Of one variable that are looked at where it stands for a program."""
MOST_NAMED = 100
"""Programs of the table among the arguments of one that is not there."""
_OWN_INPUT = re.compile(r"-|/+dev/+stdin|/+(?:dev|proc/+self)/+fd/+\d+")


@dataclass
class Invocations(Checker):
    """Judges the words of commands by what the table says of their programs."""

    nested: int = 0
    """Programs around the one that is looked at, each of which runs the next."""

    def run(self, words: Sequence[Word], context: Context) -> None:
        if not words:
            return
        key = (words[0].at, tuple(word.shape for word in words), replace(context, feed=Feed()))
        if key in self.judged:
            return
        self.judged.add(key)
        self.nested += 1
        if self.nested > DEEPEST:
            raise Refusal(words[0].at, f"commands are nested more than {DEEPEST} deep here: simplify them")
        head, rest = words[0], list(words[1:])
        if len(head.solid) == 1 and (found := head.solid[0].expansion) and found.name in SHELLS:
            self._program("bash", PROGRAMS["bash"], rest, context)
        if not self._is_any_of_its_texts(head, rest, context):
            self._run(head, rest, context)
        self.nested -= 1

    def _is_any_of_its_texts(self, head: Word, rest: list[Word], context: Context) -> bool:
        """Whether the program is a variable of which all texts are known: each is judged in its place."""
        found = head.solid[0].expansion if len(head.solid) == 1 else None
        if not found or found.kind != "variable":
            return False
        if found.name == "@" and context.function and not (found.pieces or found.computed):
            self._no_value(rest, "behind_any")
            reaches = self.runs_arguments.setdefault(context.function, set())
            self.grew |= context.reach not in reaches
            reaches.add(context.reach)
            return True
        texts = self.texts.get(found.name, {None})
        if None in texts or self.held_by(found.name):
            return False
        known = sorted(str(text) for text in texts)
        if len(known) > MOST_TEXTS or any(PROGRAMS.keys() & text.split() for text in known if len(known) > 1):
            self._no_value(rest, "behind_any")
        for text in known[:MOST_TEXTS]:
            self.run([*(Word(head.at, [Piece(head.at, "bare", part)]) for part in text.split()), *rest], context)
        return True

    def _no_value(self, words: Sequence[Word], place: str) -> None:
        for word in words:
            self.require(word.pieces, place)

    def _run(self, head: Word, rest: list[Word], context: Context) -> None:
        if re.search(r"\{[^{}]*(?:,|\.\.)[^{}]*\}", head.bare):
            self._no_value(rest, "behind_braces")
        self.program_word(head, "the program to run")
        name = program_name(head)
        if head.literal is None and not head.bare.strip(UNKNOWN) and not head.quoted:
            self._no_value(rest[script_option(rest) :], "behind_shell")
            self.run(rest, context)
        elif name in self.functions:
            self.gets("@", rest)
            self.hold(f"<{name}", context.feed.printed | self.contents(context.feed.code))
            if name in self.runs_arguments:
                self.run_arguments(name, rest, context)
        elif name == "shift":
            self.shift(head, rest, context)
        elif entry := PROGRAMS.get(name):
            self._program(name, entry, rest, context)
        elif rest and (entry := PROGRAMS.get(f"{name} {rest[0].literal}")):
            self._program(f"{name} {rest[0].literal}", entry, rest[1:], context)
        elif name not in DATA:
            self._unknown(rest, context)

    def _unknown(self, words: Sequence[Word], context: Context) -> None:
        """Some program that may start another: look for shells and interpreters among its arguments."""
        for word, following in zip_longest(words, words[1:]):
            if match := RUNS_OPTION.match(word.shape):
                code = word.cut(match.end() + 1) if match.end() < len(word.shape) else following
                if code is not None and " " in code.shape:
                    self.script(code.pieces, replace(context, reach=False))
                elif code is not None:
                    self.program_word(code, "the program to run")
        self._named(words, context)

    def _named(self, words: Sequence[Word], context: Context) -> None:
        known = [n for n, word in enumerate(words) if program_name(word) in PROGRAMS]
        if len(known) > MOST_NAMED:
            raise Refusal(words[known[-1]].at, f"more than {MOST_NAMED} programs are named in one command: simplify it")
        for position in known:
            name, rest = program_name(words[position]), words[position + 1 :]
            entry = PROGRAMS[name]
            if position and words[position - 1].literal in {"-s", "--shell"}:
                continue  # the shell of a user that is made
            if "evaluates" in entry:
                if rest[script_option(rest) :] or not rest:
                    self._program(name, entry, rest[script_option(rest) :], context)
                return
            if "operands" in entry and read_arguments(rest, entry).code:
                self._program(name, entry, rest, context)
                return

    # --- what the table says of a program

    def _program(self, name: str, entry: Entry, words: Sequence[Word], context: Context) -> None:
        """A program that runs a command or a script, or reads code, as its row says."""
        if "does" in entry:
            getattr(self, f"_{entry['does']}")(entry, words, context)
            return
        found = read_arguments(words, entry)
        inner = self._reached(entry, found, context)
        if "evaluates" in entry:
            self._shell_words(words, found)
        self._options(name, entry, found, inner)
        subcommand = f"{name} {found.operands[0].literal}" if found.operands else ""
        if subcommand in PROGRAMS:
            self._program(subcommand, PROGRAMS[subcommand], found.operands[1:], inner)
        elif found.flags.isdisjoint(names_in(entry, "harmless")):
            self._operands(name, entry, found, inner)

    def _options(self, name: str, entry: Entry, found: Arguments, context: Context) -> None:
        """Code in options."""
        for option, word in found.code:
            if option in names_in(entry, "files"):
                self.program_word(word, "the file to run")
                if _OWN_INPUT.fullmatch(word.literal or ""):
                    values = only(
                        context.feed.printed, "value"
                    )  # what one chooses is the author's affair, as a file is
                    self._read_code(name, entry, replace(context, feed=replace(context.feed, printed=values)))
            elif option in entry.get("names", ""):
                self.variable_name(word)
                self.gets(str(word.literal), found.operands)
            else:
                self._code(entry["language"], word.pieces, name, context)

    def _operands(self, name: str, entry: Entry, found: Arguments, context: Context) -> None:
        """A command, a script or code among the operands, or on the input."""
        operands, files = found.operands, names_in(entry, "files")
        has_script = entry.get("language") == "shell" and any(option not in files for option, _ in found.code)
        joins = not found.flags.isdisjoint(names_in(entry, "joins"))
        for word in operands if "remote" in entry and "s" not in found.flags else ():
            if re.search(f":.*[{HOLE}{UNKNOWN}]", word.shape, re.DOTALL):
                self.require(word.cut(word.shape.index(":")).pieces, "remote_path", name)
        starts = names_in(entry, "shells") & {"always", "arguments", *found.flags}
        rest, commands = operands[entry.get("command", 0) :], names_in(entry, "commands")
        if starts and not has_script and (not rest or "arguments" in starts):
            self._program("bash", PROGRAMS["bash"], rest, context)
        elif joins or len(operands) > entry.get("join", len(operands)):
            words = operands[entry.get("join", 0) :]
            pieces = [piece for word in words for piece in (Piece(word.at, "bare", " "), *word.pieces)]
            self.script(pieces[1:], context)
        elif "command" in entry and not has_script and (not commands or commands & found.flags):
            self._wrapped(name, entry, rest, context)
        elif "operands" in entry:
            self._interpreted(name, entry, found, context)
        elif "input" in entry and not has_script:
            self._read_code(name, entry, context)
        elif not has_script:
            self._unknown(operands, context)

    def _reached(self, entry: Entry, found: Arguments, context: Context) -> Context:
        """Where what the program runs is run."""
        flags = found.flags | {word.literal for word in found.operands[:1] if word.literal == "-"}
        clears, keeps = names_in(entry, "clears"), names_in(entry, "keeps")
        cleared = ("always" in clears or not flags.isdisjoint(clears)) and flags.isdisjoint(keeps)
        bash = "posix" not in entry if "evaluates" in entry else context.bash or cleared or "login" in entry
        return replace(context, reach=context.reach and not cleared, bash=bash)

    def _shell_words(self, words: Sequence[Word], found: Arguments) -> None:
        """Where a shell finds its script is sure."""
        for word in found.options:
            self.require(word.pieces, "shell_option")
        unsure = next((n for n, word in enumerate(words) if may_vanish(word)), len(words))
        self._no_value(words[unsure + 1 :], "behind_unsure")

    def _code(self, language: str, pieces: Sequence[Piece], name: str, context: Context) -> None:
        """These pieces are code of the author's for the program of this name."""
        if language == "shell":
            self.script(pieces, context)
        else:
            self.other_code(language, pieces, name)

    def _wrapped(self, name: str, entry: Entry, rest: list[Word], context: Context) -> None:
        """A command behind others."""
        literals = [word.literal for word in rest]
        if "dashes" in entry and "--" in literals:
            rest = rest[literals.index("--") + 1 :]
        elif literals[:1] in (["-"], ["--"]):
            rest = rest[1:]
        while rest and "assignments" in entry and (match := ASSIGNMENT.match(rest[0].bare)):
            self.assign(rest[0], match)
            rest = rest[1:]
        if name == "exec" and not rest:
            self.require_traces(context.feed.printed, "all_that_follows", context.feed.at)
        if name == "xargs" and rest and may_run_arguments(rest):
            self.require_traces(context.feed.printed, "xargs", context.feed.at)
        self.run(rest, context)

    def _interpreted(self, name: str, entry: Entry, found: Arguments, context: Context) -> None:
        """An interpreter, or a client of a database."""
        language, flags, operands = entry["language"], found.flags, found.operands
        first, last = entry["operands"]
        is_file = "file" in entry and flags.isdisjoint(entry.get("evaluates", ""))
        own = [] if found.code and "besides" not in entry else operands[first:last]
        if is_file and (
            not flags.isdisjoint(entry.get("stdin", "")) or (own and _OWN_INPUT.fullmatch(own[0].literal or ""))
        ):
            own = []
        for word in own:
            if is_file:
                self.file(word, "the script to run" if language == "shell" else "the file to run")
            else:
                self._code(language, word.pieces, name, context)
        if language == "shell" and not (is_file and own):
            self.gets("@", operands[len(own) :])
        if language == "format":
            self.arguments(own)
        if "assigned" in entry:
            self._assigned(name, entry, found, own)
        reads = "input" in entry and (not found.code or "besides" in entry) and entry.get("module") not in flags
        if reads and (not own or "file" not in entry):
            self._read_code(name, entry, context)

    def _assigned(self, name: str, entry: Entry, found: Arguments, own: Sequence[Word]) -> None:
        """Operands behind the code may be assignments to what the code reads."""
        for word in found.operands[0 if found.code else entry["assigned"] :]:
            if "=" not in re.split("[\0\1]", word.shape)[0]:
                names = values_in(self.contents(word.pieces))
                self.limits |= {(name, "equals", "", word.at) for name in names if self.values[name].may_hold_equals}
        if any(runs_texts(entry["language"], word.shape) for word in (*own, *(word for _, word in found.code))):
            for word in (*found.options, *found.operands[len(own) :]):
                self.require(word.pieces, "assigned", name)

    def _read_code(self, name: str, entry: Entry, context: Context) -> None:
        """A program reads its code from its input."""
        language, feed = entry.get("input", True), context.feed
        language = entry["language"] if language is True else language
        known = LANGUAGES[language]
        if feed.code:
            self._code(language, feed.code, name, replace(context, feed=Feed()))
        elif place := known.get("place"):
            self.require_traces(feed.printed, place, feed.at, name)
        else:
            what = f"{name} reads and runs: use {known['advice']}"
            self.require_traces(feed.printed, "input", feed.at, what, may=known.get("text", "bare"))

    def _find(self, entry: Entry, words: Sequence[Word], context: Context) -> None:
        starts = names_in(entry, "starts")
        while words:
            is_start, words = words[0].literal in starts, words[1:]
            if is_start:
                end = next((n for n, word in enumerate(words) if word.literal in {";", "+"}), len(words))
                self.run(words[:end], context)
                words = words[end:]

    def _fill(self, entry: Entry, words: Sequence[Word], context: Context) -> None:
        """`set` fills the arguments, `cd` some variables."""
        if context.function in self.runs_arguments and "@" in entry["fills"]:
            self.run([word for word in words if word.literal != "--"], context)
        for name in names_in(entry, "fills"):
            self.gets(name, words)
