"""Reading commands: where one begins and ends, and what is piped into what."""

import re
from collections.abc import Sequence

from catalog.domain.shell.tree import Command, Notes, Pipeline, Refusal, Word
from catalog.domain.shell.words import LineReader

LONGEST_PIPELINE = 100
_KEYWORD = re.compile(r"(?:\{|\}|!|\[\[|[a-z]+)(?=[\s;&|()<>]|\\\n|\Z)")
_TIMED = re.compile(r"time(?:[ \t]+-p)?[ \t]+(?=\(|(?:\{|!|\[\[|if|while|until|for|case)\s)")
_FUNCTION = re.compile(r"([A-Za-z_][\w-]*)[ \t]*\([ \t]*\)")
_CLAUSES = {
    "if": (("then",), ("elif", "else", "fi")),
    "elif": (("then",), ("elif", "else", "fi")),
    "else": (("fi",),),
    "while": (("do",), ("done",)),
    "until": (("do",), ("done",)),
    "{": (("}",),),
    "do": (("done",),),
}
"""What closes each part of a compound command, behind the word that opens it."""
_RESERVED = frozenset(
    {*_CLAUSES, "}", "then", "fi", "done", "esac", "in", "for", "select", "case", "function", "coproc"}
)


def read_shell(text: str, offsets: Sequence[int], notes: Notes, *, bash: bool, depth: int = 0) -> list[Pipeline]:
    """The commands of a shell text in which every placeholder is a `HOLE`. Raises `Refusal`."""
    return _Reader(text, offsets, notes, bash=bash, depth=depth).program()


