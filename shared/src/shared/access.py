"""Access: the permissions that endpoints ask for, as dependencies that FastAPI knows and documents."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.admission import admitted
from shared.contracts.principal import PERMISSIONS, Permission, Principal

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
        return await admitted(request, self.permission, None if bearer is None else bearer.credentials)


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
