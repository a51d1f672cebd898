"""A process writes only while the store has the schema of its release, whatever it is in the middle of."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from shared.installation import SCHEMA, SCHEMAS, TRUSTED_FOR, NotWrittenError, SchemaWatch
from shared.migration import Migrator
from shared.store import Changes, Collection, MeteredDocumentStore, StoreUnavailableError
from shared.store.sqlite import SqliteDocumentStore

THINGS = Collection("things")


@dataclass
class Process:
    """What a process of this release has of a store, and a clock that the test turns."""

    store: MeteredDocumentStore
    inner: SqliteDocumentStore
    watch: SchemaWatch
    lost: asyncio.Event
    now: list[float]

    async def schema_becomes(self, number: int, *, unfinished: bool = False) -> None:
        """As a migrator of another release does it."""
        await self.inner.change(SCHEMAS, {"id": "schema"}, Changes(set={"number": number, "unfinished": unfinished}))


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[Process]:
    inner = SqliteDocumentStore(tmp_path / "opsimate.db")
    await Migrator(inner, []).bring_up_to_date()
    lost, now = asyncio.Event(), [100.0]
    watch = SchemaWatch(inner, lost, clock=lambda: now[0])
    store = MeteredDocumentStore(inner, watch)
    await watch.read_number()
    await store.open([THINGS])
    yield Process(store, inner, watch, lost, now)
    await inner.close()


async def test_a_write_trusts_the_last_look_for_ten_seconds_and_then_looks_itself(process: Process) -> None:
    await process.schema_becomes(SCHEMA + 1, unfinished=True)
    process.now[0] += TRUSTED_FOR - 0.001
    await process.store.insert(THINGS, {"id": "in time"})
    process.now[0] += 0.001
    with pytest.raises(NotWrittenError):
        await process.store.insert(THINGS, {"id": "too late"})
    assert [found["id"] for found in await process.store.find(THINGS, {})] == ["in time"]


async def test_a_process_that_was_asleep_goes_on_where_the_schema_is_still_its_own(process: Process) -> None:
    process.now[0] += 3_600
    await asyncio.gather(*(process.store.insert(THINGS, {"id": str(number)}) for number in range(5)))
    assert await process.store.count(THINGS, {}) == 5
    assert process.watch.is_trusted


@pytest.mark.parametrize(("number", "unfinished"), [(SCHEMA + 1, False), (SCHEMA, True), (SCHEMA - 1, False)])
async def test_a_schema_that_is_not_its_own_stops_the_process_with_one_sentence(
    process: Process, number: int, unfinished: bool
) -> None:
    await process.schema_becomes(number, unfinished=unfinished)
    with capture_logs() as logs:
        await process.watch.read_number()
        await process.watch.read_number()
    assert process.lost.is_set()
    (line,) = logs
    assert (line["event"], line["log_level"]) == ("schema.changed", "error")
    shown = f"{number}, unfinished" if unfinished else str(number)
    assert line["error"].startswith(f"the store has schema {shown}, and this release ")
    assert line["error"].endswith("This process stops")


async def test_a_store_that_was_emptied_stops_the_process(process: Process) -> None:
    await process.inner.delete(SCHEMAS, {})
    with capture_logs() as logs:
        await process.watch.read_number()
    assert process.lost.is_set()
    assert "emptied" in logs[0]["error"]


async def test_every_verb_that_writes_is_held_back_and_none_that_reads(process: Process) -> None:
    await process.store.insert(THINGS, {"id": "there"})
    await process.schema_becomes(SCHEMA + 1)
    process.now[0] += TRUSTED_FOR
    store, one, changes = process.store, {"id": "there"}, Changes(set={"changed": True})
    for write in (
        store.insert(THINGS, {"id": "new"}),
        store.replace(THINGS, {"id": "there", "changed": True}, version=1),
        store.change(THINGS, one, changes),
        store.change_all(THINGS, {}, changes),
        store.claim(THINGS, one, changes),
        store.delete(THINGS, one),
    ):
        with pytest.raises(StoreUnavailableError):
            await write
    await store.ping()
    assert await store.get(THINGS, "there") == {"id": "there", "version": 1}
    assert await store.find(THINGS, {}) == [{"id": "there", "version": 1}]
    assert await store.count(THINGS, {}) == 1
