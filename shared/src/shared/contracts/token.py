"""Tokens: who may call the API."""

from typing import Annotated, Literal

from pydantic import BaseModel, StringConstraints

from shared.contracts.definition import Strict
from shared.contracts.values import Description, Instant, Name

TokenKind = Literal["person", "service"]
TokenRole = Literal["administrator", "alerts", "metrics"]


class TokenDefinition(Strict):
    """A token to be made."""

    name: Name
    description: Description = ""
    kind: TokenKind = "service"
    """A person's runs have the trigger ``manual``, a service's ``api``."""
    role: TokenRole = "alerts"
    """``administrator`` may do everything, ``alerts`` may only post alerts, ``metrics`` may only read metrics."""


class Token(BaseModel):
    """A token as it is stored: by its hash only."""

    id: str
    """Its name."""
    version: int = 1
    hash: Annotated[str, StringConstraints(min_length=64, max_length=64)]
    """SHA-256 of the token, in hex. A token has 256 random bits, so a slow hash would add nothing."""
    kind: TokenKind
    role: TokenRole
    description: str = ""
    created_at: Instant
