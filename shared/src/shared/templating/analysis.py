"""Finds the place of every placeholder of a command, also of those in scripts inside it."""

import re
from collections.abc import Callable

from shared.templating.bindings import bindings_of
from shared.templating.flows import refuse_detours
from shared.templating.grammar import read_shell
from shared.templating.invocations import scripts_in
from shared.templating.places import Place, Quoting
from shared.templating.syntax import Kind, Reading, Refusal, Word
from shared.templating.taint import HOLE, UNTAINTED, Bindings, Taint

_NAME_BEFORE = re.compile(r"\$\w+\Z")
_FILLED_OUTSIDE = (
    "the shell outside fills this into the script first, and so nobody can tell how it will be read: "
    "put the script in single quotes, or hand the text over as an argument"
)
_ESCAPED = re.compile(r"\\([\\$`])")


def find_places(text: str) -> dict[int, Place]:
    """The place of every `HOLE` in shell text, by its position.

    The text is read twice: as it stands, which refuses placeholders in code and tells what is assigned from what,
    and with every expansion that may hold a value treated like a placeholder that cannot be written differently.
    Raises `Refusal` where a place is not sure, or where a value would become code.
    """
    if HOLE not in text and "OPSIMATE_" not in text:
        return {}
    bindings = Bindings()
    places = _Reader(UNTAINTED, bindings).places(text)
    if "OPSIMATE_" in text or any(place.quoting is not Quoting.COMMENT for place in places.values()):
        _Reader(bindings.taint(), Bindings()).places(text)
    return places


class _Reader:
    """Reads a text and the scripts within it, knowing which variables hold values."""

    def __init__(self, taint: Taint, bindings: Bindings) -> None:
        self._taint = taint
        self._bindings = bindings

    def places(self, text: str) -> dict[int, Place]:
        """The places in a text; what it binds is added to the bindings."""
        reading = self._read(text)
        scripts = scripts_in(reading)
        refuse_detours(reading)
        self._bindings.found += bindings_of(reading)
        places = {position: _place(reading, position) for position in reading.quotings}
        for script in scripts:
            for position, inner in self._in_script(script).items():
                places[position] = inner.within(places[position])
        for backquoted in reading.backquotes:
            self._in_backquotes(text, backquoted)
        return places

    def _in_backquotes(self, text: str, inside: range) -> None:
        """No placeholder stands between backquotes, but variables do."""
        content = _ESCAPED.sub(r"\1", text[inside.start : inside.stop])
        _moved(lambda _: inside.start, lambda: self.places(content))

    def _read(self, text: str) -> Reading:
        """The whole text if it can be read, else up to its last placeholder if no value goes further."""
        try:
            return read_shell(text, self._taint, whole=True)
        except Refusal:
            reading = read_shell(text, self._taint)
            if self._taint.may_reach(text[text.rfind(HOLE) + 1 :]):
                raise
            return reading

    def _in_script(self, word: Word) -> dict[int, Place]:
        """The places in a word that is read by the shell that gets it, by their positions outside."""
        text = "".join("_" if atom.kind is Kind.EXPANSION else atom.text[:1] for atom in word.atoms)
        for atom in word.atoms:
            filled = atom.kind is Kind.EXPANSION and self._taint.mentioned_in(text)
            if filled or atom.kind is Kind.CARRIER:
                raise Refusal(atom.start, _FILLED_OUTSIDE)
        if not word.atoms:
            return {}

        def outside(offset: int) -> int:
            return word.atoms[min(offset, len(word.atoms) - 1)].start

        inner = _moved(outside, lambda: self.places(text))
        return {outside(position): place for position, place in inner.items()}


def _moved(outside: Callable[[int], int], read: Callable[[], dict[int, Place]]) -> dict[int, Place]:
    """What is read in a script, with a refusal put where `outside` has its offset."""
    try:
        return read()
    except Refusal as refusal:
        raise Refusal(outside(refusal.offset), f"in this script: {refusal.message}") from None


def _place(reading: Reading, position: int) -> Place:
    before, after = reading.text[max(0, position - 99) : position], reading.text[position + 1 : position + 2]
    return Place(
        reading.quotings[position],
        alone=before[-1:] in set(" \t\n=/:,.@+-") | {""} and after in set(" \t\n;&|)/:,.@+-") | {""},
        after_name=bool(_NAME_BEFORE.search(before)),
        delimiters=reading.delimiters[position],
    )
