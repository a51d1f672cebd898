"""Endpoints that are called directly, as their declarations say.

FastAPI looks anew with every request for the endpoint that is meant, and for what that declares: it takes as long as
asking for a run takes altogether. A declaration stays as it is, so it is read once, at the start. A request that is as
declared is answered here; all else goes FastAPI's way, which says what is wrong with it. So do the endpoints that
declare what is not known here: a query, a dependency with parameters of its own, an answer that is made of a model.
"""

import re
from collections.abc import Iterable
from inspect import iscoroutinefunction
from typing import Any

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.convertors import StringConvertor
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.bodies import StrictJsonRoute, strict_json


class DirectCalls:
    """Calls the endpoints of these routes directly where that can be, and leaves all else to the application."""

    def __init__(self, app: ASGIApp, routes: Iterable[BaseRoute]) -> None:
        self._app = app
        self._calls: dict[str, list[tuple[re.Pattern[str], _DirectCall | None]]] = {}
        """By method; none for those that cannot be, as the first route that fits a path is the one that is meant."""
        for route in routes:
            if isinstance(route, APIRoute):
                call = _DirectCall(route) if _is_direct(route) else None
                for method in route.methods or ():
                    self._calls.setdefault(method, []).append((route.path_regex, call))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = self._call_of(scope)
        if call is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            response = await call.answer(request)
        except Exception as error:  # noqa: BLE001 - what nothing here answers is raised again
            response = await _refusal(request, error)
        if response is None:
            await self._app(scope, _received_again(request), send)
        else:
            await response(scope, receive, send)

    def _call_of(self, scope: Scope) -> "_DirectCall | None":
        if scope["type"] != "http" or scope.get("root_path") or scope["query_string"]:
            return None  # none of these endpoints reads a query, which FastAPI's way says
        for path, call in self._calls.get(scope["method"], ()):
            if found := path.match(scope["path"]):
                scope["path_params"] = found.groupdict()
                return call
        return None


def _is_direct(route: APIRoute) -> bool:
    """Whether all that the route's endpoint declares is known here."""
    dependant = route.dependant
    takes_strict_json = type(route) is StrictJsonRoute and route.body_field in dependant.body_params
    return (
        type(route) in {APIRoute, StrictJsonRoute}
        and iscoroutinefunction(route.endpoint)
        and route.endpoint.__annotations__.get("return") is Response
        and all(type(one) is StringConvertor for one in route.param_convertors.values())
        and all(one.field_info.annotation == str | None and one.default is None for one in dependant.header_params)
        and (takes_strict_json or not dependant.body_params)
        and not (dependant.query_params or _needs_more(dependant))
        and all(_is_plain(needed) for needed in dependant.dependencies)
    )


def _is_plain(dependency: Dependant) -> bool:
    """Whether a dependency takes the request and what other plain ones found, and nothing else."""
    call: Any = dependency.call
    return (
        (iscoroutinefunction(call) or iscoroutinefunction(type(call).__call__))
        and not (dependency.path_params or dependency.query_params or dependency.header_params)
        and not (dependency.body_params or _needs_more(dependency))
        and all(_is_plain(needed) for needed in dependency.dependencies)
    )


def _needs_more(dependant: Dependant) -> bool:
    return bool(
        dependant.cookie_params
        or dependant.response_param_name
        or dependant.background_tasks_param_name
        or dependant.security_scopes_param_name
        or dependant.concurrency
    )


class _DirectCall:
    """The call of one endpoint."""

    def __init__(self, route: APIRoute) -> None:
        self._endpoint = route.endpoint
        self._dependant = route.dependant
        self._body = route.body_field

    async def answer(self, request: Request) -> Response | None:
        """The endpoint's answer; none where something is not as declared, and nothing was done."""
        values = await _needed(self._dependant, request)  # who calls is among it, and known before a body is read
        for field in self._dependant.path_params:
            values[field.name], errors = field.validate(request.path_params[field.alias])
            if errors:
                return None
        for field in self._dependant.header_params:
            given = request.headers.get(field.alias)
            if given is not None:
                given, errors = field.validate(given)
                if errors:
                    return None
            values[field.name] = given
        if self._body is not None:
            if request.headers.get("content-type") != "application/json":
                return None
            body = await request.body()
            try:
                values[self._body.name], errors = self._body.validate(strict_json(body))
            except (ValueError, RecursionError, HTTPException):
                return None
            if errors:
                return None
        response: Response = await self._endpoint(**values)
        return response


async def _needed(dependant: Dependant, request: Request) -> dict[str, Any]:
    """What the dependencies of an endpoint, or of a dependency, find, and the request, by the names it has there."""
    values: dict[str, Any] = {}
    for needed in dependant.dependencies:
        call: Any = needed.call
        found = await call(**await _needed(needed, request))
        if needed.name is not None:
            values[needed.name] = found
    for name in (dependant.request_param_name, dependant.http_connection_param_name):
        if name is not None:
            values[name] = request
    return values


async def _refusal(request: Request, error: Exception) -> Response:
    """What the application answers an error with; one that it answers nowhere is raised."""
    handlers = request.app.exception_handlers
    for kind in type(error).__mro__[:-1]:
        if kind in handlers and kind is not Exception:
            response: Response = await handlers[kind](request, error)
            return response
    raise error


def _received_again(request: Request) -> Receive:
    """What a request received, for somebody else to receive it."""
    receive, is_given = request.receive, False

    async def again() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": await request.body(), "more_body": False}

    return again
