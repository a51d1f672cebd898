"""Reading words: their quotes, what dollar signs and backquotes begin, and what stands between them.

Whatever POSIX shells and bash would read differently is refused rather than guessed.
"""

import re
from collections.abc import Sequence

from catalog.domain.shell.cursor import Cursor
from catalog.domain.shell.tree import HOLE, UNKNOWN, Expansion, Piece, Pipeline, Redirection, Refusal, Word
from shared.contracts.compiled_action import Quoting

_RUNS = {
    "bare": re.compile(r"[^ \t\n;&|()<>\\'\"$`\0]+"),
    "single": re.compile(r"[^'\0]+"),
    "double": re.compile(r"[^\"\\$`\0]+|\\"),
    "here_document": re.compile(r"[^\\$`\0]+|\\"),
    "quoted_here_document": re.compile(r"[^\0]+"),
    "comment": re.compile(r"[^\n\0]+"),
    "braces": re.compile(r"[^}\\'\"$`\0]+|\\|'[^'{}\\\"$`\0]*'"),
    "arithmetic": re.compile(r"[\w\s+\-*/%<>=!&|^~?:,.@#\"\[;]+|\]"),
}
"""What is text, by what it stands in."""
_ESCAPABLE = {"double": '$`"\\', "here_document": "$`\\", "braces": "}$`\"'\\/"}
_UNSURE = {
    r"\$\[": "write $((…)) to compute",
    r"\$\\\n|(?<=\$)\\\n": "a dollar sign, and the line goes on",
    r"\\\Z": "a backslash with nothing behind it",
    r"\\\0": "a backslash before it",
}
"""What begins with a dollar sign or a backslash and means different things to shells."""
_ANY_UNSURE = re.compile("|".join(f"({pattern})" for pattern in _UNSURE))
_SPLIT_OPERATOR = re.compile(r"(?<=[^ \t\n])\\\n[&|;<>()]")
_ARRAY = re.compile(r"[A-Za-z_]\w*(?:\[[^\]\0$`]*\])?\+?=")
_VARIABLE = re.compile(r"\$([A-Za-z_]\w*|[0-9@*#?$!-])")
_BRACED = re.compile(r"\$\{([#!](?=[A-Za-z_0-9@*]))?([A-Za-z_]\w*|[0-9]+|[@*#?$!-])")
_POSIX_OPERATION = re.compile(r":?[-+=?]|##?|%%?|\}")
_ANSI_QUOTED = re.compile(r"\$'((?:\\.|[^'\\])*)'", re.DOTALL)
_BACKQUOTED = re.compile(r"`((?>\\[\\$`]|[^`])*+)`")
_KEPT = re.compile(r"\\[\\$`]|[^`]")


