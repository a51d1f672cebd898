"""The HTTP face of a process with endpoints of its own: an application of FastAPI, which checks and documents them.

It takes six megabytes and a fifth of a second, so a process without such endpoints does without it.
"""

import json
import re
import warnings
from collections import Counter
from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.models import Schema
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline
from pydantic.json_schema import models_json_schema
from pydantic.warnings import UnsupportedFieldAttributeWarning

from shared.access import May
from shared.answer_headers import AnswerHeaders
from shared.bodies import BodyGuard
from shared.contracts.problem import Problem, field_errors
from shared.direct import DirectCalls
from shared.documentation import ASSETS, add_documentation
from shared.health import Health, HealthReport, metrics_response
from shared.http import PROBLEM_TYPE, LeavingViewers, invalid, problem_response
from shared.service import Runtime, Service, lifespan_of, prepare

# pydantic warns of aliases that FastAPI gives to what it has checked. FastAPI hides that where it declares an endpoint;
# what checks our models is built later, when it is first used.
warnings.filterwarnings("ignore", category=UnsupportedFieldAttributeWarning)


MOST_ERRORS = 100
"""In one answer: whoever has to mend more fields than that starts with these."""
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


@runtime_checkable
class ServiceWithEndpoints(Service, Protocol):
    """A service with an HTTP face of its own."""

    routers: Sequence[APIRouter]

    def provide(self, app: FastAPI) -> None:
        """Put what its endpoints need into ``app.state``."""


def application(runtime: Runtime, services: Sequence[Service], *, title: str) -> FastAPI:
    """The HTTP face of a process: its services' endpoints, health and metrics; services live as long as it does."""
    # The documentation's scripts come from here: it works without the Internet, and a page that is given a token
    # runs nobody else's code.
    app = FastAPIOffline(
        docs_url=None,
        title=title,
        version="1",
        lifespan=lifespan_of(runtime, services),
        redoc_url=None,
        static_url=ASSETS,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    prepare(app, runtime)
    add_documentation(app, openapi_url="/openapi.json")
    document_problems(app)
    with_endpoints = [service for service in services if isinstance(service, ServiceWithEndpoints)]
    routers = [router for service in with_endpoints for router in service.routers]
    app.add_middleware(DirectCalls, routes=[route for router in routers for route in router.routes])
    app.add_middleware(BodyGuard)
    app.add_middleware(LeavingViewers)
    app.add_middleware(AnswerHeaders)
    for service in with_endpoints:
        service.provide(app)
    for router in [*routers, health_router(runtime.health)]:
        _add(router, app)
    return app


def _add(router: APIRouter, app: FastAPI) -> None:
    """Serve its routes as they are. ``include_router`` would make each anew, which takes half of a start."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            route.unique_id = route.operation_id or _operation_id(route)
        app.router.routes.append(route)


def _operation_id(route: APIRoute) -> str:
    """By which clients that are made from the documentation call an operation: its endpoint's own name."""
    return route.name


def health_router(health: Health) -> APIRouter:
    """What ``health_routes`` serves, documented."""
    router = APIRouter(tags=["health"])

    @router.head("/healthz", include_in_schema=False)
    @router.get("/healthz", summary="Alive and not stuck", operation_id="check_alive")
    async def healthz(response: Response) -> HealthReport:
        return _with_status(health.alive(), response)

    @router.head("/readyz", include_in_schema=False)
    @router.get("/readyz", summary="Ready for work", operation_id="check_ready")
    async def readyz(response: Response) -> HealthReport:
        return _with_status(await health.ready(), response)

    @router.get(
        "/metrics",
        summary="Metrics in Prometheus' format",
        operation_id="read_metrics",
        response_class=Response,
        dependencies=[Depends(May("metrics.read", any_query=True))],
    )
    async def metrics() -> Response:
        return metrics_response()

    return router


def _with_status(report: HealthReport, response: Response) -> HealthReport:
    response.status_code = report.http_status
    return report


def document_problems(app: FastAPI) -> None:
    """Answer what FastAPI finds as problem details, and say of every error in the documentation what becomes of it."""

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
            if any(status >= "400" for status in operation["responses"]):
                takes_json = path.startswith("/api/") and "requestBody" in operation
                _describe(operation["responses"], _OF_EVERY_CALL | (_OF_A_BODY if takes_json else {}))
    for name in _FRAMEWORKS_OWN:
        schemas.pop(name, None)
    _, made = models_json_schema([(Problem, "serialization")], ref_template=f"{_SCHEMAS}{{model}}")
    for name, schema in made["$defs"].items():
        schemas[name] = Schema.model_validate(schema).model_dump(mode="json", by_alias=True, exclude_none=True)
    document.setdefault("components", {})["schemas"] = dict(sorted(schemas.items()))
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
