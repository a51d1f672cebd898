"""A cursor over shell text, and what every reader of it says and notes."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self, TypeVar

from catalog.domain.shell.programs import BASH_WORDS
from catalog.domain.shell.tree import DEEPEST, HOLE, BashWord, Piece, Place, Redirection, Refusal
from shared.contracts.compiled_action import Quoting

PLAINLY = "write this part in a plainer way, or keep it in a script file that gets the value: sh FILE {{ x }}"
Found = TypeVar("Found")
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

    def within(self, text: str, offsets: Sequence[int], *delimiters: str) -> Self:
        """A reader of text within this one's, between these delimiters of here-documents."""
        delimiters = self.delimiters + delimiters
        return replace(self, text=text, offsets=offsets, delimiters=delimiters, at=0, pending=())

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
