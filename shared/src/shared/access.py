"""Access: the permissions that endpoints ask for, as dependencies that FastAPI knows and documents."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.requests import HTTPConnection
from fastapi.security import HTTPBearer

from shared.admission import admitted, identified, shown_credential
from shared.contracts.principal import PERMISSIONS, Permission, Principal


class _DocumentedBearer(HTTPBearer):
    """Documents the header with the token, and leaves it to ``admitted`` to read it, as it is read everywhere."""

    async def __call__(self, request: HTTPConnection) -> None:
        """Nothing."""


Bearer = Annotated[
    None,
    Depends(
        _DocumentedBearer(
            scheme_name="HTTPBearer",
            description="A token, as `opsimate up` printed it or `POST /api/v1/tokens` made it.",
        )
    ),
]


class Identified:
    """A dependency of an endpoint: the principal that calls it, whatever it may."""

    async def __call__(self, request: Request, _documented: Bearer = None) -> Principal:
        """The principal; ``ProblemError`` with 401 where it is unknown."""
        return await identified(request, shown_credential(request))


class May(Identified):
    """A dependency of an endpoint: the principal that calls it, if it has this permission."""

    def __init__(self, permission: Permission) -> None:
        if permission not in PERMISSIONS:  # one that is put together from the name of a kind is checked by no type
            raise ValueError(f"there is no permission '{permission}'")
        self.permission = permission

    async def __call__(self, request: Request, _documented: Bearer = None) -> Principal:
        """The principal; ``ProblemError`` with 401 where it is unknown, with 403 where it may not."""
        return await admitted(request, self.permission, shown_credential(request))


def needed_permissions(dependant: Dependant) -> list[Permission]:
    """What an endpoint asks of its caller: the ``permission`` of each dependency that has one."""
    return [call.permission for call in _calls(dependant) if hasattr(call, "permission")]


def needs_caller(dependant: Dependant) -> bool:
    """Whether an endpoint answers those alone who are known."""
    return any(isinstance(call, Identified) for call in _calls(dependant))


async def check_caller(request: Request, dependant: Dependant) -> None:
    """Ask for the principal as the endpoint will, now: ``ProblemError`` where it may not call that."""
    for call in _calls(dependant):
        if isinstance(call, Identified):
            await call(request)


def _calls(dependant: Dependant) -> Iterator[Any]:
    for needed in dependant.dependencies:
        yield needed.call
        yield from _calls(needed)
