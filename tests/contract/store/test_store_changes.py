"""Changes are made wholly or not at all, and mean the same in every adapter."""

from typing import Any

import pytest

from shared.store import Changes, Document, DocumentStore, DuplicateKeyError, OneOf, Range, StoreError
from tests.contract.store.declarations import OUTPUT, RUNS, a_run, ids


@pytest.mark.parametrize(
    ("before", "changes", "after"),
    [
        ({"x": 1}, Changes(set={"x": {"y": [2]}}), {"x": {"y": [2]}}),
        ({}, Changes(set={"a.b.c": 1, "a.d": None}), {"a": {"b": {"c": 1}, "d": None}}),
        (
            {"steps": [{"n": 0}, {"n": 1}, {"n": 2, "state": "queued"}]},
            Changes(set={"steps.2.state": "running", "steps.0.at": "now"}),
            {"steps": [{"n": 0, "at": "now"}, {"n": 1}, {"n": 2, "state": "running"}]},
        ),
        ({"l": [1]}, Changes(set={"l.0": 9, "l.3": 3}), {"l": [9, None, None, 3]}),
        ({"l": [1]}, Changes(append={"l": [2, [3], {"x": 4}]}), {"l": [1, 2, [3], {"x": 4}]}),
        ({}, Changes(append={"l": ["a"], "deep.l": ["b"], "none": []}), {"l": ["a"], "deep": {"l": ["b"]}, "none": []}),
        ({"l": [{"t": [1]}]}, Changes(append={"l.0.t": [2]}), {"l": [{"t": [1, 2]}]}),
        ({"n": 1, "f": 0.5}, Changes(increment={"n": 2, "f": 1, "new": -1}), {"n": 3, "f": 1.5, "new": -1}),
        ({"d": {"n": 1}}, Changes(increment={"d.n": 1, "d.m": 5}), {"d": {"n": 2, "m": 5}}),
        ({"a": 1, "b": {"c": 2, "d": 3}}, Changes(unset=("a", "b.c", "missing", "b.x.y")), {"b": {"d": 3}}),
        ({"l": [1, 2, 3]}, Changes(unset=("l.1",)), {"l": [1, None, 3]}),
        (
            {"state": "queued", "n": 1, "timeline": ["a"], "old": 1},
            Changes(set={"state": "running"}, append={"timeline": ["b"]}, increment={"n": 1}, unset=("old",)),
            {"state": "running", "n": 2, "timeline": ["a", "b"]},
        ),
        ({"a-b": 1, "a": {"c": 1}}, Changes(set={"a-b": 2, "a.c": 2}), {"a-b": 2, "a": {"c": 2}}),
        ({"identity": 1, "versions": 1}, Changes(set={"identity": 2, "versions": 2}), {"identity": 2, "versions": 2}),
        ({"state": "queued"}, Changes(), {"state": "queued"}),
    ],
    ids=str,
)
async def test_changes_do_what_they_say(
    store: DocumentStore, before: Document, changes: Changes, after: Document
) -> None:
    await store.insert(RUNS, a_run("a", **before))
    await store.insert(RUNS, a_run("b", **before))
    assert await store.change(RUNS, {"id": "a"}, changes)
    assert await store.get(RUNS, "a") == a_run("a", **after, version=2)
    assert await store.claim(RUNS, {"id": "b"}, changes) == a_run("b", **after, version=2)
    assert await store.get(RUNS, "b") == a_run("b", **after, version=2)


@pytest.mark.parametrize(
    "changes",
    [
        Changes(set={"text.inside": 1}),
        Changes(set={"list.name": 1}),
        Changes(append={"text": [1]}),
        Changes(increment={"text": 1}),
        Changes(set={"x": 1}, unset=("x",)),
        Changes(set={"x": 1, "x.y": 2}),
        Changes(set={"x.y": 1}, increment={"x.y.z": 2}),
        Changes(set={"id": "b"}),
        Changes(increment={"version": 1}),
        Changes(unset=("id",)),
        Changes(set={"when": {1, 2}}),
        Changes(append={"list": [b"bytes"]}),
        Changes(set={"text": "half a pair \ud800"}),
    ],
    ids=str,
)
async def test_impossible_changes_are_refused_and_change_nothing(store: DocumentStore, changes: Changes) -> None:
    document = a_run("a", text="t", list=[1])
    await store.insert(RUNS, document)
    both = Changes(
        set={"first": True, **changes.set},
        append=changes.append,
        increment=changes.increment,
        unset=changes.unset,
    )
    with pytest.raises(StoreError):
        await store.change(RUNS, {"id": "a"}, both)
    assert await store.get(RUNS, "a") == {**document, "version": 1}


async def test_a_change_happens_only_where_the_whole_filter_holds(store: DocumentStore) -> None:
    await store.insert(RUNS, a_run("a", state="queued", fence=1))
    running = Changes(set={"state": "running"})
    assert not await store.change(RUNS, {"id": "a", "state": "delayed"}, running)
    assert not await store.change(RUNS, {"id": "a", "version": 2}, running)
    assert not await store.change(RUNS, {"id": "b"}, running)
    assert await store.change(RUNS, {"id": "a", "state": "queued", "version": 1, "fence": Range(below=2)}, running)
    assert not await store.change(RUNS, {"id": "a", "state": "queued"}, running)


