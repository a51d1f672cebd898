"""Reading commands: where one begins and ends, what is piped into what, and where from and to."""

import re
from collections.abc import Collection, Mapping, Sequence

from catalog.domain.shell.programs import BASH_COMMANDS
from catalog.domain.shell.tree import HOLE, Command, Pipeline, Place, Redirection, Refusal, Word
from catalog.domain.shell.words import WordReader

LONGEST_PIPELINE = 100
_TOKEN = re.compile(r"\)|;;&?|;&|(?:\{|\}|!|\[\[|\]\]|[a-z]+)(?=[\s;&|()<>]|\\\n|\Z)")
_TIMED = re.compile(r"time(?:[ \t]+-p)?[ \t]+(?=\(|(?:\{|!|\[\[|if|while|until|for|case)\s)")
_FUNCTION = re.compile(r"([A-Za-z_][\w-]*)[ \t]*\([ \t]*\)")
_FUNCTION_NAME = re.compile(r"[ \t]*([A-Za-z_][\w-]*)(?:[ \t]*\([ \t]*\))?")
_REDIRECTION = re.compile(r"(\d*|\{[A-Za-z_]\w*\})(&>>|&>|<<<|<<-|<<|<>|<&|>>|>&|>\||<(?!\()|>(?!\())")
_IN_TEST = re.compile(r"&&|\|\||[()|]|[<>](?!\()")
_CLAUSES = {
    "if": (["then"], ["elif", "else", "fi"]),
    "elif": (["then"], ["elif", "else", "fi"]),
    "else": (["fi"],),
    "while": (["do"], ["done"]),
    "until": (["do"], ["done"]),
    "{": (["}"],),
    "do": (["done"],),
}
"""What closes each part of a compound command, behind the word that opens it."""
_RESERVED = frozenset(
    {"}", "then", "fi", "done", "esac", "in", "for", "select", "case", "function", "coproc", *_CLAUSES}
)
_OPENS = _RESERVED | {"[["}
_ASSIGNED = re.compile(r"[A-Za-z_]\w*(\[[^\]]*\])?(\+?)=")
_RANGE = re.compile(r"\{(?:-?\d+\.\.-?\d+|[A-Za-z]\.\.[A-Za-z])(?:\.\.-?\d+)?\}")
_LIST = re.compile(r"\{(?:[^{}]|\{[^{}]*\})*,")
_TESTS = {
    "==": re.compile(
        r"(?:\[|test)\n(?:.*\n)?(?!(?:-[ao]|[()!]|!?=)\n)[^\n]*\n==\n(?!(?:-[ao]|[()!]|!?=|\])(?:\n|\Z))", re.DOTALL
    ),
    "-v": re.compile(r"(?:\[|test)\n-v\n(?!\]\Z)"),
}
"""Operators of `[` that bash alone has, in the words of a command on lines of their own."""


def read_shell(
    text: str, offsets: Sequence[int], places: Mapping[int, Place], *, bash: bool, depth: int = 0
) -> list[Pipeline]:
    """The commands of a shell text in which every placeholder is a `HOLE`.

    Raises `Refusal`, which is a `BashWord` for what text for another shell cannot do as it is meant.
    """
    return _ShellReader(text, offsets, places, bash, depth).program()


