"""Reading commands: where one begins and ends, and what is piped into what."""

import re
from collections.abc import Collection
from contextlib import suppress

from shared.templating.places import Quoting
from shared.templating.syntax import Atom, Command, Kind, Reading, Refusal, Word
from shared.templating.taint import HOLE, UNTAINTED, Taint
from shared.templating.words import WordReader

_KEYWORD = re.compile(r"(?:\{|\}|!|\[\[|[a-z]+)(?=[\s;&|()<>]|\Z)")
_TIMED = re.compile(r"time(?:[ \t]+-p)?[ \t]+(?=\(|(?:\{|!|\[\[|if|while|until|for|case)\s)")
_FUNCTION_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_TEST_OPERATOR = re.compile(r"&&|\|\||[()<>]")
_CLAUSES = {
    "if": (("then",), ("elif", "else", "fi")),
    "elif": (("then",), ("elif", "else", "fi")),
    "else": (("fi",),),
    "while": (("do",), ("done",)),
    "until": (("do",), ("done",)),
    "{": (("}",),),
}
"""What closes each part of a compound command, behind the word that opens it."""
_RESERVED = frozenset(
    {*"{}!", "then", "do", "elif", "else", "fi", "done", "esac", "in", "if", "while", "until"}
    | {"for", "select", "case", "function", "coproc"}
)
_CASE_ENDS = (";;&", ";;", ";&")


def read_shell(text: str, taint: Taint = UNTAINTED, *, whole: bool = False) -> Reading:
    """Read shell text in which every placeholder is a `HOLE`.

    Expansions of what `taint` names become carriers. Raises `Refusal` where the place of a placeholder is not sure.
    Commands behind the last placeholder are read only on request (`whole`): a shell reads from the front, so nothing
    there changes what a placeholder before it means.
    """
    reader = _CommandReader(text, taint)
    reader.whole = whole
    reader.program()
    if reader.pending and HOLE in text:
        raise reader.unsure(reader.pending[0].word.start, "this here-document has no lines")
    return reader.reading


def read_as_far_as_sure(text: str) -> Reading:
    """All that can be read of shell text up to where its reading is not certain."""
    reader = _CommandReader(text, UNTAINTED)
    reader.whole = True
    with suppress(Refusal):
        reader.program()
    return reader.reading


