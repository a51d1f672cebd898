"""What only the file of a SQLite store can promise."""

import asyncio
import contextlib
import sqlite3
import stat
import sys
from pathlib import Path

import pytest

from shared.store import (
    AllOf,
    Changes,
    Collection,
    Condition,
    Document,
    DuplicateKeyError,
    Insert,
    OneOf,
    Range,
    StoreError,
    StoreUnavailableError,
    Where,
    sqlite,
    sqlite_file,
)
from shared.store.port import Dumped
from shared.store.sqlite import SqliteDocumentStore
from shared.store.sqlite_checkpoints import BULK_OF_A_CHANGE, CHECKPOINT_CHANGES
from shared.store.sqlite_table import Query, Table, after_cursor, matching, ordered
from shared.store.sqlite_writes import insert
from tests.contract.store.declarations import ALL, NOTES, OUTPUT, RUNS, a_run, ids

PLAIN = Collection("runs", keys=("state",))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "store.db"


async def test_the_file_is_its_owners_alone(path: Path) -> None:
    store = SqliteDocumentStore(path)
    await store.open(ALL)
    await store.insert(RUNS, a_run("a"))
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    await store.close()


async def test_newly_declared_keys_lists_and_indexes_find_older_documents(path: Path) -> None:
    store = SqliteDocumentStore(path)
    await store.open([PLAIN])
    await store.insert(PLAIN, a_run("a", state="x", action="one", trigger={"kind": "api"}, labels=["l"]))
    await store.insert(PLAIN, a_run("b", state="y", request_id="r"))
    await store.close()
    await store.open([RUNS])
    for where in ({"state": "x"}, {"action": "one"}, {"trigger.kind": "api"}, {"labels": "l"}):
        assert ids(await store.find(RUNS, where)) == ["a"], where
    with pytest.raises(DuplicateKeyError):
        await store.insert(RUNS, a_run("c", request_id="r"))
    await store.close()


async def test_texts_that_many_documents_hold_are_asked_for_document_by_document_with_the_same_answer(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SqliteDocumentStore(path)
    await store.open([RUNS])
    for number in range(40):
        labels = [label for label, every in (("x", 1), ("y", 2), ("z", 13)) if number % every == 0]
        await store.insert(RUNS, a_run(f"{number:02}", state="ab"[number % 2], labels=labels))
    together = [AllOf(texts) for texts in (("x",), ("z",), ("x", "y"), ("x", "z"), ("y", "z", "x"), ("x", "none"))]
    others: list[Condition] = ["x", "z", "none", OneOf(("y", "z")), OneOf(("none", "z"))]
    wheres: list[Where] = [
        {"labels": labels, **more}
        for labels in (*together, *others)
        for more in ({}, {"state": "a"}, {"id": Range(above="10", below="30")})
    ]
    gathered = [await store.find(RUNS, where, descending=True, after=("35", "35"), limit=9) for where in wheres]
    monkeypatch.setattr(sqlite, "SELDOM", 10)
    asked = [await store.find(RUNS, where, descending=True, after=("35", "35"), limit=9) for where in wheres]
    assert gathered == asked
    assert ids(asked[6]) == [f"{number:02}" for number in range(34, 17, -2)]
    await store.close()


async def test_documents_of_another_summary_are_divided_anew(path: Path) -> None:
    store = SqliteDocumentStore(path)
    whole = a_run("a", state="x", labels=["l"], steps=[1, 2], version=1)
    summaries: list[tuple[str, ...]] = [(), ("steps",), ("state", "labels"), ("labels", "state"), ("labels",), ()]
    for number, summary in enumerate(summaries):
        declared = Collection("runs", keys=("state",), lists=("labels",), summary=summary)
        await store.open([declared])
        if number == 0:
            await store.insert(declared, whole)
        assert await store.find(declared, {"labels": "l"}) == [whole]
        short = {name: whole[name] for name in summary}
        assert await store.get(declared, "a", fields=summary) == {"id": "a", "version": 1, **short}
        await store.close()


async def test_the_file_of_a_release_without_summaries_is_brought_up_to_date(path: Path) -> None:
    path.parent.mkdir()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            """
            CREATE TABLE "runs" (id PRIMARY KEY NOT NULL, version INTEGER NOT NULL, " body" TEXT NOT NULL,
                " blob" BLOB);
            ALTER TABLE "runs" ADD COLUMN "state";
            INSERT INTO "runs" VALUES ('a', 7, '{"id":"a","state":"x","steps":[1]}', NULL, 'x');
            CREATE TABLE " declared" (name PRIMARY KEY, declaration TEXT);
            INSERT INTO " declared" VALUES ('runs', '{"keys": ["state"], "lists": [], "unique": [], "indexes": []}');
            """
        )
    store = SqliteDocumentStore(path)
    declared = Collection("runs", keys=("state",), summary=("state",))
    await store.open([declared])
    assert await store.find(declared, {"state": "x"}) == [a_run("a", state="x", steps=[1], version=7)]
    assert await store.get(declared, "a", fields=("state",)) == a_run("a", state="x", version=7)
    assert await store.change(declared, {"id": "a", "state": "x"}, Changes(set={"state": "y"}))
    assert await store.get(declared, "a") == a_run("a", state="y", steps=[1], version=8)
    await store.close()


