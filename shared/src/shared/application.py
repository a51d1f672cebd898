"""The HTTP face of a process with endpoints of its own: an application of FastAPI, which checks and documents them.

It takes six megabytes and a fifth of a second, so a process without such endpoints does without it.
"""

import warnings
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from fastapi import APIRouter, Depends, FastAPI, Response
from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline
from pydantic.warnings import UnsupportedFieldAttributeWarning

from shared.access import May
from shared.bodies import BodyGuard
from shared.direct import DirectCalls
from shared.health import Health, HealthReport, metrics_response
from shared.http import LeavingViewers
from shared.openapi import document_problems
from shared.service import Runtime, Service, lifespan_of, prepare

# pydantic warns of aliases that FastAPI gives to what it has checked. FastAPI hides that where it declares an endpoint;
# what checks our models is built later, when it is first used.
warnings.filterwarnings("ignore", category=UnsupportedFieldAttributeWarning)


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
        title=title,
        version="1",
        lifespan=lifespan_of(runtime, services),
        redoc_url=None,
        static_url="/docs-assets",
        generate_unique_id_function=_operation_id,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    prepare(app, runtime)
    document_problems(app)
    with_endpoints = [service for service in services if isinstance(service, ServiceWithEndpoints)]
    routers = [router for service in with_endpoints for router in service.routers]
    app.add_middleware(DirectCalls, routes=[route for router in routers for route in router.routes])
    app.add_middleware(BodyGuard)
    app.add_middleware(LeavingViewers)
    for service in with_endpoints:
        service.provide(app)
    for router in routers:
        app.include_router(router)
    app.include_router(health_router(runtime.health))
    return app


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
        dependencies=[Depends(May("metrics.read"))],
    )
    async def metrics() -> Response:
        return metrics_response()

    return router


def _with_status(report: HealthReport, response: Response) -> HealthReport:
    response.status_code = report.http_status
    return report