@pytest.mark.parametrize("where", [{}, {"state": "queued"}, {"id": OneOf(("a",))}], ids=str)
async def test_a_change_names_one_document(store: DocumentStore, where: Any) -> None:
    with pytest.raises(StoreError, match="id"):
        await store.change(RUNS, where, Changes(set={"x": 1}))


async def test_changed_documents_are_found_by_their_new_values_only(store: DocumentStore) -> None:
    await store.insert(RUNS, a_run("a", state="queued", trigger={"kind": "api", "tags": ["t"]}, labels=["x", "y"]))
    changes = Changes(set={"state": "running", "trigger": {"kind": "alert"}}, append={"labels": ["y", "z"]})
    assert await store.change(RUNS, {"id": "a"}, changes)
    for where in ({"state": "running"}, {"trigger.kind": "alert"}, {"labels": "x"}, {"labels": "y"}, {"labels": "z"}):
        assert ids(await store.find(RUNS, where)) == ["a"], where
    for gone in ({"state": "queued"}, {"trigger.kind": "api"}, {"trigger.tags": "t"}):
        assert await store.count(RUNS, gone) == 0, gone
    await store.change(RUNS, {"id": "a"}, Changes(unset=("labels", "state")))
    assert await store.count(RUNS, {"labels": OneOf(("x", "y", "z"))}) == 0
    assert await store.count(RUNS, {"state": "running"}) == 0


async def test_change_all_changes_every_document_and_no_other(store: DocumentStore) -> None:
    for number in range(10):
        await store.insert(RUNS, a_run(str(number), state="queued" if number < 6 else "running"))
    assert await store.change_all(RUNS, {"state": "queued"}, Changes(set={"state": "done"}, increment={"n": 1})) == 6
    assert await store.change_all(RUNS, {"state": "queued"}, Changes(set={"state": "done"})) == 0
    done = await store.find(RUNS, {"state": "done"})
    assert done == [a_run(str(number), state="done", n=1, version=2) for number in range(6)]


async def test_a_claim_takes_the_first_in_order(store: DocumentStore) -> None:
    for letter, time in zip("abcd", ["12", "10", "11", "10"], strict=True):
        await store.insert(RUNS, a_run(letter, state="queued", created_at=time))
    claimed = []
    while run := await store.claim(RUNS, {"state": "queued"}, Changes(set={"state": "running"}), order_by="created_at"):
        claimed.append(run)
    assert ids(claimed) == ["b", "d", "c", "a"]
    assert all(run["state"] == "running" and run["version"] == 2 for run in claimed)


@pytest.mark.parametrize("verb", ["change", "change_all", "claim"])
async def test_changes_keep_unique_keys_unique(store: DocumentStore, verb: str) -> None:
    async def put(id_: str, changes: Changes) -> Any:
        return await getattr(store, verb)(RUNS, {"id": id_}, changes)

    await store.insert(RUNS, a_run("a", request_id="1", action="x", trigger={"kind": "api"}))
    await store.insert(RUNS, a_run("b", request_id="2", action="x", trigger={"kind": "alert"}))
    with pytest.raises(DuplicateKeyError) as single:
        await put("b", Changes(set={"request_id": "1"}))
    with pytest.raises(DuplicateKeyError) as several:
        await put("b", Changes(set={"trigger": {"kind": "api"}}))
    assert single.value.key == ("request_id",)
    assert several.value.key == ("action", "trigger.kind")
    assert await put("a", Changes(unset=("request_id", "action")))
    assert await put("b", Changes(set={"request_id": "1", "trigger.kind": "api"}, increment={"n": 1}))
    assert await store.get(RUNS, "b") == a_run("b", request_id="1", action="x", trigger={"kind": "api"}, n=1, version=2)
    assert not await put("missing", Changes(set={"request_id": "9"}))


async def test_a_blob_is_changed_with_the_rest(store: DocumentStore) -> None:
    await store.insert(OUTPUT, {"id": "a", "run_id": "r", "data": b"one"})
    assert await store.change(OUTPUT, {"id": "a"}, Changes(set={"lines": 1}))
    assert await store.get(OUTPUT, "a") == {"id": "a", "run_id": "r", "data": b"one", "lines": 1, "version": 2}
    assert await store.change(OUTPUT, {"id": "a"}, Changes(set={"data": b"two"}))
    assert await store.claim(OUTPUT, {"run_id": "r"}, Changes(increment={"lines": 1})) == {
        "id": "a",
        "run_id": "r",
        "data": b"two",
        "lines": 2,
        "version": 4,
    }
    assert await store.change(OUTPUT, {"id": "a"}, Changes(unset=("data",)))
    assert await store.get(OUTPUT, "a") == {"id": "a", "run_id": "r", "lines": 2, "version": 5}


async def test_what_a_claim_returns_is_the_callers_own(store: DocumentStore) -> None:
    value = {"list": [1]}
    await store.insert(RUNS, a_run("a"))
    claimed = await store.claim(RUNS, {"id": "a"}, Changes(set={"x": value}))
    assert claimed is not None
    claimed["x"]["list"].append(2)
    assert value == {"list": [1]}
