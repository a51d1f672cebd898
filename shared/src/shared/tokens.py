"""Tokens: who calls, and what they may do."""

import asyncio
import hashlib
import secrets
import time
from typing import Annotated

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.types import Scope

from shared.clock import Clock, utc_now
from shared.collections import TOKENS
from shared.contracts.token import Token, TokenDefinition, TokenKind, TokenRole
from shared.http import ProblemError
from shared.store.port import DocumentStore, StoreUnavailableError

REMEMBERED_SECONDS = 5.0
"""How long a token is known without asking the store: a removed one opens nothing after that."""
LOOKED_AFTER_SECONDS = 1.5
"""The same for an open stream, which looks every two seconds: so it closes within ``REMEMBERED_SECONDS``, too."""
PATIENCE = 1.0
"""Seconds that the store is given to say again what is remembered: the call itself has to be answered within five."""
MOST_REMEMBERED = 1_000
PREFIX = "opsimate_"


def token_hash(token: str) -> str:
    """What the store keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """256 random bits, readable as one of ours."""
    return PREFIX + secrets.token_urlsafe(32)


class Tokens:
    """The tokens that the store knows."""

    def __init__(self, store: DocumentStore, clock: Clock = utc_now) -> None:
        self._store = store
        self._clock = clock
        self._remembered: dict[str, tuple[float, Token]] = {}

    async def create(self, definition: TokenDefinition, token: str) -> None:
        """Store a token by its hash; ``DuplicateKeyError`` where its name is taken."""
        stored = Token(
            id=definition.name,
            hash=token_hash(token),
            kind=definition.kind,
            role=definition.role,
            description=definition.description,
            created_at=self._clock(),
        )
        await self._store.insert(TOKENS, stored.model_dump(mode="json"))

    async def of(self, token: str) -> Token | None:
        """The stored token that this is, if it is one."""
        return await self._of(token_hash(token), REMEMBERED_SECONDS)

    async def is_still_known(self, token: Token) -> bool:
        """Whether this token opens what it opened: for streams. Where the store is away, it does."""
        try:
            return await self._of(token.hash, LOOKED_AFTER_SECONDS) is not None
        except StoreUnavailableError:
            return True

    async def _of(self, hashed: str, within: float) -> Token | None:
        """The token of this hash, as the store had it within so many seconds."""
        now = time.monotonic()
        since, known = self._remembered.get(hashed, (0.0, None))
        if known is not None and now - since < within:
            return known
        try:
            async with asyncio.timeout(None if known is None else PATIENCE):
                found = await self._store.find(TOKENS, {"hash": hashed}, limit=1)
        except (StoreUnavailableError, TimeoutError):
            if known is None:
                raise
            # What needs no store, such as metrics, is wanted most while the store is away; and what does need it
            # is to say so soon.
            self._remembered[hashed] = (time.monotonic(), known)
            return known
        if not found:
            self._remembered.pop(hashed, None)
            return None
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()
        caller = Token.model_validate(found[0])
        self._remembered[hashed] = (now, caller)
        return caller

    async def has_administrator(self) -> bool:
        """Whether anybody could administer this installation."""
        return bool(await self._store.find(TOKENS, {"role": "administrator"}, limit=1))

    async def named(self, name: str) -> Token | None:
        """The token of this name."""
        document = await self._store.get(TOKENS, name)
        return None if document is None else Token.model_validate(document)

    async def page(self, after: str | None, limit: int) -> list[Token]:
        """Tokens in the order of their names, those that come after one."""
        place = None if after is None else (after, after)
        return [Token.model_validate(one) for one in await self._store.find(TOKENS, {}, after=place, limit=limit)]

    async def is_last_administrator(self, token: Token) -> bool:
        """Whether nobody could administer this installation without this token."""
        if token.role != "administrator":
            return False
        return len(await self._store.find(TOKENS, {"role": "administrator"}, limit=2)) == 1

    async def remove(self, token: Token) -> None:
        """Remove a token. Here it opens nothing from now on, in other processes after ``REMEMBERED_SECONDS``."""
        await self._store.delete(TOKENS, {"id": token.id})
        self._remembered.pop(token.hash, None)


_bearer = HTTPBearer(
    auto_error=False, description="A token, as `opsimate up` printed it or `POST /api/v1/tokens` made it."
)
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


class Caller:
    """A dependency of an endpoint: the token that calls it, if its role is one of these."""

    def __init__(self, *roles: TokenRole) -> None:
        self._roles = roles

    async def __call__(self, request: Request, credentials: Credentials) -> Token:
        caller = known_caller(request.scope) or await _known(request, credentials)
        if caller.role not in self._roles:
            raise ProblemError(
                403, f"the token '{caller.id}' has the role {caller.role}; this needs {_either(self._roles)}"
            )
        return caller


_CALLER = "opsimate.caller"


def known_caller(scope: Scope) -> Token | None:
    """The token of a request for which a ``Caller`` asked already."""
    caller: Token | None = scope.get(_CALLER)
    return caller


async def check_callers(request: Request, dependant: Dependant) -> None:
    """Ask for the token of a request as the endpoint will, now: ``ProblemError`` where it may not call that."""
    for needed in dependant.dependencies:
        if isinstance(needed.call, Caller):
            await needed.call(request, await _bearer(request))
        else:
            await check_callers(request, needed)


async def _known(request: Request, credentials: HTTPAuthorizationCredentials | None) -> Token:
    if credentials is None:
        raise unauthorized("a token is needed, as the header 'Authorization: Bearer TOKEN'")
    tokens: Tokens = request.app.state.tokens
    caller = await tokens.of(credentials.credentials)
    if caller is None:
        raise unauthorized("this token is not known here")
    request.scope[_CALLER] = caller
    return caller


def unauthorized(detail: str) -> ProblemError:
    """401."""
    return ProblemError(401, detail, headers={"WWW-Authenticate": "Bearer"})


def _either(roles: tuple[TokenRole, ...]) -> str:
    return " or ".join(roles)


def trigger_kind(kind: TokenKind) -> str:
    """A person's runs are started by hand, a service's over the API."""
    return "manual" if kind == "person" else "api"