async def test_a_key_that_was_undeclared_for_a_while_is_right_when_it_returns(path: Path) -> None:
    store = SqliteDocumentStore(path)
    await store.open([RUNS])
    await store.insert(RUNS, a_run("a", action="old", labels=["old"]))
    await store.close()
    await store.open([PLAIN])
    await store.change(PLAIN, {"id": "a"}, Changes(set={"action": "new", "labels": ["new"]}))
    await store.insert(PLAIN, a_run("b", action="new"))
    await store.close()
    await store.open([RUNS])
    assert ids(await store.find(RUNS, {"action": "new"})) == ["a", "b"]
    assert ids(await store.find(RUNS, {"labels": "new"})) == ["a"]
    assert await store.count(RUNS, {"labels": "old"}) == 0
    await store.close()


async def test_a_declaration_that_stored_documents_break_is_refused_and_changes_nothing(path: Path) -> None:
    store = SqliteDocumentStore(path)
    await store.open([PLAIN])
    for id_ in "ab":
        await store.insert(PLAIN, a_run(id_, request_id="same"))
    await store.close()
    with pytest.raises(StoreError, match="request_id"):
        await store.open([RUNS])
    await store.open([PLAIN])
    await store.delete(PLAIN, {"id": "b"})
    await store.close()
    await store.open([RUNS])
    assert ids(await store.find(RUNS, {"request_id": "same"})) == ["a"]
    await store.close()


async def test_a_second_process_is_refused_and_a_killed_one_lets_go(path: Path) -> None:
    code = (
        "import asyncio, pathlib, sys\n"
        "from shared.store.sqlite import SqliteDocumentStore\n"
        "async def main():\n"
        "    await SqliteDocumentStore(pathlib.Path(sys.argv[1])).open([])\n"
        "    print('open', flush=True)\n"
        "    await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", code, str(path), stdout=asyncio.subprocess.PIPE)
    assert other.stdout is not None
    assert await other.stdout.readline() == b"open\n"
    store = SqliteDocumentStore(path)
    with pytest.raises(StoreError, match="another OpsiMate process uses"):
        await store.open(ALL)
    other.kill()
    await other.wait()
    await store.open(ALL)
    await store.close()


async def test_a_locked_file_is_a_store_that_is_away_and_comes_back(path: Path) -> None:
    store = SqliteDocumentStore(path)
    await store.open(ALL)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as stranger:
        stranger.execute("BEGIN IMMEDIATE")
        writing = [store.insert(RUNS, a_run("a")), store.delete(RUNS, {})]
        async with asyncio.timeout(5):
            answers = await asyncio.gather(*writing, return_exceptions=True)
        assert [type(answer) for answer in answers] == [StoreUnavailableError] * 2
        assert await store.get(RUNS, "a") is None
        stranger.execute("ROLLBACK")
    await store.insert(RUNS, a_run("a"))
    assert await store.count(RUNS, {}) == 1
    await store.close()


async def test_a_full_disk_is_a_store_that_is_away_and_comes_back(path: Path) -> None:
    store = SqliteDocumentStore(path)
    await store.open(ALL)
    await store._write(lambda connection: connection.execute("PRAGMA max_page_count = 60"))
    with pytest.raises(StoreUnavailableError, match="full"):
        await store.insert(RUNS, a_run("big", text="x" * 1_000_000))
    await store.insert(RUNS, a_run("small"))
    assert await store.get(RUNS, "big") is None
    await store.close()


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    path = tmp_path / "damaged.db"
    path.write_text("no database at all, but long enough to be looked at" * 100)
    return path


async def test_a_file_of_another_kind_is_refused_with_its_name(damaged: Path) -> None:
    with pytest.raises(StoreError, match=r"damaged\.db is damaged or no SQLite file"):
        await SqliteDocumentStore(damaged).open(ALL)


async def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot open"):
        await SqliteDocumentStore(tmp_path / "file" / "store.db").open(ALL)


