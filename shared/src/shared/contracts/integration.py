"""Integrations: sources with credentials of their own."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, JsonValue, StringConstraints

from shared.contracts.definition import Definition, Reference, Strict
from shared.contracts.values import Description, Name


class HmacVerification(Strict):
    """The sender signs the body with a secret that both sides know."""

    secrets: Annotated[list[Name], Field(min_length=1, max_length=5)]
    """The names of stored secrets, each of which verifies: several while one is changed for another."""


class Verification(Strict):
    """How the sender is known. Nothing given: by one of our tokens."""

    hmac: HmacVerification | None = None


_EXAMPLE: JsonValue = {
    "name": "on-call",
    "source": "generic",
    "verify": {"hmac": {"secrets": ["deploy-key"]}},
}


class IntegrationDefinition(Definition):
    """A source of alerts with credentials of its own."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    kind: Literal["integration"] = "integration"
    name: Name
    description: Description = ""
    source: Annotated[str, StringConstraints(max_length=63)]
    """One of ``ALERT_SOURCES``, which is checked when an integration is saved."""
    verify: Verification = Verification()

    def references(self) -> Iterator[Reference]:
        """The secrets that verify its sender."""
        for index, name in enumerate(self.verify.hmac.secrets if self.verify.hmac is not None else ()):
            yield Reference("secret", name, f"verify.hmac.secrets.{index}")
