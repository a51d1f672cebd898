"""Moves a store to this release's schema, a page of documents at a time, so that it can be killed and gone on with.

The order is what makes it safe. Whoever migrates takes a lease and raises the number, which older releases notice
within seconds and stop at; it waits until their last write is over; only then it changes documents. Every step is a
pure function from a document to what takes its place, that changes nothing where it is done already. After each page
the store is told how far the step has come. Meanwhile the number is unfinished, and no service works with the store.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from shared import collections
from shared.clock import Clock, new_id, utc_now
from shared.installation import (
    FIRST_SCHEMA,
    OLD_WRITES_END_WITHIN,
    SCHEMA,
    SCHEMAS,
    NewerSchemaError,
    SchemaError,
    StoreSchema,
    stored_schema,
)
from shared.store.port import Collection, Document, DocumentStore, DuplicateKeyError, after_id

PAGE = 200
"""Documents that are read, changed and written before the next ones."""
LEASE = timedelta(seconds=60)
"""How long a migrator that gives no sign of life is waited for. It gives one with every page."""

_FIRST_TOKENS = Collection("tokens", keys=("hash", "role"), unique=(("hash",),))
"""As the first release declares it, and so changing nothing there: whoever used it has made a token."""

_NOT_STORED = 0
"""The version of a number that stands in no store."""

log = structlog.get_logger()

Placed = tuple[Collection, Document]
Change = Callable[[Document], Iterable[Placed]]
"""From a document to what takes its place, which may be more, or nothing. A document that it gives is left as it is
when it is given to it again: what a crash interrupts is done once more."""


@dataclass(frozen=True)
class MigrationStep:
    """What becomes of every document of one collection."""

    collection: Collection
    change: Change
    also: tuple[Collection, ...] = ()
    """The other collections that it puts documents into."""


async def nothing_in_the_way(_store: DocumentStore) -> str | None:
    """Of a migration that can always begin."""
    return None


@dataclass(frozen=True)
class Migration:
    """The way from one schema to the next."""

    number: int
    """The schema that it leads to."""
    steps: tuple[MigrationStep, ...]
    obstacle: Callable[[DocumentStore], Awaitable[str | None]] = nothing_in_the_way
    """Why it cannot begin now, in a sentence with the next thing to do. Asked before anything is changed, and again
    when nobody else writes any more; so it opens collections as the earlier schema declares them."""


class CannotMigrateError(SchemaError):
    """The store cannot be moved now; it is as it was."""


class MigratingElsewhereError(SchemaError):
    """Another process moves the store on: wait for it."""


class HalfMigratedError(SchemaError):
    """The migration stopped half way. What was done stays, and is gone on with once somebody has mended the cause."""


@dataclass
class Migrator:
    """Brings one store, which is open, to this release's schema."""

    store: DocumentStore
    migrations: Sequence[Migration]
    schema: int = SCHEMA
    is_alone: bool = False
    """Whether surely nobody else has the store open, so that nobody has to be waited for."""
    may_move: bool = True
    """Whether to move a store whose services read the number, and so stop."""
    may_move_first: bool = False
    """Whether to move a store of the first release, whose services go on writing if they still run."""
    keep_copy: Callable[[int], Awaitable[object]] | None = None
    """Keeps a copy of the store, of this schema, before anything is changed."""
    clock: Clock = utc_now
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    name: str = field(default_factory=lambda: new_id().lower())

    async def bring_up_to_date(self) -> None:
        """Return once the store has this release's schema.

        ``NewerSchemaError`` where it has a later one, ``MigratingElsewhereError`` where another process is at it,
        ``CannotMigrateError`` where it cannot be moved now.
        """
        await self.store.open([SCHEMAS])
        found = await stored_schema(self.store)
        if found is None:
            found = await self._first_number()
        if found.number > self.schema:
            raise NewerSchemaError(found)
        if found.number == self.schema and not found.unfinished:
            return
        self._check_it_may(found)
        await self._move(found)

    async def _first_number(self) -> StoreSchema:
        """Of a store without one: it is new, or of the first release."""
        await self.store.open([_FIRST_TOKENS])
        if await self.store.find(_FIRST_TOKENS, {}, limit=1):
            return StoreSchema(number=FIRST_SCHEMA, version=_NOT_STORED)
        new = StoreSchema(number=self.schema)
        try:
            await self.store.insert(SCHEMAS, _document(new))
        except DuplicateKeyError:  # somebody else was first
            return await stored_schema(self.store) or new
        return new

    def _check_it_may(self, found: StoreSchema) -> None:
        if not (found.unfinished or self.is_alone):
            if found.number == FIRST_SCHEMA and not self.may_move_first:
                raise CannotMigrateError(
                    "the store is of the first release, whose services do not notice that it is moved on. Stop all of "
                    "them, make a backup, and run once: opsimate migrate"
                )
            if not (self.may_move or self.may_move_first):
                raise CannotMigrateError(
                    f"the store has schema {found}, and this release needs {self.schema}. Make a backup, and run once: "
                    "opsimate migrate"
                )
        is_held = found.lease_until is not None and found.lease_until > self.clock()
        if is_held and found.holder != self.name:
            raise MigratingElsewhereError(f"another process moves the store to schema {found}")

    async def _move(self, found: StoreSchema) -> None:
        begun_from = found.moved_from if found.unfinished and found.moved_from is not None else found.number
        migrations = [one for one in self.migrations if begun_from < one.number <= self.schema]
        if not found.has_waited:
            await self._check_obstacles(migrations)
            if self.keep_copy is not None:
                copy = await self.keep_copy(begun_from)
                log.info("schema.copy_kept", copy=str(copy), schema=begun_from)
        state = await self._raised(found, begun_from)
        log.info("schema.migrating", moved_from=begun_from, schema=self.schema)
        if not state.has_waited:
            await self._wait_for_others(state, begun_from, migrations)
        await self.store.open(collections.ALL)
        for migration in migrations:
            if state.reached is None or state.reached <= migration.number:
                await self._carry_out(state, migration)
        done = StoreSchema(number=self.schema, version=state.version)
        await self._note(state, done)
        log.info("schema.migrated", moved_from=begun_from, schema=self.schema)

    async def _check_obstacles(self, migrations: Sequence[Migration]) -> None:
        for migration in migrations:
            obstacle = await migration.obstacle(self.store)
            if obstacle is not None:
                raise CannotMigrateError(obstacle)

    async def _raised(self, found: StoreSchema, begun_from: int) -> StoreSchema:
        """The number, raised and unfinished, with a lease of this migrator's."""
        raised = found.model_copy(
            update={
                "number": self.schema,
                "unfinished": True,
                "moved_from": begun_from,
                "holder": self.name,
                "lease_until": self._lease(),
            }
        )
        if found.version == _NOT_STORED:
            try:
                await self.store.insert(SCHEMAS, _document(raised))
            except DuplicateKeyError:
                raise MigratingElsewhereError("another process moves the store on") from None
            return raised.model_copy(update={"version": 1})
        await self._note(found, raised)
        return raised

    async def _wait_for_others(self, state: StoreSchema, begun_from: int, migrations: Sequence[Migration]) -> None:
        """Until the writes of older releases are over; what they have begun meanwhile may be in the way."""
        if not self.is_alone:
            log.info("schema.waiting_for_others", seconds=OLD_WRITES_END_WITHIN)
            await self.sleep(OLD_WRITES_END_WITHIN)
        try:
            await self._check_obstacles(migrations)
        except CannotMigrateError:
            await self._note(state, StoreSchema(number=begun_from, version=state.version))
            raise
        state.has_waited = True
        await self._note(state, state)

    async def _carry_out(self, state: StoreSchema, migration: Migration) -> None:
        if state.reached != migration.number:
            state.reached, state.step, state.after = migration.number, 0, None
        while state.step < len(migration.steps):
            step = migration.steps[state.step]
            await self.store.open([step.collection, *step.also])
            changed = 0
            while page := await self._page(step.collection, state.after):
                changed += await self._change_all(step, page)
                state.after = page[-1]["id"]
                await self._note(state, state)
            log.info("schema.step_done", schema=migration.number, collection=step.collection.name, changed=changed)
            state.step, state.after = state.step + 1, None
            await self._note(state, state)

    async def _page(self, collection: Collection, after: str | None) -> list[Document]:
        return await self.store.find(collection, {}, after=after_id(after), limit=PAGE)

    async def _change_all(self, step: MigrationStep, page: Sequence[Document]) -> int:
        """Change a page of documents at once, as a store commits many writes for the price of one; how many changed."""
        results = await asyncio.gather(*(self._change(step, one) for one in page), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return sum(1 for result in results if result is True)

    async def _change(self, step: MigrationStep, document: Document) -> bool:
        """Put what takes a document's place beside it, and then it away; whether anything was changed."""
        try:
            placed = list(step.change(document))
        except Exception as error:
            raise HalfMigratedError(
                f"{step.collection.name} {document['id']} cannot be moved ({type(error).__name__}: {error}). The store "
                "stays unfinished: nothing is lost, and no service works with it. Mend the document and start again, "
                "or put the backup in its place"
            ) from error
        if placed == [(step.collection, document)]:
            return False
        own = (step.collection.name, document["id"])
        stays = [one for collection, one in placed if (collection.name, one["id"]) == own]
        for collection, one in placed:  # before the document itself changes, which says that they are still to be made
            if one not in stays:
                await self._insert(collection, one)
        if not stays:
            await self.store.delete(step.collection, {"id": document["id"]})
        elif stays != [document] and not await self.store.replace(
            step.collection, stays[0], version=document["version"]
        ):
            raise _written_meanwhile(step.collection, document)
        return True

    async def _insert(self, collection: Collection, document: Document) -> None:
        try:
            await self.store.insert(collection, document)
        except DuplicateKeyError:
            if await self.store.get(collection, document["id"]) is None:  # it is not there from before a crash
                raise

    async def _note(self, state: StoreSchema, noted: StoreSchema) -> None:
        """Store how far it has come, with a lease that begins anew, if nobody else has gone on with it."""
        if noted.unfinished:
            noted.holder, noted.lease_until = self.name, self._lease()
        if not await self.store.replace(SCHEMAS, _document(noted), version=state.version):
            raise MigratingElsewhereError("another process has gone on with moving the store")
        noted.version = state.version + 1

    def _lease(self) -> datetime:
        return self.clock() + LEASE


def _document(schema: StoreSchema) -> Document:
    return schema.model_dump(mode="json", exclude_none=True)


def _written_meanwhile(collection: Collection, document: Document) -> SchemaError:
    return HalfMigratedError(
        f"{collection.name} {document['id']} was written while the store was moved: a service of an earlier release "
        "still runs. Stop it, and start again"
    )
