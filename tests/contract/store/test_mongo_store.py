"""What only MongoDB's adapter has to see to."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from pymongo import MongoClient, errors

from shared.store import Changes, Collection, DuplicateKeyError, StoreError, StoreUnavailableError
from shared.store.mongo import MongoDocumentStore
from shared.store.mongo_query import asking
from tests.contract.store.declarations import NOTES, RUNS, a_run, ids
from tests.servers.mongo import MongoServer
from tests.servers.mongo_commands import CommandRecord

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


async def test_a_collection_without_keys_gets_no_index_and_is_usable(
    mongo: MongoServer, mongo_commands: CommandRecord
) -> None:
    # case M-1, where MongoDB refuses a createIndexes that has no index to create
    store = MongoDocumentStore(mongo.database_url())
    await store.open([NOTES])
    assert "createIndexes" not in mongo_commands.counts
    await store.insert(NOTES, {"id": "a"})
    assert await store.get(NOTES, "a") == {"id": "a", "version": 1}
    await store.close()


@pytest.fixture
def failing_commands(mongo: MongoServer) -> Iterator[Callable[[str, int], None]]:
    """Has the next command that reads or changes a database's runs fail with a code, as MongoDB's own tests do.

    Only that database's: services that other tests started read and write in the same server meanwhile.
    """
    if not mongo.is_stand_in:
        pytest.skip("fail points are for servers that were started for tests")
    with MongoClient[dict[str, Any]](mongo.url) as client:

        def fail_with(database: str, code: int) -> None:
            failing = {
                "failCommands": ["insert", "update", "findAndModify", "find"],
                "namespace": f"{database}.{PLAIN.name}",
                "errorCode": code,
            }
            client.admin.command("configureFailPoint", "failCommand", mode={"times": 1}, data=failing)

        yield fail_with
        client.admin.command("configureFailPoint", "failCommand", mode="off")


@pytest.mark.parametrize("code", [112, 24, 317])  # a write conflict, a lock not had in time, a pool made anew
@pytest.mark.parametrize("verb", ["insert", "change", "claim", "find"])
async def test_what_passes_by_itself_is_unavailable_and_succeeds_when_asked_again(
    mongo: MongoServer, failing_commands: Callable[[str, int], None], code: int, verb: str
) -> None:
    url = mongo.database_url()
    store = MongoDocumentStore(url)
    await store.open([PLAIN])
    await store.insert(PLAIN, a_run("a"))
    changes = Changes(set={"state": "running"})
    ask: Callable[[], Awaitable[object]] = {
        "insert": lambda: store.insert(PLAIN, a_run("b")),
        "change": lambda: store.change(PLAIN, {"id": "a"}, changes),
        "claim": lambda: store.claim(PLAIN, {"id": "a"}, changes),
        "find": lambda: store.find(PLAIN, {}),
    }[verb]
    failing_commands(urlsplit(url).path.strip("/"), code)
    with pytest.raises(StoreUnavailableError):
        await ask()
    await ask()
    await store.close()


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (errors.OperationFailure("deadlock detected", 1), StoreUnavailableError),
        (errors.WriteError("WriteConflict error: this operation conflicted", 112), StoreUnavailableError),
        (errors.OperationFailure("?", 999, {"errorLabels": ["TransientTransactionError"]}), StoreUnavailableError),
        (errors.NotPrimaryError("not primary"), StoreUnavailableError),
        (errors.OperationFailure("not authorized", 13), StoreError),
        (errors.WriteError("Resulting document after update is larger than 16777216", 17419), StoreError),
    ],
)
async def test_only_errors_that_pass_by_themselves_call_the_store_unavailable(
    raised: errors.PyMongoError, expected: type[StoreError]
) -> None:
    with pytest.raises(StoreError) as error:
        async with asking(PLAIN, within=5):
            raise raised
    assert type(error.value) is expected
