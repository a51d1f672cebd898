"""Alerts over HTTP: what came, what each rule decided, which runs it led to, and what could not be taken."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import Field

from catalog.api.context import PREFIX, Catalog, problems
from catalog.api.paging import Page, PageQuery, id_of, page_by_id
from catalog.handlers.alerts import (
    AlertFilter,
    DeliveryFilter,
    existing_alert,
    is_stale,
    list_alerts,
    list_deliveries,
)
from shared.access import May
from shared.contracts.alert import AlertDelivery, AlertSource, AlertStatus, DeliveryOutcome, StoredAlert
from shared.contracts.principal import Principal
from shared.contracts.values import WrittenInstant

router = APIRouter(prefix=PREFIX, tags=["alerts"])

Reader = Annotated[Principal, Depends(May("alerts.read"))]
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
    outcome: Annotated[DeliveryOutcome | None, Field(description="What became of them.")] = None
    since: Annotated[WrittenInstant | None, Field(description="Posts from this instant on.")] = None


@router.get(
    "/alerts",
    response_model=Page[EpisodeView],
    responses=problems(_422="A filter cannot be so."),
    summary="List alerts",
    operation_id="list_alerts",
)
async def alerts(catalog: Catalog, _caller: Reader, query: Annotated[AlertsQuery, Query()]) -> Response:
    """Normalised alerts, the newest first, each with what the rules decided and the runs it led to."""
    now = catalog.clock()
    asked = AlertFilter(query.source, query.status, query.fingerprint, stale=query.stale is not None)
    found = await list_alerts(catalog.store, asked, now, id_of(query.cursor), query.limit + 1)
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
async def alert(catalog: Catalog, _caller: Reader, alert_id: str) -> Response:
    """One alert with what each rule decided, why, and the runs it led to."""
    found = await existing_alert(catalog.store, alert_id)
    shown = EpisodeView(**dict(found), stale=is_stale(found, catalog.clock()))
    return Response(shown.model_dump_json(), media_type="application/json")


@router.get(
    "/deliveries",
    response_model=Page[AlertDelivery],
    responses=problems(_422="A filter cannot be so."),
    summary="List posts that were refused or not understood",
    operation_id="list_deliveries",
)
async def deliveries(catalog: Catalog, _caller: DeliveryReader, query: Annotated[DeliveriesQuery, Query()]) -> Response:
    """The newest hundred of each source, newest first, with the reason and the beginning of each, secrets masked."""
    asked = DeliveryFilter(query.source, query.outcome, query.since)
    found = await list_deliveries(catalog.store, asked, id_of(query.cursor), query.limit + 1)
    page = page_by_id(found, [one.id for one in found], query.limit)
    return Response(page.model_dump_json(), media_type="application/json")
