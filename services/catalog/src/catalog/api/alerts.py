"""Alerts over HTTP: what came, what each rule decided, which runs it led to, and the posts that told of it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import Field

from catalog.api.context import PREFIX, Context, problems
from catalog.api.requests import Page, PageQuery, id_of, page_by_id
from catalog.handlers.alerts import (
    AlertFilter,
    DeliveryFilter,
    existing_alert,
    is_stale,
    list_alerts,
    list_deliveries,
    request_replay,
)
from shared.access import May
from shared.contracts.alert import AlertSource, AlertStatus, StoredAlert
from shared.contracts.delivery import AlertDelivery, DeliveryOutcome
from shared.contracts.principal import Principal
from shared.contracts.values import WrittenInstant

router = APIRouter(prefix=PREFIX, tags=["alerts"])

Reader = Annotated[Principal, Depends(May("alerts.read"))]
Replayer = Annotated[Principal, Depends(May("deliveries.replay"))]
DeliveryReader = Annotated[Principal, Depends(May("deliveries.read"))]


class EpisodeView(StoredAlert):
    """An alert from its first report until it is resolved, with what the rules decided."""

    stale: bool
    """Whether it is said to fire, but was not heard of for six hours."""


class AlertsQuery(PageQuery):
    """Which alerts are asked for: all that is given has to hold."""

    source: Annotated[AlertSource | None, Field(description="Alerts from this kind of sender.")] = None
    status: Annotated[AlertStatus | None, Field(description="Alerts in this status, as last reported.")] = None
    fingerprint: Annotated[str | None, Field(max_length=200, description="The episodes of this fingerprint.")] = None
    stale: Annotated[
        Literal["true"] | None, Field(description="Firing alerts that were not heard of for six hours.")
    ] = None


class DeliveriesQuery(PageQuery):
    """Which deliveries are asked for: all that is given has to hold."""

    source: Annotated[
        str | None, Field(max_length=63, description="Posts to this source; `unknown` for those to none that is known.")
    ] = None
    outcome: Annotated[list[DeliveryOutcome], Field(description="What became of them; several may be given.")] = []
    since: Annotated[WrittenInstant | None, Field(description="Posts from this instant on.")] = None


@router.get(
    "/alerts",
    response_model=Page[EpisodeView],
    responses=problems(_422="A filter cannot be so."),
    summary="List alerts",
    operation_id="list_alerts",
)
async def alerts(context: Context, _caller: Reader, query: Annotated[AlertsQuery, Query()]) -> Response:
    """Normalised alerts, the newest first, each with what the rules decided and the runs it led to."""
    now = context.clock()
    asked = AlertFilter(query.source, query.status, query.fingerprint, stale=query.stale is not None)
    found = await list_alerts(context.store, asked, now, id_of(query.cursor), query.limit + 1)
    shown = [EpisodeView(**dict(one), stale=is_stale(one, now)) for one in found]
    page = page_by_id(shown, [one.id for one in found], query.limit)
    return Response(page.model_dump_json(), media_type="application/json")


@router.get(
    "/alerts/{alert_id}",
    response_model=EpisodeView,
    responses=problems(_404="No such alert."),
    summary="Show an alert",
    operation_id="show_alert",
)
async def alert(context: Context, _caller: Reader, alert_id: str) -> Response:
    """One alert with what each rule decided, why, and the runs it led to."""
    found = await existing_alert(context.store, alert_id)
    shown = EpisodeView(**dict(found), stale=is_stale(found, context.clock()))
    return Response(shown.model_dump_json(), media_type="application/json")


@router.get(
    "/deliveries",
    response_model=Page[AlertDelivery],
    responses=problems(_422="A filter cannot be so."),
    summary="List posts to the webhooks",
    operation_id="list_deliveries",
)
async def deliveries(context: Context, _caller: DeliveryReader, query: Annotated[DeliveriesQuery, Query()]) -> Response:
    """What was posted within seven days, newest first, with the beginning of each, secrets masked.

    Of each source that is the newest thousand that were accepted, the newest thousand that were unreadable and the
    newest hundred that were refused, with the reason.
    """
    asked = DeliveryFilter(query.source, query.outcome, query.since)
    found = await list_deliveries(context.store, context.sealer, asked, id_of(query.cursor), query.limit + 1)
    page = page_by_id(found, [one.id for one in found], query.limit)
    return Response(page.model_dump_json(), media_type="application/json")


@router.post(
    "/deliveries/{delivery_id}/replay",
    status_code=202,
    response_model=AlertDelivery,
    responses=problems(_404="No such delivery, or it is not kept any more.", _409="It was refused, or is too large."),
    summary="Decide a delivery again",
    operation_id="replay_delivery",
)
async def replay(context: Context, caller: Replayer, delivery_id: str) -> Response:
    """Ask the alert-bridge to decide a delivery again as it was received, without verifying its sender anew.

    The rules are those of now. An alert that has had its run gets no other one, nor does one that is over. What comes
    of it is shown as the delivery's `replay`.
    """
    sealer, now = context.sealer, context.clock()
    found = await request_replay(context.store, context.bus, sealer, delivery_id, by=caller, now=now)
    return Response(found.model_dump_json(), 202, media_type="application/json")
