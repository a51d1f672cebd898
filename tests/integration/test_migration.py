"""A store that is moved to a newer schema: by one migrator at a time, which can be killed anywhere and gone on with."""

import asyncio
import sqlite3
import sys
import textwrap
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from shared.installation import OLD_WRITES_END_WITHIN, SCHEMA, NewerSchemaError, StoreSchema, stored_schema
from shared.migration import (
    LEASE,
    CannotMigrateError,
    HalfMigratedError,
    MigratingElsewhereError,
    Migration,
    MigrationStep,
    Migrator,
    Placed,
)
from shared.migrations import migrator_of
from shared.store import Collection, Document, DocumentStore, document_store
from shared.store.sqlite import SqliteDocumentStore
from tests.builders import NOON
from tests.earlier_releases import documents, write_database
from tests.integration.conftest import NewStore

NUMBERS = Collection("numbers", keys=("even",))
LETTERS = Collection("letters")
NEXT = SCHEMA + 1


def _with_new_id(document: Document) -> Iterable[Placed]:
    """Ids of two parts get a third, and so change; what has three is left."""
    if document["id"].count(".") == 2:
        return [(NUMBERS, document)]
    return [(NUMBERS, {**document, "id": document["id"].replace(".", ".0000.")})]


def _with_letters_apart(document: Document) -> Iterable[Placed]:
    """The letters of a number move into documents of their own."""
    left = {key: value for key, value in document.items() if key != "letters"}
    found = document.get("letters", "")
    return [(NUMBERS, left), *[(LETTERS, {"id": f"{document['id']}.{letter}"}) for letter in found]]


def _without_odd(document: Document) -> Iterable[Placed]:
    return [(NUMBERS, document)] if document["even"] else []


THREE_STEPS = (
    MigrationStep(NUMBERS, _with_new_id),
    MigrationStep(NUMBERS, _with_letters_apart, also=(LETTERS,)),
    MigrationStep(NUMBERS, _without_odd),
)


def a_migrator(store: DocumentStore, **fields: Any) -> Migrator:
    """One that moves to the schema after this release's, at noon, and has nobody to wait for."""
    fields = {"migrations": [Migration(NEXT, THREE_STEPS)], "is_alone": True, "clock": lambda: NOON, **fields}
    return Migrator(store, schema=NEXT, **fields)


async def with_numbers(store: DocumentStore) -> None:
    """A store of this release with five numbers."""
    await Migrator(store, [], clock=lambda: NOON).bring_up_to_date()
    await store.open([NUMBERS, LETTERS])
    for number in range(5):
        await store.insert(NUMBERS, {"id": f"a.{number:02d}", "even": number % 2 == 0, "letters": "xy"})


async def everything_in(store: DocumentStore) -> dict[str, list[Document]]:
    """What the two collections hold, versions left out."""
    await store.open([NUMBERS, LETTERS])
    return {
        collection.name: [
            {key: value for key, value in document.items() if key != "version"}
            for document in await store.find(collection, {}, limit=1_000)
        ]
        for collection in (NUMBERS, LETTERS)
    }


MOVED: dict[str, list[Document]] = {
    "numbers": [{"id": f"a.0000.{number:02d}", "even": True} for number in (0, 2, 4)],
    "letters": [{"id": f"a.0000.{number:02d}.{letter}"} for number in range(5) for letter in "xy"],
}


@pytest.fixture
async def store(new_store: NewStore) -> AsyncIterator[DocumentStore]:
    """A store that is not open yet, and closed in the end."""
    opened = new_store()
    yield opened
    await opened.close()


@pytest.fixture
def page_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.migration.PAGE", 2)


async def test_a_new_store_gets_the_number_of_its_release_and_is_moved_nowhere(store: DocumentStore) -> None:
    migrator = Migrator(store, [Migration(SCHEMA, THREE_STEPS, obstacle=_always("never asked"))])
    await migrator.bring_up_to_date()
    await migrator.bring_up_to_date()
    assert await stored_schema(store) == StoreSchema(number=SCHEMA)


