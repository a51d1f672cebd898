"""Integrations: sources with credentials of their own."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.contracts.definition import Strict
from shared.contracts.values import Description, Name


class HmacVerification(Strict):
    """The sender signs the body with a secret that both sides know."""

    secrets: Annotated[list[Name], Field(min_length=1, max_length=5)]
    """The names of stored secrets, each of which verifies: several while one is changed for another."""


class Verification(Strict):
    """How the sender is known. Nothing given: by one of our tokens."""

    hmac: HmacVerification | None = None


class IntegrationDefinition(Strict):
    """A source of alerts with credentials of its own."""

    kind: Literal["integration"] = "integration"
    name: Name
    description: Description = ""
    source: Annotated[str, StringConstraints(max_length=63)]
    """One of ``ALERT_SOURCES``, which is checked when an integration is saved."""
    verify: Verification = Verification()
