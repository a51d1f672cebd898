"""Choosing a provider by what an alert says: by its host, or by labels."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field, JsonValue, StringConstraints, model_validator

from shared.contracts.definition import Strict
from shared.contracts.values import Name

MOST_LABELS = 64
_Text = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]


class ProviderChoice(Strict):
    """One provider among all: exactly one has to be so. The texts may hold placeholders of an alert."""

    host: _Text | None = None
    """The provider of this name, or else the one that is connected to at this host; a port behind it is left out."""
    labels: Annotated[dict[Name, _Text], Field(min_length=1, max_length=MOST_LABELS)] | None = None
    """The provider that has all of these labels."""

    @model_validator(mode="after")
    def is_one(self) -> "ProviderChoice":
        """Exactly one way of choosing is given."""
        if (self.host is None) == (self.labels is None):
            message = "needs exactly one of: host, labels"
            raise ValueError(message)
        return self


def is_choice(value: JsonValue) -> bool:
    """Whether a value for a parameter chooses a provider: ``{provider: …}``."""
    return isinstance(value, dict) and value.keys() == {"provider"}


def texts_in(value: JsonValue) -> list[str]:
    """The texts of a value that are filled in: the value itself, or those by which a provider is chosen."""
    if isinstance(value, dict):
        return list(_texts(value["provider"])) if is_choice(value) else []
    return [value] if isinstance(value, str) else []


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