class WordReader(Cursor):
    """Reads words, and what stands between them: blanks, comments, the lines of here-documents."""

    def program(self, closing: Sequence[str] = (), opened: int = 0) -> list[Pipeline]:
        """Read commands up to and with a closing token; what it closes was opened at this place in the template."""
        raise NotImplementedError

    # --- words

    def word(self) -> Word:
        """The word at the cursor, without pieces where none begins."""
        start, word = self.at, Word(self.where(self.at))
        while self.at < len(self.text):
            character = self.text[self.at]
            if character in "<>" and self.text.startswith("(", self.at + 1):
                self.only_bash(f"{character}(")
                word.pieces.append(self._commands("bare", f"{character}("))
            elif character == "(" and _ARRAY.fullmatch(self.text, start, self.at):
                word.pieces.append(self._array())
            elif character in " \t\n;&|()<>":
                break
            else:
                word.pieces += self.piece("bare", "bare")
        return word

    def piece(self, kind: str, quoting: Quoting) -> list[Piece]:  # noqa: PLR0911 - one for each thing that can begin
        """What begins at the cursor, in a kind of text; nothing where a line only goes on."""
        start, character = self.at, self.text[self.at]
        if character == HOLE:
            return [self.hole(quoting)]
        if kind not in {"single", "quoted_here_document", "comment"}:
            match character:
                case "$":
                    return self._dollar(quoting)
                case "`":
                    return [self._backquoted(quoting)]
                case "\\" if kind != "arithmetic":
                    return self._backslash(kind, quoting)
                case "(" if kind == "arithmetic":
                    self.at += 1
                    return self.deeper(lambda: self.until(")", kind, quoting))
                case '"' if kind in {"bare", "braces"}:
                    self.at += 1
                    return self.until('"', "double", "double" if kind == "bare" else quoting)
                case "'" if kind == "bare":
                    self.at += 1
                    return self.until("'", "single", "single")
        match = _RUNS[kind].match(self.text, start)
        if not match:
            raise self.unsure("arithmetic, or a command in two parentheses" if kind == "arithmetic" else "quotes here")
        self.at = match.end()
        return [Piece(self.where(start), quoting, match[0])]

    def until(self, closing: str, kind: str, quoting: Quoting) -> list[Piece]:
        """The pieces up to what closes them, from behind what opens them; an empty one where there are none."""
        start, pieces = self.at, list[Piece]()
        while not self.sees(closing):
            if self.at >= len(self.text):
                raise self.unclosed(closing, self.where(max(0, start - 1)))
            pieces += self.in_doubt(self.piece, kind, quoting) if kind == "arithmetic" else self.piece(kind, quoting)
        self.at += len(closing)
        return pieces or [Piece(self.where(start), quoting, "")]

    def _refuse_unsure(self) -> None:
        if match := _ANY_UNSURE.match(self.text, self.at):
            raise self.unsure([*_UNSURE.values()][(match.lastindex or 1) - 1])

    def _backslash(self, kind: str, quoting: Quoting) -> list[Piece]:
        self._refuse_unsure()
        if self.sees("\\\n"):
            self.continued_line(within_quotes=kind != "bare")
            return []
        behind = self.text[self.at + 1]
        is_escape = kind == "bare" or behind in _ESCAPABLE[kind]
        at = self.where(self.at + is_escape)
        self.at += 1 + is_escape
        return [Piece(at, "escaped" if kind == "bare" else quoting, behind if is_escape else "\\")]

    def continued_line(self, *, within_quotes: bool = False) -> None:
        """Skip the end of a line that goes on, which it does for sure but within an operator."""
        if not within_quotes and _SPLIT_OPERATOR.match(self.text, self.at):
            raise self.unsure("an operator on two lines")
        self.at += 2

    # --- expansions

    def _dollar(self, quoting: Quoting) -> list[Piece]:
        self._refuse_unsure()
        start, behind = self.at, self.text[self.at + 1 : self.at + 2]
        if match := _VARIABLE.match(self.text, start):
            self.at = match.end()
            found = Expansion("variable", match[1])
        elif self.sees("$(("):
            self.at += 3
            found = Expansion("arithmetic", computed=self.until("))", "arithmetic", "inert"))
        elif behind == "(":
            return [self._commands(quoting, "$(")]
        elif behind == "{":
            found = self._braced(start)
        elif behind == HOLE:
            why = "a dollar sign right before it: write \\${{ x }} for one and the value"
            raise Refusal(self.where(start + 1), why)
        elif quoting != "bare" or behind not in {'"', "'"}:
            self.at += 1
            return [Piece(self.where(start), quoting, "$")]
        elif behind == '"':
            self.only_bash('$"')
            self.at += 1
            return self.piece("bare", "bare")
        else:
            found = self._ansi_quoted()
        return [Piece(self.where(start), quoting, UNKNOWN, found)]

    def _ansi_quoted(self) -> Expansion:
        match = _ANSI_QUOTED.match(self.text, self.at)
        if not match:
            raise self.unsure("this quote is never closed")
        if HOLE in match[0]:
            why = "bash reads backslashes of a value between $' and ': leave out the dollar sign"
            raise Refusal(self.where(self.at + match[0].index(HOLE)), why)
        self.only_bash("$'")
        self.at = match.end()
        return Expansion("text", pieces=[Piece(self.where(match.start(1)), "single", match[1])])

    def _braced(self, start: int) -> Expansion:
        """`${…}`. What stands in it has to be inert: shells differ in what quotes mean there."""
        match = _BRACED.match(self.text, start)
        if not match:
            at = self.where(start + 2)
            is_hole = self.text.startswith(HOLE, start + 2)
            raise Refusal(at, "it would choose the variable") if is_hole else self.unsure("this is no variable")
        self.at = match.end()
        if self.at >= len(self.text):
            raise self.broken("} is missing, so that this is never closed", self.where(start))
        found = Expansion("length" if match[1] == "#" else "variable", match[2], indirect=match[1] == "!")
        is_posix = not found.indirect and not self.sees("[")
        if self.sees("["):
            self.at += 1
            found.computed = self.deeper(lambda: self.until("]", "arithmetic", "inert"))
        operation = _POSIX_OPERATION.match(self.text, self.at)
        if not operation or not is_posix:
            self.only_bash("${", self.where(start))
        if self.sees(":") and not operation:
            found.computed += self.deeper(lambda: self.until("}", "arithmetic", "inert"))
        else:
            found.pieces = self.deeper(lambda: self.until("}", "braces", "inert"))
        return found

    def _commands(self, quoting: Quoting, opening: str) -> Piece:
        """`$(…)`, `<(…)`, `>(…)`."""
        start, self.at = self.at, self.at + len(opening)
        program = self.deeper(lambda: self.program([")"], self.where(start)))
        first = program[0][0] if len(program) == 1 and opening == "$(" else None
        if first and not first.words and not first.programs and [r.operator for r in first.redirections] == ["<"]:
            self.only_bash("$(<", self.where(start))
        return Piece(self.where(start), quoting, UNKNOWN, Expansion("commands", opening, program=program))

    def _backquoted(self, quoting: Quoting) -> Piece:
        """Commands between backquotes, which are read once more when their backslashes are gone."""
        start, match = self.at, _BACKQUOTED.match(self.text, self.at)
        if not match:
            raise self.unclosed("`", self.where(start))
        if '\\"' in match[0] and quoting != "bare":
            raise self.unsure("escaped quotes between backquotes in quotes: write $(…)")
        if HOLE in match[0] and quoting != "bare":
            at = self.where(start + match[0].index(HOLE))
            raise Refusal(at, "backquotes within other quotes: write $(…) instead")
        self.at = match.end()
        kept = [found.end() - 1 for found in _KEPT.finditer(self.text, start + 1, self.at - 1)]
        text, offsets = "".join([self.text[n] for n in kept]), [self.where(n) for n in kept]
        for at in (at for character, at in zip(text, offsets, strict=True) if character == HOLE):
            self.places[at].quoting.append("backquotes")
        program = self.deeper(lambda: self.within(text, offsets).program())
        return Piece(self.where(start), quoting, UNKNOWN, Expansion("commands", "`", program=program))

    def _array(self) -> Piece:
        """`( … )` behind `name=`."""
        start, found = self.at, Expansion("array")
        self.only_bash("=(")
        self.at += 1
        self.lines()
        while not self.sees(")"):
            word = self.word()
            if self.at >= len(self.text):
                raise self.unclosed(")", self.where(start))
            if not word.pieces:
                raise self.unsure("this array is never closed", self.where(start))
            found.words.append(word)
            self.lines()
        self.at += 1
        return Piece(self.where(start), "bare", UNKNOWN, found)

    # --- between words

    def blanks(self) -> None:
        """Skip blanks and a comment."""
        while self.at < len(self.text):
            if self.text[self.at] in " \t":
                self.at += 1
            elif self.sees("\\\n"):
                self.continued_line()
            elif self.sees("#"):
                while self.at < len(self.text) and not self.sees("\n"):
                    self.piece("comment", "comment")
            else:
                return

    def lines(self) -> None:
        """Skip blanks, comments and line ends."""
        self.blanks()
        while self.sees("\n"):
            self.newline()
            self.blanks()

    def newline(self) -> None:
        """Skip a line's end, with the here-documents that follow it."""
        self.at += 1
        pending, self.pending = self.pending, ()
        for redirection in pending:
            self._here_document(redirection)

    def _here_document(self, redirection: Redirection) -> None:
        delimiter, tabs = str(redirection.word.literal), "\t" if redirection.operator == "<<-" else ""
        start, line = self.at, ""
        while True:
            end = self.text.find("\n", self.at)
            line = self.text[self.at : None if end < 0 else end]
            if line.lstrip(tabs) == delimiter:
                break
            if end < 0:
                raise Refusal(redirection.word.at, f"this here-document never ends: '{delimiter}' is missing")
            self.at = end + 1
        body = self.within(self.text[start : self.at], self.offsets[start : self.at], delimiter)
        self.at = min(self.at + len(line) + 1, len(self.text))
        kind: Quoting = "quoted_here_document" if redirection.word.quoted else "here_document"
        if kind == "here_document" and body.text.endswith("\\\n"):
            raise self.unsure("a continued line before the end of a here-document", self.where(start))
        while body.at < len(body.text):
            redirection.body += body.piece(kind, kind)
