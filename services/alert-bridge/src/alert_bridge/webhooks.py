"""The webhooks: who posts is verified as the source says, the body read, its alerts taken, and the sender answered."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any, NoReturn

import structlog
from fastapi import APIRouter, Depends, Request, Response
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect

from alert_bridge.domain.source import (
    Accepted,
    Batch,
    Integration,
    NotJsonError,
    NotVerifiedError,
    ReceivedDelivery,
    Source,
)
from alert_bridge.domain.verification import credential_header, head_shows, how_it_is_shown, without_credential
from alert_bridge.handlers.alerts import receive_alerts
from alert_bridge.handlers.deliveries import Taken, note_taken
from alert_bridge.ports import AlertBridgeContext
from shared.access import Bearer
from shared.admission import Credential, admitted, shown_token, unauthorized
from shared.bodies import body_verified, read_before_verified, sender_known
from shared.contracts.principal import Permission
from shared.http import RETRY_AFTER_SECONDS, ProblemError

READ_ASIDE = 64 * 1024
"""Bytes; a larger body is verified and read in a thread, so that others are answered meanwhile."""
METHODS = ["POST", "GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]

log = structlog.get_logger()

_basic = HTTPBasic(auto_error=False, description="A token as the password, for senders that cannot send it as Bearer.")


class Admission:
    """A dependency of a source's endpoints: the integration as which a request is taken.

    Whoever posts shows a token of ours, or a secret of an integration, before a byte of the body is read; but who shows
    none, and posts to an integration that is verified by the body itself, has that read first. An integration need not
    be named in the path where it is the only one of its source that it can be.
    """

    permission: Permission = "alerts.write"

    def __init__(self, source: Source | None = None) -> None:
        self._source = source

    async def __call__(
        self,
        request: Request,
        _documented: Bearer,
        basic: Annotated[HTTPBasicCredentials | None, Depends(_basic)],
    ) -> Integration:
        token = shown_token(request) if basic is None else Credential("token", basic.password)
        name: str = request.path_params.get("integration", "")
        try:
            await admitted(request, self.permission, token)
        except ProblemError as error:
            if error.status_code != HTTPStatus.UNAUTHORIZED:
                raise
            return await self._of_integration(request, name, error, may_sign=token is None or bool(name))
        source = self._source.name if self._source else "unknown"
        if name and name not in {one.name for one in await self._integrations(request)}:
            raise ProblemError(404, f"there is no integration '{name[:63]}' of this source")
        return Integration(source, name)

    async def _of_integration(
        self, request: Request, name: str, refusal: ProblemError, *, may_sign: bool
    ) -> Integration:
        """The integration of this name, or else the only one, whose sender this may be: its head shows it, or its body
        is going to. ``refusal`` where there is none.
        """
        found = [one for one in await self._integrations(request) if name in ("", one.name)]
        query: bytes = request.scope["query_string"]
        shown = [one for one in found if head_shows(one, request.headers, query.decode("latin-1"))]
        if len(shown) == 1:
            sender_known(request.scope)
            request.scope["query_string"] = without_credential(shown[0], query.decode("latin-1")).encode("latin-1")
            return shown[0]
        by_body = [one for one in found if self._source and self._source.is_verified_by_body(one)]
        if may_sign and len(by_body) == 1:
            read_before_verified(request.scope)
            return by_body[0]
        for one in found if name else ():
            _refuse_by_head(one)
        raise refusal

    async def _integrations(self, request: Request) -> Sequence[Integration]:
        context: AlertBridgeContext = request.app.state.alert_bridge
        return await context.integrations(self._source.name) if self._source else ()


def _refuse_by_head(integration: Integration) -> None:
    """Say what the head of a request has to show, where that is how this integration knows its sender."""
    way = integration.verify.token or integration.verify.basic
    if way is None:
        return
    _require_secrets(integration)
    shown = how_it_is_shown(way)
    raise unauthorized(f"the integration '{integration.name}' knows its sender by {shown}, which this does not show")


def _require_secrets(integration: Integration) -> None:
    """503 where no secret of the integration can be read: then nobody knows who posts."""
    if not integration.secrets:
        detail = f"no secret of the integration '{integration.name}' can be read here; send it again once one can"
        raise ProblemError(503, detail, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


def webhooks_router(sources: Mapping[str, Source]) -> APIRouter:
    """The endpoints of every source, and an answer that lists them for every other name."""
    router = APIRouter(tags=["webhooks"])
    for source in sources.values():
        admission = Depends(Admission(source))
        for route in source.routes:
            of_integration = "{integration}" in route.path
            router.add_api_route(
                route.path,
                _endpoint(source, admission),
                methods=list(route.methods),
                status_code=202,
                response_model=Accepted,
                summary=f"Take in alerts of {source.title}" + (", by an integration" if of_integration else ""),
                description=source.description,
                operation_id=f"receive_{source.name}" + ("_by_integration" if of_integration else ""),
                responses={
                    400: {"description": "The body is not JSON"},
                    401: {"description": "No token, one that is not known, or no valid signature"},
                    403: {"description": "The token's role may not post alerts"},
                    405: {"description": f"Another method than {' or '.join(route.methods)}"},
                    413: {"description": "The body is larger than 16 MiB"},
                    503: {"description": "The store is away; send it again"},
                },
                openapi_extra=_body(source),
            )
            undocumented: dict[str, Any] = {"response_model": None, "include_in_schema": False}
            slashed, others = f"{route.path}/", [one for one in METHODS if one not in route.methods]
            router.add_api_route(slashed, _endpoint(source, admission), methods=list(route.methods), **undocumented)
            for path in (route.path, slashed):
                refuse = _other_method(route.methods)
                router.add_api_route(path, refuse, methods=others, dependencies=[admission], **undocumented)
    for path in ("/webhooks", "/webhooks/{source:path}"):
        undocumented = {"response_model": None, "include_in_schema": False, "dependencies": [Depends(Admission())]}
        router.add_api_route(path, _unknown_source, methods=METHODS, **undocumented)
    return router


def _endpoint(source: Source, admission: Any) -> Callable[..., Awaitable[Response]]:
    async def receive(request: Request, integration: Integration = admission) -> Response:
        context: AlertBridgeContext = request.app.state.alert_bridge
        body, query = await _body_of(request), request.scope["query_string"].decode("latin-1")
        hidden = credential_header(integration)
        headers = Headers(raw=[pair for pair in request.headers.raw if pair[0].decode("latin-1") != hidden])
        delivery = ReceivedDelivery(body, headers, context.clock(), query, request.method)
        await _verify(source, delivery, integration)
        body_verified(request.scope)
        try:
            batch = await _read(source, delivery)
        except NotJsonError as error:
            raise ProblemError(400, f"the body is not JSON: {error}{_sent_as(request)}; nothing was stored") from error
        reports = [report.of_integration(integration.name) for report in batch.reports]
        ids = await receive_alerts(context, reports, batch.warnings)
        warnings = batch.warnings.sentences
        log.info("alerts.received", source=source.name, alerts=len(ids), warnings=warnings)
        address = request.client.host if request.client else ""
        await note_taken(context, Taken(delivery, integration, address, ids, batch.warnings.not_understood))
        answer = source.answer(delivery, Accepted(accepted=len(ids), alerts=ids, warnings=warnings))
        return Response(answer.body, answer.status, media_type=answer.media_type)

    return receive


async def _verify(source: Source, delivery: ReceivedDelivery, integration: Integration) -> None:
    if source.is_verified_by_body(integration):
        _require_secrets(integration)
    try:
        if len(delivery.body) <= READ_ASIDE:
            source.verify(delivery, integration)
        else:
            await asyncio.to_thread(source.verify, delivery, integration)
    except NotVerifiedError as error:
        raise ProblemError(401, f"{error}; nothing was stored") from error


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


async def _read(source: Source, delivery: ReceivedDelivery) -> Batch:
    try:
        if len(delivery.body) <= READ_ASIDE:
            return source.read(delivery)
        return await asyncio.to_thread(source.read, delivery)
    except RecursionError as error:
        message = "it is nested too deeply"
        raise NotJsonError(message) from error


def _other_method(methods: Sequence[str]) -> Callable[[Request], Awaitable[NoReturn]]:
    async def refuse(request: Request) -> NoReturn:
        await _look_at_body(request)
        taken = " or ".join(methods)
        detail = (
            f"{request.url.path} takes {taken} with a JSON body, and this is {request.method}, so nothing was stored; "
            f"set the sender's method to {taken}"
        )
        raise ProblemError(405, detail, headers={"Allow": ", ".join(methods)})

    return refuse


async def _unknown_source(request: Request, source: str = "") -> NoReturn:
    await _look_at_body(request)
    known = request.app.state.alert_bridge.sources
    raise ProblemError(404, f"'{source}' is not a known source of alerts; known are: {', '.join(sorted(known))}")


async def _look_at_body(request: Request) -> None:
    """Read the beginning of what is refused, for the log."""
    with contextlib.suppress(ClientDisconnect):
        async for _ in request.stream():
            return


def _body(source: Source) -> dict[str, object]:
    content = {"schema": {"type": "object"}, "examples": {"firing": {"value": source.example}}}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}
