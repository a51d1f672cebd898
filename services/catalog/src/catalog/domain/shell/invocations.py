"""Which arguments of a command are code, and for whom."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from catalog.domain.shell.builtins import OWN_INPUT, Builtins
from catalog.domain.shell.checker import path_of
from catalog.domain.shell.code import BARE, IN_STRING, IN_TEXT
from catalog.domain.shell.judge import ASSIGNMENT, Context
from catalog.domain.shell.programs import (
    CODE_VARIABLE,
    DATA,
    PROGRAMS,
    RUNS_OPTION,
    Arguments,
    Entry,
    cut,
    program_name,
    read_arguments,
)
from catalog.domain.shell.tree import DEEPEST, HOLE, UNKNOWN, Piece, Refusal, Word

LONGEST_SURE_TEST = 5
"""Words of a test: of longer ones POSIX does not say whether `!` or `(` is an operand or an operator."""
MOST_TEXTS = 8
"""Of one variable that are looked at where it stands for a program."""
_OF_SHELLS = frozenset({"ENV", "HOME", "SHELL", "IFS"})
"""Variables that mean something to shells alone, and often something else to others."""
_XARGS = "xargs would hand it to what runs it: hand it over as an argument, sh -c '… \"$1\" …' sh {{ x }}"


class Invocations(Builtins):
    """Judges the words of commands by what the table says of their programs."""

    def simple(self, words: Sequence[Word], context: Context) -> None:
        rest = list(words)
        while rest and (match := ASSIGNMENT.match(rest[0].bare)):
            self.assign(rest.pop(0), match)
        if not rest:
            return
        if re.match(r"\w+\[", rest[0].bare) and "]" not in rest[0].bare:
            raise Refusal(rest[0].at, "write the subscript without blanks")
        name = str(rest[0].literal)
        does = PROGRAMS.get(name, {}).get("does")
        if does not in {"format", "test"} or (does == "test" and len(rest) > LONGEST_SURE_TEST):
            self.arguments(rest)
        whole = context.bash and does == "declare"  # bash splits no assignment there
        self._environment(rest[1:])
        self.loose([word for word in rest if not (whole and ASSIGNMENT.match(word.bare))])
        self.run(rest, context)

    def _environment(self, words: Sequence[Word]) -> None:
        """Words that set a variable for some other program: `docker run -e PATH={{ x }}`."""
        for word in words:
            match = re.match(r"(?:--?[a-z]+=?)?([A-Za-z_]\w*)=", word.shape)
            if match and match[1] not in _OF_SHELLS and CODE_VARIABLE.fullmatch(match[1]):
                why = f"what {match[1]} holds is run, or chooses what is run: use another name"
                self.require(word.pieces, ("choice", "digits"), why)

    # --- what is run

    def run(self, words: Sequence[Word], context: Context) -> None:
        """A command that begins with the word for its program."""
        if not words:
            return
        self.depth += 1
        if self.depth > DEEPEST:
            raise Refusal(words[0].at, f"commands are nested more than {DEEPEST} deep here: simplify them")
        head, rest = words[0], list(words[1:])
        if not self._is_any_of_its_texts(head, rest, context):
            self._run(head, rest, context)
        self.depth -= 1

    def _run(self, head: Word, rest: list[Word], context: Context) -> None:
        if re.search(r"\{[^{}]*(?:,|\.\.)[^{}]*\}", head.bare):
            self._no_value(rest, "bash makes several words of this command's name: write them out")
        self.program_word(head, "the program to run")
        name = program_name(head)
        self.run_files.add(path_of(head))
        self.scope = context.scope
        if head.literal is None and not head.bare.strip(UNKNOWN) and not head.quoted:
            first = next((n for n, word in enumerate(rest) if re.fullmatch(r"[-+]\w*c", word.literal or "")), len(rest))
            self._no_value(rest[first:], "this may be a shell, which would run it: write its name out")
            self.run(rest, context)
        elif name in self.functions:
            self.gets(f"@{context.scope}", rest)
            feed = context.feed
            self.hold(f"<{name}", {*feed.printed, *self.contents(feed.code)})
            if name in self.runs_arguments:
                self.run(rest, context)
        elif entry := PROGRAMS.get(name):
            getattr(self, f"_{entry['does']}")(name, entry, rest, context)
        elif rest and (entry := PROGRAMS.get(f"{name} {rest[0].literal}")):
            self._program(f"{name} {rest[0].literal}", entry, rest[1:], context)
        elif name not in DATA:
            self._unknown(rest, context)

    def _is_any_of_its_texts(self, head: Word, rest: list[Word], context: Context) -> bool:
        """Whether the program is a variable of which all texts are known: each is judged in its place."""
        pieces = [piece for piece in head.pieces if piece.text or piece.expansion]
        found = pieces[0].expansion if len(pieces) == 1 else None
        if not found or found.kind != "variable":
            return False
        if found.name == "@":
            return bool(self.runs_arguments)  # what runs it is judged with the arguments of each call
        texts = sorted(str(text) for text in self.texts.get(found.name, ()))
        if not texts or None in self.texts[found.name] or next(self.found(head.pieces), None):
            return False
        if len(texts) > MOST_TEXTS or any(PROGRAMS.keys() & text.split() for text in texts if len(texts) > 1):
            self._no_value(rest, "this may be one of several programs: write their names out")
        for text in texts[:MOST_TEXTS]:
            self.run([*(Word(head.at, [Piece(head.at, "bare", part)]) for part in text.split()), *rest], context)
        return True

    def _no_value(self, words: Sequence[Word], why: str) -> None:
        for word in words:
            self.require(word.pieces, ("code",), why)

    def _unknown(self, words: Sequence[Word], context: Context) -> None:
        """Some program that may start another: look for shells and interpreters among its arguments."""
        self._telling_options(words, context)
        for position, word in enumerate(words):
            entry, rest = PROGRAMS.get(program_name(word)), words[position + 1 :]
            if not entry or (position and words[position - 1].literal in {"-s", "--shell"}):
                continue
            if entry["does"] == "shell":
                behind = next(
                    (n for n, w in enumerate(rest[1:]) if re.fullmatch(r"-\w*c", rest[n].literal or "")), None
                )
                if behind is not None:
                    bash = word.literal != "sh"
                    self.script(rest[behind + 1].pieces, replace(context, bash=bash), rest[behind + 2 :])
                elif not rest:
                    self.read_script(program_name(word), context)
                return
            if entry["does"] == "program" and "operands" in entry and read_arguments(rest, entry).code:
                self._program(program_name(word), entry, rest, context)
                return

    def _telling_options(self, words: Sequence[Word], context: Context) -> None:
        """Options whose names say that they run something."""
        for word, following in zip_longest(words, words[1:]):
            if match := RUNS_OPTION.match(word.shape):
                code = cut(word, match.end() + 1) if match.end() < len(word.shape) else following
                if code is not None and " " in code.shape:
                    self.script(code.pieces, replace(context, reach=False))
                elif code is not None:
                    self.program_word(code, "the program to run")

    # --- programs by what the table says that they do

    def _arguments(self, name: str, entry: Entry, words: Sequence[Word], context: Context) -> Arguments:
        """A program's arguments told apart, the code in its options judged."""
        found = read_arguments(words, entry)
        for option, word in found.code:
            if option in entry.get("files", "").split():
                self.program_word(word, "the file to run")
            elif entry["language"] == "shell":
                self.script(word.pieces, self._reached(entry, found, context))
            else:
                self.code(entry["language"], word.pieces, f"it would be part of the code that {name} runs")
        return found

    def _reached(self, entry: Entry, found: Arguments, context: Context) -> Context:
        """Where what the program runs is run."""
        flags = found.flags | {word.literal for word in found.operands[:1] if word.literal == "-"}
        clears, keeps = entry.get("clears", "").split(), entry.get("keeps", "").split()
        cleared = ("always" in clears or not flags.isdisjoint(clears)) and flags.isdisjoint(keeps)
        any_shell = context.bash or cleared or "login" in entry
        return replace(context, reach=context.reach and not cleared, bash=any_shell)

    def _program(self, name: str, entry: Entry, words: Sequence[Word], context: Context) -> None:
        """A program that runs a command or a script, or reads code, as its arguments say."""
        found = self._arguments(name, entry, words, context)
        inner, operands = self._reached(entry, found, context), found.operands
        files = entry.get("files", "").split()
        has_script = entry.get("language") == "shell" and any(option not in files for option, _ in found.code)
        if operands and (own := PROGRAMS.get(f"{name} {operands[0].literal}")):
            self._program(f"{name} {operands[0].literal}", own, operands[1:], inner)
            return
        if name == "command" and found.flags & {"v", "V"}:
            return
        if not found.flags.isdisjoint(entry.get("joins", "").split()) or len(operands) > entry.get(
            "join", len(operands)
        ):
            self._join(operands[entry.get("join", 0) :], inner)
        elif "command" in entry and not has_script and (operands or "input" not in entry):
            self._wrapped(name, entry, operands[entry["command"] :], replace(inner, bash=context.bash))
        elif "operands" in entry:
            self._interpreted(name, entry, found, inner)
        elif "input" in entry and not has_script:
            self.read_script(name, inner)
        elif not has_script:
            self._unknown(operands, inner)

    def _wrapped(self, name: str, entry: Entry, rest: list[Word], context: Context) -> None:
        literals = [word.literal for word in rest]
        if "dashes" in entry and "--" in literals:
            rest = rest[literals.index("--") + 1 :]
        elif literals[:1] in (["-"], ["--"]):
            rest = rest[1:]
        while rest and "assignments" in entry and (match := ASSIGNMENT.match(rest[0].bare)):
            self.assign(rest[0], match)
            rest = rest[1:]
        feed = context.feed
        if name == "exec" and not rest:
            self.none_in(feed.printed, ("code",), feed.at, "all that follows would read it")
        if name == "xargs":
            programs = [PROGRAMS.get(program_name(word), {}) for word in rest]
            chosen = next((n for n, found in enumerate(programs) if "command" not in found), None)
            entry = {"does": "program"} if chosen is None else programs[chosen]
            is_any = chosen is not None and not re.search(r"\w", program_name(rest[chosen]))
            reads_code = entry.get("does") in {"program", "shell", "copy", "make"} and "operands" not in entry
            if rest and (reads_code or is_any):
                self.none_in(feed.printed, IN_STRING, feed.at, _XARGS)
        self.run(rest, context)

    def _join(self, words: Sequence[Word], context: Context) -> None:
        pieces = [piece for word in words for piece in (Piece(word.at, "bare", " "), *word.pieces)][1:]
        if pieces:
            self.script(pieces, context)

    def _interpreted(self, name: str, entry: Entry, found: Arguments, context: Context) -> None:
        """An interpreter, or a client of a database."""
        language, why = entry["language"], f"it would be part of the code that {name} runs"
        first, last = entry["operands"]
        own = [] if found.code else found.operands[first:last]
        for word in own:
            if "file" in entry:
                self.file(word, "the file to run", context)
            else:
                self.code(language, word.pieces, why)
        if "assigned" in entry:
            for word in found.operands[0 if found.code else 1 :]:
                self._without_equals(word)
            if any(self.runs(language, word.shape) for word in (*own, *(word for _, word in found.code))):
                for word in (*found.options, *found.operands[len(own) :]):
                    self.require(word.pieces, (*BARE, "code"), f"{why}, which runs texts that it finds in variables")
        reads = "input" in entry and not found.code and entry.get("module") not in found.flags
        if reads and (not own or "file" not in entry or own[0].literal in OWN_INPUT):
            if language == "shell":
                self.read_script(name, context)
            elif context.feed.code:
                self.code(language, context.feed.code, why)
            else:
                self.read(context.feed, BARE, f"{why}: {name} reads it")

    def _shell(self, name: str, entry: Entry, words: Sequence[Word], context: Context) -> None:
        found = read_arguments(words, entry)
        for word in found.options:
            self.require(word.pieces, ("choice",), "an option of a shell: write it out")
        inner = replace(context, bash=name not in {"sh", "dash", "ash", "posh"})
        unsure = next((n for n, word in enumerate(words) if word.literal is None and _may_vanish(word)), len(words))
        self._no_value(words[unsure + 1 :], 'a word before it may be none, several or an option: write it as "$word"')
        operands = found.operands
        if "c" in found.flags and operands:
            self.script(operands[0].pieces, inner, operands[1:])
        elif "s" in found.flags or not operands or operands[0].literal in OWN_INPUT:
            at = context.feed.code[0].at if context.feed.code else 0
            self.gets(f"@{context.scope}/{at}", operands)
            self.read_script(name, inner)
        else:
            self.file(operands[0], "the script to run", context)

    def _copy(self, name: str, entry: Entry, words: Sequence[Word], context: Context) -> None:
        """A copy to another machine."""
        found = self._arguments(name, entry, words, context)
        for word in found.operands:
            if re.search(f":.*[{HOLE}{UNKNOWN}]", word.shape, re.DOTALL) and "s" not in found.flags:
                why = f"a shell reads this path on the other side: write {name} -s"
                self.require(cut(word, word.shape.index(":")).pieces, IN_TEXT, why)
        if "input" in entry:
            self.read(context.feed, IN_TEXT, f"{name} runs what it reads")

    def _make(self, name: str, entry: Entry, words: Sequence[Word], context: Context) -> None:
        for word in self._arguments(name, entry, words, context).operands:
            self.code("make", word.pieces, f"{name} reads its arguments as code of its own")
            self._without_equals(word)

    def _without_equals(self, word: Word) -> None:
        if "=" not in re.split("[\0\1]", word.shape)[0]:
            for at, parameter, _ in self.found(word.pieces):
                if self.values[parameter].may_hold_equals:
                    self.limits.add((parameter, "equals", "", at))


def _may_vanish(word: Word) -> bool:
    return (
        not word.quoted
        and any(piece.expansion for piece in word.pieces)
        and not word.bare.strip(UNKNOWN).lstrip("-+cC")
    )
