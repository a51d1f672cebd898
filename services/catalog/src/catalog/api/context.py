"""What endpoints stand on: the parts of the catalog, and who calls."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request

from catalog.handlers.definitions import Definitions
from catalog.handlers.provider_tests import ProviderTests
from catalog.handlers.subscribers import Subscribers
from shared.bus.port import Bus
from shared.clock import Clock
from shared.contracts.problem import Problem
from shared.encryption import Sealer
from shared.store.port import DocumentStore
from shared.tokens import Tokens

PREFIX = "/api/v1"


@dataclass(frozen=True)
class Parts:
    """The parts of the catalog that endpoints use."""

    store: DocumentStore
    bus: Bus
    sealer: Sealer
    clock: Clock
    subscribers: Subscribers
    provider_tests: ProviderTests
    definitions: Mapping[str, Definitions[Any]]
    """By the words of their kinds."""


async def parts_of(request: Request) -> Parts:
    """The parts of the catalog that this process is."""
    parts: Parts = request.app.state.catalog
    return parts


Catalog = Annotated[Parts, Depends(parts_of)]


async def tokens_of(request: Request) -> Tokens:
    """The tokens that this process knows: the same that callers are checked against."""
    tokens: Tokens = request.app.state.tokens
    return tokens


KnownTokens = Annotated[Tokens, Depends(tokens_of)]

Responses = dict[int | str, dict[str, Any]]


def problems(**reasons: str) -> Responses:
    """The problems that an endpoint may answer with, for its documentation: ``problems(_404="…")``."""
    named = {"_401": "No token, or one that is not known here.", "_403": "The token may not do this.", **reasons}
    return {
        int(status.removeprefix("_")): {"description": reason, "model": Problem} for status, reason in named.items()
    }
