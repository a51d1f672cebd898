"""Access: the permissions that endpoints ask for, as dependencies that FastAPI knows and documents."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.requests import HTTPConnection
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from pydantic import BaseModel

from shared.admission import admitted, identified, shown_credential
from shared.contracts.principal import PERMISSIONS, Permission, Principal
from shared.contracts.problem import FieldError, nearest
from shared.http import invalid

_OF_LISTS = frozenset({"limit", "cursor"})
MOST_UNKNOWN = 20
"""Parameters of a query that one refusal names."""


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
        """The principal; ``ProblemError`` with 401 where it is unknown, with 422 for a query that means nothing."""
        caller = await identified(request, shown_credential(request))
        refuse_unknown_query(request)
        return caller


class May(Identified):
    """A dependency of an endpoint: the principal that calls it, if it has this permission."""

    def __init__(self, permission: Permission, *, any_query: bool = False) -> None:
        """``any_query`` is for what other programs ask in their own way."""
        if permission not in PERMISSIONS:  # one that is put together from the name of a kind is checked by no type
            raise ValueError(f"there is no permission '{permission}'")
        self.permission = permission
        self._any_query = any_query

    async def __call__(self, request: Request, _documented: Bearer = None) -> Principal:
        """The principal; ``ProblemError`` with 401 where it is unknown, with 403 where it may not, with 422 for a query
        that means nothing.
        """
        caller = await admitted(request, self.permission, shown_credential(request))
        if not self._any_query:
            refuse_unknown_query(request)
        return caller


def refuse_unknown_query(request: Request) -> None:
    """``ProblemError`` with 422 for parameters of the query that the endpoint does not declare: one that is misplaced
    or misspelt is never passed over.
    """
    route = request.scope.get("route")
    if not request.query_params or not isinstance(route, APIRoute):
        return
    known = _query_names(route)
    unknown = [] if known is None else [name for name in dict.fromkeys(request.query_params) if name not in known]
    if known is not None and unknown:
        hints = ((name, nearest(name, known)) for name in unknown[:MOST_UNKNOWN])
        raise invalid([FieldError(field=name, message=f"unknown field{hint}") for name, hint in hints])


def _query_names(route: APIRoute) -> frozenset[str] | None:
    """What an endpoint reads of the query; none where a model does, which refuses what it does not know by itself."""
    fields = [field for dependant in _dependants(route.dependant) for field in dependant.query_params]
    if any(_is_model(field.field_info.annotation) for field in fields):
        return None
    is_list = "next" in getattr(route.response_model, "model_fields", {})
    # What all lists take is taken, and means nothing, where one is always whole.
    return frozenset(field.alias for field in fields) | (_OF_LISTS if is_list else frozenset())


def _dependants(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for needed in dependant.dependencies:
        yield from _dependants(needed)


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


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
