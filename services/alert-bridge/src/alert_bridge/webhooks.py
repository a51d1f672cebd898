"""The webhooks: ``POST /webhooks/SOURCE``."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Annotated, NoReturn

import structlog
from fastapi import APIRouter, Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBasic, HTTPBasicCredentials
from pydantic import BaseModel, Field
from starlette.requests import ClientDisconnect

from alert_bridge.bridge import Bridge
from alert_bridge.deliveries import DELIVERIES, note_not_taken
from alert_bridge.domain.source import Batch, Delivery, NotJsonError, Source
from alert_bridge.domain.sources import SOURCES
from alert_bridge.handlers import receive_alerts
from shared.access import Bearer, May
from shared.contracts.principal import Permission, Principal
from shared.contracts.problem import Problem
from shared.http import ProblemError

READ_ASIDE = 64 * 1024
"""Bytes; a larger body is read in a thread, so that others are answered meanwhile."""
OTHER_METHODS = ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]

log = structlog.get_logger()

_basic = HTTPBasic(auto_error=False, description="A token as the password, for senders that cannot send it as Bearer.")


class Accepted(BaseModel):
    """Every alert is stored, and the runs that its rules ask for will be made."""

    accepted: int = Field(examples=[1])
    """How many alerts were reported, those that were known among them."""
    alerts: list[str] = Field(examples=[["01KB0V5W3Y3Q9M1QK5M6Y9T2XR"]])
    """Their ids for ``/api/v1/alerts/{id}``, in the order of the report."""
    warnings: list[str] = []
    """What was cut, left out or not understood, although everything was taken."""


class Sender:
    """A dependency: the principal that posts, if it may; a token is taken as the password of Basic, too."""

    permission: Permission = "alerts.write"

    async def __call__(
        self, request: Request, bearer: Bearer, basic: Annotated[HTTPBasicCredentials | None, Depends(_basic)]
    ) -> Principal:
        if bearer is None and basic is not None:
            bearer = HTTPAuthorizationCredentials(scheme="Bearer", credentials=basic.password)
        return await May(self.permission).admit(request, bearer)


def webhooks_router() -> APIRouter:
    """An endpoint for every source, and an answer that lists them for every other name."""
    router = APIRouter(prefix="/webhooks", tags=["webhooks"], dependencies=[Depends(Sender())])
    for source in SOURCES.values():
        router.add_api_route(
            f"/{source.name}",
            _endpoint(source),
            methods=["POST"],
            status_code=202,
            response_model=Accepted,
            summary=f"Take in alerts of {source.title}",
            description=source.description,
            operation_id=f"receive_{source.name}",
            responses={
                400: {"model": Problem, "description": "The body is not JSON"},
                401: {"model": Problem, "description": "No token, or one that is not known"},
                403: {"model": Problem, "description": "The token's role may not post alerts"},
                405: {"model": Problem, "description": "Another method than POST"},
                413: {"model": Problem, "description": "The body is larger than 16 MiB"},
                503: {"model": Problem, "description": "The store is away; send it again"},
            },
            openapi_extra=_body(source),
        )
        router.add_api_route(
            f"/{source.name}/",
            _endpoint(source),
            methods=["POST"],
            status_code=202,
            response_model=Accepted,
            include_in_schema=False,
        )
        for path in (f"/{source.name}", f"/{source.name}/"):
            router.add_api_route(path, _only_post, methods=OTHER_METHODS, response_model=None, include_in_schema=False)
    for path in ("", "/{source:path}"):
        methods = ["POST", *OTHER_METHODS]
        router.add_api_route(path, _unknown_source, methods=methods, response_model=None, include_in_schema=False)
    return router


def _endpoint(source: Source) -> Callable[[Request], Awaitable[Accepted]]:
    async def receive(request: Request) -> Accepted:
        bridge: Bridge = request.app.state.alert_bridge
        delivery = Delivery(await _body_of(request), request.headers, bridge.clock(), request.url.query)
        try:
            batch = await _read(source, delivery)
        except NotJsonError as error:
            raise ProblemError(400, f"the body is not JSON: {error}{_sent_as(request)}; nothing was stored") from error
        ids = await receive_alerts(bridge, batch.reports, batch.warnings)
        warnings = batch.warnings.sentences
        log.info("alerts.received", source=source.name, alerts=len(ids), warnings=warnings)
        await _count(bridge, source, request, batch)
        return Accepted(accepted=len(ids), alerts=ids, warnings=warnings)

    return receive


async def _body_of(request: Request) -> bytes:
    try:
        return await request.body()
    except ClientDisconnect as error:
        raise ProblemError(400, "the sender left in the middle of the body; nothing was stored") from error


def _sent_as(request: Request) -> str:
    """What the body is said to be instead, where that is no JSON: a hint for whoever sets the sender up."""
    declared = request.headers.get("content-type", "").partition(";")[0].strip()[:80]
    if not declared or "json" in declared.lower():
        return ""
    return f" (it was sent as {declared}: have the sender send JSON)"


async def _read(source: Source, delivery: Delivery) -> Batch:
    try:
        if len(delivery.body) <= READ_ASIDE:
            return source.read(delivery)
        return await asyncio.to_thread(source.read, delivery)
    except RecursionError as error:
        message = "it is nested too deeply"
        raise NotJsonError(message) from error


async def _count(bridge: Bridge, source: Source, request: Request, batch: Batch) -> None:
    """Count the delivery, and tell of what was not understood in it."""
    if batch.warnings.not_understood is None:
        DELIVERIES.labels(source.name, "accepted").inc()
        return
    await note_not_taken(
        bridge,
        source=source.name,
        outcome="unreadable",
        status=202,
        reason=batch.warnings.not_understood,
        address=request.client.host if request.client else "",
        beginning=await request.body(),
    )


async def _only_post(request: Request) -> NoReturn:
    await _look_at_body(request)
    detail = (
        f"{request.url.path} takes POST with a JSON body, and this is {request.method}, so nothing was stored; "
        "set the sender's method to POST"
    )
    raise ProblemError(405, detail, headers={"Allow": "POST"})


async def _unknown_source(request: Request, source: str = "") -> NoReturn:
    await _look_at_body(request)
    raise ProblemError(404, f"'{source}' is not a known source of alerts; known are: {', '.join(sorted(SOURCES))}")


async def _look_at_body(request: Request) -> None:
    """Read the beginning of what is refused, for the log."""
    with contextlib.suppress(ClientDisconnect):
        async for _ in request.stream():
            return


def _body(source: Source) -> dict[str, object]:
    content = {"schema": {"type": "object"}, "examples": {"firing": {"value": source.example}}}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}