@pytest.mark.parametrize("kind", [dict, Dumped])
async def test_a_document_may_be_deeper_than_the_fast_reader_and_writer_go(path: Path, kind: type[Document]) -> None:
    deep: object = "the end"
    for _ in range(400):
        deep = [deep]
    store = SqliteDocumentStore(path)
    await store.open(ALL)
    await store.insert(RUNS, kind(a_run("r", deep=deep)))
    assert await store.change(RUNS, {"id": "r"}, Changes(set={"state": "running"}))
    found = await store.get(RUNS, "r")
    assert found is not None
    assert (found["deep"], found["state"]) == (deep, "running")
    await store.close()


async def test_what_is_written_in_one_turn_or_while_the_disk_is_busy_shares_a_commit(path: Path) -> None:
    store = SqliteDocumentStore(path)
    await store.open(ALL)
    opened, statements = store._opened, list[str]()
    assert opened is not None
    opened.connection.set_trace_callback(statements.append)
    first = [asyncio.ensure_future(store.insert(NOTES, {"id": f"{n}"})) for n in range(3)]
    while not statements:
        await asyncio.sleep(0)
    later = [store.insert(NOTES, {"id": f"later {n}"}) for n in range(3)]
    in_order = store.write_in_order([Insert(NOTES, {"id": f"in order {n}"}) for n in range(3)])
    await asyncio.gather(*first, *later, in_order, store.change_all(RUNS, {"state": "x"}, Changes(set={"n": 1})))
    opened.connection.set_trace_callback(None)
    assert [word for word in map(str.split, statements) if word[0] == "COMMIT"] == [["COMMIT"]] * 2
    assert await store.count(NOTES, {}) == 9
    await store.close()


def size_of(path: Path) -> int:
    return path.stat().st_size


async def test_what_was_committed_is_copied_home_by_no_commit(path: Path) -> None:
    store = SqliteDocumentStore(path)
    await store.open(ALL)
    size = size_of(path)
    for start in range(0, CHECKPOINT_CHANGES, 100):
        await asyncio.gather(*(store.insert(NOTES, {"id": f"{start + one:04}"}) for one in range(100)))
    assert size_of(path.with_name(f"{path.name}-wal")) < sqlite_file._CHECKPOINT_PAGES * 4096, (
        "no commit has had to copy anything"
    )
    async with asyncio.timeout(30):
        while size_of(path) <= size:
            await asyncio.sleep(0.01)
    assert await store.count(NOTES, {}) >= CHECKPOINT_CHANGES
    await store.close()
    assert not path.with_name(f"{path.name}-wal").exists()


async def test_a_blob_is_copied_home_as_soon_as_so_many_rows_would_be(path: Path) -> None:
    store = SqliteDocumentStore(path)
    await store.open(ALL)
    size, blob = size_of(path), b"x" * BULK_OF_A_CHANGE * 100
    await store.insert(OUTPUT, {"id": "a", "data": blob})
    await store.write_in_order([Insert(OUTPUT, {"id": f"b{number}", "data": blob}) for number in range(9)])
    async with asyncio.timeout(30):
        while size_of(path) <= size:
            await asyncio.sleep(0.01)
    await store.close()


async def test_what_is_deleted_costs_the_log_less_than_it_holds(path: Path) -> None:
    store = SqliteDocumentStore(path)
    await store.open(ALL)
    blob = b"x" * 65_536
    await store.write_in_order([Insert(OUTPUT, {"id": f"{number:02}", "data": blob}) for number in range(64)])
    await store.close()
    await store.open(ALL)
    assert await store.delete(OUTPUT, {}, limit=64) == 64
    assert size_of(path.with_name(f"{path.name}-wal")) < 64 * len(blob) / 4
    await store.close()


async def test_nobody_reads_what_is_not_committed(path: Path) -> None:
    store = SqliteDocumentStore(path)
    await store.open(ALL)
    opened = store._opened
    assert opened is not None
    reading, table = store.get(NOTES, "a"), Table(NOTES)

    def write_and_look(connection: sqlite3.Connection) -> object:
        insert(connection, table, table.row({"id": "a"}))
        with pytest.raises(StopIteration) as seen:  # a short read is over at once
            reading.send(None)
        return seen.value.value

    assert await opened.commits.submit(write_and_look) is None
    assert await store.get(NOTES, "a") == {"id": "a", "version": 1}
    await store.close()


async def test_more_than_can_share_a_commit_are_all_written(path: Path) -> None:
    store = SqliteDocumentStore(path)
    await store.open(ALL)
    inserting = [asyncio.ensure_future(store.insert(NOTES, {"id": f"{n}"})) for n in range(1_000)]
    await asyncio.sleep(0)
    await store.close()
    assert await asyncio.gather(*inserting) == [None] * 1_000
    await store.open(ALL)
    assert await store.count(NOTES, {}) == 1_000
    await store.close()


