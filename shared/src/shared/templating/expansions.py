"""Reading what quotes and dollar signs begin: strings, `${…}`, `$(…)`, `$((…))`, backquotes.

Everything that POSIX shells and bash would read differently is refused rather than guessed.
"""

import re

from shared.templating.places import Quoting
from shared.templating.syntax import Atom, Kind, Nesting, Reading, Redirection, Refusal
from shared.templating.taint import HOLE, UNTAINTED, Taint

VARIABLE_FIRST = 'put the value in a variable first, on a line before: v={{ x }}, then use "$v"'
PLAINLY = "write this part in a plainer way, or keep it in a script file that gets the value: sh FILE {{ x }}"
_PARAMETER = re.compile(r"\$\{(?:[#!]?(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*])|[#?$!-])(?:\[[\w@*+ -]*\])?")
_SIMPLE_PARAMETER = re.compile(r"\$(?:[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-])")
_POSITIONAL = re.compile(r"\$\{?[!#]?[0-9@*]")
_ASSIGNING = re.compile(r"\$\{([A-Za-z_]\w*):?=")
_COMPUTED = re.compile(r"\$\{(?:!|#?\w+\[|\w+:(?![-=+?])|[^:}]*@P)")
_BASH_EXPANSION = re.compile(r"\$\{(?:!\w|#?\w+\[|[\w@*]+(?::(?![-=+?])|[/^,]|@[A-Za-z]\}))")
_DEFAULT = re.compile(r":?[-+]")
_ARITHMETIC = re.compile(r"[\w\s+\-*/%<>=!&|^~?:,.@\[\]]|(?<=[0-9])#")
_OPERATORS = "$(){}<>&|;#"