async def test_every_step_changes_every_document_and_the_number_is_raised(
    store: DocumentStore, page_of_two: None
) -> None:
    await with_numbers(store)
    await a_migrator(store).bring_up_to_date()
    assert await everything_in(store) == MOVED
    found = await stored_schema(store)
    assert found is not None
    assert str(found) == str(NEXT)
    assert found == StoreSchema(number=NEXT, version=found.version)


class _KilledError(BaseException):
    pass


@dataclass
class Killed:
    """A store that lets so many writes pass; then its process is as good as dead."""

    store: DocumentStore
    writes: int
    seen: list[str] = field(default_factory=list)

    def __getattr__(self, verb: str) -> Any:
        asked = getattr(self.store, verb)
        if verb in {"open", "get", "find", "count"}:
            return asked

        async def write(*given: Any, **named: Any) -> Any:
            if len(self.seen) >= self.writes:
                raise _KilledError
            self.seen.append(verb)
            return await asked(*given, **named)

        return write


async def test_a_migrator_killed_at_any_write_is_gone_on_with(tmp_path: Path, page_of_two: None) -> None:
    was_killed = True
    writes = 0
    while was_killed:
        store = SqliteDocumentStore(tmp_path / f"{writes}.db")
        await with_numbers(store)
        was_killed = False
        try:
            await a_migrator(Killed(store, writes)).bring_up_to_date()
        except _KilledError:
            was_killed = True
            if writes:
                found = await stored_schema(store)
                assert str(found) == f"{NEXT}, unfinished"
        later = NOON + LEASE + timedelta(seconds=1)
        await a_migrator(store, clock=lambda later=later: later).bring_up_to_date()
        assert await everything_in(store) == MOVED, f"killed at write {writes}"
        await store.close()
        writes += 1
    assert writes > 30


KILLS_MIGRATORS = """
    import asyncio
    import os
    import signal
    import sys
    from datetime import timedelta

    import shared.migration
    import shared.store.mongo
    from shared.store import document_store
    from tests.integration.test_migration import NOON, a_migrator

    shared.migration.PAGE = 2
    noted = shared.migration.Migrator._note


    async def dies_after_a_page(migrator, state, told):
        await noted(migrator, state, told)
        if state is told and state.after is not None:
            print("page", state.step, state.after, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)


    async def migrate(hours):
        shared.migration.Migrator._note = dies_after_a_page
        at = NOON + timedelta(hours=hours)
        await a_migrator(document_store(sys.argv[1]), clock=lambda: at).bring_up_to_date()


    # Each in a process of its own, which has everything loaded already.
    for hours in range(20):
        pid = os.fork()
        if pid == 0:
            asyncio.run(migrate(hours))
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        if os.waitstatus_to_exitcode(status) != -signal.SIGKILL:
            sys.exit(status)
    sys.exit("killed again and again")
"""