async def test_a_write_that_is_refused_leaves_those_it_shares_a_commit_with(path: Path) -> None:
    store = SqliteDocumentStore(path)
    await store.open(ALL)
    documents = [{"id": f"{n % 4}"} for n in range(6)]
    answers = await asyncio.gather(*[store.insert(NOTES, one) for one in documents], return_exceptions=True)
    assert [type(answer) for answer in answers] == [*[type(None)] * 4, *[DuplicateKeyError] * 2]
    assert ids(await store.find(NOTES, {})) == ["0", "1", "2", "3"]
    await store.close()


async def test_a_long_read_neither_waits_for_writes_nor_holds_them_up(path: Path) -> None:
    store = SqliteDocumentStore(path)
    await store.open(ALL)
    await asyncio.gather(*[store.insert(OUTPUT, {"id": f"{n:05}", "run_id": "r"}) for n in range(20_000)])
    reading = asyncio.ensure_future(store.count(OUTPUT, {"run_id": "r", "version": Range(at_least=1)}))
    await asyncio.sleep(0)
    assert not reading.done(), "the read was too short to be moved off the event loop"
    await store.insert(RUNS, a_run("a"))
    assert await store.get(RUNS, "a") is not None
    assert await reading == 20_000
    await store.close()


def _plan(store_path: Path, table: Table, query: Query) -> str:
    with contextlib.closing(sqlite3.connect(store_path)) as connection:
        rows = connection.execute(f"EXPLAIN QUERY PLAN {table.select}{query.sql}", query.values).fetchall()
    return "; ".join(row[3] for row in rows)


FILTERS: list[dict[str, Condition]] = [
    {"id": "a"},
    {"state": "queued"},
    {"state": OneOf(("queued", "running"))},
    {"created_at": Range(below="2027")},
    {"trigger.kind": "alert"},
    {"action": "one"},
    {"request_id": "r"},
    {"state": None},
    {"labels": "x"},
    {"urgent": True, "fence": Range(above=1)},
]


@pytest.mark.parametrize("where", FILTERS, ids=str)
async def test_no_filter_scans(path: Path, where: Where) -> None:
    store = SqliteDocumentStore(path)
    await store.open(ALL)
    table = Table(RUNS)
    plan = _plan(path, table, matching(table, where))
    await store.close()
    assert "SEARCH runs USING" in plan
    assert "SCAN runs" not in plan


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("order_by", ["id", "created_at", "fence", "trigger.kind"])
@pytest.mark.parametrize("started", [False, True])
async def test_no_page_is_sorted(path: Path, order_by: str, *, started: bool, descending: bool) -> None:
    store = SqliteDocumentStore(path)
    await store.open(ALL)
    table = Table(RUNS)
    query = matching(table, {})
    if started:
        query = next(after_cursor(table, query, order_by, ("x", "y"), descending=descending))
    plan = _plan(path, table, ordered(table, query, order_by, descending=descending, limit=10))
    await store.close()
    assert "USING INDEX" in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize("after", [None, ("10", "x")])
async def test_a_page_of_a_state_comes_from_its_index_in_order(path: Path, after: tuple[str, str] | None) -> None:
    store = SqliteDocumentStore(path)
    await store.open(ALL)
    table = Table(RUNS)
    query = matching(table, {"state": "queued"})
    if after:
        query = next(after_cursor(table, query, "created_at", after, descending=True))
    plan = _plan(path, table, ordered(table, query, "created_at", descending=True, limit=10))
    await store.close()
    assert "USING INDEX runs by state created_at" in plan
    assert "TEMP B-TREE" not in plan


async def test_a_full_disk_is_told_until_there_is_room_again(tmp_path: Path) -> None:
    store = SqliteDocumentStore(tmp_path / "store.db")
    await store.open(ALL)
    opened = store._opened
    assert opened is not None
    # SQLite itself then fails as it does on a full disk, without one having to be filled.
    await opened.commits.submit(lambda connection: connection.execute("PRAGMA max_page_count = 1").fetchall())
    with pytest.raises(StoreUnavailableError, match="full"):
        await store.insert(NOTES, {"id": "a", "text": "x" * 100_000})
    with pytest.raises(StoreUnavailableError, match="full"):
        await store.ping()
    await opened.commits.submit(lambda connection: connection.execute("PRAGMA max_page_count = 1000000").fetchall())
    await store.ping()
    await store.insert(NOTES, {"id": "a", "text": "x" * 100_000})
    await store.close()
