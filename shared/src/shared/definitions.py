"""Definitions as they are stored: the catalog writes them, every service reads them here.

A document holds the definition as JSON text, because its maps have keys from people (labels with dots) that no
store keeps as keys. What can be asked for stands beside it: the names of what the definition uses.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Generic, TypeVar, cast

from pydantic import BaseModel

from shared.collections import ACTION_VERSIONS, ACTIONS, ALERT_RULES, INTEGRATIONS, PROVIDERS, SECRETS
from shared.contracts.action import ActionDefinition
from shared.contracts.alert import AlertRuleDefinition
from shared.contracts.integration import IntegrationDefinition
from shared.contracts.provider import ProviderDefinition
from shared.contracts.values import instant_text
from shared.encryption import Sealer
from shared.store.port import Collection, Document, DocumentStore, OneOf

Definition = ProviderDefinition | ActionDefinition | AlertRuleDefinition | IntegrationDefinition
"""What is stored as it was written; a secret is not."""
DefinitionT = TypeVar("DefinitionT", bound=BaseModel)

PAGE = 200
"""Definitions read at a time where all are read."""
REMEMBERED = 256
"""Definitions whose text is not parsed again."""


@dataclass(frozen=True)
class Stored(Generic[DefinitionT]):
    """A definition with what the store knows about it. The definition is shared: it is never changed in place."""

    name: str
    uid: str
    """Names this thing among all that ever had its name: another one created after a deletion has another."""
    version: int
    """From 1 within its uid; one more with every change."""
    created_at: datetime
    updated_at: datetime
    updated_by: str
    definition: DefinitionT


@dataclass(frozen=True)
class StoredAction(Stored[ActionDefinition]):
    """An action, and the id under which this version of it stays readable when it is changed or deleted."""

    version_id: str


@dataclass(frozen=True)
class StoredSecret:
    """A secret, its value sealed for ``secret_place(name)``."""

    name: str
    uid: str
    version: int
    created_at: datetime
    updated_at: datetime
    updated_by: str
    description: str
    sealed: str


@dataclass(frozen=True)
class Uses:
    """The names of what a definition uses, so that nothing in use is deleted."""

    secrets: Sequence[str] = ()
    providers: Sequence[str] = ()
    actions: Sequence[str] = ()


class ActionVersionMissingError(LookupError):
    """No version of an action has this id. Versions are never deleted: the database lost something."""


def secret_place(name: str) -> str:
    """What the sealed value of a secret is bound to."""
    return f"secret/{name}"


def definition_document(
    definition: Definition,
    *,
    uid: str,
    by: str,
    at: datetime,
    uses: Uses | None = None,
) -> Document:
    """A definition as it is stored for the first time; an action's needs its ``version_id`` besides."""
    used = uses or Uses()
    return {
        **_keys_of(definition),
        "id": definition.name,
        "uid": uid,
        "created_at": instant_text(at),
        "updated_at": instant_text(at),
        "updated_by": by,
        "definition": definition.model_dump_json(),
        "secrets": sorted(set(used.secrets)),
        "providers": sorted(set(used.providers)),
        "actions": sorted(set(used.actions)),
    }


def _keys_of(definition: Definition) -> Document:
    if isinstance(definition, ProviderDefinition):
        return {"pool": definition.pool}
    if isinstance(definition, IntegrationDefinition):
        return {"source": definition.source}
    return {"category": definition.category} if isinstance(definition, ActionDefinition) else {}


def action_version_document(definition: ActionDefinition, *, version_id: str, number: int) -> Document:
    """One version of an action; it is stored before the action's document points to it."""
    return {
        "id": version_id,
        "name": definition.name,
        "number": number,
        "definition": definition.model_dump_json(),
    }


def secret_document(name: str, sealed: str, *, uid: str, by: str, at: datetime, description: str = "") -> Document:
    """A secret as it is stored for the first time; ``sealed`` is bound to ``secret_place(name)``."""
    return {
        "id": name,
        "uid": uid,
        "created_at": instant_text(at),
        "updated_at": instant_text(at),
        "updated_by": by,
        "description": description,
        "sealed": sealed,
    }


def parsed(model: type[DefinitionT], text: str) -> DefinitionT:
    """The definition that a stored text holds."""
    return cast(DefinitionT, _remembered(model, text))


@lru_cache(maxsize=REMEMBERED)
def _remembered(model: type[BaseModel], text: str) -> BaseModel:
    return model.model_validate_json(text)


def stored_of(model: type[DefinitionT], document: Document) -> Stored[DefinitionT]:
    """A provider or an alert rule from its document."""
    return Stored(definition=parsed(model, document["definition"]), **_about(document))


