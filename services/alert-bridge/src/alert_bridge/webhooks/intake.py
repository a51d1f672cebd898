"""The webhooks: who posts is verified as the source says, the body read, its alerts taken, and the sender answered."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any, NoReturn

import structlog
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect

from alert_bridge.domain.source import (
    Accepted,
    Batch,
    ByCertificate,
    Integration,
    NotJsonError,
    NotTakenError,
    NotVerifiedError,
    ReceivedDelivery,
    Source,
    SourceRoute,
    what_was_accepted,
)
from alert_bridge.domain.verification import credential_header
from alert_bridge.handlers.alerts import receive_alerts
from alert_bridge.handlers.deliveries import Taken, note_taken
from alert_bridge.ports import AlertBridgeContext, NotFetchedError
from alert_bridge.webhooks.admission import MOST_PARSED_FIRST, READ_ASIDE, Admission, require_secrets
from shared.bodies import body_verified
from shared.http import RETRY_AFTER_SECONDS, ProblemError

METHODS = ["POST", "GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]

log = structlog.get_logger()


def webhooks_router(sources: Mapping[str, Source]) -> APIRouter:
    """The endpoints of every source, and an answer that lists them for every other name."""
    router = APIRouter(tags=["webhooks"])
    for source in sources.values():
        admission = Admission(source)
        for route in source.routes:
            _add_route(router, source, route, admission)
    for path in ("/webhooks", "/webhooks/{source:path}"):
        undocumented: dict[str, Any] = {"response_model": None, "include_in_schema": False}
        undocumented["dependencies"] = [Depends(Admission())]
        router.add_api_route(path, _unknown_source, methods=METHODS, **undocumented)
    return router


def _add_route(router: APIRouter, source: Source, route: SourceRoute, admission: Admission) -> None:
    """An address of a source, with and without a slash at its end, documented by its first method."""
    endpoint, first, others = _endpoint(source, admission), route.methods[0], list(route.methods[1:])
    by_integration = "{integration}" in route.path
    router.add_api_route(
        route.path,
        endpoint,
        methods=[first],
        status_code=source.answers_with,
        response_model=Accepted if source.answer is what_was_accepted else None,
        summary=f"Take in alerts of {source.title}" + (", by an integration" if by_integration else ""),
        description=source.description,
        operation_id=_operation_id(source, route),
        responses={
            400: {"description": "The body is not JSON"},
            401: {"description": "No token, one that is not known, or no valid signature"},
            403: {"description": "The token's role may not post alerts"},
            405: {"description": f"Another method than {' or '.join(route.methods)}"},
            413: {"description": "The body is larger than 16 MiB"},
            503: {"description": "The store is away; send it again"},
        },
        openapi_extra=_body(source),
        include_in_schema=route.documented,
    )
    undocumented: dict[str, Any] = {"response_model": None, "include_in_schema": False}
    taken = [*route.methods, "OPTIONS"] if source.consent is not None else route.methods
    slashed, refused = f"{route.path}/", [one for one in METHODS if one not in taken]
    if others:
        router.add_api_route(route.path, endpoint, methods=others, **undocumented)
    router.add_api_route(slashed, endpoint, methods=list(route.methods), **undocumented)
    for path in (route.path, slashed):
        if source.consent is not None:
            consents = _consents(source.consent)
            router.add_api_route(path, consents, methods=["OPTIONS"], dependencies=[Depends(admission)], **undocumented)
        refuse = _other_method(route.methods)
        router.add_api_route(path, refuse, methods=refused, dependencies=[Depends(admission)], **undocumented)


def _consents(
    headers_for: Callable[[Mapping[str, str]], Mapping[str, str]],
) -> Callable[[Request], Awaitable[Response]]:
    async def consent(request: Request) -> Response:
        return Response(headers=dict(headers_for(request.headers)))

    return consent


def _operation_id(source: Source, route: SourceRoute) -> str:
    name = source.name.replace("-", "_")
    if route.path == f"/webhooks/{source.name}/{{integration}}":
        return f"receive_{name}_by_integration"
    return f"receive_{name}" if route.path == f"/webhooks/{source.name}" else f"receive_{name}_as_its_senders_speak"


def _endpoint(source: Source, admission: Admission) -> Callable[..., Awaitable[Response]]:
    async def receive(request: Request, admitted_as: Annotated[Integration, Depends(admission)]) -> Response:
        context: AlertBridgeContext = request.app.state.alert_bridge
        body, query = await _body_of(request), request.scope["query_string"].decode("latin-1")
        hidden = credential_header(admitted_as)
        headers = Headers(raw=[pair for pair in request.headers.raw if pair[0].decode("latin-1") != hidden])
        delivery = ReceivedDelivery(body, headers, context.clock(), query, request.method)
        integration = await admission.by_key(request, delivery, admitted_as)
        await _verify(context, source, delivery, integration)
        body_verified(request.scope)
        try:
            batch = await _read(source, delivery)
        except NotJsonError as error:
            raise ProblemError(400, f"the body is not JSON: {error}{_sent_as(request)}; nothing was stored") from error
        except NotTakenError as error:
            raise ProblemError(400, f"{error}; nothing was stored") from error
        reports = [report.of_integration(integration.name) for report in batch.reports]
        ids = await receive_alerts(context, reports, batch.warnings)
        warnings = batch.warnings.sentences
        log.info("alerts.received", source=source.name, alerts=len(ids), warnings=warnings)
        address = request.client.host if request.client else ""
        told = batch.warnings
        await note_taken(context, Taken(delivery, integration, address, ids, told.not_understood, told.recorded))
        await _confirm(context, source, delivery, integration)
        answer = source.answer(delivery, Accepted(accepted=len(ids), alerts=ids, warnings=warnings))
        return Response(answer.body, answer.status, media_type=answer.media_type)

    return receive


async def _verify(
    context: AlertBridgeContext, source: Source, delivery: ReceivedDelivery, integration: Integration
) -> None:
    if source.certificate is not None and integration.verify.sns is not None:
        await _verify_by_certificate(context, source.certificate, delivery, integration)
        return
    if source.is_verified_by_body(integration):
        require_secrets(integration)
    try:
        if len(delivery.body) <= READ_ASIDE:
            source.verify(delivery, integration)
        else:
            await asyncio.to_thread(source.verify, delivery, integration)
    except NotVerifiedError as error:
        raise ProblemError(401, f"{error}; nothing was stored") from error


async def _verify_by_certificate(
    context: AlertBridgeContext, signed: ByCertificate, delivery: ReceivedDelivery, integration: Integration
) -> None:
    """Fetch the certificate by which a body is signed, and see to it that it is."""
    if len(delivery.body) > MOST_PARSED_FIRST:
        raise ProblemError(413, f"the body is larger than {MOST_PARSED_FIRST} bytes, the most that is taken signed so")
    try:
        certificate = await context.published.certificate(signed.address(delivery, integration))
        signed.verify(delivery, certificate)
    except NotVerifiedError as error:
        raise ProblemError(401, f"{error}; nothing was stored") from error
    except NotFetchedError as error:
        raise _send_again(f"the certificate that signed the body cannot be had: {error}") from error


async def _confirm(
    context: AlertBridgeContext, source: Source, delivery: ReceivedDelivery, integration: Integration
) -> None:
    """Confirm what a delivery asks to confirm that was verified by a certificate."""
    if source.certificate is None or integration.verify.sns is None:
        return
    address = source.certificate.confirmation(delivery)
    if address is None:
        return
    try:
        await context.published.confirm(address)
    except NotFetchedError as error:
        raise _send_again(f"the subscription could not be confirmed: {error}") from error
    log.info("alerts.subscription_confirmed", source=source.name, integration=integration.name)


def _send_again(why: str) -> ProblemError:
    return ProblemError(503, f"{why}; send it again", headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


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
