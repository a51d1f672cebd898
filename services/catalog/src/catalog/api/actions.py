"""Actions over HTTP."""

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
from catalog.domain.warnings import action_warnings
from shared.access import May
from shared.contracts.action import ActionDefinition
from shared.contracts.principal import Principal
from shared.definitions import StoredAction

router = APIRouter(prefix="/api/v1/actions", tags=["actions"], route_class=StrictJsonRoute)

Reader = Annotated[Principal, Depends(May("actions.read"))]
Writer = Annotated[Principal, Depends(May("actions.write"))]


class ActionView(About, ActionDefinition):
    """An action as it is stored."""


_EXAMPLE: JsonValue = {
    "name": "restart-service",
    "title": "Restart a service",
    "parameters": [
        {"name": "host", "type": "provider", "required": True},
        {"name": "service", "type": "string", "pattern": "[A-Za-z0-9@._-]+", "default": "nginx"},
    ],
    "steps": [
        {"name": "restart", "provider": "{{ host }}", "command": "systemctl restart {{ service }}", "timeout": "30s"},
        {"name": "verify", "provider": "{{ host }}", "command": "systemctl is-active {{ service }}", "retries": 2},
    ],
}


class ActionBody(AsShown, ActionDefinition):
    """An action to be stored."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})


def _view(stored: StoredAction) -> ActionView:
    return ActionView.model_validate({**stored.definition.model_dump(), **about(stored)})


@router.post("", status_code=201, response_model=ActionView, responses=CREATE, summary="Create an action")
async def create_action(catalog: Catalog, caller: Writer, body: ActionBody) -> Response:
    """Store a new action, once everything in it holds: providers, parameters, and what each command refers to."""
    stored = await catalog.actions.create(definition_in(body, ActionDefinition), caller.name)
    return shown(_view(stored), 201, at=f"actions/{stored.name}", warnings=action_warnings(stored.definition))


@router.get("", response_model=Page[ActionView], responses=problems(), summary="List actions")
async def list_actions(catalog: Catalog, _caller: Reader, query: Annotated[PageQuery, Query()]) -> Response:
    """Actions in the order of their names."""
    found = await catalog.actions.page(id_of(query.cursor), query.limit + 1)
    page = page_by_id([_view(one) for one in found], [one.name for one in found], query.limit)
    return Response(page.model_dump_json(), media_type="application/json")


@router.get("/{name}", response_model=ActionView, responses=READ, summary="Show an action")
async def show_action(catalog: Catalog, _caller: Reader, name: str) -> Response:
    """One action."""
    return shown(_view(await catalog.actions.get(name)))


@router.put("/{name}", response_model=ActionView, responses=PUT, summary="Create or replace an action")
async def put_action(catalog: Catalog, caller: Writer, name: str, body: ActionBody, versions: IfMatch) -> Response:
    """Store the action as the body has it. Runs under way keep the version they have; the same content makes none."""
    require_same_name(name, body.name)
    stored, created = await catalog.actions.put(definition_in(body, ActionDefinition), caller.name, versions)
    status, at = (201, f"actions/{name}") if created else (200, None)
    return shown(_view(stored), status, at=at, warnings=action_warnings(stored.definition))


@router.delete("/{name}", status_code=204, responses=DELETE, summary="Delete an action")
async def delete_action(catalog: Catalog, caller: Writer, name: str, versions: IfMatch) -> None:
    """Delete an action that no alert rule asks for. Runs under way go on."""
    await catalog.actions.delete(name, caller.name, versions)
