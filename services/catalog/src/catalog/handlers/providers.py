"""Providers as a kind of definition, and the host keys that are pinned for them."""

import asyncio
from collections.abc import Iterable

from catalog.domain.provider_check import Jumps, check_provider
from catalog.domain.references import uses_of_provider
from catalog.handlers.definitions import Written
from catalog.handlers.errors import InvalidError
from catalog.handlers.names import known_names, users_in
from shared.collections import ACTIONS, ALERT_RULES, HOST_KEYS, PROVIDERS, RUNS, SECRETS
from shared.contracts.problem import FieldError
from shared.contracts.provider import MOST_JUMPS, ProviderDefinition, SshConnection, pin_id
from shared.definitions import (
    Stored,
    StoredSecret,
    Uses,
    definition_document,
    parsed,
    secret_place,
    stored_of,
    stored_provider,
    stored_secrets,
)
from shared.encryption import MasterKeyError, Sealer
from shared.ids import new_id
from shared.remembered import LruCache
from shared.runs.cancel import NOT_ENDED
from shared.ssh_key_text import KeyTextError
from shared.ssh_keys import read_private_key
from shared.store.port import Document, DocumentStore, OneOf


class Providers:
    """What is particular about providers."""

    word = "provider"
    collection = PROVIDERS

    def __init__(self, store: DocumentStore, sealer: Sealer, *, allow_local: bool) -> None:
        self._store = store
        self._sealer = sealer
        self._allow_local = allow_local
        self._usable: LruCache[bool] = LruCache(most=1_000)
        """Keys that were found to open, by the versions of their secrets: to open one is slow on purpose, and many
        providers share one."""

    async def check(self, definition: ProviderDefinition) -> Uses:
        """Its secrets exist and hold a key that can be used, its jumps lead somewhere, and its kind is allowed here."""
        uses = uses_of_provider(definition)
        secrets = await known_names(self._store, SECRETS, uses.secrets)
        jumps = await self._jumps(definition)
        errors = check_provider(definition, secrets=secrets, jumps=jumps, allow_local=self._allow_local)
        if not errors and definition.connection.ssh is not None:
            errors = await self._key_errors(definition.connection.ssh)
        if errors:
            raise InvalidError(errors)
        return uses

    async def _key_errors(self, ssh: SshConnection) -> list[FieldError]:
        """What is wrong with the key that it logs in with."""
        references = {"private_key": ssh.private_key, "passphrase": ssh.passphrase, "certificate": ssh.certificate}
        names = {field: reference.secret for field, reference in references.items() if reference is not None}
        if "private_key" not in names:
            return []
        secrets = await stored_secrets(self._store, names.values())
        versions = " ".join(f"{field}={secrets[name].uid}:{secrets[name].version}" for field, name in names.items())
        if self._usable.get(versions):
            return []
        try:
            texts = {field: self._opened(secrets[name]) for field, name in names.items()}
        except MasterKeyError:
            return []  # which is told where it is used, and mended by storing the secret anew
        try:
            await asyncio.to_thread(
                read_private_key, texts["private_key"], texts.get("passphrase"), texts.get("certificate")
            )
        except KeyTextError as error:
            field = f"connection.ssh.{error.field}" + (".secret" if error.field in names else "")
            said = f"the secret '{names[error.field]}' {error}" if error.field in names else str(error)
            return [FieldError(field=field, message=said)]
        self._usable.remember(versions, True)
        return []

    def _opened(self, secret: StoredSecret) -> str:
        return self._sealer.open(secret.sealed, place=secret_place(secret.name))

    async def _jumps(self, definition: ProviderDefinition) -> Jumps:
        connections: dict[str, SshConnection | None] = {}
        ssh = definition.connection.ssh
        while ssh is not None and ssh.jump is not None and len(connections) <= MOST_JUMPS:
            stored = None if ssh.jump in connections else await stored_provider(self._store, ssh.jump)
            if stored is None:
                break
            connections[stored.name] = ssh = stored.definition.connection.ssh
        missing = ssh.jump if ssh is not None and ssh.jump is not None else None
        known = await known_names(self._store, PROVIDERS, [missing]) if missing else frozenset()
        return Jumps(connections, known)

    async def document(self, definition: ProviderDefinition, uses: Uses, written: Written, *, version: int) -> Document:
        """The provider as it is stored for the first time."""
        del version  # the same for every version
        return definition_document(definition, uid=new_id(), by=written.by, at=written.at, uses=uses)

    def is_same(self, document: Document, definition: ProviderDefinition) -> bool:
        """Whether the document holds this definition already."""
        return parsed(ProviderDefinition, document["definition"]) == definition

    def stored(self, document: Document) -> Stored[ProviderDefinition]:
        """What a document holds."""
        return stored_of(ProviderDefinition, document)

    async def users(self, name: str) -> list[str]:
        """Actions and rules that name it, providers behind it, and runs that have not ended."""
        runs = await self._store.find(RUNS, {"providers": name, "state": NOT_ENDED}, limit=1)
        return [
            *await users_in(self._store, ACTIONS, "action", "providers", name),
            *await users_in(self._store, PROVIDERS, "provider", "providers", name),
            *await users_in(self._store, ALERT_RULES, "alert rule", "providers", name),
            *(f"the run '{run['id']}', which has not ended" for run in runs),
        ]


async def pinned_keys(store: DocumentStore, providers: Iterable[Stored[ProviderDefinition]]) -> dict[str, Document]:
    """The host keys that are pinned for these providers at their present addresses, by name, in one read."""
    pins = {
        pin_id(provider.uid, ssh): provider.name
        for provider in providers
        if (ssh := provider.definition.connection.ssh) is not None
    }
    if not pins:
        return {}
    found = await store.find(HOST_KEYS, {"id": OneOf(tuple(pins))}, limit=len(pins))
    return {pins[document["id"]]: document for document in found}