class _ShellReader(WordReader):
    def redirections(self, command: Command) -> None:
        """The redirections at the cursor."""
        self.blanks()
        while match := _REDIRECTION.match(self.text, self.at):
            if match[1].startswith("{"):
                self.only_bash("{…}>")
            if match[2] in {"&>", "&>>", "<<<"}:
                self.only_bash(match[2])
            self.at = match.end()
            self.blanks()
            redirection = Redirection(match[2], self.word())
            if not redirection.word.pieces:
                raise self.unsure("this leads nowhere", match.start())
            if match[2] in {"<<", "<<-"}:
                if redirection.word.literal is None:
                    raise self.unsure("the end of this here-document is not known", match.start())
                self.pending = [*self.pending, redirection]
            elif match[2] == ">&" and not re.fullmatch(r"\d+|-", redirection.word.literal or "1"):
                self.only_bash(">&", self.where(match.start()))
            command.redirections.append(redirection)
            self.blanks()

    def take(self, wanted: Collection[str]) -> str:
        """The token of the shell's own at the cursor, which is behind it then, where it is one of these."""
        match = _TOKEN.match(self.text, self.at)
        if not match or match[0] not in wanted:
            return ""
        self.at = match.end()
        return match[0]

    # --- commands

    def program(self, closing: Sequence[str] = ()) -> list[Pipeline]:
        start, outer, self.pending, program = self.at, self.pending, (), list[Pipeline]()
        self.blanks()
        while not (closer := self.take(closing)) and (closing or self.at < len(self.text)):
            if self.at >= len(self.text):
                raise self.unsure(f"the text ends and {' or '.join(closing)} is missing")
            if self.sees("\n"):
                self.newline()
            elif self.sees("&&") or self.sees("||"):
                self.at += 2
            elif self.sees(";") or (self.sees("&") and not self.sees("&>")):
                self.at += 1
            else:
                program.append(self._pipeline())
            self.blanks()
        if self.pending and closer in {"", ")"}:
            why = "this here-document has no lines: its text is to follow"
            raise Refusal(self.pending[0].word.at, why)
        if outer and "\n" in self.text[start : self.at]:
            raise self.unsure("a here-document begins behind these lines", start)
        self.pending, self.closer = [*outer, *self.pending], closer
        return program

    def _pipeline(self) -> Pipeline:
        commands: Pipeline = []
        while True:
            while self.take(["!"]):
                self.blanks()
            if timed := _TIMED.match(self.text, self.at):
                self.at = timed.end()
                self.blanks()
            commands.append(self.deeper(self._command))
            if len(commands) > LONGEST_PIPELINE:
                raise Refusal(self.where(self.at), f"more than {LONGEST_PIPELINE} commands in a pipe: simplify it")
            self.blanks()
            if not self.sees("|") or self.sees("||"):
                return commands
            if self.sees("|&"):
                self.only_bash("|&")
                self.at += 1
            self.at += 1
            self.lines()

    def _command(self) -> Command:
        start = self.at
        command = Command("group", self.where(start))
        match self.take(_OPENS):
            case "if" | "while" | "until" | "{" as keyword:
                command.kind = "loop" if keyword in {"while", "until"} else "group"
                self._clauses(command, keyword)
            case "for" | "select" as keyword:
                self._loop(command, keyword)
            case "case":
                self._case(command)
            case "[[":
                self._test(command)
            case "function":
                self.only_bash("function", command.at)
                return self._function(command)
            case "" if _FUNCTION.match(self.text, start):
                return self._function(command)
            case "" if self.sees("(("):
                self._computed(command)
            case "" if self.sees("("):
                self.at += 1
                command.programs.append(self.program([")"]))
            case "":
                self._simple(command)
            case keyword:
                raise self.unsure(f"'{keyword}' begins nothing here", start)
        self.redirections(command)
        return command

    def _computed(self, command: Command) -> None:
        self.only_bash("((")
        self.at += 2
        command.computed = self.until("))", "arithmetic", "inert")

    def _clauses(self, command: Command, keyword: str) -> None:
        while keyword in _CLAUSES:
            for closing in _CLAUSES[keyword]:
                command.programs.append(self.program(closing))
            keyword = self.closer

    def _loop(self, command: Command, keyword: str) -> None:
        command.kind = "loop"
        if keyword == "select":
            self.only_bash("select")
        self.blanks()
        if self.sees("(("):
            self._computed(command)
        else:
            name = self.word()
            if not (name.literal or "").isidentifier():
                why = "it would choose the variable: write its name"
                raise self.unsure("this is no variable's name") if name.literal else Refusal(name.at, why, ["choice"])
            command.name = str(name.literal)
            self.lines()
            if self.take(["in"]):
                self._words(command)
        self.blanks()
        self.at += self.sees(";")
        self.lines()
        opening = self.take(["do", "{"])
        if not opening:
            raise self.unsure("'do' is missing here")
        if opening == "{":
            self.only_bash("for … {")
        self._clauses(command, opening)

    def _words(self, command: Command) -> None:
        """The words up to the next operator."""
        self.blanks()
        while (word := self.word()).pieces:
            command.words.append(word)
            self._refuse_braces(word)
            self.blanks()

    def _case(self, command: Command) -> None:
        command.kind = "case"
        self.blanks()
        command.words.append(self.word())
        self.lines()
        if not self.take(["in"]):
            raise self.unsure("'in' is missing here")
        self.lines()
        while not self.take(["esac"]):
            self.at += self.sees("(")
            closer = "|"
            while closer == "|":
                self.blanks()
                word = self.word()
                self.blanks()
                closer = self.text[self.at : self.at + 1]
                if closer not in {"|", ")"} or not word.pieces:
                    raise self.unsure("this is no pattern of a case")
                command.words.append(word)
                self.at += 1
            command.programs.append(self.program([";;", ";&", ";;&", "esac"]))
            if self.closer in {";&", ";;&"}:
                self.only_bash(self.closer, self.where(self.at - 1))
            if self.closer == "esac":
                return
            self.lines()

    def _test(self, command: Command) -> None:
        """`[[ … ]]`, its operators as words without pieces."""
        self.only_bash("[[", command.at)
        command.kind = "test"
        self.lines()
        while not self.take(["]]"]):
            if operator := _IN_TEST.match(self.text, self.at):
                self.at = operator.end()
                command.words.append(Word(self.where(operator.start())))
            elif (word := self.word()).pieces:
                command.words.append(word)
            else:
                raise self.unsure("this test is never closed")
            self.lines()

    def _function(self, command: Command) -> Command:
        match = _FUNCTION_NAME.match(self.text, self.at)
        if not match:
            raise self.unsure("this is no function's name")
        if "-" in match[1]:
            self.only_bash(f"{match[1]}()", self.where(match.start(1)))
        self.at = match.end()
        self.lines()
        command.kind, command.name = "function", match[1]
        self.functions.add(match[1])
        body = self.deeper(self._command)
        if body.kind in {"simple", "function"}:
            raise self.unsure("a function's body stands in { … }")
        command.programs = [[[body]]]
        return command

    def _simple(self, command: Command) -> None:
        command.kind, called = "simple", list[Word]()
        while True:
            self.redirections(command)
            start = self.at
            word = self.word()
            if not word.pieces:
                break
            if "\n" in self.text[start : self.at] and self.pending:
                raise self.unsure("a here-document begins behind these lines", start)
            if len(word.pieces) > 1 and not word.quoted and word.literal in _RESERVED:
                raise self.unsure("a word of the shell's own on two lines", start)
            command.words.append(word)
            if self.bash or (not called and self._assigns(word)):
                continue
            if not called and word.literal in BASH_COMMANDS and word.literal not in self.functions:
                self.only_bash(str(word.literal), word.at)
            self._refuse_braces(word)
            called.append(word)
        if not command.words and not command.redirections:
            raise self.unsure("no command stands here")
        if self.sees("("):
            raise self.unsure("a parenthesis within a command")
        shapes = "\n".join([word.shape for word in called])
        for operator in (operator for operator, found in _TESTS.items() if found.match(shapes)):
            self.only_bash(operator, command.at)

    def _assigns(self, word: Word) -> bool:
        """Whether a word before a command's name is an assignment; to whole variables alone, where it is POSIX's."""
        match = _ASSIGNED.match(word.bare)
        if match and (match[1] or match[2]):
            self.only_bash("[" if match[1] else "+=", word.at)
        return match is not None

    def _refuse_braces(self, word: Word) -> None:
        if _RANGE.search(word.bare.replace(HOLE, "1")) or _LIST.search(word.bare, 0, word.bare.rfind("}")):
            self.only_bash("{…}", word.at)
