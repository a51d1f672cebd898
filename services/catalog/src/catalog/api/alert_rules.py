"""Alert rules over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import ConfigDict, JsonValue

from catalog.api.body import StrictJsonRoute
from catalog.api.context import Catalog, problems
from catalog.api.definitions import (
    CREATE,
    DELETE,
    PUT,
    READ,
    About,
    AsShown,
    about,
    definition_in,
    require_same_name,
    shown,
)
from catalog.api.paging import Page, PageQuery, id_of, page_by_id
from catalog.api.versions import IfMatch
from shared.access import May
from shared.contracts.alert import AlertRuleDefinition
from shared.contracts.principal import Principal
from shared.definitions import Stored

router = APIRouter(prefix="/api/v1/alert-rules", tags=["alert rules"], route_class=StrictJsonRoute)

Reader = Annotated[Principal, Depends(May("alert_rules.read"))]
Writer = Annotated[Principal, Depends(May("alert_rules.write"))]


class AlertRuleView(About, AlertRuleDefinition):
    """An alert rule as it is stored."""


_EXAMPLE: JsonValue = {
    "name": "nginx-down",
    "source": "alertmanager",
    "match": {"labels": {"alertname": "NginxDown", "env": "prod"}},
    "responses": [{"action": "restart-service", "parameters": {"host": "{{ alert.host }}", "service": "nginx"}}],
}


class AlertRuleBody(AsShown, AlertRuleDefinition):
    """An alert rule to be stored."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})


def _view(stored: Stored[AlertRuleDefinition]) -> AlertRuleView:
    return AlertRuleView.model_validate({**stored.definition.model_dump(), **about(stored)})


@router.post("", status_code=201, response_model=AlertRuleView, responses=CREATE, summary="Create an alert rule")
async def create_alert_rule(catalog: Catalog, caller: Writer, body: AlertRuleBody) -> Response:
    """Store a new rule, once its actions exist and take what the rule gives them."""
    stored = await catalog.alert_rules.create(definition_in(body, AlertRuleDefinition), caller.name)
    return shown(_view(stored), 201, at=f"alert-rules/{stored.name}")


@router.get("", response_model=Page[AlertRuleView], responses=problems(), summary="List alert rules")
async def list_alert_rules(catalog: Catalog, _caller: Reader, query: Annotated[PageQuery, Query()]) -> Response:
    """Alert rules in the order of their names."""
    found = await catalog.alert_rules.page(id_of(query.cursor), query.limit + 1)
    page = page_by_id([_view(one) for one in found], [one.name for one in found], query.limit)
    return Response(page.model_dump_json(), media_type="application/json")


@router.get("/{name}", response_model=AlertRuleView, responses=READ, summary="Show an alert rule")
async def show_alert_rule(catalog: Catalog, _caller: Reader, name: str) -> Response:
    """One alert rule."""
    return shown(_view(await catalog.alert_rules.get(name)))


@router.put("/{name}", response_model=AlertRuleView, responses=PUT, summary="Create or replace an alert rule")
async def put_alert_rule(
    catalog: Catalog, caller: Writer, name: str, body: AlertRuleBody, versions: IfMatch
) -> Response:
    """Store the rule as the body has it. The same content again makes no new version."""
    require_same_name(name, body.name)
    stored, created = await catalog.alert_rules.put(definition_in(body, AlertRuleDefinition), caller.name, versions)
    return shown(_view(stored), 201 if created else 200, at=f"alert-rules/{name}" if created else None)


@router.delete("/{name}", status_code=204, responses=DELETE, summary="Delete an alert rule")
async def delete_alert_rule(catalog: Catalog, caller: Writer, name: str, versions: IfMatch) -> None:
    """Delete a rule: alerts are not answered by it from now on. Runs under way go on."""
    await catalog.alert_rules.delete(name, caller.name, versions)
