"""What handlers refuse, as HTTP says it."""

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from catalog.domain.output import WishError
from catalog.domain.stream import PlaceError
from catalog.handlers.errors import (
    ConflictError,
    InUseError,
    InvalidError,
    NameTakenError,
    RefusedRequestError,
    StaleError,
    UnknownError,
)
from shared.contracts.problem import FieldError
from shared.http import invalid, problem_response
from shared.runs.request import RequestIdReusedError, RunRefusedError

_STATUS: dict[type[RefusedRequestError], int] = {
    UnknownError: 404,
    NameTakenError: 409,
    InUseError: 409,
    ConflictError: 409,
    StaleError: 412,
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
        message = f"was used before for another request, which led to the run '{error}'; use a new one"
        return _field_problem("Idempotency-Key", message)

    @app.exception_handler(WishError)
    async def wish(_request: Request, error: WishError) -> JSONResponse:
        return _field_problem(error.error.field, error.error.message)

    @app.exception_handler(PlaceError)
    async def place(_request: Request, error: PlaceError) -> JSONResponse:
        return _field_problem("Last-Event-ID", str(error))


def _field_problem(field: str, message: str) -> JSONResponse:
    return problem_response(422, f"{field}: {message}", [FieldError(field=field, message=message)])
