"""Categories that may be misspelt: one is there by being named, so only its likeness to another one can tell. Pure."""

from collections.abc import Iterable
from difflib import SequenceMatcher

NEAR = 0.8
"""How alike, from 0 to 1, two words have to be for one to be the other misspelt."""
SHORTEST = 4
"""In characters: shorter words are alike by chance."""


def meant_category(new: str, known: Iterable[str]) -> str | None:
    """The known category that a new one probably is misspelt; the first of those that are equally near."""
    likeness = {category: _likeness(new, category) for category in known}
    best = max(likeness, key=likeness.__getitem__, default=None)
    return best if best is not None and likeness[best] >= NEAR else None


def _likeness(new: str, category: str) -> float:
    """Of the pair of words that is least alike: ``Site West`` is no ``Site East``, nor ``Team 1`` a ``Team 2``."""
    words, others = new.casefold().split(), category.casefold().split()
    if len(words) != len(others):
        words, others = ["".join(words)], ["".join(others)]
    return min((_of_words(*pair) for pair in zip(words, others, strict=True)), default=0)


def _of_words(word: str, other: str) -> float:
    if word == other:
        return 1
    by_chance = min(len(word), len(other)) < SHORTEST or any(sign.isdigit() for sign in word + other)
    return 0 if by_chance else SequenceMatcher(None, word, other, autojunk=False).ratio()
