"""The schema number: whose documents a store holds, so that no two releases ever write to it side by side.

It stands in the store itself. Every process reads it every four seconds, and writes only within ten seconds of having
read its own number there. Whoever raises it waits for fifteen: by then every write of an older release, of which none
takes longer than five seconds, is over, and changing documents is safe.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Literal

import structlog
from pydantic import BaseModel

from shared.contracts.values import Instant
from shared.store.port import Collection, DocumentStore, StoreError, StoreUnavailableError

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