class ExpansionReader:
    """A cursor over shell text (`at`, up to `end`) that notes the quoting of every hole it passes.

    The grammar of commands, which `$(…)` needs, is a subclass's.
    """

    def __init__(self, text: str, taint: Taint = UNTAINTED) -> None:
        self.text = text
        self.at = 0
        self.end = len(text)
        self.reading = Reading(text, taint=taint)
        self.pending: list[Redirection] = []
        self.delimiters: tuple[str, ...] = ()
        self.nesting = Nesting()

    def subprogram(self) -> None:
        """Read commands up to and with the closing parenthesis."""
        raise NotImplementedError

    def sees(self, text: str) -> bool:
        """Whether the text stands at the cursor."""
        return self.text.startswith(text, self.at, self.end)

    def char(self, ahead: int = 0) -> str:
        """The character at (or ahead of) the cursor, empty at the end."""
        position = self.at + ahead
        return self.text[position] if position < self.end else ""

    def unsure(self, offset: int, what: str) -> Refusal:
        """A refusal for text whose reading is not certain."""
        return Refusal(offset, f"cannot tell for sure how a shell reads this: {what}; {PLAINLY}")

    def forbid_holes(self, start: int, end: int, why: str) -> None:
        """Refuse a placeholder in a stretch of text that has been read."""
        hole = self.reading.hole_in(start, end)
        if hole is not None:
            raise Refusal(hole, why)

    def hole(self, quoting: Quoting) -> Atom:
        """The placeholder at the cursor."""
        self.reading.quotings[self.at] = quoting
        self.reading.delimiters[self.at] = self.delimiters
        self.at += 1
        return Atom(Kind.HOLE, HOLE, self.at - 1, self.at, quoting)

    def plain(self, quoting: Quoting) -> Atom:
        """The character at the cursor, as text."""
        self.at += 1
        return Atom(Kind.TEXT, self.text[self.at - 1], self.at - 1, self.at, quoting)

    def expansion(self, start: int, quoting: Quoting) -> Atom:
        """All from a position to the cursor, as one expansion."""
        text, reading = self.text[start : self.at], self.reading
        if _POSITIONAL.match(text):
            reading.positionals.append(start)
        if reading.taint.is_count(text):
            reading.counts.append(range(start, self.at))
        if not reading.taint.active or not reading.taint.mentioned_in(source := reading.source(start, self.at)):
            return Atom(Kind.EXPANSION, text, start, self.at, quoting)
        splits = quoting is Quoting.BARE and (
            not text.startswith("${")
            or any(position > start for position in reading.carriers)
            or bool(reading.taint.mentioned_in("".join(s for s, t in zip(source, text, strict=True) if t != HOLE)))
        )  # a placeholder that is the default in `${y:-{{ x }}}` becomes a reference in quotes of its own
        reading.carriers.append(start)
        return Atom(Kind.CARRIER, text, start, self.at, quoting, splits)

    def continuation(self) -> None:
        """Step over a backslash at the end of a line, which joins it with the next."""
        before, after = self.text[self.at - 1 : self.at], self.char(2)
        if before == "$" or (before in _OPERATORS and after in _OPERATORS and before and after):
            raise self.unsure(self.at, "a line is continued in the middle of an operator")
        self.at += 2

    def escape(self, quoting: Quoting, escapable: str) -> list[Atom]:
        """A backslash: removed before an escapable character (any, if none is listed), else itself."""
        following = self.char(1)
        if following == "\n":
            self.continuation()
            return []
        if following == HOLE:
            message = "a backslash stands directly before it; \\\\{{ x }} is a backslash and the value"
            raise Refusal(self.at + 1, message)
        if not following:
            raise self.unsure(self.at, "a backslash at the very end")
        if escapable and following not in escapable:
            return [self.plain(quoting)]
        self.at += 2
        bare = quoting is Quoting.BARE
        return [Atom(Kind.TEXT, following, self.at - 2, self.at, Quoting.ESCAPED if bare else quoting)]

    def single(self) -> list[Atom]:
        """A string in single quotes."""
        opening = self.at
        self.at += 1
        atoms = []
        while not self.sees("'"):
            if self.at >= self.end:
                raise self.unsure(opening, "this single quote is never closed")
            atoms.append(self.hole(Quoting.SINGLE) if self.sees(HOLE) else self.plain(Quoting.SINGLE))
        self.at += 1
        self._whole_before_here_document(opening)
        return atoms

    def double(self) -> list[Atom]:
        """A string in double quotes."""
        opening = self.at
        self.at += 1
        atoms: list[Atom] = []
        while not self.sees('"'):
            if self.at >= self.end:
                raise self.unsure(opening, "this double quote is never closed")
            atoms += self.piece(Quoting.DOUBLE, '$`"\\')
        self.at += 1
        self._whole_before_here_document(opening)
        return atoms

    def _whole_before_here_document(self, opening: int) -> None:
        if self.pending and "\n" in self.text[opening : self.at]:
            raise self.unsure(opening, "a string of several lines on the line that asks for a here-document")

    def piece(self, quoting: Quoting, escapable: str = "") -> list[Atom]:
        """The next part of text in which only backslash, dollar and backquote are special."""
        match self.char():
            case "\0":
                return [self.hole(quoting)]
            case "\\":
                return self.escape(quoting, escapable)
            case "$":
                return self.dollar(quoting)
            case "`":
                return [self.backquote(quoting)]
            case _:
                return [self.plain(quoting)]

    def dollar(self, quoting: Quoting) -> list[Atom]:
        """What a dollar sign begins."""
        start, following = self.at, self.char(1)
        if following == HOLE:
            raise Refusal(start, "a dollar sign stands directly before it: write {{ x }} alone, or \\${{ x }}")
        if following == "[" or self.text.startswith("\\\n", start + 1):
            raise self.unsure(start, "an unfinished $ expansion")
        if following in {"'", '"'} and following and quoting is Quoting.BARE:
            return self._dollar_string(start, following)
        if following in {"{", "("} and following:
            with self.nesting.level(start):
                self.braces(quoting) if following == "{" else self._parenthesis()
        elif name := _SIMPLE_PARAMETER.match(self.text, start, self.end):
            self.at = name.end()
        else:
            return [self.plain(quoting)]
        return [self.expansion(start, quoting)]

    def _dollar_string(self, start: int, quote: str) -> list[Atom]:
        """`$'…'` and `$"…"`: bash reads more into them than others do."""
        self.at += 1
        self.reading.only_bash.append((start, f"${quote}"))
        atoms = self.single() if quote == "'" else self.double()
        self.forbid_holes(start, self.at, f"it stands in a ${quote}…{quote} string: leave out the dollar sign")
        content = self.text[start + 2 : self.at - 1]
        if quote == "'" and (len(content) - len(content.rstrip("\\"))) % 2:
            raise self.unsure(start, "an escaped quote in a $'…' string")
        return [Atom(Kind.EXPANSION, a.text, a.start, a.end, a.quoting) for a in atoms]

    def _parenthesis(self) -> None:
        start = self.at
        if self.text.startswith("$((", start):
            self.at += 1
            self.arithmetic()
            return
        self.substitution()

    def substitution(self) -> Atom:
        """`$(…)`, or bash's `<(…)` and `>(…)`."""
        start = self.at
        outside, self.pending = self.pending, []
        self.at += 2
        self.subprogram()
        if self.pending or (outside and "\n" in self.text[start : self.at]):
            raise self.unsure(start, "a here-document crosses the edge of this substitution")
        self.pending = outside
        return self.expansion(start, Quoting.BARE)

    def arithmetic(self, more: str = "") -> None:
        """Step over `((…))`, from its first parenthesis; `more` are characters allowed besides."""
        start, depth = self.at, 0
        while True:
            c = self.char()
            if c == "$":
                self.dollar(Quoting.DOUBLE)
                continue
            if c in {"(", ")"}:
                depth += 1 if c == "(" else -1
            elif c != HOLE and (not c or (c not in more and not _ARITHMETIC.match(self.text, self.at))):
                raise self.unsure(start, "arithmetic, or two subshells (then write '( (' with a space)")
            self.at += 1
            if depth == 0:
                break
            if depth == 1 and c == ")" and not self.sees(")"):
                raise self.unsure(start, "arithmetic, or two subshells (then write '( (' with a space)")
        self.reading.computed.append(range(start, self.at))
        self.forbid_holes(
            start,
            self.at,
            "bash runs commands that it finds in a value while it computes: "
            "let expr do it, $(expr {{ x }} + 1), and keep the value out of $((…)) and ((…))",
        )

    def braces(self, quoting: Quoting) -> None:
        """`${…}`: a value may stand after `-` or `+`, nowhere else in it."""
        start = self.at
        parameter = _PARAMETER.match(self.text, start, self.end)
        if not parameter:
            raise self.unsure(start, "not a ${…} expansion of POSIX shells or bash")
        self.at = parameter.end()
        default = _DEFAULT.match(self.text, self.at, self.end)
        self.at = default.end() if default else self.at
        while not self.sees("}"):
            if self.at >= self.end:
                raise self.unsure(start, "this ${ is never closed")
            self._in_braces(quoting)
        self.at += 1
        if not default:
            self.forbid_holes(start, self.at, f"it stands in a ${{…}} expansion: {VARIABLE_FIRST}")
        if _COMPUTED.match(self.text, start, self.at):
            self.reading.computed.append(range(start, self.at))
        if _BASH_EXPANSION.match(self.text, start, self.at):
            self.reading.only_bash.append((start, "${"))
        if assigning := _ASSIGNING.match(self.text, start, self.at):
            self.reading.bound.append((assigning[1], range(assigning.end(), self.at)))

    def _in_braces(self, quoting: Quoting) -> None:
        c, start = self.char(), self.at
        if c == HOLE and quoting not in {Quoting.BARE, Quoting.DOUBLE}:
            raise Refusal(start, f"it stands in a ${{…}} inside another or in a here-document: {VARIABLE_FIRST}")
        if quoting is Quoting.BARE:
            if c in {"<", ">"} and self.char(1) == "(":
                raise self.unsure(start, "a process substitution in a ${…} expansion")
            self.bare()
        elif c == '"' and quoting is not Quoting.HERE_DOCUMENT:
            self.double()
            self.forbid_holes(start, self.at, f"these quotes stand in a ${{…}} in quotes: {VARIABLE_FIRST}")
        elif c in {'"', "'"}:
            raise self.unsure(start, "quotes in a ${…} expansion that is itself quoted")
        else:
            self.piece(Quoting.BRACED if quoting is Quoting.DOUBLE else quoting, '$`"\\}')

    def bare(self) -> list[Atom]:
        """The next part of an unquoted word."""
        match self.char():
            case "'":
                return self.single()
            case '"':
                return self.double()
            case _:
                return self.piece(Quoting.BARE)

    def backquote(self, quoting: Quoting) -> Atom:
        """A command between backquotes, read over as a whole."""
        start = self.at
        self.at += 1
        while not self.sees("`"):
            if self.at >= self.end:
                raise self.unsure(start, "this backquote is never closed")
            self.at += 2 if self.sees("\\") else 1
        self.at += 1
        self.forbid_holes(start, self.at, "it stands between backquotes: write $(…) instead")
        self._whole_before_here_document(start)
        self.reading.backquotes.append(range(start + 1, self.at - 1))
        return self.expansion(start, quoting)