def stored_action_of(document: Document) -> StoredAction:
    """An action from its document."""
    definition = parsed(ActionDefinition, document["definition"])
    return StoredAction(definition=definition, version_id=document["version_id"], **_about(document))


def stored_secret_of(document: Document) -> StoredSecret:
    """A secret from its document."""
    return StoredSecret(description=document["description"], sealed=sealed_text(document), **_about(document))


def sealed_text(document: Document) -> str:
    """The sealed value in a secret's document; where a damaged one holds none, a text that nothing opens."""
    sealed = document.get("sealed")
    return sealed if isinstance(sealed, str) else ""


def _about(document: Document) -> Any:
    return {
        "name": document["id"],
        "uid": document["uid"],
        "version": document["version"],
        "created_at": datetime.fromisoformat(document["created_at"]),
        "updated_at": datetime.fromisoformat(document["updated_at"]),
        "updated_by": document["updated_by"],
    }


async def _named(store: DocumentStore, collection: Collection, names: Iterable[str]) -> list[Document]:
    wanted = tuple(sorted(set(names)))
    if len(wanted) == 1:  # nearly always, and to get one costs half of what to find some does
        document = await store.get(collection, wanted[0])
        return [] if document is None else [document]
    return await store.find(collection, {"id": OneOf(wanted)}, limit=len(wanted)) if wanted else []


async def stored_provider(store: DocumentStore, name: str) -> Stored[ProviderDefinition] | None:
    """The provider of this name."""
    document = await store.get(PROVIDERS, name)
    return None if document is None else stored_of(ProviderDefinition, document)


async def stored_providers(store: DocumentStore, names: Iterable[str]) -> dict[str, Stored[ProviderDefinition]]:
    """Those of these providers that there are, by name, in one read."""
    return {found["id"]: stored_of(ProviderDefinition, found) for found in await _named(store, PROVIDERS, names)}


async def provider_pools(store: DocumentStore, names: Iterable[str]) -> dict[str, str]:
    """The pools of those of these providers that there are, by name, in one read."""
    return {found["id"]: found["pool"] for found in await _named(store, PROVIDERS, names)}


async def stored_action(store: DocumentStore, name: str) -> StoredAction | None:
    """The action of this name."""
    document = await store.get(ACTIONS, name)
    return None if document is None else stored_action_of(document)


async def action_version(store: DocumentStore, version_id: str) -> ActionDefinition:
    """What a run of this version executes; ``ActionVersionMissingError`` where nothing has the id."""
    document = await store.get(ACTION_VERSIONS, version_id)
    if document is None:
        message = f"no version of an action has the id {version_id}"
        raise ActionVersionMissingError(message)
    return parsed(ActionDefinition, document["definition"])


async def stored_secret(store: DocumentStore, name: str) -> StoredSecret | None:
    """The secret of this name, sealed."""
    document = await store.get(SECRETS, name)
    return None if document is None else stored_secret_of(document)


async def stored_secrets(store: DocumentStore, names: Iterable[str]) -> dict[str, StoredSecret]:
    """Those of these secrets that there are, by name, in one read."""
    return {found["id"]: stored_secret_of(found) for found in await _named(store, SECRETS, names)}


async def unreadable_secrets(store: DocumentStore, sealer: Sealer) -> list[str]:
    """The names of those secrets that the master key does not open: it is another one, or they are damaged."""
    secrets = [stored_secret_of(document) for document in await _all(store, SECRETS)]
    return [one.name for one in secrets if not is_readable(one, sealer)]


def is_readable(secret: StoredSecret, sealer: Sealer) -> bool:
    """Whether the master key opens it."""
    return sealer.opens(secret.sealed, place=secret_place(secret.name))


async def alert_rules(store: DocumentStore) -> list[Stored[AlertRuleDefinition]]:
    """Every alert rule, by name."""
    return [stored_of(AlertRuleDefinition, document) for document in await _all(store, ALERT_RULES)]


async def integrations(store: DocumentStore) -> list[Stored[IntegrationDefinition]]:
    """Every integration, by name."""
    return [stored_of(IntegrationDefinition, document) for document in await _all(store, INTEGRATIONS)]


async def _all(store: DocumentStore, collection: Collection) -> list[Document]:
    documents: list[Document] = []
    after: tuple[str, str] | None = None
    while True:
        page = await store.find(collection, {}, after=after, limit=PAGE)
        documents += page
        if len(page) < PAGE:
            return documents
        after = (page[-1]["id"], page[-1]["id"])
