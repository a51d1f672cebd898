"""Secrets over HTTP: written, and never read back."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import ConfigDict, Field, JsonValue

from catalog.api.body import StrictJsonRoute
from catalog.api.context import Catalog, Parts, problems
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
from catalog.domain.warnings import secret_warnings
from shared.access import May
from shared.contracts.principal import Principal
from shared.contracts.secret import SecretDefinition
from shared.definitions import StoredSecret, is_readable

router = APIRouter(prefix="/api/v1/secrets", tags=["secrets"], route_class=StrictJsonRoute)

Reader = Annotated[Principal, Depends(May("secrets.read"))]
Writer = Annotated[Principal, Depends(May("secrets.write"))]


class SecretView(About):
    """What is shown of a secret: everything but its value."""

    kind: str = "secret"
    name: Annotated[str, Field(examples=["deploy-key"])]
    description: str
    readable: Annotated[
        bool, Field(description="Whether the master key opens it. Where it does not, set the secret anew.")
    ]


_EXAMPLE: JsonValue = {"name": "deploy-key", "description": "Opens the web servers", "value": "…"}


class SecretBody(AsShown, SecretDefinition):
    """A secret to be stored."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    readable: Annotated[JsonValue, Field(exclude=True, description="Ignored.")] = None


def _view(catalog: Parts, stored: StoredSecret) -> SecretView:
    readable = is_readable(stored, catalog.sealer)
    return SecretView(name=stored.name, description=stored.description, readable=readable, **about(stored))


@router.post("", status_code=201, response_model=SecretView, responses=CREATE, summary="Create a secret")
async def create_secret(catalog: Catalog, caller: Writer, body: SecretBody) -> Response:
    """Store a new secret, encrypted. No answer ever shows its value."""
    stored = await catalog.secrets.create(definition_in(body, SecretDefinition), caller.name)
    return shown(_view(catalog, stored), 201, at=f"secrets/{stored.name}", warnings=secret_warnings(body))


@router.get("", response_model=Page[SecretView], responses=problems(), summary="List secrets")
async def list_secrets(catalog: Catalog, _caller: Reader, query: Annotated[PageQuery, Query()]) -> Response:
    """Secrets in the order of their names, without their values."""
    found = await catalog.secrets.page(id_of(query.cursor), query.limit + 1)
    page = page_by_id([_view(catalog, one) for one in found], [one.name for one in found], query.limit)
    return Response(page.model_dump_json(), media_type="application/json")


@router.get("/{name}", response_model=SecretView, responses=READ, summary="Show a secret")
async def show_secret(catalog: Catalog, _caller: Reader, name: str) -> Response:
    """One secret, without its value."""
    return shown(_view(catalog, await catalog.secrets.get(name)))


@router.put("/{name}", response_model=SecretView, responses=PUT, summary="Create or replace a secret")
async def put_secret(catalog: Catalog, caller: Writer, name: str, body: SecretBody, versions: IfMatch) -> Response:
    """Store the secret as the body has it. The same value again makes no new version."""
    require_same_name(name, body.name)
    stored, created = await catalog.secrets.put(definition_in(body, SecretDefinition), caller.name, versions)
    status, at = (201, f"secrets/{name}") if created else (200, None)
    return shown(_view(catalog, stored), status, at=at, warnings=secret_warnings(body))


@router.delete("/{name}", status_code=204, responses=DELETE, summary="Delete a secret")
async def delete_secret(catalog: Catalog, caller: Writer, name: str, versions: IfMatch) -> None:
    """Delete a secret that nothing uses: no provider, no rule, no run that has not ended."""
    await catalog.secrets.delete(name, caller.name, versions)
