"""Judging the words of a command: may a placeholder stand there?"""

import re
from collections.abc import Sequence

from shared.templating.options import text_of
from shared.templating.programs import CODE_VARIABLES, SUBSCRIPT
from shared.templating.syntax import Nesting, Reading, Refusal, Word
from shared.templating.taint import HOLE

Words = Sequence[Word]

_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(\[[^\]]*\])?\+?=")
_SUBSCRIPTED = re.compile(r"[A-Za-z_]\w*\[")
_MAYBE_OPTION = re.compile("[\2\0]+[-+]")
_AS_ARGUMENT = "hand it over as an argument: sh -c '… \"$1\" …' sh {{ x }}"


def refused_value(reading: Reading, position: int, why: str) -> Refusal:
    """A refusal of the value at a position, which says so where it is there by way of a variable."""
    if reading.text[position] == HOLE:
        return Refusal(position, why)
    return Refusal(position, f"this may hold a value that came through a variable or an argument: {why}")


def bound_name(word: Word) -> str:
    """The variable to which a word of the form `NAME=value` gives a value, or nothing."""
    match = _ASSIGNMENT.match(word.shape)
    return match[1] if match else ""


class Judge:
    """Refuses placeholders in words of one text, and collects the `scripts`: words that are shell code to read."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self.scripts: list[Word] = []
        self.nesting = Nesting()

    def hole_in(self, words: Words) -> int | None:
        """The first placeholder, or expansion that may hold a value, in the words and in substitutions there."""
        return next((h for w in words if (h := self._reading.value_in(w.start, w.end)) is not None), None)

    def refuse(self, words: Words, why: str) -> None:
        """No value may stand in these words."""
        hole = self.hole_in(words)
        if hole is not None:
            raise refused_value(self._reading, hole, why)

    def refuse_names(self, words: Words, why: str) -> None:
        """Nor may the name of a variable that holds one."""
        self.refuse(words, why)
        for word in words:
            if self._reading.mention_in(word.start, word.end) is not None:
                raise refused_value(self._reading, word.start, why)

    def unsplit(self, words: Words) -> None:
        """No value may stand where the shell would make several words of it."""
        for word in words:
            if word.splits and not bound_name(word):
                self.refuse([word], 'a shell makes several words of it, of which one could be an option: write "$name"')

    def steady(self, words: Words) -> None:
        """No value may stand behind a word of which there may be none or several when the shell runs."""
        self.unsplit(words)
        for position, word in enumerate(words):
            if word.may_vanish or word.multiplies or _MAYBE_OPTION.match(text_of(word)):
                self.refuse(
                    words[position + 1 :], 'a word before it may be none, several or an option: write it as "$word"'
                )

    def script(self, word: Word, cleared: str = "") -> None:
        """A word that is shell code; `cleared` names who keeps the environment from it."""
        if cleared:
            self.refuse([word], f"{cleared} does not pass on the environment, in which values travel: {_AS_ARGUMENT}")
        self.scripts.append(word)

    def assignment(self, word: Word) -> bool:
        """Whether the word gives a value to a variable, which must not be one that shells run."""
        match = _ASSIGNMENT.match(word.shape)
        if _SUBSCRIPTED.match(word.shape) and HOLE in (match[0] if match else word.shape):
            self.refuse([word], SUBSCRIPT)
        if match and match[1] in CODE_VARIABLES:
            self.refuse([word], f"what {match[1]} holds is run as code")
        return match is not None

    def without_assignments(self, words: Words) -> Words:
        """A command without the assignments in front of it."""
        first = next((n for n, word in enumerate(words) if not self.assignment(word)), len(words))
        return words[first:]
