"""What every endpoint stands on: the catalog's context, who calls, and how HTTP says what handlers refuse."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse

from catalog.domain.output import OutputFilterError
from catalog.domain.stream_cursor import StreamCursorError
from catalog.handlers.checks import CheckContext
from catalog.handlers.definitions import Definitions
from catalog.handlers.estimates import Estimates
from catalog.handlers.notifications import ChannelTests
from catalog.handlers.plans import Planner
from catalog.handlers.providers import ProviderTests
from catalog.handlers.refusals import (
    ConflictError,
    ForbiddenError,
    InUseError,
    InvalidError,
    NameTakenError,
    NoVersionsError,
    RefusedRequestError,
    StaleError,
    StoppingError,
    UnknownError,
)
from catalog.handlers.rule_trials import RuleTrials
from catalog.handlers.subscribers import Subscribers
from shared.admission import Tokens
from shared.bus.port import Bus
from shared.clock import Clock
from shared.contracts.problem import FieldError
from shared.encryption import Sealer
from shared.http import invalid, problem_response
from shared.runs.composing import RunRefusedError
from shared.runs.plan import PlanChangedError
from shared.runs.request import RequestGoneError, RequestIdReusedError
from shared.store.port import DocumentStore

PREFIX = "/api/v1"


@dataclass(frozen=True)
class CatalogContext:
    """What endpoints do their work with."""

    store: DocumentStore
    bus: Bus
    sealer: Sealer
    clock: Clock
    subscribers: Subscribers
    provider_tests: ProviderTests
    channel_tests: ChannelTests
    rule_trials: RuleTrials
    planner: Planner
    estimates: Estimates
    definitions: Mapping[str, Definitions[Any]]
    """By the words of their kinds."""
    check_context: CheckContext
    """What definitions are checked by."""
    enter_soon: Callable[[], None]
    """Has what was just stored entered in the audit now, rather than with the next search."""


async def context_of(request: Request) -> CatalogContext:
    """The context of the catalog that this process is."""
    context: CatalogContext = request.app.state.catalog
    return context


Context = Annotated[CatalogContext, Depends(context_of)]


async def tokens_of(request: Request) -> Tokens:
    """The tokens that this process knows: the same that callers are checked against."""
    tokens: Tokens = request.app.state.tokens
    return tokens


KnownTokens = Annotated[Tokens, Depends(tokens_of)]

Responses = dict[int | str, dict[str, Any]]


def problems(**reasons: str) -> Responses:
    """The problems that an endpoint may answer with, for its documentation: ``problems(_404="…")``."""
    named = {"_401": "No token, or one that is not known here.", "_403": "The token may not do this.", **reasons}
    return {int(status.removeprefix("_")): {"description": reason} for status, reason in named.items()}


_STATUS: dict[type[RefusedRequestError], int] = {
    UnknownError: 404,
    NoVersionsError: 404,
    NameTakenError: 409,
    InUseError: 409,
    ConflictError: 409,
    ForbiddenError: 403,
    StaleError: 412,
    StoppingError: 503,
}


def install_refusals(app: FastAPI) -> None:
    """Answer what handlers refuse as problem details."""

    @app.exception_handler(RefusedRequestError)
    async def refused(_request: Request, error: RefusedRequestError) -> JSONResponse:
        return problem_response(_STATUS[type(error)], str(error))

    @app.exception_handler(InvalidError)
    @app.exception_handler(RunRefusedError)
    async def not_valid(_request: Request, error: InvalidError | RunRefusedError) -> JSONResponse:
        found = invalid(error.errors)
        return problem_response(422, found.detail, found.errors)

    @app.exception_handler(RequestIdReusedError)
    async def reused(_request: Request, error: RequestIdReusedError) -> JSONResponse:
        if isinstance(error, RequestGoneError):
            message = f"was used before, for the run '{error}', which is deleted by now; use a new one"
            return _field_problem("Idempotency-Key", message)
        message = f"was used before for another request, which led to the run '{error}'; use a new one"
        return _field_problem("Idempotency-Key", message)

    @app.exception_handler(PlanChangedError)
    async def changed(_request: Request, error: PlanChangedError) -> JSONResponse:
        return problem_response(409, f"the plan does not hold any more: {error}; plan again, and look at what is new")

    @app.exception_handler(OutputFilterError)
    async def bad_filter(_request: Request, error: OutputFilterError) -> JSONResponse:
        return _field_problem(error.error.field, error.error.message)

    @app.exception_handler(StreamCursorError)
    async def bad_cursor(_request: Request, error: StreamCursorError) -> JSONResponse:
        return _field_problem("Last-Event-ID", str(error))


def _field_problem(field: str, message: str) -> JSONResponse:
    return problem_response(422, f"{field}: {message}", [FieldError(field=field, message=message)])
