"""What answers say of single kinds besides what they say of all, and the call that only providers have."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field

from catalog.api.body import StrictJsonRoute
from catalog.api.context import PREFIX, Catalog, Parts, problems
from catalog.domain.views import View
from shared.access import May
from shared.collections import HOST_KEYS
from shared.contracts.principal import Principal
from shared.contracts.provider import ProviderDefinition, ProviderTestReport, pin_id, read_host_key
from shared.contracts.secret import SecretMetadata
from shared.contracts.values import Instant
from shared.definitions import Stored, is_readable
from shared.kinds import PROVIDER
from shared.store.port import Document, OneOf


@dataclass(frozen=True)
class Addition:
    """What is shown of a kind besides its definition."""

    fields: type[View]
    of: Callable[[Parts, Sequence[Stored[Any]]], Awaitable[list[dict[str, Any]]]]
    """These fields of each."""


class ProviderStatus(View):
    """What was found out about a provider."""

    host_key: str | None = Field(examples=["SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"])
    """The fingerprint that it has to show: the one in its definition, or the one it showed first; none with
    ``host_ca``, which any key may be signed by."""
    pinned_at: Instant | None
    """When that was pinned; none where the definition gives it, or nothing has connected yet."""


class ShownOfProvider(View):
    """What is shown of a provider besides its definition."""

    status: ProviderStatus


class ShownOfSecret(View):
    """What is shown of a secret besides its name and description."""

    readable: bool
    """Whether the master key opens it. Where it does not, set the secret anew."""


async def _statuses(catalog: Parts, providers: Sequence[Stored[ProviderDefinition]]) -> list[dict[str, Any]]:
    pins = {
        provider.name: pin_id(provider.uid, ssh)
        for provider in providers
        if (ssh := provider.definition.connection.ssh) is not None
    }
    found = await catalog.store.find(HOST_KEYS, {"id": OneOf(tuple(pins.values()))}, limit=len(pins)) if pins else []
    pinned = {document["id"]: document for document in found}
    return [{"status": _status(provider, pinned.get(pins.get(provider.name, "")))} for provider in providers]


def _status(provider: Stored[ProviderDefinition], pin: Document | None) -> dict[str, Any]:
    ssh = provider.definition.connection.ssh
    if ssh is not None and ssh.host_key is not None:
        return {"host_key": read_host_key(ssh.host_key).fingerprint, "pinned_at": None}
    if pin is None or ssh is None or ssh.host_ca is not None:
        return {"host_key": None, "pinned_at": None}
    return {"host_key": pin["fingerprint"], "pinned_at": pin["pinned_at"]}


async def _readable(catalog: Parts, secrets: Sequence[Stored[SecretMetadata]]) -> list[dict[str, Any]]:
    return [{"readable": is_readable(secret, catalog.sealer)} for secret in secrets]


ADDITIONS: Mapping[str, Addition] = {
    "provider": Addition(ShownOfProvider, _statuses),
    "secret": Addition(ShownOfSecret, _readable),
}
"""By the word of the kind."""

router = APIRouter(prefix=f"{PREFIX}/{PROVIDER.path}", tags=[PROVIDER.titles], route_class=StrictJsonRoute)


@router.post(
    "/{name}/test",
    responses=problems(_404="There is none of this name."),
    summary="Test the connection to a provider",
    operation_id="test_provider",
)
async def connection_test(
    catalog: Catalog, _caller: Annotated[Principal, Depends(May("providers.test"))], name: str
) -> ProviderTestReport:
    """Let an executor of the provider's pool connect to it and run a command that does nothing.

    The answer is 200 whichever way it went; `ok` says which. Where no host key is known yet, the one shown by a
    successful test is pinned.
    """
    return await catalog.provider_tests.test(await catalog.definitions[PROVIDER.word].get(name))
