"""Reading what dollar signs and backquotes begin: variables, commands, arithmetic."""

import re
from collections.abc import Sequence
from typing import Self

from catalog.domain.shell.tree import DEEPEST, HOLE, Expansion, Notes, Piece, Pipeline, Refusal
from shared.contracts.command import Quoting

PLAINLY = "write this part in a plainer way, or keep it in a script file that gets the value: sh FILE {{ x }}"
_ALONE = re.compile(r"[ \t\n=/:,.@+;&|()-]?")
_BRACED_RUN = re.compile(r"[^}\\'\"$`\0]+")
_ARITHMETIC_RUN = re.compile(r"[\w\s+\-*/%<>=!&|^~?:,.@#\"\[;]+")
_PARAMETER = re.compile(r"\$\{([#!](?=[A-Za-z_0-9@*]))?([A-Za-z_]\w*|[0-9]+|[@*#?$!-])")
_SIMPLE_PARAMETER = re.compile(r"\$([A-Za-z_]\w*|[0-9@*#?$!-])")
_POSIX_OPERATION = re.compile(r":?[-+=?]|##?|%%?|\}")
_HARMLESS_QUOTED = re.compile(r"'[^'{}\\\"$`\0]*'")


class Cursor:
    """A cursor (`at`) over shell text whose characters stand in the template at `offsets`."""

    def __init__(self, text: str, offsets: Sequence[int], notes: Notes, *, bash: bool, depth: int = 0) -> None:
        self.text, self.offsets, self.notes, self.bash = text, offsets, notes, bash
        self.at, self.end, self.depth = 0, len(text), depth
        self.delimiters: tuple[str, ...] = ()

    def program(self, closing: tuple[str, ...] = ()) -> list[Pipeline]:
        """Read commands up to and with a closing token."""
        raise NotImplementedError

    def reader(self, text: str, offsets: Sequence[int]) -> Self:
        """A reader of the same kind for text within this one's."""
        return type(self)(text, offsets, self.notes, bash=self.bash, depth=self.depth + 1)

    def where(self, position: int) -> int:
        """Where a character of this text stands in the template."""
        return self.offsets[min(position, len(self.offsets) - 1)] if self.offsets else 0

    def sees(self, text: str) -> bool:
        """Whether the text stands at the cursor."""
        return self.text.startswith(text, self.at)

    def unsure(self, what: str, at: int | None = None) -> Refusal:
        """A refusal for text whose reading is not certain."""
        where = self.where(self.at if at is None else at)
        return Refusal(where, f"cannot tell for sure how a shell reads this: {what}; {PLAINLY}")

    def only_bash(self, word: str, at: int | None = None) -> None:
        """Note what another shell would not understand."""
        if not self.bash:
            self.notes.bash_words.append((self.where(self.at if at is None else at), word))

    def deeper(self) -> None:
        """One level deeper; count `depth` down again behind it."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise Refusal(self.where(self.at), f"commands are nested more than {DEEPEST} deep here: simplify them")

    def hole(self, quoting: Quoting) -> Piece:
        """The placeholder at the cursor."""
        at = self.where(self.at)
        before, after = self.text[max(0, self.at - 80) : self.at], self.text[self.at + 1 : self.at + 2]
        self.notes.quotings.setdefault(at, []).append(quoting)
        self.notes.alone[at] = bool(_ALONE.fullmatch(before[-1:]) and _ALONE.fullmatch(after))
        if re.search(r"\$\w+\Z", before):
            self.notes.after_name.add(at)
        self.notes.delimiters[at] = self.notes.delimiters.get(at, ()) + self.delimiters
        self.at += 1
        return Piece(at, quoting, HOLE)

    def run(self, pattern: re.Pattern[str], quoting: Quoting) -> Piece:
        """The text that a pattern finds at the cursor, or one character where it finds none."""
        start, match = self.at, pattern.match(self.text, self.at)
        self.at = match.end() if match and match.end() > start else start + 1
        return Piece(self.where(start), quoting, self.text[start : self.at])


class ExpansionReader(Cursor):
    """Reads expansions; what stands in them is read by its heirs."""

    def double(self, quoting: Quoting = "double") -> list[Piece]:
        """Text in double quotes, from behind the first one."""
        raise NotImplementedError

    def expanding(self, quoting: Quoting, run: re.Pattern[str], escapable: str) -> list[Piece]:
        """The next piece of text in which only dollar signs, backquotes and backslashes are special."""
        raise NotImplementedError

    def dollar(self, quoting: Quoting) -> list[Piece]:  # noqa: PLR0911 - one for each thing that it can begin
        """What a dollar sign begins."""
        start = self.at
        behind = self.text[start + 1 : start + 2]
        if self.sees("$(("):
            self.at += 3
            return [self._computed(start, quoting, "))")]
        if behind == "(":
            self.at += 1
            return [self.substitution(start, quoting, "$")]
        if behind == "{":
            return [self.parameter(quoting)]
        if behind == HOLE:
            raise Refusal(
                self.where(start + 1), "a dollar sign right before it: write \\${{ x }} for one and the value"
            )
        if behind == "[" or (behind == "\\" and self.text.startswith("\n", start + 2)):
            raise self.unsure("write $((…)) to compute" if behind == "[" else "a dollar sign, and the line goes on")
        if quoting == "bare" and behind == "'":
            return [self._ansi_quoted()]
        if quoting == "bare" and behind == '"':
            self.only_bash('$"')
            self.at += 2
            return self.double()
        if match := _SIMPLE_PARAMETER.match(self.text, start):
            self.at = match.end()
            return [Piece(self.where(start), quoting, "", Expansion("variable", match[1]))]
        self.at += 1
        return [Piece(self.where(start), quoting, "$")]

    def _ansi_quoted(self) -> Piece:
        match = re.compile(r"\$'(?:\\.|[^'\\])*'", re.DOTALL).match(self.text, self.at)
        if not match:
            raise self.unsure("this quote is never closed")
        if HOLE in match[0]:
            at = self.where(self.at + match[0].index(HOLE))
            raise Refusal(at, "bash reads backslashes of a value between $' and ': leave out the dollar sign")
        self.only_bash("$'")
        start, self.at = self.at, match.end()
        return Piece(self.where(start), "single", "", Expansion("text", operation=match[0]))

    def _computed(self, start: int, quoting: Quoting, closing: str) -> Piece:
        found = Expansion("arithmetic", computed=self.arithmetic(closing))
        return Piece(self.where(start), quoting, "", found)

    def arithmetic(self, closing: str) -> list[Piece]:
        """What is computed, up to and with what closes it: `))`, `]` or `}`."""
        start, pieces, open_parentheses = self.at, list[Piece](), 0
        while open_parentheses or not self.sees(closing):
            character = self.text[self.at : self.at + 1]
            if character in {"(", ")"}:
                open_parentheses += 1 if character == "(" else -1
                pieces.append(self.run(re.compile(r"[()]"), "inert"))
            elif character == "$":
                pieces += self.dollar("inert")
            elif character == "`":
                pieces.append(self.backquoted("inert"))
            elif character == HOLE:
                pieces.append(self.hole("inert"))
            elif _ARITHMETIC_RUN.match(self.text, self.at) or (character == "]" and closing != "]"):
                pieces.append(self.run(_ARITHMETIC_RUN, "inert"))
            else:
                raise self.unsure("arithmetic, or a command in two parentheses: write ( ( with a space", start)
            if open_parentheses < 0:
                raise self.unsure("write $( ( with a space where a command is meant", start)
        self.at += len(closing)
        return pieces

    def substitution(self, start: int, quoting: Quoting, kind: str) -> Piece:
        """`$(…)`, `<(…)`: the commands behind the parenthesis at the cursor."""
        self.at += 1
        self.deeper()
        found = Expansion("commands", name=kind, program=self.program((")",)))
        self.depth -= 1
        return Piece(self.where(start), quoting, "", found)

    def backquoted(self, quoting: Quoting) -> Piece:
        """Commands between backquotes, which are read once more when their backslashes are gone."""
        start, self.at = self.at, self.at + 1
        content, offsets = list[str](), list[int]()
        while not self.sees("`"):
            if self.at >= self.end:
                raise self.unsure("this backquote is never closed", start)
            if self.text[self.at] == "\\" and self.text[self.at + 1 : self.at + 2] in {"\\", "$", "`"}:
                self.at += 1
            elif self.sees('\\"') and quoting != "bare":
                raise self.unsure("escaped quotes between backquotes in quotes: write $(…)", start)
            content.append(self.text[self.at])
            offsets.append(self.where(self.at))
            self.at += 1
        self.at += 1
        if HOLE in content and quoting != "bare":
            raise Refusal(offsets[content.index(HOLE)], "backquotes within other quotes: write $(…) instead")
        for character, at in zip(content, offsets, strict=True):
            if character == HOLE:
                self.notes.quotings.setdefault(at, []).append("backquotes")
        self.deeper()
        inner = self.reader("".join(content), offsets)
        self.depth -= 1
        return Piece(self.where(start), quoting, "", Expansion("commands", name="`", program=inner.program()))

    def parameter(self, quoting: Quoting) -> Piece:
        """`${…}`. What stands in it has to be inert: shells differ in what quotes mean there."""
        start, match = self.at, _PARAMETER.match(self.text, self.at)
        if not match:
            hole = self.text.startswith(HOLE, start + 2)
            raise (
                Refusal(self.where(start + 2), "it would choose the variable")
                if hole
                else self.unsure("this is no variable")
            )
        self.at = match.end()
        found = Expansion("variable", match[2])
        if self.sees("["):
            self.at += 1
            found.computed = self.arithmetic("]")
        if match[1] == "!" or self.text[match.end() : match.end() + 1] == "[":
            self.only_bash("${", start)
        operation = _POSIX_OPERATION.match(self.text, self.at)
        self.deeper()
        if match[1] == "#":
            found.operation = "#length"
        elif not operation:
            self.only_bash("${", start)
        if not operation and self.sees(":") and match[1] != "#":
            found.computed += self.arithmetic("}")
            found.operation = ":"
        else:
            found.operation += ("!" if match[1] == "!" else "") + self.text[self.at : self.at + 2]
            found.pieces = self._in_braces(start, quoting)
        self.depth -= 1
        return Piece(self.where(start), quoting, "", found)

    def _in_braces(self, start: int, quoting: Quoting) -> list[Piece]:
        pieces: list[Piece] = []
        while not self.sees("}"):
            character = self.text[self.at : self.at + 1]
            if not character:
                raise self.unsure("this brace is never closed", start)
            if character == "'" and quoting != "bare":
                if not _HARMLESS_QUOTED.match(self.text, self.at):
                    raise self.unsure("single quotes in ${…} in other quotes")
                pieces.append(self.run(_HARMLESS_QUOTED, "inert"))
            elif character == "'":
                pieces.append(self.run(re.compile(r"'[^'\0]*'"), "inert"))
                if not pieces[-1].text.endswith("'") or len(pieces[-1].text) == 1:
                    raise self.unsure("this quote is never closed, or holds a value")
            elif character == '"':
                self.at += 1
                pieces += self.double("inert")
            else:
                pieces += self.expanding("inert", _BRACED_RUN, "}$`\"'\\/")
        self.at += 1
        return pieces
