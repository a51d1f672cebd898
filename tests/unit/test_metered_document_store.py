"""The metered store does what the store behind it does, and counts it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from shared.store import (
    Change,
    Changes,
    Collection,
    DuplicateKeyError,
    Insert,
    MeteredDocumentStore,
    Replace,
    StoreUnavailableError,
)
from shared.store.sqlite import SqliteDocumentStore

RUNS = Collection("metered_runs", keys=("state",))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[MeteredDocumentStore]:
    metered = MeteredDocumentStore(SqliteDocumentStore(tmp_path / "store.db"))
    await metered.open([RUNS])
    yield metered
    await metered.close()


def _counted(verb: str, collection: str = RUNS.name) -> float:
    labels = {"verb": verb, "collection": collection}
    return REGISTRY.get_sample_value("opsimate_store_operations_total", labels) or 0


async def test_every_verb_is_handed_on_and_counted(store: MeteredDocumentStore) -> None:
    verbs = ("insert", "get", "replace", "change", "change_all", "claim", "find", "count", "delete")
    before = {verb: _counted(verb) for verb in verbs}
    done = Changes(set={"state": "done"})
    await store.insert(RUNS, {"id": "a", "state": "queued"})
    assert await store.get(RUNS, "a") == {"id": "a", "state": "queued", "version": 1}
    assert await store.replace(RUNS, {"id": "a", "state": "b"}, version=1)
    assert await store.change(RUNS, {"id": "a"}, done)
    assert await store.change_all(RUNS, {"state": "done"}, done) == 1
    assert await store.claim(RUNS, {"state": "done"}, done, order_by="state") is not None
    page = await store.find(RUNS, {}, order_by="state", descending=True, after=("e", "z"), limit=1)
    assert [document["id"] for document in page] == ["a"]
    assert await store.count(RUNS, {"state": "done"}) == 1
    assert await store.delete(RUNS, {}) == 1
    assert {verb: _counted(verb) - before[verb] for verb in verbs} == dict.fromkeys(verbs, 1)


async def test_writes_in_order_are_counted_as_the_verbs_that_they_are(store: MeteredDocumentStore) -> None:
    verbs = ("insert", "replace", "change")
    before = {verb: _counted(verb) for verb in verbs}
    inserting, replacing = Insert(RUNS, {"id": "a"}), Replace(RUNS, {"id": "a", "state": "b"}, 1)
    changing = Change(RUNS, {"id": "a"}, Changes(set={"state": "c"}))
    assert await store.write_in_order([inserting, inserting, replacing, changing]) == [True, False, True, True]
    assert {verb: _counted(verb) - before[verb] for verb in verbs} == {"insert": 2, "replace": 1, "change": 1}


async def test_a_failed_operation_is_counted_and_timed_too(store: MeteredDocumentStore) -> None:
    def timed() -> float:
        return REGISTRY.get_sample_value("opsimate_store_seconds_count", {"verb": "insert"}) or 0

    before, timed_before = _counted("insert"), timed()
    await store.insert(RUNS, {"id": "a"})
    with pytest.raises(DuplicateKeyError):
        await store.insert(RUNS, {"id": "a"})
    assert (_counted("insert") - before, timed() - timed_before) == (2, 2)


async def test_a_look_whether_it_answers_belongs_to_no_collection(store: MeteredDocumentStore) -> None:
    before = _counted("ping", "")
    await store.ping()
    assert _counted("ping", "") - before == 1


async def test_whoever_asks_before_it_is_open_or_afterwards_is_told_that_the_store_is_away(tmp_path: Path) -> None:
    store = MeteredDocumentStore(SqliteDocumentStore(tmp_path / "store.db"))
    for _ in range(2):
        with pytest.raises(StoreUnavailableError):
            await store.ping()
        with pytest.raises(StoreUnavailableError):
            await store.get(RUNS, "a")
        with pytest.raises(StoreUnavailableError):
            await store.write_in_order([Insert(RUNS, {"id": "a"})])
        await store.open([RUNS])
        assert await store.get(RUNS, "a") is None
        await store.close()
