"""Reading words and their quotes, and what stands between them: comments, redirections, here-documents.

Whatever POSIX shells and bash would read differently is refused rather than guessed.
"""

import re
from collections.abc import Sequence

from catalog.domain.shell.expansions import ExpansionReader
from catalog.domain.shell.tree import HOLE, Command, Expansion, Notes, Piece, Redirection, Refusal, Word
from shared.contracts.command import Quoting

_BARE_RUN = re.compile(r"[^ \t\n;&|()<>\\'\"$`\0]+")
_DOUBLE_RUN = re.compile(r"[^\"\\$`\0]+")
_ARRAY = re.compile(r"[A-Za-z_]\w*(?:\[[^\]\0$`]*\])?\+?=")
_REDIRECTION = re.compile(r"(\d*|\{[A-Za-z_]\w*\})(&>>|&>|<<<|<<-|<<|<>|<&|>>|>&|>\||<(?!\()|>(?!\())")


class WordReader(ExpansionReader):
    """Reads words."""

    def lines(self) -> None:
        """Skip blanks, comments and line ends."""
        raise NotImplementedError

    def word(self, *, pattern: bool = False) -> Word:
        """A word; in a `pattern` of `[[ … =~ … ]]` parentheses and bars are text."""
        start, word, parentheses = self.at, Word(self.where(self.at)), 0
        while self.at < self.end:
            character = self.text[self.at]
            if character in "<>" and self.text.startswith("(", self.at + 1):
                self.only_bash(character + "(")
                self.at += 1
                word.pieces.append(self.substitution(self.at - 1, "bare", character))
            elif pattern and (character in "()|" or (parentheses and character in " \t")):
                parentheses += {"(": 1, ")": -1}.get(character, 0)
                if parentheses < 0:
                    break
                word.pieces.append(self.run(re.compile(r"[()| \t]"), "bare"))
            elif character == "(" and _ARRAY.fullmatch(self.text, start, self.at):
                word.pieces.append(self.array())
            elif character == "(" and self.at > start and self.text[self.at - 1] in "?*+@!":
                raise self.unsure("this is a pattern of bash's own")
            elif character in " \t\n;&|()<>":
                break
            else:
                word.pieces += self.bare(character)
                word.quoted = word.quoted or character in "'\"\\"
        return word

    def bare(self, character: str) -> list[Piece]:
        """What begins outside of quotes with this character."""
        if character == "\\":
            return self.escaped()
        if character == "'":
            return self.single()
        if character == '"':
            self.at += 1
            return self.double()
        if character == "$":
            return self.dollar("bare")
        if character == "`":
            return [self.backquoted("bare")]
        return [self.hole("bare") if character == HOLE else self.run(_BARE_RUN, "bare")]

    def escaped(self) -> list[Piece]:
        """A backslash with the character behind it, or a line that goes on."""
        start, behind = self.at, self.text[self.at + 1 : self.at + 2]
        self.at += 2
        if behind == "\n":
            before, after = self.text[max(0, start - 1) : start], self.text[self.at : self.at + 1]
            if (before not in {" ", "\t", "\n", ""} and after in set("&|;<>()")) or before == "$":
                raise self.unsure("an operator on two lines", start)
            return []
        if behind in {"", HOLE}:
            raise self.unsure("a backslash with nothing behind it" if not behind else "a backslash before it", start)
        return [Piece(self.where(start + 1), "escaped", behind)]

    def single(self) -> list[Piece]:
        """Text in single quotes."""
        end = self.text.find("'", self.at + 1)
        if end < 0:
            raise self.unsure("this quote is never closed")
        self.at += 1
        pieces = [Piece(self.where(self.at), "single", "")] if self.at == end else []
        while self.at < end:
            pieces.append(self.hole("single") if self.sees(HOLE) else self.run(re.compile(r"[^'\0]+"), "single"))
        self.at = end + 1
        return pieces

    def double(self, quoting: Quoting = "double") -> list[Piece]:
        """Text in double quotes, from behind the first one."""
        start, pieces = self.at - 1, [Piece(self.where(self.at), quoting, "")]
        while not self.sees('"'):
            if self.at >= self.end:
                raise self.unsure("this quote is never closed", start)
            pieces += self.expanding(quoting, _DOUBLE_RUN, '$`"\\')
        self.at += 1
        return pieces

    def expanding(self, quoting: Quoting, run: re.Pattern[str], escapable: str) -> list[Piece]:
        """The next piece of text in which only dollar signs, backquotes and backslashes are special."""
        character = self.text[self.at]
        if character == "$":
            return self.dollar(quoting)
        if character == "`":
            return [self.backquoted(quoting)]
        if character == HOLE:
            return [self.hole(quoting)]
        if character == "\\":
            behind = self.text[self.at + 1 : self.at + 2]
            if behind == "\n":
                if self.text[self.at - 1 : self.at] == "$":
                    raise self.unsure("a dollar sign at the end of a line that goes on")
                self.at += 2
                return []
            if behind and behind in escapable:
                self.at += 2
                return [Piece(self.where(self.at - 1), quoting, behind)]
            if behind == HOLE:
                raise self.unsure("a backslash before it")
        return [self.run(run, quoting)]

    def array(self) -> Piece:
        """`( … )` behind `name=`."""
        start, self.at = self.at, self.at + 1
        self.only_bash("=(", start)
        found = Expansion("array")
        while True:
            self.lines()
            if self.sees(")"):
                self.at += 1
                return Piece(self.where(start), "bare", "", found)
            word = self.word()
            if not word.pieces and not word.quoted:
                raise self.unsure("this array is never closed", start)
            found.words.append(word)


