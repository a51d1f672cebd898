"""What a store says of whose it is: the number of its schema, and the id of the master key that seals its secrets.

The schema number tells whose documents a store holds, so that no two releases ever write to it side by side. Every
process reads it every four seconds, and writes only within ten seconds of having read its own number there. Whoever
raises it waits for fifteen: by then every write of an older release, of which none takes longer than five seconds, is
over, and changing documents is safe.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Literal

import structlog
from pydantic import BaseModel

from shared.clock import Clock
from shared.collections import MASTER_KEY_USES, MASTER_KEYS, SECRETS
from shared.contracts.values import Instant, instant_text
from shared.definitions import unreadable_secrets
from shared.encryption import Sealer
from shared.store.port import (
    Changes,
    Collection,
    DocumentStore,
    DuplicateKeyError,
    Range,
    StoreError,
    StoreUnavailableError,
    pages,
)

log = structlog.get_logger()

SCHEMA = 2
"""The number of this release. One more with every release whose documents an older one would read or write wrongly."""
FIRST_SCHEMA = 1
"""Of the first release, which wrote no number and reads none."""

READ_EVERY = 4.0
TRUSTED_FOR = 10.0
STORE_ANSWERS_WITHIN = 5.0
"""Seconds, as the store's port promises."""
OLD_WRITES_END_WITHIN = TRUSTED_FOR + STORE_ANSWERS_WITHIN

SCHEMAS = Collection("schema")
"""One document, written by migrators alone."""


MOST_NAMES = 20
"""In one line of the log."""
MOST_KEYS = 100
USE_NOTED_EVERY = 60.0
"""Seconds between two notes of a process that it uses its master key."""
IN_USE_FOR = timedelta(seconds=3 * USE_NOTED_EVERY)
"""How long a note counts: a process that has left none for so long is taken to have ended."""


class StoreSchema(BaseModel):
    """The schema of a store, and how far its migration has come. Every release understands the first two fields."""

    id: Literal["schema"] = "schema"
    number: int
    """The schema that the store has or, where it is unfinished, is moved to."""
    unfinished: bool = False
    version: int = 1
    moved_from: int | None = None
    """The schema that it had before, while it is unfinished."""
    has_waited: bool = False
    """Whether the writes of older releases have ended."""
    reached: int | None = None
    """The migration under way: the schema that it leads to."""
    step: int = 0
    """Of that migration, from 0."""
    after: str | None = None
    """The id of the last document that the step is done with."""
    holder: str | None = None
    """Who migrates."""
    lease_until: Instant | None = None
    """When somebody else may go on with it."""

    def __str__(self) -> str:
        return f"{self.number}, unfinished" if self.unfinished else str(self.number)


class SchemaError(StoreError):
    """The store's documents are not this release's to read or write."""


class NewerSchemaError(SchemaError):
    """A newer release has moved the store on."""

    def __init__(self, found: StoreSchema) -> None:
        super().__init__(
            f"the store has schema {found}, and this release knows {SCHEMA}: a newer release has moved it on. "
            "Start that one; to go back, put the backup from before the upgrade in place of the store"
        )


class NotWrittenError(StoreUnavailableError):
    """Nothing is written any more, as this process stops: the store is another release's."""


async def stored_schema(store: DocumentStore) -> StoreSchema | None:
    """What the store says of its schema; none in a new store, and in one of the first release."""
    document = await store.get(SCHEMAS, "schema")
    return None if document is None else StoreSchema.model_validate(document)


