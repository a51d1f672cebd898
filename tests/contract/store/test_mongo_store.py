"""What only MongoDB's adapter has to see to."""

import pytest

from shared.store import Changes, Collection, DuplicateKeyError, StoreError
from shared.store.mongo import MongoDocumentStore
from tests.contract.store.declarations import RUNS, a_run, ids
from tests.servers.mongo import MongoServer

PLAIN = Collection("runs", keys=("state",))


async def test_a_newly_declared_unique_key_holds_for_older_documents(mongo: MongoServer) -> None:
    store = MongoDocumentStore(mongo.database_url())
    await store.open([PLAIN])
    await store.insert(PLAIN, a_run("a", request_id="r"))
    await store.insert(PLAIN, a_run("b"))
    await store.insert(PLAIN, a_run("c"))
    await store.open([RUNS])
    with pytest.raises(DuplicateKeyError) as raised:
        await store.insert(RUNS, a_run("d", request_id="r"))
    assert raised.value.key == ("request_id",)
    assert ids(await store.find(RUNS, {"request_id": "r"})) == ["a"]
    assert await store.get(RUNS, "b") == a_run("b", version=1)
    await store.close()


async def test_a_key_that_is_unique_no_more_is_not_held_to_it(mongo: MongoServer) -> None:
    store = MongoDocumentStore(mongo.database_url())
    await store.open([RUNS])
    await store.insert(RUNS, a_run("a", request_id="r"))
    await store.open([PLAIN])
    await store.insert(PLAIN, a_run("b", request_id="r"))
    await store.change(PLAIN, {"id": "a"}, Changes(set={"request_id": "s"}))
    assert await store.get(PLAIN, "a") == a_run("a", request_id="s", version=2)
    await store.open([RUNS])
    assert ids(await store.find(RUNS, {"request_id": "s"})) == ["a"]
    with pytest.raises(DuplicateKeyError):
        await store.insert(RUNS, a_run("c", request_id="s"))
    await store.close()


async def test_a_unique_key_that_stored_documents_break_is_refused(mongo: MongoServer) -> None:
    store = MongoDocumentStore(mongo.database_url())
    await store.open([PLAIN])
    for id_ in "ab":
        await store.insert(PLAIN, a_run(id_, request_id="same"))
    with pytest.raises(StoreError, match="request_id"):
        await store.open([RUNS])
    await store.close()
