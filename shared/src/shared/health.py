"""Health: alive and not stuck, ready, and what there is to measure."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.admission import admitted, shown_credential

Check = Callable[[], Awaitable[None]]
"""Returns where all is well, and raises what is wrong."""

READY_WITHIN = 4.0
"""Seconds that a check of readiness may take before it counts as failed."""


class Pulse:
    """The sign of life of one background loop: it beats with every turn."""

    def __init__(self, *, at_least_every: float) -> None:
        self._limit = at_least_every
        self._last = time.monotonic()

    def beat(self) -> None:
        """Say that the loop is alive."""
        self._last = time.monotonic()

    @property
    def is_stuck(self) -> bool:
        """Whether the last sign of life is older than it may be."""
        return time.monotonic() - self._last > self._limit


class HealthReport(BaseModel):
    """What was found, by the name of the check: ``ok``, or what is wrong."""

    status: str
    checks: dict[str, str]

    @property
    def http_status(self) -> int:
        """200 where all is well, else 503."""
        return 200 if self.status == "ok" else 503


class Health:
    """What a process's services say about themselves."""

    def __init__(self) -> None:
        self.pulses: dict[str, Pulse] = {}
        self.checks: dict[str, Check] = {}

    def alive(self) -> HealthReport:
        """Whether every loop still turns."""
        found = {name: "stuck" if pulse.is_stuck else "ok" for name, pulse in self.pulses.items()}
        return _report(found)

    async def ready(self) -> HealthReport:
        """Whether everything that work needs can be reached now."""
        results = await asyncio.gather(*(_outcome_of(check) for check in self.checks.values()))
        return _report(dict(zip(self.checks, results, strict=True)))


def _report(found: dict[str, str]) -> HealthReport:
    return HealthReport(status="ok" if set(found.values()) <= {"ok"} else "failing", checks=found)


async def _outcome_of(check: Check) -> str:
    try:
        async with asyncio.timeout(READY_WITHIN):
            await check()
    except TimeoutError:
        return "no answer in time"
    except Exception as error:  # noqa: BLE001 - whatever a check raises is its finding, and it is reported
        return str(error) or type(error).__name__
    return "ok"


def health_routes(health: Health) -> list[Route]:
    """``/healthz`` and ``/readyz`` for everybody, ``/metrics`` for those who may read them."""

    async def healthz(_request: Request) -> Response:
        return _response(health.alive())

    async def readyz(_request: Request) -> Response:
        return _response(await health.ready())

    async def metrics(request: Request) -> Response:
        await admitted(request, "metrics.read", shown_credential(request))
        return metrics_response()

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]


def _response(report: HealthReport) -> Response:
    return Response(report.model_dump_json(), report.http_status, media_type="application/json")


def metrics_response() -> Response:
    """What there is to measure, in Prometheus' format."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
