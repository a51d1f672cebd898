"""Admission: which principal calls, known to the store by what it shows, and whether it has the permission that is
asked of it.
"""

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Protocol

from starlette.requests import Request
from starlette.types import Scope

from shared.browsers import is_of_another_page, shown_session
from shared.clock import Clock, new_id, utc_now
from shared.collections import REMOVED_TOKENS, TOKENS
from shared.contracts.origin import CredentialKind, Origin, program_named
from shared.contracts.principal import (
    Permission,
    Principal,
    RemovedToken,
    Token,
    TokenDefinition,
    roles_with,
)
from shared.http import ProblemError
from shared.remembered import Remembered
from shared.store.port import Document, DocumentStore, DuplicateKeyError, StoreUnavailableError, after_id

_CALLER, _SHOWN = "opsimate.caller", "opsimate.credential"
REMEMBERED_SECONDS = 5.0
"""How long a token is known without asking the store: a removed one opens nothing after that."""
LOOKED_AFTER_SECONDS = 1.5
"""The same for an open stream, which looks every two seconds: so it closes within ``REMEMBERED_SECONDS``, too."""
PREFIX = "opsimate_"
THE_PRODUCT = "the product"
"""Made the first token, as the audit has it. No token can have this name."""


@dataclass(frozen=True)
class Credential:
    """What a caller shows: a token, or the session that a browser was given for one."""

    kind: CredentialKind
    secret: str = field(repr=False)


class Authenticator(Protocol):
    """Tells who calls. The tokens of the store are one, sessions with them another; single sign-on can be one more."""

    async def authenticate(self, credential: Credential) -> Principal | None:
        """The principal that shows this credential; none where nobody does."""

    async def is_still_known(self, credential: Credential) -> bool:
        """Whether who was let in by this a while ago would be now, for answers that last."""


async def admitted(request: Request, permission: Permission, credential: Credential | None) -> Principal:
    """The principal that shows this; ``ProblemError`` with 401 where it is unknown, with 403 where it may not."""
    caller = await identified(request, credential)
    if not caller.may(permission):
        raise ProblemError(
            403,
            f"the token '{caller.name}' may not do this: it needs the permission {permission}, which the role "
            f"{' or '.join(roles_with(permission))} has",
        )
    return caller


async def identified(request: Request, credential: Credential | None) -> Principal:
    """The principal that shows this, whatever it may; ``ProblemError`` with 401 where it is unknown."""
    if (known := known_caller(request.scope)) is not None:
        return known
    if credential is None:
        raise unauthorized("a token is needed, as the header 'Authorization: Bearer TOKEN'")
    authenticator: Authenticator = request.app.state.authenticator
    caller = await authenticator.authenticate(credential)
    if caller is None:
        raise unauthorized(_UNKNOWN[credential.kind])
    caller = replace(caller, origin=_origin_of(request, credential))
    request.scope[_CALLER], request.scope[_SHOWN] = caller, credential
    return caller


def _origin_of(request: Request, credential: Credential) -> Origin:
    address = request.client.host if request.client else ""
    return Origin(
        address=address, program=program_named(request.headers.get("user-agent", "")), credential=credential.kind
    )


_UNKNOWN = {
    "token": "this token is not known here",
    "session": "this session is over; sign in again",
}


def shown_credential(request: Request) -> Credential | None:
    """What a request shows of who sends it: the token in its header, or else the session in its cookie.

    ``ProblemError`` with 403 where a page of another address has a browser send its cookie.
    """
    if (token := shown_token(request)) is not None:
        return token
    session = shown_session(request)
    if session is None:
        return None
    refuse_other_pages(request)
    return Credential("session", session)


