"""Alerts over HTTP: what came, what each rule decided, which runs it led to."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field

from catalog.api.context import PREFIX, Administrator, Catalog, problems
from catalog.api.paging import Page, PageQuery, id_of, page_by_id
from catalog.handlers.alerts import existing_alert, list_alerts
from shared.contracts.alert import AlertSource, AlertStatus, StoredAlert

router = APIRouter(prefix=f"{PREFIX}/alerts", tags=["alerts"])


class AlertsQuery(PageQuery):
    """Which alerts are asked for: all that is given has to hold."""

    source: Annotated[AlertSource | None, Field(description="Alerts from this kind of sender.")] = None
    status: Annotated[AlertStatus | None, Field(description="Alerts in this status, as last reported.")] = None


@router.get(
    "", response_model=Page[StoredAlert], responses=problems(_422="A filter cannot be so."), summary="List alerts"
)
async def alerts(catalog: Catalog, _caller: Administrator, query: Annotated[AlertsQuery, Query()]) -> Response:
    """Normalised alerts, the newest first, each with what the rules decided and the runs it led to."""
    found = await list_alerts(catalog.store, query.source, query.status, id_of(query.cursor), query.limit + 1)
    page = page_by_id(found, [one.id for one in found], query.limit)
    return Response(page.model_dump_json(), media_type="application/json")


@router.get(
    "/{alert_id}", response_model=StoredAlert, responses=problems(_404="No such alert."), summary="Show an alert"
)
async def alert(catalog: Catalog, _caller: Administrator, alert_id: str) -> Response:
    """One alert with what each rule decided, why, and the runs it led to."""
    found = await existing_alert(catalog.store, alert_id)
    return Response(found.model_dump_json(), media_type="application/json")
