"""Admission: which principal calls, known to the store by a token's hash, and whether it has the permission that is
asked of it.
"""

import asyncio
import hashlib
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from starlette.requests import Request
from starlette.types import Scope

from shared.clock import Clock, new_id, utc_now
from shared.collections import TOKENS
from shared.contracts.principal import Permission, Principal, Token, TokenDefinition, roles_with
from shared.http import ProblemError
from shared.store.port import Document, DocumentStore, StoreUnavailableError, after_id

_CALLER = "opsimate.caller"
REMEMBERED_SECONDS = 5.0
"""How long a token is known without asking the store: a removed one opens nothing after that."""
LOOKED_AFTER_SECONDS = 1.5
"""The same for an open stream, which looks every two seconds: so it closes within ``REMEMBERED_SECONDS``, too."""
PATIENCE = 1.0
"""Seconds that the store is given to say again what is remembered: the call itself has to be answered within five."""
MOST_REMEMBERED = 1_000
PREFIX = "opsimate_"


class Authenticator(Protocol):
    """Tells who calls. The tokens of the store are one; sessions and single sign-on can be others."""

    async def authenticate(self, credential: str) -> Principal | None:
        """The principal that shows this credential; none where nobody does."""

    async def is_still_known(self, principal: Principal) -> bool:
        """Whether a principal that was let in a while ago would be now, for answers that last."""


async def admitted(request: Request, permission: Permission, token: str | None) -> Principal:
    """The principal that shows the token; ``ProblemError`` with 401 where it is unknown, with 403 where it may not."""
    caller = known_caller(request.scope) or await _authenticated(request, token)
    if not caller.may(permission):
        raise ProblemError(
            403,
            f"the token '{caller.name}' may not do this: it needs the permission {permission}, which the role "
            f"{' or '.join(roles_with(permission))} has",
        )
    return caller


def shown_token(request: Request) -> str | None:
    """The token in the header of a request."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def known_caller(scope: Scope) -> Principal | None:
    """The principal of a request that was asked for one already."""
    caller: Principal | None = scope.get(_CALLER)
    return caller


async def _authenticated(request: Request, token: str | None) -> Principal:
    if token is None:
        raise unauthorized("a token is needed, as the header 'Authorization: Bearer TOKEN'")
    authenticator: Authenticator = request.app.state.authenticator
    caller = await authenticator.authenticate(token)
    if caller is None:
        raise unauthorized("this token is not known here")
    request.scope[_CALLER] = caller
    return caller


def unauthorized(detail: str) -> ProblemError:
    """401."""
    return ProblemError(401, detail, headers={"WWW-Authenticate": "Bearer"})


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
            uid=new_id(),
            hash=token_hash(token),
            kind=definition.kind,
            role=definition.role,
            description=definition.description,
            created_at=self._clock(),
        )
        await self._store.insert(TOKENS, stored.model_dump(mode="json"))

    async def authenticate(self, credential: str) -> Principal | None:
        """The principal that this token stands for, if it is one."""
        token = await self.of(credential)
        return None if token is None else token.principal

    async def is_still_known(self, principal: Principal) -> bool:
        """Whether the token of this principal is still there. Where the store is away, it is."""

        async def ask() -> Document | None:
            document = await self._store.get(TOKENS, principal.name)
            is_another = document is not None and Token.model_validate(document).uid != principal.id
            return None if is_another else document

        try:
            return await self._remember(principal.id, LOOKED_AFTER_SECONDS, ask) is not None
        except StoreUnavailableError:
            return True

    async def of(self, token: str) -> Token | None:
        """The stored token that this is, if it is one."""
        hashed = token_hash(token)

        async def ask() -> Document | None:
            found = await self._store.find(TOKENS, {"hash": hashed}, limit=1)
            return found[0] if found else None

        return await self._remember(hashed, REMEMBERED_SECONDS, ask)

    async def _remember(self, key: str, within: float, ask: Callable[[], Awaitable[Document | None]]) -> Token | None:
        """A token as the store had it within so many seconds, by its hash or its uid."""
        now = time.monotonic()
        since, known = self._remembered.get(key, (0.0, None))
        if known is not None and now - since < within:
            return known
        try:
            async with asyncio.timeout(None if known is None else PATIENCE):
                found = await ask()
        except (StoreUnavailableError, TimeoutError):
            if known is None:
                raise
            # What needs no store, such as metrics, is wanted most while the store is away; and what does need it
            # is to say so soon.
            self._remembered[key] = (time.monotonic(), known)
            return known
        if found is None:
            self._remembered.pop(key, None)
            return None
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()
        token = Token.model_validate(found)
        self._remembered[key] = (now, token)
        return token

    async def has_administrator(self) -> bool:
        """Whether anybody could administer this installation."""
        return bool(await self._store.find(TOKENS, {"role": "administrator"}, limit=1))

    async def named(self, name: str) -> Token | None:
        """The token of this name."""
        document = await self._store.get(TOKENS, name)
        return None if document is None else Token.model_validate(document)

    async def page(self, after: str | None, limit: int) -> list[Token]:
        """Tokens in the order of their names, those that come after one."""
        found = await self._store.find(TOKENS, {}, after=after_id(after), limit=limit)
        return [Token.model_validate(one) for one in found]

    async def is_last_administrator(self, token: Token) -> bool:
        """Whether nobody could administer this installation without this token."""
        if token.role != "administrator":
            return False
        return len(await self._store.find(TOKENS, {"role": "administrator"}, limit=2)) == 1

    async def remove(self, token: Token) -> None:
        """Remove a token. Here it opens nothing from now on, in other processes after ``REMEMBERED_SECONDS``."""
        await self._store.delete(TOKENS, {"id": token.id})
        for key in (token.hash, token.uid):
            self._remembered.pop(key, None)
