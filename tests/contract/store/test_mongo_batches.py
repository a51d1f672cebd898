"""Operations that share a command are answered each for itself, as if each had been alone."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient

from shared.store import Changes, Collection, DocumentStore, DuplicateKeyError, StoreError, StoreUnavailableError
from shared.store.documents import DeclaredFields
from shared.store.mongo import MongoDocumentStore
from shared.store.mongo_batches import Batches, Update
from shared.store.mongo_query import WRITTEN_BY
from tests.contract.store.declarations import ALL, OUTPUT, RUNS, a_run, ids
from tests.servers.mongo import MongoServer
from tests.servers.mongo_commands import CommandRecord

MANY = 40


@pytest.fixture(params=[AsyncIOMotorClient, AsyncMongoClient])
def new_store(request: pytest.FixtureRequest, mongo: MongoServer) -> Callable[[], DocumentStore]:
    """Makes stores that are not open yet, all of the same database."""
    url = mongo.database_url()
    return lambda: MongoDocumentStore(url, client_class=request.param)


@pytest.fixture
async def store(new_store: Callable[[], DocumentStore]) -> AsyncIterator[DocumentStore]:
    """An open, empty store."""
    opened = new_store()
    await opened.open(ALL)
    yield opened
    await opened.close()


async def test_those_that_are_asked_in_one_turn_share_a_command(
    store: DocumentStore, mongo_commands: CommandRecord
) -> None:
    names, before = [f"{number:02}" for number in range(MANY)], mongo_commands.counts.copy()
    await asyncio.gather(*[store.insert(RUNS, a_run(name, state="queued")) for name in names])
    assert await asyncio.gather(*[store.replace(RUNS, a_run(name, n=1), version=1) for name in names]) == [True] * MANY
    changes = Changes(increment={"n": 1})
    assert all(await asyncio.gather(*[store.change(RUNS, {"id": name, "version": 2}, changes) for name in names]))
    found = await asyncio.gather(*[store.get(RUNS, name) for name in names])
    assert found == [a_run(name, n=2, version=3) for name in names]
    assert mongo_commands.counts - before == {"insert": 1, "update": 2, "find": 1}


async def test_one_that_is_alone_is_sent_as_it_always_was(store: DocumentStore, mongo_commands: CommandRecord) -> None:
    before = mongo_commands.counts.copy()
    await store.insert(RUNS, a_run("a"))
    assert await store.change(RUNS, {"id": "a"}, Changes(set={"state": "queued"}))
    assert await store.get(RUNS, "a") == a_run("a", state="queued", version=2)
    assert mongo_commands.counts - before == {"insert": 1, "update": 1, "find": 1}


async def test_only_the_insertion_of_what_is_taken_fails(store: DocumentStore) -> None:
    await store.insert(RUNS, a_run("03"))
    await store.insert(RUNS, a_run("x", request_id="r05"))
    answers = await asyncio.gather(
        *[store.insert(RUNS, a_run(f"{n:02}", request_id=f"r{n:02}")) for n in range(10)], return_exceptions=True
    )
    refused = {n: answer.key for n, answer in enumerate(answers) if isinstance(answer, DuplicateKeyError)}
    assert refused == {3: ("id",), 5: ("request_id",)}
    assert [answer for answer in answers if answer is not None] == [answers[3], answers[5]]
    assert ids(await store.find(RUNS, {})) == ["00", "01", "02", "03", "04", "06", "07", "08", "09", "x"]


async def test_each_compare_and_set_says_what_became_of_it(store: DocumentStore) -> None:
    names = [f"{number:02}" for number in range(MANY)]
    await asyncio.gather(*[store.insert(RUNS, a_run(name, state="queued")) for name in names])
    expected = [number % 3 != 0 for number in range(MANY)]
    answers = await asyncio.gather(
        *[
            store.replace(RUNS, a_run(name, by="replace"), version=1 if holds else 7)
            if number % 2
            else store.change(RUNS, {"id": name, "state": "queued" if holds else "x"}, Changes(set={"by": "change"}))
            for number, (name, holds) in enumerate(zip(names, expected, strict=True))
        ],
        store.change(RUNS, {"id": "nobody"}, Changes(set={"by": "change"})),
    )
    assert answers == [*expected, False]
    assert ["by" in run for run in await store.find(RUNS, {})] == expected


async def test_claims_that_meet_get_their_documents_and_others_none(
    store: DocumentStore, mongo_commands: CommandRecord
) -> None:
    names = [f"{number:02}" for number in range(MANY)]
    await asyncio.gather(*[store.insert(RUNS, a_run(n, state="queued" if int(n) % 4 else "running")) for n in names])
    taking, before = Changes(set={"state": "running"}, increment={"fence": 1}), mongo_commands.counts.copy()
    claimed = await asyncio.gather(*[store.claim(RUNS, {"id": n, "state": "queued"}, taking) for n in (*names, *names)])
    mine = [a_run(n, state="running", fence=1, version=2) if int(n) % 4 else None for n in names]
    assert [a or b for a, b in zip(claimed[:MANY], claimed[MANY:], strict=True)] == mine
    assert len([run for run in claimed if run]) == MANY * 3 // 4
    assert mongo_commands.counts - before == {"update": 2, "find": 2}


async def test_only_the_update_that_fails_is_refused(store: DocumentStore) -> None:
    for name in "abc":
        await store.insert(RUNS, a_run(name, n=1))
    first = asyncio.ensure_future(store.change(RUNS, {"id": "c"}, Changes(set={"n": 2})))
    answers = await asyncio.gather(
        store.change(RUNS, {"id": "a"}, Changes(append={"n": ["no list"]})),
        store.change(RUNS, {"id": "b"}, Changes(increment={"n": 1})),
        store.change(RUNS, {"id": "z"}, Changes(increment={"n": 1})),
        return_exceptions=True,
    )
    assert await first
    assert type(answers[0]) is StoreError
    assert list(answers[1:]) == [True, False]
    assert [run["n"] for run in await store.find(RUNS, {})] == [1, 2, 2]


async def test_what_cannot_be_written_down_is_refused_and_the_others_are_stored(store: DocumentStore) -> None:
    too_large = 2**63
    documents = [a_run(f"{n:02}", n=too_large if n == 4 else n) for n in range(10)]
    answers = await asyncio.gather(*[store.insert(RUNS, one) for one in documents], return_exceptions=True)
    assert [type(answer) for answer in answers] == [*[type(None)] * 4, StoreError, *[type(None)] * 5]
    changes = [Changes(set={"m": too_large if n == 4 else n}) for n in range(10)]
    changing = [store.change(RUNS, {"id": f"{n:02}"}, change) for n, change in enumerate(changes)]
    changed = await asyncio.gather(*changing, return_exceptions=True)
    assert [type(answer) for answer in changed] == [*[bool] * 4, StoreError, *[bool] * 5]
    assert await store.count(RUNS, {"version": 2}) == 9


async def test_changes_to_one_document_do_not_share_a_command_and_all_count(store: DocumentStore) -> None:
    await store.insert(RUNS, a_run("a"))
    await store.insert(RUNS, a_run("b"))
    changing = [store.change(RUNS, {"id": "ab"[n % 2]}, Changes(increment={"n": 1})) for n in range(20)]
    assert all(await asyncio.gather(*changing))
    assert [(run["n"], run["version"]) for run in await store.find(RUNS, {})] == [(10, 11), (10, 11)]


async def test_readers_of_one_document_share_a_command_and_have_a_document_each(
    store: DocumentStore, mongo_commands: CommandRecord
) -> None:
    await store.insert(RUNS, a_run("a", labels=["x"]))
    before = mongo_commands.counts.copy()
    found = await asyncio.gather(*[store.get(RUNS, "a") for _ in range(5)])
    assert mongo_commands.counts - before == {"find": 1}
    for run in found:
        assert run == a_run("a", labels=["x"], version=1)
        run["labels"].append("changed by its reader")


async def test_a_large_document_goes_by_itself_beside_small_ones(store: DocumentStore) -> None:
    large = {"id": "large", "data": b"\0" * (15 << 20)}
    await asyncio.gather(
        *[store.insert(OUTPUT, {"id": f"{n}", "data": b"x" * 50_000}) for n in range(30)], store.insert(OUTPUT, large)
    )
    assert await store.get(OUTPUT, "large") == {**large, "version": 1}
    assert await store.count(OUTPUT, {}) == 31


async def test_documents_that_are_together_too_large_for_an_answer_come_all_the_same(store: DocumentStore) -> None:
    documents = [{"id": f"{n}", "data": bytes([n]) * (9 << 20)} for n in range(3)]
    for document in documents:
        await store.insert(OUTPUT, document)
    found = await asyncio.gather(*[store.get(OUTPUT, f"{n}") for n in range(4)])
    assert found == [*[{**document, "version": 1} for document in documents], None]


async def test_what_nobody_waits_for_any_more_is_not_sent(store: DocumentStore) -> None:
    inserting = [asyncio.ensure_future(store.insert(RUNS, a_run(f"{n:02}"))) for n in range(10)]
    await asyncio.sleep(0)
    for task in inserting[1::2]:
        task.cancel()
    await asyncio.gather(*inserting, return_exceptions=True)
    assert ids(await store.find(RUNS, {})) == ["00", "02", "04", "06", "08"]


class Overtaken:
    """A collection where somebody else writes between an answer of the server and the next question."""

    def __init__(self, documents: Any, overtaken: Sequence[str]) -> None:
        self._documents = documents
        self._overtaken = overtaken

    def __getattr__(self, name: str) -> Any:
        return getattr(self._documents, name)

    @property
    def database(self) -> Any:
        """What the commands are sent to."""
        return self

    async def command(self, command: dict[str, Any]) -> Any:
        try:
            return await self._documents.database.command(command)
        finally:
            for name in self._overtaken if len(command.get("updates", ())) > 1 else ():
                await self._documents.replace_one({"_id": name}, {"_id": name, "version": 99})


@pytest.mark.parametrize(
    ("holding", "overtaken", "expected"),
    [
        # All or none were made: the number says which.
        ("abcd", "ab", "tttt"),
        ("", "ab", "ffff"),
        # Some were made, and none of those was written since: what does not name the command was not updated.
        ("ab", "c", "ttff"),
        # One that was made was written since: which one of the three that is, nobody can say.
        ("ab", "b", "t???"),
        ("abc", "d", "tttf"),
        ("abc", "c", "tt??"),
    ],
)
async def test_where_it_cannot_be_known_which_update_was_made_nobody_is_told_that_it_was_or_was_not(
    mongo: MongoServer, holding: str, overtaken: str, expected: str
) -> None:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongo.database_url())
    documents = client.get_default_database()["c"]
    await documents.insert_many([{"_id": name, "version": 1} for name in "abcd"])
    batches = Batches(Overtaken(documents, overtaken), DeclaredFields(Collection("c")))
    deadline = asyncio.get_running_loop().time() + 5
    waiting = asyncio.ensure_future(batches.update(Update("z", {"_id": "z"}, {"$set": {"x": 1}}, 1), deadline))
    await asyncio.sleep(0)
    condition = {name: {"_id": name, "version": 1 if name in holding else 7} for name in "abcd"}
    answers = await asyncio.gather(
        *[batches.update(Update(name, condition[name], {"$set": {"x": 1}}, 1), deadline) for name in "abcd"],
        return_exceptions=True,
    )
    assert not await waiting
    told = {True: "t", False: "f"}
    assert "".join("?" if isinstance(a, StoreUnavailableError) else told[a] for a in answers) == expected  # type: ignore[index]
    await client.close()


async def test_nothing_that_the_store_adds_is_shown(store: DocumentStore) -> None:
    for name in "abc":
        await store.insert(RUNS, a_run(name))
    await asyncio.gather(*[store.change(RUNS, {"id": name}, Changes(set={"state": "queued"})) for name in "abc"])
    claimed = await store.claim(RUNS, {"state": "queued", "id": "b"}, Changes(set={"state": "running"}))
    for run in (*await store.find(RUNS, {}), claimed, await store.get(RUNS, "c")):
        assert run is not None
        assert WRITTEN_BY not in run


async def test_two_stores_agree_on_who_won_every_version(new_store: Callable[[], DocumentStore]) -> None:
    """Compare-and-set under contention: every version has exactly one winner, whoever shares a command with whom."""
    stores = [new_store(), new_store()]
    for store in stores:
        await store.open(ALL)
    names = [f"{n:02}" for n in range(12)]
    await asyncio.gather(*[stores[0].insert(RUNS, a_run(name, n=0)) for name in names])
    won: Counter[tuple[str, int]] = Counter()
    unsure: set[tuple[str, int]] = set()

    async def contender(number: int) -> None:
        store, chance = stores[number % 2], random.Random(number)
        for _ in range(25):
            name = chance.choice(names)
            run = await store.get(RUNS, name)
            assert run is not None
            place = (name, run["version"])
            try:
                if await store.replace(RUNS, {**run, "n": run["n"] + 1}, version=run["version"]):
                    won[place] += 1
            except StoreUnavailableError:
                unsure.add(place)

    await asyncio.gather(*[contender(number) for number in range(24)])
    for run in await stores[0].find(RUNS, {}):
        assert run["n"] == run["version"] - 1
        for version in range(1, run["version"]):
            place = (run["id"], version)
            assert won[place] == 1 or (place in unsure and not won[place]), place
        assert won[run["id"], run["version"]] == 0
    for store in stores:
        await store.close()
