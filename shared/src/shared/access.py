"""Access: which principal calls, and whether it has the permission that an endpoint asks for."""

from collections.abc import Iterator
from typing import Annotated, Any, Protocol

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.types import Scope

from shared.contracts.principal import PERMISSIONS, Permission, Principal, roles_with
from shared.http import ProblemError


class Authenticator(Protocol):
    """Tells who calls. The tokens of the store are one; sessions and single sign-on can be others."""

    async def authenticate(self, credential: str) -> Principal | None:
        """The principal that shows this credential; none where nobody does."""

    async def is_still_known(self, principal: Principal) -> bool:
        """Whether a principal that was let in a while ago would be now, for answers that last."""


_bearer = HTTPBearer(
    auto_error=False, description="A token, as `opsimate up` printed it or `POST /api/v1/tokens` made it."
)
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


class May:
    """A dependency of an endpoint: the principal that calls it, if it has this permission."""

    def __init__(self, permission: Permission) -> None:
        if permission not in PERMISSIONS:  # one that is put together from the name of a kind is checked by no type
            raise ValueError(f"there is no permission '{permission}'")
        self.permission = permission

    async def __call__(self, request: Request, bearer: Bearer) -> Principal:
        return await self.admit(request, bearer)

    async def admit(self, request: Request, bearer: HTTPAuthorizationCredentials | None) -> Principal:
        """The principal; ``ProblemError`` with 401 where it is unknown, with 403 where it may not."""
        caller = known_caller(request.scope) or await _authenticated(request, bearer)
        if not caller.may(self.permission):
            raise ProblemError(
                403,
                f"the token '{caller.name}' may not do this: it needs the permission {self.permission}, which the role "
                f"{' or '.join(roles_with(self.permission))} has",
            )
        return caller


_CALLER = "opsimate.caller"


def known_caller(scope: Scope) -> Principal | None:
    """The principal of a request that was asked for one already."""
    caller: Principal | None = scope.get(_CALLER)
    return caller


def needed_permissions(dependant: Dependant) -> list[Permission]:
    """What an endpoint asks of its caller: the ``permission`` of each dependency that has one."""
    return [call.permission for call in _calls(dependant) if hasattr(call, "permission")]


async def check_caller(request: Request, dependant: Dependant) -> None:
    """Ask for the principal as the endpoint will, now: ``ProblemError`` where it may not call that."""
    for call in _calls(dependant):
        if isinstance(call, May):
            await call.admit(request, await _bearer(request))


def _calls(dependant: Dependant) -> Iterator[Any]:
    for needed in dependant.dependencies:
        yield needed.call
        yield from _calls(needed)


async def _authenticated(request: Request, bearer: HTTPAuthorizationCredentials | None) -> Principal:
    if bearer is None:
        raise unauthorized("a token is needed, as the header 'Authorization: Bearer TOKEN'")
    authenticator: Authenticator = request.app.state.authenticator
    caller = await authenticator.authenticate(bearer.credentials)
    if caller is None:
        raise unauthorized("this token is not known here")
    request.scope[_CALLER] = caller
    return caller


def unauthorized(detail: str) -> ProblemError:
    """401."""
    return ProblemError(401, detail, headers={"WWW-Authenticate": "Bearer"})
