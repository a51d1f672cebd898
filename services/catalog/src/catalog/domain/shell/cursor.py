"""A cursor over shell text, and what every reader of it says and notes."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ParamSpec, Self, TypeVar

from catalog.domain.shell.programs import BASH_WORDS
from catalog.domain.shell.tree import DEEPEST, HOLE, BashWord, Piece, Place, Redirection, Refusal, Unreadable
from shared.contracts.compiled_action import Quoting

PLAINLY = "write this part in a plainer way, or keep it in a script file that gets the value: sh FILE {{ x }}"
BEGIN_A_COMMAND = frozenset({"then", "fi", "do", "done", "esac", "}"})
Found = TypeVar("Found")
Given = ParamSpec("Given")
_ALONE = re.compile(r"[ \t\n=/:,.@+;&|()-]?")


@dataclass
class Cursor:
    """A place (`at`) in shell text whose characters stand in the template at `offsets`."""

    text: str
    offsets: Sequence[int]
    places: Mapping[int, Place]
    bash: bool
    depth: int = 0
    delimiters: tuple[str, ...] = ()
    """Of the here-documents around the text."""
    at: int = 0
    pending: Sequence[Redirection] = ()
    """Here-documents whose lines are still to come."""
    functions: set[str] = field(default_factory=set)
    closer: str = ""
    """What has closed the commands that were read last."""
    is_read: bool = True
    """Whether every shell reads all of the text, once and in this way."""

    def where(self, position: int) -> int:
        """Where a character of this text stands in the template."""
        return self.offsets[min(position, len(self.offsets) - 1)] if self.offsets else 0

    def sees(self, text: str) -> bool:
        """Whether the text stands at the cursor."""
        return self.text.startswith(text, self.at)

    def unsure(self, what: str, at: int | None = None) -> Refusal:
        """A refusal for text whose reading is not certain, at a place in the template or the cursor's."""
        where = self.where(self.at) if at is None else at
        return Refusal(where, f"cannot tell for sure how a shell reads this: {what}; {PLAINLY}")

    def broken(self, what: str, at: int) -> Refusal:
        """A refusal for text that no shell can read, as far as that is sure."""
        if not self.is_read:
            return self.unsure(what, at)
        return Unreadable(at, f"no shell can read this: {what}")

    def unclosed(self, closing: str, at: int) -> Refusal:
        """The same for what begins at a place in the template and never ends."""
        advice = ""
        if closing in {"'", '"', "`"}:
            advice = f"; write \\{closing} for one that is meant"
        elif closing in BEGIN_A_COMMAND:
            advice = "; it closes only behind ; or at the beginning of a line"
        return self.broken(f"{closing} is missing, so that this is never closed{advice}", at)

    def only_bash(self, word: str, at: int | None = None) -> None:
        """Raise `BashWord` for what another shell would not understand, in text for one."""
        if not self.bash:
            way_out = BASH_WORDS.get(word, "it takes letters, digits and _ only in a function's name")
            message = f"'{word}' is bash's, and sh does not know it: {way_out}; or set shell: bash"
            raise BashWord(self.where(self.at) if at is None else at, message)

    def deeper(self, read: Callable[[], Found]) -> Found:
        """Read what stands one level deeper."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise Refusal(self.where(self.at), f"commands are nested more than {DEEPEST} deep here: simplify them")
        found = read()
        self.depth -= 1
        return found

    def in_doubt(self, read: Callable[Given, Found], *given: Given.args, **named: Given.kwargs) -> Found:
        """Read what some shells leave as it is, or read later."""
        is_read, self.is_read = self.is_read, False
        found = read(*given, **named)
        self.is_read = is_read
        return found

    def within(self, text: str, offsets: Sequence[int], *delimiters: str) -> Self:
        """A reader of text within this one's, between these delimiters of here-documents."""
        delimiters = self.delimiters + delimiters
        return replace(self, text=text, offsets=offsets, delimiters=delimiters, at=0, pending=(), is_read=False)

    def hole(self, quoting: Quoting) -> Piece:
        """The placeholder at the cursor."""
        at, place = self.where(self.at), self.places[self.where(self.at)]
        before, after = self.text[max(0, self.at - 80) : self.at], self.text[self.at + 1 : self.at + 2]
        place.quoting.append(quoting)
        place.alone = bool(_ALONE.fullmatch(before[-1:]) and _ALONE.fullmatch(after))
        place.after_name = place.after_name or re.search(r"\$\w+\Z", before) is not None
        place.delimiters += self.delimiters
        self.at += 1
        return Piece(at, quoting, HOLE)
