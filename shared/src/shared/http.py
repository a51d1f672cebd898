"""What all HTTP faces share: errors as problem details, and a limit on what comes in."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import anyio
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.contracts.problem import FieldError, Problem
from shared.openapi import PROBLEM_TYPE, describe_problems
from shared.store.port import StoreUnavailableError

LARGEST_BODY = 1024 * 1024
"""In bytes."""
RETRY_AFTER_SECONDS = 5
MOST_ERRORS = 100
"""In one answer: whoever has to mend more fields than that starts with these."""

log = structlog.get_logger()


class ProblemError(Exception):
    """An answer that says what is wrong and how to mend it."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = list(errors)
        self.headers = headers or {}


def invalid(errors: Sequence[FieldError]) -> ProblemError:
    """422: what was sent is understood, but these fields cannot be so."""
    return ProblemError(422, "; ".join(f"{error.field}: {error.message}" for error in errors[:5]), errors=errors)


def invalid_field(field: str, message: str) -> ProblemError:
    """422 for a single field."""
    return invalid([FieldError(field=field, message=message)])


def problem_response(
    status: int, detail: str, errors: Sequence[FieldError] = (), headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The problem as an answer."""
    problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, errors=list(errors))
    return JSONResponse(problem.model_dump(), status, headers, media_type=PROBLEM_TYPE)


def field_errors(details: Sequence[Any]) -> list[FieldError]:
    """Pydantic's findings as fields and sentences. Whatever was sent is not repeated: it may be a secret."""
    return [FieldError(field=field_path(detail["loc"]), message=_sentence(detail)) for detail in details]


def field_path(location: Sequence[int | str]) -> str:
    """``("body", "steps", 2, "command")`` as ``steps.2.command``."""
    parts = [str(part) for part in location]
    if parts and parts[0] in {"body", "query", "path", "header"}:
        parts = parts[1:]
    if parts and parts[-1] == "[key]":
        parts.pop()  # pydantic's mark of a name in a map that cannot be so; the name itself stands before it
    return ".".join(parts) or "body"


def _sentence(detail: Any) -> str:
    message = str(detail["msg"]).removeprefix("Value error, ")
    return "is required" if detail["type"] == "missing" else message[:1].lower() + message[1:]


class BodyLimit:
    """Refuses a request whose body is larger than ``LARGEST_BODY``, without reading it to its end."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > LARGEST_BODY:
            await _too_large()(scope, receive, send)
            return
        received = 0

        async def limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > LARGEST_BODY:
                # Of all that can be raised while a body is read, FastAPI lets only this through as it is.
                raise HTTPException(413, _TOO_LARGE)
            return message

        await self._app(scope, limited, send)


class LeavingViewers:
    """Lets a client go that leaves in the middle of a stream: nobody is there any more to be told of an error."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except* anyio.BrokenResourceError:  # of the framework's own streams: what it sent, nobody takes any more
            log.debug("http.client_left", path=scope["path"])


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
_TOO_LARGE = f"the body is larger than {LARGEST_BODY} bytes (1 MiB), which is the most that is taken"


def _too_large() -> JSONResponse:
    return problem_response(413, _TOO_LARGE)


def install_problems(app: FastAPI) -> None:
    """Answer every error as problem details, say so in the documentation, and limit every body."""

    @app.exception_handler(ProblemError)
    async def problem(_request: Request, error: ProblemError) -> JSONResponse:
        return problem_response(error.status, error.detail, error.errors, error.headers)

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
    async def store_away(_request: Request, error: StoreUnavailableError) -> JSONResponse:
        log.warning("store.unavailable", error=str(error))
        detail = (
            "the store cannot be reached now, and it is not known whether anything was changed; "
            "repeat the request in a few seconds"
        )
        return problem_response(503, detail, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        log.error("http.failed", path=request.url.path, exc_info=error)
        return problem_response(500, "something went wrong here, and the log of the service says what")

    app.add_middleware(BodyLimit)
    app.add_middleware(LeavingViewers)
    describe_problems(app)
