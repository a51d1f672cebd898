"""What all HTTP faces share: errors as problem details, in answers and in the API's own documentation."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import anyio
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.connections import RefusalReason, logged_path, note_refusal
from shared.contracts.problem import FieldError, Problem, field_errors
from shared.store.port import StoreUnavailableError

RETRY_AFTER_SECONDS = 5
MOST_ERRORS = 100
"""In one answer: whoever has to mend more fields than that starts with these."""

log = structlog.get_logger()


class ProblemError(HTTPException):
    """An answer that says what is wrong and how to mend it.

    The framework's own kind of error, as of all that can be raised while a body is read it lets only that through.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail, headers)
        self.errors = list(errors)


def invalid(errors: Sequence[FieldError]) -> ProblemError:
    """422: what was sent is understood, but these fields cannot be so."""
    return ProblemError(422, "; ".join(f"{error.field}: {error.message}" for error in errors[:5]), errors=errors)


def invalid_field(field: str, message: str) -> ProblemError:
    """422 for a single field."""
    return invalid([FieldError(field=field, message=message)])


def store_away(error: StoreUnavailableError) -> ProblemError:
    """503: nothing is wrong with the request."""
    log.warning("store.unavailable", error=str(error))
    detail = (
        "the store cannot be reached now, and it is not known whether anything was changed; "
        "repeat the request in a few seconds"
    )
    return ProblemError(503, detail, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


def problem_response(
    status: int, detail: str, errors: Sequence[FieldError] = (), headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The problem as an answer."""
    problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, errors=list(errors))
    return JSONResponse(problem.model_dump(), status, headers, media_type=PROBLEM_TYPE)


class LeavingViewers:
    """Lets a client go that leaves in the middle of a stream or of its body: nobody is there to be told of an error."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except* (anyio.BrokenResourceError, ClientDisconnect):  # what it sends or asks for, nobody is there for
            log.debug("http.client_left", path=logged_path(scope["path"]))


def _explained(request: Request, error: HTTPException) -> str:
    """What the framework says in a word, in a sentence."""
    if isinstance(error.__cause__, RecursionError):
        return "the body is nested too deeply"
    if isinstance(error.__cause__, UnicodeDecodeError):
        return "the body is not UTF-8"
    if error.detail == HTTPStatus(error.status_code).phrase:
        return _SENTENCES.get(error.status_code, error.detail).format(
            method=request.method, path=request.url.path[:200]
        )
    return error.detail


_SENTENCES = {404: "there is nothing at {path}", 405: "{path} does not take {method}"}
_REFUSALS: Mapping[int, RefusalReason] = {401: "unauthorized", 408: "body_too_slow", 413: "body_too_large"}


def install_problems(app: FastAPI) -> None:
    """Answer every error as problem details, and say so in the documentation."""

    @app.exception_handler(ProblemError)
    async def problem(request: Request, error: ProblemError) -> JSONResponse:
        if reason := _REFUSALS.get(error.status_code):
            client = request.client.host if request.client else ""
            note_refusal(reason, client=client, path=request.url.path)
        return problem_response(error.status_code, error.detail, error.errors, error.headers)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        return problem_response(error.status_code, _explained(request, error), headers=error.headers)

    @app.exception_handler(RequestValidationError)
    async def validation(request: Request, error: RequestValidationError) -> JSONResponse:
        details = error.errors()
        if any(detail["type"] == "json_invalid" for detail in details):
            return problem_response(400, f"the body is not JSON: {details[0]['ctx']['error']}")
        if isinstance(error.body, bytes):
            declared = request.headers.get("content-type", "none")
            return problem_response(415, f"send JSON, with 'Content-Type: application/json'; it is {declared[:80]}")
        found = invalid(field_errors(details[:MOST_ERRORS]))
        return problem_response(422, found.detail, found.errors)

    @app.exception_handler(StoreUnavailableError)
    async def store_is_away(request: Request, error: StoreUnavailableError) -> JSONResponse:
        return await problem(request, store_away(error))

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        log.error("http.failed", path=logged_path(request.url.path), exc_info=error)
        return problem_response(500, "something went wrong here, and the log of the service says what")

    describe_problems(app)


PROBLEM_TYPE = "application/problem+json"
_PROBLEM = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_OF_EVERY_CALL = {"503": "The store cannot be reached now. Repeat the request in a few seconds."}
_OF_A_BODY = {
    "400": "The body is not JSON.",
    "413": "The body is larger than 1 MiB.",
    "415": "The body is not declared as `application/json`.",
}
_FRAMEWORKS_OWN = ("HTTPValidationError", "ValidationError")
"""How the framework would describe errors that are answered as problems here."""
_SCHEMAS = "#/components/schemas/"
_PAGE = re.compile(r"Page_(\w+)_")


def describe_problems(app: FastAPI) -> None:
    """Let the documentation of the API say of every error what ``install_problems`` makes of it."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _with_readable_names(_with_problems(generate()))
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the way that FastAPI documents


def _with_problems(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document.get("components", {}).get("schemas", {})
    for path, operations in document["paths"].items():
        for operation in operations.values():
            if "401" in operation["responses"]:
                takes_json = path.startswith("/api/") and "requestBody" in operation
                _describe(operation["responses"], _OF_EVERY_CALL | (_OF_A_BODY if takes_json else {}))
    for name in _FRAMEWORKS_OWN:
        schemas.pop(name, None)
    return document


def _with_readable_names(document: dict[str, Any]) -> dict[str, Any]:
    """What a class ``RunView`` shows is a ``Run``, and a page of them a ``RunPage``."""
    schemas = document.get("components", {}).get("schemas", {})
    names = {name: _readable(name) for name in schemas}
    if twice := [name for name, count in Counter(names.values()).items() if count > 1]:
        raise ValueError(f"several classes of the API are documented as {twice}; rename all but one")
    for name, schema in schemas.items():
        if "title" in schema:
            schema["title"] = names[name]
    document["components"]["schemas"] = {names[name]: schema for name, schema in schemas.items()}
    text = json.dumps(document)
    for name, readable in names.items():
        text = text.replace(f'"{_SCHEMAS}{name}"', f'"{_SCHEMAS}{readable}"')
    renamed: dict[str, Any] = json.loads(text)
    return renamed


def _readable(name: str) -> str:
    page = _PAGE.fullmatch(name)
    return f"{_readable(page[1])}Page" if page else name.removesuffix("View")


def _describe(responses: dict[str, Any], further: dict[str, str]) -> None:
    for status, description in further.items():
        responses.setdefault(status, {"description": description})
    if responses.get("422", {}).get("description") == "Validation Error":
        responses["422"] = {"description": "Something in the path, the query or the body cannot be so."}
    for status in [status for status in responses if status >= "400"]:
        responses[status]["content"] = _PROBLEM