@pytest.mark.parametrize("kind", ["sqlite", "mongo"])
async def test_a_migrator_whose_process_is_killed_after_each_page_goes_on_with_the_next(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = f"sqlite:{tmp_path / 'a.db'}" if kind == "sqlite" else request.getfixturevalue("mongo").database_url()
    store = document_store(url)
    await with_numbers(store)
    await store.close()
    killing = await asyncio.create_subprocess_exec(
        sys.executable, "-c", textwrap.dedent(KILLS_MIGRATORS), url, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await killing.communicate()
    assert killing.returncode == 0
    pages = [line for line in told.decode().splitlines() if line.startswith("page ")]
    assert pages == sorted(set(pages))
    assert len(pages) > 6
    await store.open([NUMBERS, LETTERS])
    assert await everything_in(store) == MOVED
    await store.close()


async def test_while_one_migrates_another_waits_until_its_lease_is_over(store: DocumentStore) -> None:
    await with_numbers(store)
    with pytest.raises(_KilledError):
        await a_migrator(Killed(store, 2)).bring_up_to_date()
    with pytest.raises(MigratingElsewhereError, match="another process moves the store"):
        await a_migrator(store, clock=lambda: NOON + LEASE / 2).bring_up_to_date()
    await a_migrator(store, clock=lambda: NOON + LEASE * 2).bring_up_to_date()
    assert await everything_in(store) == MOVED


async def test_who_was_thought_dead_notices_that_another_has_gone_on(store: DocumentStore) -> None:
    await with_numbers(store)

    async def sleeps_too_long(_seconds: float) -> None:
        await a_migrator(store, clock=lambda: NOON + LEASE * 2).bring_up_to_date()

    with pytest.raises(MigratingElsewhereError):
        await a_migrator(store, is_alone=False, sleep=sleeps_too_long).bring_up_to_date()
    assert await everything_in(store) == MOVED


async def test_documents_are_changed_only_after_the_number_is_raised_and_old_writes_are_over(
    store: DocumentStore,
) -> None:
    await with_numbers(store)
    before = await everything_in(store)
    waited: list[tuple[float, str, bool]] = []

    async def sleep(seconds: float) -> None:
        waited.append((seconds, str(await stored_schema(store)), await everything_in(store) == before))

    await a_migrator(store, is_alone=False, sleep=sleep).bring_up_to_date()
    assert waited == [(OLD_WRITES_END_WITHIN, f"{NEXT}, unfinished", True)]
    assert await everything_in(store) == MOVED


async def test_what_is_in_the_way_is_said_and_nothing_is_changed(store: DocumentStore) -> None:
    await with_numbers(store)
    before = await everything_in(store)
    blocked = [Migration(NEXT, THREE_STEPS, obstacle=_always("two runs are under way"))]
    with pytest.raises(CannotMigrateError, match="two runs are under way"):
        await a_migrator(store, migrations=blocked).bring_up_to_date()
    assert await everything_in(store) == before
    assert await stored_schema(store) == StoreSchema(number=SCHEMA)


async def test_what_comes_into_the_way_before_old_services_stop_puts_the_number_back(store: DocumentStore) -> None:
    await with_numbers(store)
    before = await everything_in(store)
    answers: list[str | None] = [None, "a run is under way"]

    async def obstacle(_store: DocumentStore) -> str | None:
        return answers.pop(0)

    with pytest.raises(CannotMigrateError, match="a run is under way"):
        await a_migrator(store, migrations=[Migration(NEXT, THREE_STEPS, obstacle)]).bring_up_to_date()
    assert await everything_in(store) == before
    found = await stored_schema(store)
    assert found is not None
    assert found == StoreSchema(number=SCHEMA, version=found.version)


async def test_a_document_that_cannot_be_moved_is_named_and_the_rest_waits_for_it(
    store: DocumentStore, page_of_two: None
) -> None:
    await with_numbers(store)
    await store.insert(NUMBERS, {"id": "a.99", "letters": ""})
    with pytest.raises(HalfMigratedError, match=r"numbers a\.0000\.99 cannot be moved \(KeyError: 'even'\)"):
        await a_migrator(store).bring_up_to_date()
    assert str(await stored_schema(store)) == f"{NEXT}, unfinished"
    (odd,) = [one for one in await store.find(NUMBERS, {}, limit=99) if one["id"].endswith("99")]
    await store.replace(NUMBERS, {**odd, "even": False}, version=odd["version"])
    await a_migrator(store, clock=lambda: NOON + LEASE * 2).bring_up_to_date()
    assert await everything_in(store) == MOVED


async def test_a_document_that_somebody_still_writes_stops_the_migration(store: DocumentStore) -> None:
    await with_numbers(store)

    def beside_a_writer(document: Document) -> Iterable[Placed]:
        return [(NUMBERS, {**document, "version": 1, "even": None})]

    first = (await store.find(NUMBERS, {}, limit=1))[0]
    store_find = store.find

    async def find_an_old_version(*given: Any, **named: Any) -> list[Document]:
        found = await store_find(*given, **named)
        if found and found[0]["id"] == first["id"] and found[0]["version"] == 1:
            await store.replace(NUMBERS, first, version=1)
        return found

    store.find = find_an_old_version  # type: ignore[method-assign]
    with pytest.raises(HalfMigratedError, match=r"numbers a\.00 was written while the store was moved"):
        await a_migrator(
            store, migrations=[Migration(NEXT, (MigrationStep(NUMBERS, beside_a_writer),))]
        ).bring_up_to_date()


async def test_a_store_of_a_later_release_is_left_alone_with_a_sentence(store: DocumentStore) -> None:
    await with_numbers(store)
    await a_migrator(store).bring_up_to_date()
    with pytest.raises(NewerSchemaError, match=f"has schema {NEXT}, and this release knows {SCHEMA}"):
        await Migrator(store, [], may_move=True, may_move_first=True).bring_up_to_date()


async def test_services_that_may_not_migrate_say_what_to_run(store: DocumentStore) -> None:
    await with_numbers(store)
    with pytest.raises(CannotMigrateError, match="run once: opsimate migrate"):
        await a_migrator(store, is_alone=False, may_move=False).bring_up_to_date()
    assert await stored_schema(store) == StoreSchema(number=SCHEMA)


async def test_a_release_goes_on_with_the_half_migration_of_the_one_before(
    store: DocumentStore, page_of_two: None
) -> None:
    await with_numbers(store)
    with pytest.raises(_KilledError):
        await a_migrator(Killed(store, 12)).bring_up_to_date()
    one_more = Migration(NEXT + 1, (MigrationStep(LETTERS, lambda document: [(LETTERS, {**document, "new": True})]),))
    later = Migrator(
        store,
        [Migration(NEXT, THREE_STEPS), one_more],
        schema=NEXT + 1,
        is_alone=True,
        clock=lambda: NOON + LEASE * 2,
    )
    await later.bring_up_to_date()
    letters = [{**letter, "new": True} for letter in MOVED["letters"]]
    assert await everything_in(store) == {"numbers": MOVED["numbers"], "letters": letters}


def _always(sentence: str) -> Callable[[DocumentStore], Awaitable[str | None]]:
    async def obstacle(_store: DocumentStore) -> str | None:
        return sentence

    return obstacle


async def test_the_services_leave_a_store_of_the_first_release_to_whoever_has_stopped_the_old_ones(
    store: DocumentStore,
) -> None:
    names = {name for name, _ in documents()}
    await store.open([Collection(name, blob="data" if name == "output" else None) for name in names])
    for name, document in documents():
        await store.insert(Collection(name, blob="data" if name == "output" else None), document)
    with pytest.raises(CannotMigrateError, match="services do not notice that it is moved on"):
        await Migrator(store, [Migration(SCHEMA, ())]).bring_up_to_date()
    assert await stored_schema(store) is None


async def test_a_database_of_the_first_release_is_copied_before_it_is_moved(tmp_path: Path) -> None:
    path = tmp_path / "opsimate.db"
    write_database(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        before = _rows_of_the_first_release(database)
    store = document_store(f"sqlite:{path}")
    migrator = migrator_of(store, may_move=True)
    migrator.migrations = [Migration(SCHEMA, ())]
    with capture_logs() as logs:
        await migrator.bring_up_to_date()
    await store.close()
    copy = tmp_path / "opsimate-schema-1.db"
    assert [line["copy"] for line in logs if line["event"] == "schema.copy_kept"] == [str(copy)]
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as database:
        assert _rows_of_the_first_release(database) == before


def _rows_of_the_first_release(database: sqlite3.Connection) -> dict[str, list[Any]]:
    """All documents, from the columns in which that release looks for them; a newer one may have added columns."""
    read = 'SELECT id, version, " body" FROM "{}" ORDER BY id'
    return {name: database.execute(read.format(name)).fetchall() for name, _ in documents()}


async def test_runs_of_the_first_release_that_are_under_way_are_left_to_it(tmp_path: Path) -> None:
    path = tmp_path / "opsimate.db"
    write_database(path)
    store = document_store(f"sqlite:{path}")
    with pytest.raises(CannotMigrateError, match=r"4 runs are under way .*01M8\w+, 01M8\w+, 01M8\w+, …\). Start the"):
        await migrator_of(store, may_move=True).bring_up_to_date()
    await store.close()
    assert not (tmp_path / "opsimate-schema-1.db").exists()
