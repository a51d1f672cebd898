"""Finds the place of every placeholder of a command, also of those in scripts inside it."""

import re

from shared.templating.flows import refuse_detours
from shared.templating.grammar import read_shell
from shared.templating.invocations import scripts_in
from shared.templating.places import Place
from shared.templating.syntax import HOLE, Kind, Reading, Refusal, Word

_NAME_BEFORE = re.compile(r"\$\w+\Z")


def find_places(text: str) -> dict[int, Place]:
    """The place of every `HOLE` in shell text, by its position.

    Raises `Refusal` where a place is not sure, or where a value would become code.
    """
    if HOLE not in text:
        return {}
    reading = read_shell(text)
    scripts = scripts_in(reading)
    refuse_detours(reading)
    places = {position: _place(reading, position) for position in reading.quotings}
    for script in scripts:
        for position, inner in _places_in_script(script).items():
            places[position] = inner.within(places[position])
    return places


def _place(reading: Reading, position: int) -> Place:
    before, after = reading.text[max(0, position - 99) : position], reading.text[position + 1 : position + 2]
    return Place(
        reading.quotings[position],
        alone=before[-1:] in set(" \t\n=/:,.@+-") | {""} and after in set(" \t\n;&|)/:,.@+-") | {""},
        after_name=bool(_NAME_BEFORE.search(before)),
        delimiters=reading.delimiters[position],
    )


def _places_in_script(word: Word) -> dict[int, Place]:
    """The places in a word that is read by the shell that gets it, by their positions outside."""
    for atom in word.atoms:
        if atom.kind is Kind.EXPANSION:
            why = "the shell outside fills this into the script first, and so nobody can tell how it will be read"
            raise Refusal(atom.start, f"{why}: put the script in single quotes, or hand the text over as an argument")
    try:
        inner = find_places("".join(atom.text for atom in word.atoms))
    except Refusal as refusal:
        position = min(refusal.offset, len(word.atoms) - 1)
        raise Refusal(word.atoms[position].start, f"in this script: {refusal.message}") from None
    return {word.atoms[position].start: place for position, place in inner.items()}
