"""Admission: which principal calls, and whether it has the permission that is asked of it."""

from typing import Protocol

from starlette.requests import Request
from starlette.types import Scope

from shared.contracts.principal import Permission, Principal, roles_with
from shared.http import ProblemError


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


_CALLER = "opsimate.caller"


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
