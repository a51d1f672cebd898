"""Several writes in order: each only after those before it, and none after one that decides and is not made."""

import asyncio

import pytest

from shared.store import Change, Changes, DocumentStore, DuplicateKeyError, Insert, Replace, StoreError
from tests.contract.store.declarations import NOTES, OUTPUT, RUNS, a_run, ids


async def test_all_are_made_in_order_across_collections(store: DocumentStore) -> None:
    await store.insert(RUNS, a_run("a", state="queued"))
    made = await store.write_in_order(
        [
            Replace(RUNS, a_run("a", state="running"), 1),
            Insert(NOTES, {"id": "n", "text": "first"}),
            Insert(OUTPUT, {"id": "o", "run_id": "a", "data": b"\0"}),
            Change(NOTES, {"id": "n"}, Changes(set={"text": "second"})),
            Change(RUNS, {"id": "a", "version": 2}, Changes(increment={"fence": 1})),
        ]
    )
    assert made == [True] * 5
    assert await store.get(RUNS, "a") == a_run("a", state="running", fence=1, version=3)
    assert await store.get(NOTES, "n") == {"id": "n", "text": "second", "version": 2}
    assert await store.get(OUTPUT, "o") == {"id": "o", "run_id": "a", "data": b"\0", "version": 1}


async def test_no_writes_are_made_at_once(store: DocumentStore) -> None:
    assert await store.write_in_order([]) == []


@pytest.mark.parametrize(
    "refused", [Replace(RUNS, a_run("a"), 7), Change(RUNS, {"id": "a", "state": "running"}, Changes(set={"n": 1}))]
)
async def test_what_is_not_made_ends_it(store: DocumentStore, refused: Replace | Change) -> None:
    await store.insert(RUNS, a_run("a", state="queued"))
    first, last = Insert(NOTES, {"id": "before"}), Insert(NOTES, {"id": "after"})
    assert await store.write_in_order([first, refused, last, last]) == [True, False, False, False]
    assert await store.get(RUNS, "a") == a_run("a", state="queued", version=1)
    assert ids(await store.find(NOTES, {})) == ["before"]


async def test_an_insertion_of_what_is_there_ends_nothing(store: DocumentStore) -> None:
    await store.insert(RUNS, a_run("a", request_id="r"))
    made = await store.write_in_order(
        [
            Insert(RUNS, a_run("a", state="other")),
            Insert(RUNS, a_run("b", request_id="r", labels=["x"])),
            Insert(RUNS, a_run("c", request_id="s", labels=["x"])),
            Replace(RUNS, a_run("a", request_id="r", n=1), 1),
        ]
    )
    assert made == [False, False, True, True]
    assert await store.find(RUNS, {}) == [
        a_run("a", request_id="r", n=1, version=2),
        a_run("c", request_id="s", labels=["x"], version=1),
    ]
    assert ids(await store.find(RUNS, {"labels": "x"})) == ["c"]


async def test_where_one_fails_those_before_it_stay_and_those_after_it_are_not_made(store: DocumentStore) -> None:
    for name, request in (("a", "r"), ("b", "s")):
        await store.insert(RUNS, a_run(name, request_id=request, n="text"))
    first, last = Insert(NOTES, {"id": "1"}), Insert(NOTES, {"id": "after"})
    with pytest.raises(StoreError):
        await store.write_in_order([first, Change(RUNS, {"id": "a"}, Changes(append={"n": [1]})), last])
    with pytest.raises(DuplicateKeyError) as raised:
        await store.write_in_order([Insert(NOTES, {"id": "2"}), Replace(RUNS, a_run("a", request_id="s"), 1), last])
    assert (raised.value.collection, raised.value.key) == ("runs", ("request_id",))
    assert ids(await store.find(NOTES, {})) == ["1", "2"]
    assert await store.get(RUNS, "a") == a_run("a", request_id="r", n="text", version=1)


async def test_of_many_who_want_the_same_version_one_makes_what_follows(store: DocumentStore) -> None:
    await store.insert(RUNS, a_run("a"))
    asked = [
        store.write_in_order([Replace(RUNS, a_run("a", by=n), 1), Insert(NOTES, {"id": f"{n:02}"})]) for n in range(20)
    ]
    made = await asyncio.gather(*asked)
    [winner] = [n for n, answer in enumerate(made) if answer == [True, True]]
    assert [answer for answer in made if any(answer)] == [[True, True]]
    assert await store.get(RUNS, "a") == a_run("a", by=winner, version=2)
    assert ids(await store.find(NOTES, {})) == [f"{winner:02}"]