class LineReader(WordReader):
    """Reads what stands between the words of commands."""

    def __init__(self, text: str, offsets: Sequence[int], notes: Notes, *, bash: bool, depth: int = 0) -> None:
        super().__init__(text, offsets, notes, bash=bash, depth=depth)
        self.pending: list[Redirection] = []

    def nothing_pending(self) -> None:
        """Here-documents that have been asked for have had their lines."""
        if self.pending:
            raise Refusal(self.pending[0].word.at, "this here-document has no lines: its text is to follow")

    def blanks(self) -> None:
        """Skip blanks and a comment."""
        while self.at < self.end:
            if self.text[self.at] in " \t":
                self.at += 1
            elif self.sees("\\\n"):
                before, after = self.text[self.at - 1 : self.at], self.text[self.at + 2 : self.at + 3]
                if before and before in "&|;<>(){" and after and after in "&|;<>()":
                    raise self.unsure("an operator on two lines")
                self.at += 2
            elif self.sees("#"):
                end = self.text.find("\n", self.at)
                end = self.end if end < 0 else end
                while self.at < end:
                    hole = self.text.find(HOLE, self.at, end)
                    self.at = end if hole < 0 else hole
                    if hole >= 0:
                        self.hole("comment")
            else:
                return

    def lines(self) -> None:
        self.blanks()
        while self.sees("\n"):
            self.newline()
            self.blanks()

    def newline(self) -> None:
        """A line's end, with the here-documents that follow it."""
        self.at += 1
        pending, self.pending = self.pending, []
        for redirection in pending:
            self._here_document(redirection)

    def _here_document(self, redirection: Redirection) -> None:
        delimiter, tabs = redirection.word.literal, redirection.operator == "<<-"
        start = self.at
        while True:
            end = self.text.find("\n", self.at)
            line = self.text[self.at : self.end if end < 0 else end]
            if (line.lstrip("\t") if tabs else line) == delimiter:
                break
            if end < 0:
                raise Refusal(redirection.word.at, f"this here-document never ends: '{delimiter}' is missing")
            self.at = end + 1
        body_end, self.at = self.at, min(self.at + len(line) + 1, self.end)
        body = self.reader(self.text[start:body_end], self.offsets[start:body_end])
        body.delimiters = (*self.delimiters, str(delimiter))
        body.bash = self.bash
        quoted = redirection.quoted
        if not quoted and body.text.endswith("\\\n"):
            raise self.unsure("a continued line before the end of a here-document", start)
        while body.at < body.end:
            if quoted:
                at_hole = body.sees(HOLE)
                piece = body.hole("quoted_here_document") if at_hole else body.run(re.compile("[^\0]+"), "single")
                redirection.body.append(piece)
            else:
                redirection.body += body.expanding("here_document", re.compile(r"[^\\$`\0]+"), "$`\\")

    def redirections(self, command: Command) -> None:
        """The redirections at the cursor."""
        self.blanks()
        while match := _REDIRECTION.match(self.text, self.at):
            if match[1].startswith("{"):
                self.only_bash("{…}>")
            if match[2] in {"&>", "&>>", "<<<"}:
                self.only_bash(match[2])
            start, self.at = self.at, match.end()
            self.blanks()
            word = self.word()
            if not word.pieces and not word.quoted:
                raise self.unsure("this leads nowhere", start)
            redirection = Redirection(match[2], word, quoted=word.quoted)
            if match[2] in {"<<", "<<-"}:
                if word.literal is None:
                    raise self.unsure("the end of this here-document is not known", start)
                self.pending.append(redirection)
            elif match[2] == ">&" and not re.fullmatch(r"\d+|-", word.literal or "1"):
                self.only_bash(">&", start)
            command.redirections.append(redirection)
            self.blanks()
