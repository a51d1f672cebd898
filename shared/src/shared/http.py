"""What all HTTP faces share: errors as problem details."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus

import anyio
import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.connections import RefusalReason, logged_path, note_refusal
from shared.contracts.problem import FieldError, Problem
from shared.store.port import StoreUnavailableError

RETRY_AFTER_SECONDS = 5
PROBLEM_TYPE = "application/problem+json"

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


def install_problems(app: Starlette) -> None:
    """Answer every error as problem details."""
    answers: Mapping[type[Exception], Callable[..., Awaitable[Response]]] = {
        ProblemError: _problem,
        HTTPException: _http,
        StoreUnavailableError: _store_is_away,
        Exception: _unexpected,
    }
    for kind, answer in answers.items():
        app.add_exception_handler(kind, answer)


async def _problem(request: Request, error: ProblemError) -> JSONResponse:
    if reason := _REFUSALS.get(error.status_code):
        client = request.client.host if request.client else ""
        note_refusal(reason, client=client, path=request.url.path)
    return problem_response(error.status_code, error.detail, error.errors, error.headers)


async def _http(request: Request, error: HTTPException) -> JSONResponse:
    return problem_response(error.status_code, _explained(request, error), headers=error.headers)


async def _store_is_away(request: Request, error: StoreUnavailableError) -> JSONResponse:
    return await _problem(request, store_away(error))


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("http.failed", path=logged_path(request.url.path), exc_info=error)
    return problem_response(500, "something went wrong here, and the log of the service says what")