class _Reader(LineReader):
    def program(self, closing: tuple[str, ...] = ()) -> list[Pipeline]:
        return self._program(closing)[0]

    def _program(self, closing: tuple[str, ...]) -> tuple[list[Pipeline], str]:
        """The commands up to and with a closing token, and which one it was."""
        start, outer, self.pending, program = self.at, self.pending, [], list[Pipeline]()
        while True:
            self.blanks()
            if closer := self._closer(closing):
                break
            if self.at >= self.end:
                if closing:
                    raise self.unsure(f"the text ends and {' or '.join(closing)} is missing")
                break
            if self.sees("\n"):
                self.newline()
            elif self.sees("&&") or self.sees("||"):
                self.at += 2
            elif self.sees(";") or (self.sees("&") and not self.sees("&>")):
                self.at += 1
            else:
                program.append(self._pipeline())
        if closing != ("}",) and closer in {"", ")"}:
            self.nothing_pending()
        if outer and "\n" in self.text[start : self.at]:
            raise self.unsure("a here-document begins behind these lines", start)
        self.pending = outer + self.pending
        return program, closer

    def _closer(self, closing: tuple[str, ...]) -> str:
        if ")" in closing and self.sees(")"):
            self.at += 1
            return ")"
        if ";;" in closing and (end := next(filter(self.sees, (";;&", ";;", ";&")), "")):
            if end != ";;":
                self.only_bash(end)
            self.at += len(end)
            return ";;"
        return self._take(*closing)

    def _take(self, *wanted: str) -> str:
        match = _KEYWORD.match(self.text, self.at)
        if not match or match[0] not in wanted:
            return ""
        self.at = match.end()
        return match[0]

    def _pipeline(self) -> Pipeline:
        commands: Pipeline = []
        while True:
            while self._take("!"):
                self.blanks()
            if timed := _TIMED.match(self.text, self.at):
                self.at = timed.end()
                self.blanks()
            self.deeper()
            commands.append(self._command())
            self.depth -= 1
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
        start, keyword = self.at, self._take(*_RESERVED, "[[")
        command = Command("group", self.where(start))
        if keyword in {"if", "while", "until", "{"}:
            self._clauses(command, keyword)
        elif keyword in {"for", "select"}:
            self._loop(command, keyword)
        elif keyword == "case":
            self._case(command)
        elif keyword == "[[":
            self.only_bash("[[", start)
            self._test(command)
        elif keyword == "function" or (not keyword and _FUNCTION.match(self.text, self.at)):
            self._function(command, keyword)
            return command
        elif keyword:
            raise self.unsure(f"'{keyword}' begins nothing here", start)
        elif self.sees("(("):
            self.only_bash("((")
            self.at += 2
            command.kind, command.computed = "arithmetic", self.arithmetic("))")
        elif self.sees("("):
            self.at += 1
            command.programs.append(self._program((")",))[0])
        else:
            return self._simple(command)
        self.redirections(command)
        return command

    def _clauses(self, command: Command, keyword: str) -> None:
        while keyword in _CLAUSES:
            for closing in _CLAUSES[keyword]:
                program, keyword = self._program(closing)
                command.programs.append(program)

    def _loop(self, command: Command, keyword: str) -> None:
        command.kind = "loop"
        if keyword == "select":
            self.only_bash("select")
        self.blanks()
        if self.sees("(("):
            self.only_bash("((")
            self.at += 2
            command.computed = self.arithmetic("))")
        else:
            name = self.word()
            if name.literal is None or not name.literal.isidentifier():
                raise (
                    self.unsure("this is no variable's name")
                    if name.literal is not None
                    else Refusal(name.at, "it would choose the variable", ["choice"])
                )
            command.name = name.literal
            self.lines()
            if self._take("in"):
                while True:
                    self.blanks()
                    word = self.word()
                    if not word.pieces and not word.quoted:
                        break
                    command.words.append(word)
        self.blanks()
        if self.sees(";"):
            self.at += 1
        self.lines()
        opening = self._take("do", "{")
        if not opening:
            raise self.unsure("'do' is missing here")
        if opening == "{":
            self.only_bash("for … {")
        self._clauses(command, opening)

    def _case(self, command: Command) -> None:
        command.kind = "case"
        self.blanks()
        command.words.append(self.word())
        self.lines()
        if not self._take("in"):
            raise self.unsure("'in' is missing here")
        while True:
            self.lines()
            if self._take("esac"):
                return
            if self.sees("("):
                self.at += 1
            while True:
                self.blanks()
                command.words.append(self.word())
                self.blanks()
                closer = self.text[self.at : self.at + 1]
                if closer not in {"|", ")"} or not (command.words[-1].pieces or command.words[-1].quoted):
                    raise self.unsure("this is no pattern of a case")
                self.at += 1
                if closer == ")":
                    break
            program, closer = self._program((";;", "esac"))
            command.programs.append(program)
            if closer == "esac":
                return

    def _test(self, command: Command) -> None:
        """`[[ … ]]`, its operators as words."""
        command.kind = "test"
        while not self._take("]]") and not self.text.startswith("]]", self.at):
            self.lines()
            if match := re.compile(r"&&|\|\||[()<>]|\]\]").match(self.text, self.at):
                if match[0] == "]]":
                    break
                self.at = match.end()
                command.words.append(Word(self.where(match.start()), []))
                continue
            before = command.words[-1].literal if command.words else None
            word = self.word(pattern=before == "=~")
            if not word.pieces and not word.quoted:
                raise self.unsure("this test is never closed")
            command.words.append(word)
        self.at += 2 if self.text.startswith("]]", self.at) else 0

    def _function(self, command: Command, keyword: str) -> None:
        start, match = self.at, None
        if keyword:
            self.only_bash("function", max(0, start - len("function")))
            self.blanks()
            match = re.compile(r"([A-Za-z_][\w-]*)(?:[ \t]*\([ \t]*\))?").match(self.text, self.at)
        else:
            match = _FUNCTION.match(self.text, self.at)
        if not match:
            raise self.unsure("this is no function's name")
        if "-" in match[1]:
            self.only_bash(f"{match[1]}()", match.start())
        self.at = match.end()
        self.lines()
        command.kind, command.name = "function", match[1]
        self.deeper()
        body = self._command()
        self.depth -= 1
        if body.kind in {"simple", "function"}:
            raise self.unsure("a function's body stands in { … }", start)
        command.programs = [[[body]]]

    def _simple(self, command: Command) -> Command:
        command.kind = "simple"
        while True:
            self.redirections(command)
            start = self.at
            word = self.word()
            if not word.pieces and not word.quoted:
                break
            if "\n" in self.text[start : self.at] and self.pending:
                raise self.unsure("a here-document begins behind these lines", start)
            if len(word.pieces) > 1 and not word.quoted and word.literal in _RESERVED:
                raise self.unsure("a word of the shell's own on two lines", start)
            command.words.append(word)
        if not command.words and not command.redirections:
            raise self.unsure("no command stands here")
        if self.sees("("):
            raise self.unsure("a parenthesis within a command")
        return command