def shown_token(request: Request) -> Credential | None:
    """The token in the header of a request."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip()
    return Credential("token", token) if scheme.lower() == "bearer" and token else None


def refuse_other_pages(request: Request) -> None:
    """``ProblemError`` with 403 where a page of another address has a browser send this."""
    if is_of_another_page(request):
        raise ProblemError(
            403,
            "a page of another address has sent this: open the console itself, and do it there; if you did, a proxy on "
            "the way has to pass on the header Host as it is",
        )


def known_caller(scope: Scope) -> Principal | None:
    """The principal of a request that was asked for one already."""
    caller: Principal | None = scope.get(_CALLER)
    return caller


async def is_caller_still_known(request: Request) -> bool:
    """Whether the caller that was let in with a request would be now, for answers that last."""
    authenticator: Authenticator = request.app.state.authenticator
    return await authenticator.is_still_known(shown_by_caller(request))


def shown_by_caller(request: Request) -> Credential:
    """What the caller that was let in with a request has shown."""
    shown: Credential = request.scope[_SHOWN]
    return shown


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
        self._remembered: Remembered[Token] = Remembered()

    async def create(self, definition: TokenDefinition, token: str, by: Principal | None = None) -> None:
        """Store a token by its hash, and who makes it, where that is not the product itself; ``DuplicateKeyError``
        where its name is taken.
        """
        now = self._clock()
        stored = Token(
            id=definition.name,
            uid=new_id(),
            hash=token_hash(token),
            kind=definition.kind,
            role=definition.role,
            description=definition.description,
            created_at=now,
            made_by=THE_PRODUCT if by is None else by.name,
            made_by_id=None if by is None else by.id,
            origin=None if by is None else by.origin,
            unaudited=now,
        )
        await self._store.insert(TOKENS, stored.model_dump(mode="json", exclude_none=True))

    async def authenticate(self, credential: Credential) -> Principal | None:
        """The principal that this token stands for, if it is one."""
        token = await self.of(credential.secret) if credential.kind == "token" else None
        return None if token is None else token.principal

    async def is_still_known(self, credential: Credential) -> bool:
        """Whether this token is still there. Where the store is away, it is."""
        if credential.kind != "token":
            return False
        try:
            return await self.of(credential.secret, within=LOOKED_AFTER_SECONDS) is not None
        except StoreUnavailableError:
            return True

    async def of(self, token: str, *, within: float | None = None) -> Token | None:
        """The stored token that this is, if it is one, as it was within so many seconds."""
        hashed = token_hash(token)

        async def ask() -> Token | None:
            found = await self._store.find(TOKENS, {"hash": hashed}, limit=1)
            return _token(found[0] if found else None)

        return await self._remembered.get(hashed, REMEMBERED_SECONDS if within is None else within, ask)

    async def with_uid(self, name: str, uid: str, *, within: float | None = None) -> Token | None:
        """The token of this name, if it still is the one with this uid, as it was within so many seconds."""

        async def ask() -> Token | None:
            token = await self.named(name)
            return token if token is not None and token.uid == uid else None

        return await self._remembered.get(uid, REMEMBERED_SECONDS if within is None else within, ask)

    async def has_administrator(self) -> bool:
        """Whether anybody could administer this installation."""
        return bool(await self._store.find(TOKENS, {"role": "administrator"}, limit=1))

    async def named(self, name: str) -> Token | None:
        """The token of this name."""
        return _token(await self._store.get(TOKENS, name))

    async def page(self, after: str | None, limit: int) -> list[Token]:
        """Tokens in the order of their names, those that come after one."""
        found = await self._store.find(TOKENS, {}, after=after_id(after), limit=limit)
        return [Token.model_validate(one) for one in found]

    async def is_last_administrator(self, token: Token) -> bool:
        """Whether nobody could administer this installation without this token."""
        if token.role != "administrator":
            return False
        return len(await self._store.find(TOKENS, {"role": "administrator"}, limit=2)) == 1

    async def remove(self, token: Token, by: Principal) -> None:
        """Remove a token, and note who did. Here it opens nothing from now on, in other processes after
        ``REMEMBERED_SECONDS``.
        """
        removed = RemovedToken(
            id=token.uid, token=token, at=self._clock(), by=by.name, principal_id=by.id, origin=by.origin
        )
        with suppress(DuplicateKeyError):  # somebody else removes it, too
            await self._store.insert(REMOVED_TOKENS, removed.model_dump(mode="json", exclude_none=True))
        await self._store.delete(TOKENS, {"id": token.id})
        for key in (token.hash, token.uid):
            self._remembered.forget(key)


def _token(document: Document | None) -> Token | None:
    return None if document is None else Token.model_validate(document)
