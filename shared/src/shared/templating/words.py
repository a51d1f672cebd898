"""Reading words, redirections and here-documents: the parts of which commands are made."""

import re

from shared.templating.expansions import ExpansionReader
from shared.templating.places import Quoting
from shared.templating.syntax import Atom, Kind, Redirection, Word
from shared.templating.taint import HOLE

_REDIRECTION = re.compile(r"\d*(<<<|<<-|<<|<&|<>|<(?!\()|>>|>&|>\||>(?!\())|(&>>|&>)")
_ARRAY = re.compile(r"[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=")
_WORD_END = " \t\n;&|)"
_ONLY_BASH = frozenset({"&>", "&>>", "<<<"})


class WordReader(ExpansionReader):
    """Adds what stands between blanks, and the lines of here-documents."""

    def blanks(self) -> None:
        """Step over blanks, joined lines and a comment, whose placeholders are left as they are."""
        continued = False
        while self.at < self.end:
            if self.char() in {" ", "\t"}:
                self.at += 1
                continued = False
            elif self.sees("\\\n"):
                self.continuation()
                continued = True
            else:
                break
        if self.sees("#"):
            if continued:
                raise self.unsure(self.at, "# at the start of a continued line")
            self._comment()

    def _comment(self) -> None:
        while self.at < self.end and not self.sees("\n"):
            if self.sees(HOLE):
                self.hole(Quoting.COMMENT)
            else:
                self.at += 1

    def newline(self) -> None:
        """Step over the end of a line, and over the here-documents that were asked for on it."""
        self.at += 1
        asked, self.pending = self.pending, []
        for redirection in asked:
            self._here_document(redirection)

    def lines(self) -> None:
        """Step over blanks, comments and ends of lines."""
        self.blanks()
        while self.sees("\n"):
            self.newline()
            self.blanks()

    def word(self, *, in_test: bool = False) -> Word:
        """The word at the cursor. In `[[ … ]]` a word may hold parentheses and bars (patterns)."""
        start, depth = self.at, 0
        atoms: list[Atom] = []
        while self.at < self.end:
            c = self.char()
            if c in {"<", ">"} and self.char(1) == "(" and not in_test:
                atoms.append(self._process())
            elif in_test and c in {"(", ")", "|"} and (depth or c == "(" or (c == "|" and not self.sees("||"))):
                depth += {"(": 1, ")": -1, "|": 0}[c]
                atoms.append(self.plain(Quoting.BARE))
            elif c in _WORD_END or c in {"<", ">"}:
                break
            elif c == "(":
                if not _ARRAY.fullmatch(Word(tuple(atoms), start, self.at, quoted=False).shape):
                    break
                atoms.append(self._array())
            else:
                atoms += self.bare()
        if self.at == start or depth:
            raise self.unsure(start, f"{self.char() or 'the end of the text'!r} where a word is expected")
        return Word(tuple(atoms), start, self.at, self._has_quotes(start))

    def _has_quotes(self, start: int) -> bool:
        return any(mark in self.text[start : self.at] for mark in "'\"")

    def _process(self) -> Atom:
        start = self.at
        self.reading.only_bash.append((start, f"{self.char()}("))
        process = self.substitution()
        if self.text[start] == ">":
            self.reading.output_processes.append(range(start, self.at))
        return process

    def _array(self) -> Atom:
        start = self.at
        self.reading.only_bash.append((start, "=("))
        self.at += 1
        self.lines()
        while not self.sees(")"):
            element = self.word()
            if element.shape.startswith("["):
                self.forbid_holes(element.start, element.end, "bash runs commands that it finds in a subscript")
                self.reading.computed.append(range(element.start, self._subscript_end(element)))
            self.lines()
        self.at += 1
        return self.expansion(start, Quoting.BARE)

    def _subscript_end(self, element: Word) -> int:
        closing = self.text.find("]=", element.start, element.end)
        return closing if closing >= 0 else element.end

    def redirection(self) -> Redirection | None:
        """The redirection at the cursor, if there is one."""
        match = _REDIRECTION.match(self.text, self.at, self.end)
        if not match:
            return None
        operator = match[1] or match[2]
        if operator in _ONLY_BASH:
            self.reading.only_bash.append((self.at, operator))
        self.at = match.end()
        self.blanks()
        found = Redirection(operator, self.word())
        if operator in {"<<", "<<-"}:
            self._delimiter_of(found.word)
            self.pending.append(found)
            self.reading.here_documents.append(found)
        return found

    def _delimiter_of(self, word: Word) -> str:
        """The text of a here-document's delimiter, which must be all text."""
        source = self.text[word.start : word.end]
        if any(atom.kind is not Kind.TEXT for atom in word.atoms) or "\n" in source:
            raise self.unsure(word.start, "the word that ends this here-document")
        return "".join(atom.text for atom in word.atoms)

    def _here_document(self, redirection: Redirection) -> None:
        delimiter, start = self._delimiter_of(redirection.word), self.at
        quoted = redirection.word.quoted or "\1" in redirection.word.shape
        stripped = "\t" if redirection.operator == "<<-" else ""
        joined = ""
        while True:
            if self.at >= self.end:
                raise self.unsure(redirection.word.start, f"this here-document never ends with {delimiter!r}")
            first, newline, _ = self.text[self.at : self.end].partition("\n")
            line = first.lstrip(stripped) if stripped else first
            if not quoted and joined and (line == delimiter or delimiter.startswith(joined.lstrip("\t"))):
                raise self.unsure(self.at, "a continued line next to the end of a here-document")
            if line == delimiter:
                break
            slashes = len(first) - len(first.rstrip("\\"))
            joined = first[:-1] or "\\" if slashes % 2 else ""
            self.at += len(first) + len(newline)
        redirection.body = range(start, self.at)
        self._here_body(redirection.body, delimiter, quoted=quoted)
        self.at += len(first)

    def _here_body(self, body: range, delimiter: str, *, quoted: bool) -> None:
        if quoted:
            why = f"it stands in a here-document with a quoted delimiter: write <<{delimiter}, and \\$ for a dollar"
            self.forbid_holes(body.start, body.stop, why)
            return
        outside = self.end, self.delimiters
        self.at, self.end, self.delimiters = body.start, body.stop, (*self.delimiters, delimiter)
        while self.at < self.end:
            self.piece(Quoting.HERE_DOCUMENT, "$`\\")
        self.end, self.delimiters = outside
