"""Categories and tags: what actions are found by. Neither is defined anywhere, each is there by being named."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from shared.contracts.values import Title

CATEGORIES = ("Maintenance", "Recovery", "Diagnostics", "Security", "Custom")
"""Those that are always there; whoever names another one has made it."""


def category_of(text: str) -> str:
    """The category, one of the given ones however its letters are written; ``Custom`` where none is named."""
    words = " ".join(text.split())
    given = (category for category in CATEGORIES if category.casefold() == words.casefold())
    return next(given, words or "Custom")


Category = Annotated[Title, AfterValidator(category_of)]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=63)]
