"""Of any number of claimants one wins, and nothing that was acknowledged is undone by another."""

import asyncio
from collections import Counter

import pytest

from shared.store import Absent, Changes, DocumentStore, DuplicateKeyError
from tests.contract.store.declarations import RUNS, a_run, ids

MANY = 50


async def test_exactly_one_of_fifty_claimants_wins(store: DocumentStore) -> None:
    for number in range(10):
        await store.insert(RUNS, a_run(f"{number}", state="queued"))
        claimed = await asyncio.gather(
            *[store.claim(RUNS, {"state": "queued"}, Changes(set={"state": "running"})) for _ in range(MANY)]
        )
        assert [run["id"] for run in claimed if run] == [f"{number}"]


async def test_every_document_is_claimed_once(store: DocumentStore) -> None:
    for number in range(100):
        await store.insert(RUNS, a_run(f"{number:03}", state="queued", created_at=f"{number % 7}"))
    claims: Counter[str] = Counter()

    async def claimant() -> None:
        taking = Changes(set={"state": "running"})
        while run := await store.claim(RUNS, {"state": "queued"}, taking, order_by="created_at"):
            claims[run["id"]] += 1

    await asyncio.gather(*[claimant() for _ in range(MANY)])
    assert claims == {f"{number:03}": 1 for number in range(100)}


async def test_one_of_fifty_wins_each_version(store: DocumentStore) -> None:
    await store.insert(RUNS, a_run("a", n=0))
    for version in range(1, 11):
        changes = Changes(increment={"n": 1})
        won = await asyncio.gather(*[store.change(RUNS, {"id": "a", "version": version}, changes) for _ in range(MANY)])
        assert won.count(True) == 1
    assert await store.get(RUNS, "a") == a_run("a", n=10, version=11)


async def test_one_of_fifty_replaces_a_version(store: DocumentStore) -> None:
    await store.insert(RUNS, a_run("a"))
    won = await asyncio.gather(*[store.replace(RUNS, a_run("a", by=n), version=1) for n in range(MANY)])
    assert won.count(True) == 1
    assert await store.get(RUNS, "a") == a_run("a", by=won.index(True), version=2)


async def test_one_of_fifty_inserts_a_unique_value(store: DocumentStore) -> None:
    answers = await asyncio.gather(
        *[store.insert(RUNS, a_run(f"{n}", request_id="same")) for n in range(MANY)], return_exceptions=True
    )
    assert [answer for answer in answers if not isinstance(answer, DuplicateKeyError)] == [None]
    assert await store.count(RUNS, {"request_id": "same"}) == 1


async def test_one_of_fifty_takes_a_unique_value_by_a_change(store: DocumentStore) -> None:
    for number in range(MANY):
        await store.insert(RUNS, a_run(f"{number:02}"))
    answers = await asyncio.gather(
        *[store.change(RUNS, {"id": f"{n:02}"}, Changes(set={"request_id": "lock"})) for n in range(MANY)],
        return_exceptions=True,
    )
    assert [answer for answer in answers if not isinstance(answer, DuplicateKeyError)] == [True]
    assert ids(await store.find(RUNS, {"request_id": "lock"})) == [f"{answers.index(True):02}"]


@pytest.mark.parametrize("touching", ["n", "request_id"])
async def test_no_change_is_lost(store: DocumentStore, touching: str) -> None:
    """Changes to unique keys take another way in some adapters; it must lose nothing either."""
    await store.insert(RUNS, a_run("a", n=0, log=[]))

    async def change(number: int) -> bool:
        changes = Changes(increment={"n": 1}, append={"log": [number]}, set={f"{touching}": f"{number}"})
        if touching == "n":
            changes = Changes(increment={"n": 1}, append={"log": [number]})
        return await store.change(RUNS, {"id": "a"}, changes)

    assert all(await asyncio.gather(*[change(number) for number in range(MANY)]))
    run = await store.get(RUNS, "a")
    assert run is not None
    assert (run["n"], run["version"], sorted(run["log"])) == (MANY, MANY + 1, list(range(MANY)))


async def test_a_writer_reads_its_own_writes_among_others(store: DocumentStore) -> None:
    async def write_and_read(number: int) -> None:
        id_ = f"{number}"
        await store.insert(RUNS, a_run(id_, state="queued", action=id_, trigger={"kind": "api"}))
        assert ids(await store.find(RUNS, {"action": id_})) == [id_]
        assert await store.change(RUNS, {"id": id_, "approval": Absent()}, Changes(set={"state": "running"}))
        run = await store.get(RUNS, id_)
        assert run is not None
        assert run["state"] == "running"
        assert await store.delete(RUNS, {"action": id_}) == 1
        assert await store.get(RUNS, id_) is None

    await asyncio.gather(*[write_and_read(number) for number in range(MANY)])


async def test_a_cancelled_caller_does_not_disturb_the_others(store: DocumentStore) -> None:
    inserting = [asyncio.ensure_future(store.insert(RUNS, a_run(f"{n:02}"))) for n in range(MANY)]
    await asyncio.sleep(0)
    for task in inserting[::2]:
        task.cancel()
    answers = await asyncio.gather(*inserting, return_exceptions=True)
    assert answers[1::2] == [None] * (MANY // 2)
    found = ids(await store.find(RUNS, {}))
    assert set(found) >= {f"{n:02}" for n in range(1, MANY, 2)}
