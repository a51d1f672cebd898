"""Provider groups: providers that steps name together."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, JsonValue, model_validator

from shared.contracts.definition import Definition, Reference
from shared.contracts.distinct import Distinct
from shared.contracts.rollout import MOST_INVOCATIONS
from shared.contracts.values import Description, Name

MOST_GROUPS = 100
"""Other groups in one."""
DEEPEST_GROUPS, MOST_GROUPS_WITHIN = 20, 1_000
"""Groups below each other, from one on; groups in one, with those that are in them."""

_EXAMPLE: JsonValue = {"name": "web", "description": "All front servers", "providers": ["web-1", "web-2"]}


class ProviderGroupDefinition(Definition):
    """Providers that steps name together."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    kind: Literal["provider_group"] = "provider_group"
    name: Name
    description: Description = ""
    providers: Annotated[list[Name], Field(max_length=MOST_INVOCATIONS), Distinct()] = []
    groups: Annotated[list[Name], Field(max_length=MOST_GROUPS), Distinct()] = []
    """Other groups, whose providers are among those of this one."""

    @model_validator(mode="after")
    def is_not_empty(self) -> "ProviderGroupDefinition":
        """A group of nothing could be named, and matches nothing."""
        if not self.providers and not self.groups:
            message = "a group needs a provider at least, in providers, or another group in groups"
            raise ValueError(message)
        return self

    def references(self) -> Iterator[Reference]:
        """The providers and the other groups in it."""
        for index, name in enumerate(self.providers):
            yield Reference("provider", name, f"providers.{index}")
        for index, name in enumerate(self.groups):
            yield Reference("provider_group", name, f"groups.{index}")
