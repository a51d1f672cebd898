"""Providers over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import ConfigDict, Field, JsonValue

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
from catalog.domain.views import View
from catalog.handlers.providers import pinned_keys
from shared.access import May
from shared.contracts.host_key import read_host_key
from shared.contracts.principal import Principal
from shared.contracts.provider import ProviderDefinition, ProviderTestReport
from shared.contracts.values import Instant
from shared.definitions import Stored
from shared.store.port import Document, DocumentStore

router = APIRouter(prefix="/api/v1/providers", tags=["providers"], route_class=StrictJsonRoute)

Reader = Annotated[Principal, Depends(May("providers.read"))]
Writer = Annotated[Principal, Depends(May("providers.write"))]
Tester = Annotated[Principal, Depends(May("providers.test"))]


class ProviderStatus(View):
    """What was found out about a provider."""

    host_key: str | None = Field(examples=["SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"])
    """The fingerprint that it has to show: the one in its definition, or the one it showed first; none with
    ``host_ca``, which any key may be signed by."""
    pinned_at: Instant | None
    """When that was pinned; none where the definition gives it, or nothing has connected yet."""


class ProviderView(About, ProviderDefinition):
    """A provider as it is stored."""

    status: ProviderStatus


_EXAMPLE: JsonValue = {
    "name": "web-1",
    "description": "Front web server",
    "connection": {
        "ssh": {"host": "10.0.0.11", "port": 22, "user": "deploy", "private_key": {"secret": "deploy-key"}},
    },
    "labels": {"role": "web", "env": "prod"},
    "pool": "default",
}


class ProviderBody(AsShown, ProviderDefinition):
    """A provider to be stored."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    status: Annotated[JsonValue, Field(exclude=True, description="Ignored.")] = None


def _view(stored: Stored[ProviderDefinition], pin: Document | None) -> ProviderView:
    ssh = stored.definition.connection.ssh
    given = read_host_key(ssh.host_key).fingerprint if ssh is not None and ssh.host_key is not None else None
    status = ProviderStatus(host_key=given, pinned_at=None)
    if given is None and pin is not None and ssh is not None and ssh.host_ca is None:
        status = ProviderStatus(host_key=pin["fingerprint"], pinned_at=pin["pinned_at"])
    return ProviderView.model_validate({**stored.definition.model_dump(), **about(stored), "status": status})


async def _views(store: DocumentStore, providers: list[Stored[ProviderDefinition]]) -> list[ProviderView]:
    pins = await pinned_keys(store, providers)
    return [_view(provider, pins.get(provider.name)) for provider in providers]


async def _shown(store: DocumentStore, stored: Stored[ProviderDefinition], status: int = 200) -> Response:
    at = f"providers/{stored.name}" if status == 201 else None  # noqa: PLR2004 - created
    return shown((await _views(store, [stored]))[0], status, at=at)


@router.post("", status_code=201, response_model=ProviderView, responses=CREATE, summary="Create a provider")
async def create_provider(catalog: Catalog, caller: Writer, body: ProviderBody) -> Response:
    """Store a new machine to run commands on. Its secrets, and the provider it jumps over, have to be there.

    A private key that cannot be read, or that its passphrase does not open, is told here.
    """
    return await _shown(
        catalog.store, await catalog.providers.create(definition_in(body, ProviderDefinition), caller.name), 201
    )


@router.get("", response_model=Page[ProviderView], responses=problems(), summary="List providers")
async def list_providers(catalog: Catalog, _caller: Reader, query: Annotated[PageQuery, Query()]) -> Response:
    """Providers in the order of their names."""
    found = await catalog.providers.page(id_of(query.cursor), query.limit + 1)
    page = page_by_id(await _views(catalog.store, found), [one.name for one in found], query.limit)
    return Response(page.model_dump_json(), media_type="application/json")


@router.get("/{name}", response_model=ProviderView, responses=READ, summary="Show a provider")
async def show_provider(catalog: Catalog, _caller: Reader, name: str) -> Response:
    """One provider, with the host key that is pinned for it."""
    return await _shown(catalog.store, await catalog.providers.get(name))


@router.put("/{name}", response_model=ProviderView, responses=PUT, summary="Create or replace a provider")
async def put_provider(catalog: Catalog, caller: Writer, name: str, body: ProviderBody, versions: IfMatch) -> Response:
    """Store the provider as the body has it. The same content again makes no new version."""
    require_same_name(name, body.name)
    stored, created = await catalog.providers.put(definition_in(body, ProviderDefinition), caller.name, versions)
    return await _shown(catalog.store, stored, 201 if created else 200)


@router.delete("/{name}", status_code=204, responses=DELETE, summary="Delete a provider")
async def delete_provider(catalog: Catalog, caller: Writer, name: str, versions: IfMatch) -> None:
    """Delete a provider that nothing uses: no action, no other provider, no rule, no run that has not ended."""
    await catalog.providers.delete(name, caller.name, versions)


@router.post("/{name}/test", responses=READ, summary="Test the connection to a provider", operation_id="test_provider")
async def connection_test(catalog: Catalog, _caller: Tester, name: str) -> ProviderTestReport:
    """Let an executor of the provider's pool connect to it and run a command that does nothing.

    The answer is 200 whichever way it went; `ok` says which. Where no host key is known yet, the one shown by a
    successful test is pinned.
    """
    return await catalog.provider_tests.test(await catalog.providers.get(name))