class SchemaWatch:
    """Sees to it that this process writes only while the store has the schema of its release."""

    def __init__(
        self, store: DocumentStore, lost: asyncio.Event, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``lost`` is set once the store is found to be of another schema: it is time to stop.

        ``clock`` counts seconds, and is never set back.
        """
        self.store = store
        self.lost = lost
        self._clock = clock
        self._trusted_until = float("-inf")
        self._reading = asyncio.Lock()

    async def read_number(self) -> None:
        """Read the number; where it is another one, say so, once, and begin no write any more once the trust ends."""
        began = self._clock()
        found = await stored_schema(self.store)
        if found is not None and found.number == SCHEMA and not found.unfinished:
            self._trusted_until = began + TRUSTED_FOR
        elif not self.lost.is_set():
            self.lost.set()
            log.error("schema.changed", error=f"{_sentence(found)}. This process stops", schema=SCHEMA)

    @property
    def is_trusted(self) -> bool:
        """Whether the number was read a moment ago, so that a write may begin."""
        return self._clock() < self._trusted_until

    async def check(self) -> None:
        """Return if a write may begin now; ``NotWrittenError`` where the store is another release's."""
        async with self._reading:
            if not self.is_trusted:
                await self.read_number()
            if not self.is_trusted:
                raise NotWrittenError("the store has another schema, so this process writes nothing more and stops")


def _sentence(found: StoreSchema | None) -> str:
    if found is None:
        return "the store has no schema number any more: it was emptied, or another one is in its place"
    if found.number > SCHEMA:
        return str(NewerSchemaError(found))
    return (
        f"the store has schema {found}, and this release needs {SCHEMA}: it was put back from a backup, or is moved on"
    )


async def check_master_key(store: DocumentStore, sealer: Sealer, clock: Clock) -> None:
    """Say at the start what would be found out one step after the other: this key is not the one in use.

    The stored secrets tell best. Where there is none, it is the id of the key that the first service left; it is a
    function of the key, so two keys never have the same. A key that opens every secret has replaced those before it.
    """
    if names := await unreadable_secrets(store, sealer):
        fix = "put the right master key back, or set these secrets anew"
        key = sealer.key_id
        log.error("master_key.does_not_open", key_id=key, secrets=names[:MOST_NAMES], number=len(names), fix=fix)
        return
    others = await _other_keys(store, sealer.key_id)
    if others and await store.find(SECRETS, {}, limit=1):
        for other in others:
            await store.delete(MASTER_KEYS, {"id": other})
        others = []
    if not others:
        await _leave_id(store, sealer.key_id, clock)
        others = await _other_keys(store, sealer.key_id)  # another service may have started at the same time
    if others:
        fix = "give every service the same master key; where this is the right one, save a secret and start again"
        log.error("master_key.differs", key_id=sealer.key_id, used_before=others, fix=fix)


async def _other_keys(store: DocumentStore, key_id: str) -> list[str]:
    return [known["id"] for known in await store.find(MASTER_KEYS, {}, limit=MOST_KEYS) if known["id"] != key_id]


async def _leave_id(store: DocumentStore, key_id: str, clock: Clock) -> None:
    try:
        await store.insert(MASTER_KEYS, {"id": key_id, "since": instant_text(clock())})
    except DuplicateKeyError:
        return  # it was left before


class MasterKeyUse:
    """What a process leaves in the store for as long as it uses its master key: which one, and for which services.

    Secrets tell of the key of the process that reads them alone. Where another service has another key, nobody notices
    before a step fails; so each process says which it has, and whoever is asked compares.
    """

    def __init__(self, store: DocumentStore, key_id: str, instance: str, clock: Clock) -> None:
        self._store = store
        self._key_id = key_id
        self._instance = instance
        self._clock = clock

    async def note(self, services: Sequence[str]) -> None:
        """Note that the key is in use now, and forget the processes that have ended without a word."""
        now = self._clock()
        seen = {"seen_at": instant_text(now)}
        if not await self._store.change(MASTER_KEY_USES, {"id": self._instance}, Changes(set=seen)):
            use = {"id": self._instance, "key_id": self._key_id, "services": list(services), **seen}
            await self._store.insert(MASTER_KEY_USES, use)
        await self._store.delete(MASTER_KEY_USES, {"seen_at": Range(below=instant_text(now - IN_USE_FOR))})

    async def end(self) -> None:
        """Take the note back: the process ends."""
        await self._store.delete(MASTER_KEY_USES, {"id": self._instance})


async def master_keys_in_use(store: DocumentStore, clock: Clock) -> dict[str, list[str]]:
    """The names of the services that run, by the id of their master key; one key where all is well."""
    found: dict[str, set[str]] = {}
    where = {"seen_at": Range(at_least=instant_text(clock() - IN_USE_FOR))}
    async for page in pages(store, MASTER_KEY_USES, where):
        for use in page:
            found.setdefault(use["key_id"], set()).update(use["services"])
    return {key_id: sorted(found[key_id]) for key_id in sorted(found)}
