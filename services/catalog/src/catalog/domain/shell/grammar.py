"""Reading commands: where one begins and ends, what is piped into what, and where from and to."""

import re
from collections.abc import Collection, Mapping, Sequence

from catalog.domain.shell.dialect import DialectReader
from catalog.domain.shell.tokens import (
    CLAUSES,
    CLOSERS,
    COMPOUND,
    FUNCTION,
    FUNCTION_NAME,
    IN_TEST,
    LEADS_AWAY,
    LONGEST_PIPELINE,
    OPENS,
    REDIRECTION,
    RESERVED,
    TIMED,
    TOKEN,
)
from catalog.domain.shell.tree import Command, Pipeline, Place, Redirection, Refusal, Word


def read_shell(
    text: str, offsets: Sequence[int], places: Mapping[int, Place], *, bash: bool, depth: int = 0
) -> list[Pipeline]:
    """The commands of a shell text in which every placeholder is a `HOLE`.

    Raises `Refusal`, which is a `BashWord` for what text for another shell cannot do as it is meant.
    """
    return _ShellReader(text, offsets, places, bash, depth).program()


class _ShellReader(DialectReader):
    def redirections(self, command: Command) -> None:
        """The redirections at the cursor."""
        self.blanks()
        while match := REDIRECTION.match(self.text, self.at):
            if match[1].startswith("{"):
                self.only_bash("{…}>")
            if match[2] in {"&>", "&>>", "<<<"}:
                self.only_bash(match[2])
            self.at = match.end()
            self.blanks()
            is_here = match[2] in {"<<", "<<-"}
            redirection = Redirection(match[2], self.in_doubt(self.word) if is_here else self.word())
            if not redirection.word.pieces:
                leads = self.broken if self.text[self.at : self.at + 1] in {"", "\n", ")"} else self.unsure
                raise leads("this leads nowhere: name a file behind it", self.where(match.start()))
            if is_here:
                if redirection.word.literal is None:
                    raise self.unsure("the end of this here-document is not known", self.where(match.start()))
                self.pending = [*self.pending, redirection]
            elif match[2] == ">&" and not re.fullmatch(r"\d+|-", redirection.word.literal or "1"):
                self.only_bash(">&", self.where(match.start()))
            command.redirections.append(redirection)
            self.blanks()

    def take(self, wanted: Collection[str]) -> str:
        """The token of the shell's own at the cursor, which is behind it then, where it is one of these."""
        match = TOKEN.match(self.text, self.at)
        if not match or match[0] not in wanted:
            return ""
        self.at = match.end()
        return match[0]

    def _stands_behind(self, signs: str | tuple[str, ...], at: int) -> bool:
        return self.text[:at].rstrip().endswith(signs)

    # --- commands

    def program(self, closing: Sequence[str] = (), opened: int = 0) -> list[Pipeline]:
        start, outer, self.pending, program = self.at, self.pending, (), list[Pipeline]()
        self.blanks()
        while not (closer := self.take(closing)) and (closing or self.at < len(self.text)):
            if self.at >= len(self.text):
                raise self.unclosed(closing[-1], opened)
            if self.sees("\n"):
                self.newline()
            elif self.sees("&&") or self.sees("||"):
                self.at += 2
            elif self.sees(";") or (self.sees("&") and not self.sees("&>")):
                self.at += 1
            else:
                begins = self.at
                program.append(self._pipeline())
                if not (closing or self._stands_behind(("&&", "||"), begins)):
                    self.is_read = self.is_read and not _leads_away(program[-1])
            self.blanks()
        if self.pending and closer in {"", ")"}:
            why = "this here-document has no lines: its text is to follow"
            raise Refusal(self.pending[0].word.at, why)
        if outer and "\n" in self.text[start : self.at]:
            raise self.unsure("a here-document begins behind these lines", self.where(start))
        self.pending, self.closer = [*outer, *self.pending], closer
        return program

    def _pipeline(self) -> Pipeline:
        commands: Pipeline = []
        while True:
            while self.take(["!"]):
                self.blanks()
            if timed := TIMED.match(self.text, self.at):
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
        match self.take(OPENS):
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
            case "" if FUNCTION.match(self.text, start):
                return self._function(command)
            case "" if self.sees("(("):
                self._computed(command)
            case "" if self.sees("("):
                self.at += 1
                command.programs.append(self.program([")"], command.at))
            case "":
                self._simple(command)
            case keyword:
                is_sure = keyword in CLOSERS and not self._stands_behind("!", start)
                why = f"'{keyword}' begins nothing here: what it belongs to is missing"
                raise (self.broken if is_sure else self.unsure)(why, command.at)
        self.redirections(command)
        return command

    def _computed(self, command: Command) -> None:
        self.only_bash("((")
        self.at += 2
        command.computed = self.until("))", "arithmetic", "inert")

    def _clauses(self, command: Command, keyword: str) -> None:
        while keyword in CLAUSES:
            for closing in CLAUSES[keyword]:
                command.programs.append(self.program(closing, command.at))
            keyword = self.closer

    def _loop(self, command: Command, keyword: str) -> None:
        command.kind = "loop"
        if keyword == "select":
            self.only_bash("select")
        self.blanks()
        if self.sees("(("):
            self._computed(command)
        else:
            is_listed, name = False, self.word()
            if not (name.literal or "").isidentifier():
                why = "it would choose the variable: write its name"
                raise self.unsure("this is no variable's name") if name.literal else Refusal(name.at, why, ["choice"])
            command.name = str(name.literal)
            self.lines()
            if is_listed := bool(self.take(["in"])):
                self._words(command)
        self.blanks()
        self.at += self.sees(";")
        self.lines()
        opening = self.take(["do", "{"])
        if not opening:
            is_sure = is_listed or self.at >= len(self.text)
            raise (self.broken if is_sure else self.unsure)("'do' is missing here", self.where(self.at))
        if opening == "{":
            self.only_bash("for … {")
        self._clauses(command, opening)

    def _words(self, command: Command) -> None:
        """The words up to the next operator."""
        self.blanks()
        while (word := self.word()).pieces:
            command.words.append(word)
            self.refuse_braces(word)
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
            if self.at >= len(self.text):
                raise self.unclosed("esac", command.at)
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
            command.programs.append(self.program([";;", ";&", ";;&", "esac"], command.at))
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
            if operator := IN_TEST.match(self.text, self.at):
                self.at = operator.end()
                command.words.append(Word(self.where(operator.start())))
            elif (word := self.word()).pieces:
                command.words.append(word)
            elif self.at >= len(self.text):
                raise self.unclosed("]]", command.at)
            else:
                raise self.unsure("this is no part of a test")
            self.lines()

    def _function(self, command: Command) -> Command:
        match = FUNCTION_NAME.match(self.text, self.at)
        if not match:
            raise self.unsure("this is no function's name")
        if "-" in match[1]:
            self.only_bash(f"{match[1]}()", self.where(match.start(1)))
        self.at = match.end()
        self.lines()
        command.kind, command.name = "function", match[1]
        self.functions.add(match[1])
        if not COMPOUND.match(self.text, self.at):
            raise self.unsure("a function's body stands in { … }")
        command.programs = [[[self.deeper(self._command)]]]
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
                raise self.unsure("a here-document begins behind these lines", self.where(start))
            if len(word.pieces) > 1 and not word.quoted and word.literal in RESERVED:
                raise self.unsure("a word of the shell's own on two lines", self.where(start))
            self.doubt_reserved(word, command.words, called)
            command.words.append(word)
            if not called:
                if self.assigns(word):
                    continue
                self.refuse_command(word)
            self.refuse_braces(word)
            called.append(word)
        if not command.words and not command.redirections:
            sign = self.text[self.at : self.at + 1]
            # Some shells take what is negated, or stands beside a semicolon, for an empty command, or know `&|`.
            is_sure = sign in {"", ")", "|"} and not self._stands_behind(("!", ";", "&"), self.at)
            before = f" before {sign}; write \\{sign} for one that is meant" if sign else ""
            raise (self.broken if is_sure else self.unsure)(f"a command is missing here{before}", command.at)
        if self.sees("("):
            raise self.unsure("a parenthesis within a command")
        self.refuse_tests(called, command.at)


def _leads_away(pipeline: Pipeline) -> bool:
    """Whether what follows may never be read, or in another way."""
    return len(pipeline) == 1 and any(word.literal in LEADS_AWAY for word in pipeline[0].words[:1])