class _CommandReader(WordReader):
    whole = False

    def _note(self, what: str) -> None:
        """What stands at the cursor is bash's."""
        self.reading.only_bash.append((self.at, what))

    def program(self, closing: Collection[str] = ()) -> str:
        """Read commands up to and with one of the closing tokens, and say which."""
        while True:
            self.blanks()
            if closer := self._closer(closing):
                return closer
            if self.at >= self.end and closing:
                raise self.unsure(self.end, f"the text ends and {' or '.join(closing)} is missing")
            if self.at >= self.end or (
                not closing and not self.whole and self.reading.hole_in(self.at, self.end) is None
            ):
                return ""
            self._separator_or_pipeline()

    def subprogram(self) -> None:
        self.program((")",))

    def _closer(self, closing: Collection[str]) -> str:
        if ")" in closing and self.sees(")"):
            self.at += 1
            return ")"
        if ";;" in closing and (end := next(filter(self.sees, _CASE_ENDS), "")):
            if end != ";;":
                self._note(end)
            self.at += len(end)
            return ";;"
        return self._take_keyword(closing)

    def _keyword(self) -> str:
        match = _KEYWORD.match(self.text, self.at, self.end)
        return match[0] if match else ""

    def _take_keyword(self, wanted: Collection[str]) -> str:
        keyword = self._keyword()
        if not keyword or keyword not in wanted:
            return ""
        self.at += len(keyword)
        return keyword

    def _separator_or_pipeline(self) -> None:
        if self.sees("\n"):
            self.newline()
        elif self.sees("&&") or self.sees("||"):
            self.at += 2
        elif (self.sees(";") and not any(map(self.sees, _CASE_ENDS))) or (self.sees("&") and not self.sees("&>")):
            self.at += 1
        else:
            self._pipeline()

    def _pipeline(self) -> None:
        commands: list[Command] = []
        self.reading.pipelines.append(commands)
        while True:
            while self._take_keyword(("!",)):
                self.blanks()
            if timed := _TIMED.match(self.text, self.at, self.end):
                self.at = timed.end()
            commands.append(self._command())
            self.blanks()
            if not self.sees("|") or self.sees("||"):
                return
            if self.sees("|&"):
                self._note("|&")
                self.at += 1
            self.at += 1
            self.lines()

    def _command(self) -> Command:
        command = Command(self.at)
        self.reading.commands.append(command)
        with self.nesting.level(self.at):
            if self._compound():
                self._redirections(command)
            elif self._keyword() == "[[":
                self._note("[[")
                self.at += len("[[")
                self._test(command)
                self._redirections(command)
            else:
                self._simple(command)
        command.end = self.at
        return command

    def _compound(self) -> bool:
        """Read a compound command or a function, if one begins here."""
        if self._keyword() in {"select", "function"}:
            self._note(self._keyword())
        keyword = self._take_keyword(("if", "while", "until", "{", "for", "select", "case", "function"))
        if keyword in _CLAUSES:
            self._clauses(keyword)
        elif keyword in {"for", "select"}:
            self._loop()
        elif keyword == "case":
            self._case()
        elif keyword == "function":
            self.blanks()
            self._function(self.word())
        elif self.sees("(("):
            self._computed()
        elif self.sees("("):
            self.at += 1
            self.subprogram()
        else:
            return False
        return True

    def _computed(self, more: str = "") -> None:
        start = self.at
        self.arithmetic(more)
        self.reading.only_bash.append((start, "(("))

    def _clauses(self, keyword: str) -> None:
        while keyword in _CLAUSES:
            for closing in _CLAUSES[keyword]:
                keyword = self.program(closing)

    def _loop(self) -> None:
        self.blanks()
        if self.sees("(("):
            self._computed(more=";")
        else:
            self._loop_words()
        self.lines()
        if self.sees(";"):
            self.at += 1
            self.lines()
        if self._keyword() == "{":
            self._note("for … {")
        if not (opener := self._take_keyword(("do", "{"))):
            raise self.unsure(self.at, "a loop without do")
        self.program(("done",) if opener == "do" else ("}",))

    def _loop_words(self) -> None:
        name = self.word()
        if not (name.literal or "").isidentifier():
            raise Refusal(name.start, "a loop's variable must be a plain name")
        self.lines()
        if not self._take_keyword(("in",)):
            self.reading.positionals.append(name.start)
            self.reading.bound.append((name.literal or "", range(name.start, name.end)))
            return
        self.blanks()
        while self.at < self.end and self.char() not in {"\n", ";"}:
            word = self.word()
            self.reading.loop_words.append(word)
            self.reading.bound.append((name.literal or "", range(word.start, word.end)))
            self.blanks()
            if word.end == self.at and self.char() in {"&", "|", "(", ")", "<", ">"}:
                raise self.unsure(self.at, "the words of a loop")

    def _case(self) -> None:
        self.blanks()
        self.word()
        self.lines()
        if not self._take_keyword(("in",)):
            raise self.unsure(self.at, "a case without in")
        while True:
            self.lines()
            if self._take_keyword(("esac",)):
                return
            self._patterns()
            if self.program((";;", "esac")) == "esac":
                return

    def _patterns(self) -> None:
        self.at += 1 if self.sees("(") else 0
        while True:
            self.blanks()
            self.word()
            self.blanks()
            if self.sees(")"):
                self.at += 1
                return
            if not self.sees("|"):
                raise self.unsure(self.at, "a pattern of this case")
            self.at += 1

    def _function(self, name: Word) -> None:
        if name.literal is None:
            raise self.unsure(name.start, "a function's name")
        self.blanks()
        if self.sees("("):
            self.at += 1
            self.blanks()
            if not self.sees(")"):
                raise self.unsure(self.at, "a parenthesis behind a word")
            self.at += 1
        self.lines()
        if not _FUNCTION_NAME.fullmatch(name.literal):
            self.reading.only_bash.append((name.start, f"{name.literal}()"))
        body = self._command()
        self.reading.functions.append((name.literal, range(body.start, body.end)))

    def _simple(self, command: Command) -> None:
        while True:
            self.blanks()
            c = self.char()
            if redirection := self.redirection():
                command.redirections.append(redirection)
            elif c == "(" and len(command.words) == 1 and not command.redirections:
                self._function(command.words.pop())
                return
            elif not c or c in "\n;&|)":
                break
            elif command.redirections and command.redirections[-1].operator.startswith("&"):
                raise self.unsure(self.at, "sh begins a new command at &>, write > FILE 2>&1")
            else:
                command.words.append(self.word())
        if not command.words and not command.redirections:
            raise self.unsure(self.at, f"{c or 'the end of the text'!r} where a command is expected")
        if command.words and command.words[0].literal in _RESERVED:
            raise self.unsure(command.start, f"{command.words[0].literal!r} where a command is expected")

    def _redirections(self, command: Command) -> None:
        self.blanks()
        while redirection := self.redirection():
            command.redirections.append(redirection)
            self.blanks()

    def _test(self, command: Command) -> None:
        opening = self._text_word(command.start, self.at)
        command.words.append(opening)
        while True:
            self.lines()
            if self.at >= self.end:
                raise self.unsure(command.start, "this [[ is never closed")
            if self.sees("]]") and (self.at + 2 >= self.end or self.char(2) in " \t\n;&|)"):
                self.at += 2
                return
            if operator := _TEST_OPERATOR.match(self.text, self.at, self.end):
                self.at = operator.end()
                command.words.append(self._text_word(operator.start(), operator.end()))
            else:
                command.words.append(self.word(in_test=True))

    def _text_word(self, start: int, end: int) -> Word:
        atoms = (Atom(Kind.TEXT, self.text[i], i, i + 1, Quoting.BARE) for i in range(start, end))
        return Word(tuple(atoms), start, end, quoted=False)
