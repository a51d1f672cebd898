"""What MongoDB refuses is refused in the tests, too, by whichever server stands there and by the record of commands."""

import secrets
from collections.abc import AsyncIterator
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from tests.servers.mongo import DATABASES, MongoServer
from tests.servers.mongo_commands import CommandRecord, faults_of

NINE_MEBIBYTES = "x" * (9 << 20)


@pytest.fixture(params=[AsyncIOMotorClient, AsyncMongoClient])
async def database(request: pytest.FixtureRequest, mongo: MongoServer) -> AsyncIterator[Any]:
    """A database that is none of the store's, so that what is sent on purpose is no fault."""
    client = request.param(mongo.url)
    name = f"opsimate_refusing_{secrets.token_hex(6)}"
    yield client[name]
    await client.drop_database(name)
    client.close() if request.param is AsyncIOMotorClient else await client.close()


@pytest.mark.parametrize(
    ("code", "message", "command"),
    [
        (2, "Must specify at least one index", {"createIndexes": "c", "indexes": []}),
        (52, r"'\$'-prefixed fields", {"insert": "c", "documents": [{"_id": {"$x": 1}}]}),
        (52, r"'\$'-prefixed fields", {"insert": "c", "documents": [{"_id": {"inner": {"$x": 1}}}]}),
        (None, "multi.?update", {"update": "c", "updates": [{"q": {}, "u": {"plain": 1}, "multi": True}]}),
        (None, ".", {"update": "c", "updates": [{"q": {}, "u": {"$set": {"a": 1}, "plain": 1}}]}),
        (None, ".", {"update": "c", "updates": [{"q": {}}]}),
        (9, "Either an update or remove", {"findAndModify": "c", "query": {}}),
    ],
)
async def test_what_mongodb_refuses_is_refused(
    database: Any, code: int | None, message: str, command: dict[str, Any]
) -> None:
    await database.c.insert_one({"_id": "there"})
    with pytest.raises(OperationFailure, match=message) as refusal:
        await refused(database, command)
    assert code in (None, refusal.value.code)


@pytest.mark.parametrize(
    "command",
    [
        {"update": "c", "updates": [{"q": {"_id": "there"}, "u": {"$push": {"list": NINE_MEBIBYTES}}}]},
        {"findAndModify": "c", "query": {"_id": "there"}, "update": {"$push": {"list": NINE_MEBIBYTES}}},
    ],
)
async def test_a_document_that_would_grow_over_16_mib_is_refused_and_stays_as_it_was(
    database: Any, command: dict[str, Any]
) -> None:
    await database.c.insert_one({"_id": "there", "list": [NINE_MEBIBYTES]})
    with pytest.raises(OperationFailure, match="larger than 16777216"):
        await refused(database, command)
    assert len((await database.c.find_one({"_id": "there"}))["list"]) == 1


async def refused(database: Any, command: dict[str, Any]) -> None:
    """Send a command as it is; a statement that fails within it is raised as the drivers' own helpers do."""
    answer = await database.command(command)
    for error in answer.get("writeErrors", ()):
        raise OperationFailure(error["errmsg"], error.get("code"), error)


@pytest.mark.parametrize(
    ("fault", "command"),
    [
        ("must not be empty", {"createIndexes": "c", "indexes": []}),
        ("must not be empty", {"insert": "c", "documents": []}),
        ("must not be empty", {"update": "c", "updates": []}),
        ("must not be empty", {"delete": "c", "deletes": []}),
        ("no field collation", {"find": "c", "filter": {}, "collation": {}}),
        ("no field expireAfterSeconds", {"createIndexes": "c", "indexes": [{"key": {"a": 1}, "name": "a"}]}),
        ("no field arrayFilters", {"update": "c", "updates": [{"q": {}, "u": {"$set": {"a": 1}}}]}),
        ("has a key", {"createIndexes": "c", "indexes": [{"key": {}, "name": "n"}]}),
        (r"operator \$expr", {"find": "c", "filter": {"$expr": {"$eq": ["$a", "$b"]}}}),
        (r"operator \$elemMatch", {"find": "c", "filter": {"$or": [{"a": {"$elemMatch": {"b": 1}}}]}}),
        (r"\$or must not be empty", {"delete": "c", "deletes": [{"q": {"$or": []}, "limit": 0}]}),
        (r"\$in takes a list", {"find": "c", "filter": {"a": {"$in": "text"}}}),
        (r"operator \$bit", {"update": "c", "updates": [{"q": {}, "u": {"$bit": {"a": {"or": 1}}}}]}),
        (r"\$set must not be empty", {"update": "c", "updates": [{"q": {}, "u": {"$set": {}}}]}),
        ("consist of operators", {"update": "c", "updates": [{"q": {}, "u": {"a": 1}, "multi": True}]}),
        ("side by side", {"update": "c", "updates": [{"q": {}, "u": {"$set": {"a": 1}, "b": 1}}]}),
        ("pipeline", {"findAndModify": "c", "query": {}, "update": [{"$set": {"a": 1}}]}),
        ("is no path", {"update": "c", "updates": [{"q": {}, "u": {"$set": {"a.$x": 1}}}]}),
        ("cannot be kept", {"insert": "c", "documents": [{"_id": {"$x": 1}}]}),
        ("cannot be kept", {"insert": "c", "documents": [{"labels": [{"a.b": 1}]}]}),
        ("cannot be kept", {"update": "c", "updates": [{"q": {}, "u": {"$push": {"a": {"$each": [{"$b": 1}]}}}}]}),
        (r"stage \$lookup", {"aggregate": "c", "pipeline": [{"$lookup": {}}], "cursor": {}}),
        ("no command", {"mapReduce": "c"}),
    ],
)
def test_the_record_of_commands_finds_what_not_every_server_takes(fault: str, command: dict[str, Any]) -> None:
    if "expireAfterSeconds" in fault:
        command["indexes"][0]["expireAfterSeconds"] = 1
    if "arrayFilters" in fault:
        command["updates"][0]["arrayFilters"] = []
    with pytest.raises(AssertionError, match=fault):
        assert not "; ".join(faults_of(command))


@pytest.mark.parametrize("client_class", [AsyncIOMotorClient, AsyncMongoClient])
async def test_every_command_of_either_driver_to_a_tests_database_is_recorded(
    mongo: MongoServer, client_class: Any, mongo_commands: CommandRecord
) -> None:
    client = client_class(mongo.url)
    database = client[f"{DATABASES}{secrets.token_hex(6)}"]
    await database.c.insert_one({"_id": 1})
    await database.c.find_one({"$expr": {"$eq": [1, 1]}})
    await client.drop_database(database)
    assert mongo_commands.counts == {"insert": 1, "find": 1, "dropDatabase": 1}
    assert [fault.split(":")[0] for fault in mongo_commands.faults] == ["the operator $expr is not in every server"]
    mongo_commands.faults.clear()
    client.close() if client_class is AsyncIOMotorClient else await client.close()
