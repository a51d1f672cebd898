"""Filters hold for what they say, orders are total, and pages neither lose nor repeat a document."""

from collections import Counter
from collections.abc import Mapping
from itertools import chain
from typing import Any

import pytest

from shared.store import (
    Absent,
    AllOf,
    Changes,
    Condition,
    Document,
    DocumentStore,
    OneOf,
    Range,
    Scalar,
    StoreError,
    UndeclaredKeyError,
)
from shared.store.port import pages
from tests.contract.store.declarations import GUARDED, RUNS, a_run, ids

FIVE = (
    a_run("a", state="queued", fence=1, urgent=True, trigger={"kind": "alert", "tags": ["night"]}, labels=["x", "y"]),
    a_run("b", state="queued", fence=2, urgent=False, trigger={"kind": "api"}, labels=["y", "y"]),
    a_run("c", state="running", fence=2.5, action="one", trigger={"kind": "alert"}, labels=[]),
    a_run("d", state=None, fence=-3, approval={"by": "ann"}, trigger="no object"),
    a_run("e", labels=["$y", "x.y"]),
)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, "abcde"),
        ({"id": "c"}, "c"),
        ({"id": OneOf(("e", "a", "zz"))}, "ae"),
        ({"id": Range(above="b", at_most="d")}, "cd"),
        ({"version": 1}, "abcde"),
        ({"version": 2}, ""),
        ({"state": "queued"}, "ab"),
        ({"state": "Queued"}, ""),
        ({"state": OneOf(("running", "queued"))}, "abc"),
        ({"state": OneOf(())}, ""),
        ({"state": OneOf(("running", None))}, "cde"),
        ({"state": OneOf((None,))}, "de"),
        ({"state": None}, "de"),
        ({"state": Absent()}, "de"),
        ({"state": Range()}, "abc"),
        ({"trigger.kind": "alert"}, "ac"),
        ({"trigger.kind": Absent()}, "de"),
        ({"fence": 2}, "b"),
        ({"fence": "2"}, ""),
        ({"fence": Range(at_least=2)}, "bc"),
        ({"fence": Range(above=2)}, "c"),
        ({"fence": Range(below=2)}, "ad"),
        ({"fence": Range(at_most=2)}, "abd"),
        ({"fence": Range(at_least=-3, below=2.5)}, "abd"),
        ({"state": Range(at_least="queued", below="r")}, "ab"),
        ({"urgent": True}, "a"),
        ({"urgent": False}, "b"),
        ({"urgent": Absent()}, "cde"),
        ({"approval": Range()}, "d"),
        ({"approval": Absent()}, "abce"),
        ({"labels": "y"}, "ab"),
        ({"labels": "$y"}, "e"),
        ({"labels": "x.y"}, "e"),
        ({"labels": OneOf(("x", "x.y"))}, "ae"),
        ({"labels": AllOf(("x", "y"))}, "a"),
        ({"labels": AllOf(("y",))}, "ab"),
        ({"labels": AllOf(("y", "zz"))}, ""),
        ({"labels": AllOf(("y", "x")), "state": "queued", "id": Range(above="a")}, ""),
        ({"trigger.tags": "night"}, "a"),
        ({"labels": "y", "state": "queued", "fence": Range(above=1)}, "b"),
        ({"state": "queued", "trigger.kind": "alert", "id": "b"}, ""),
    ],
    ids=str,
)
async def test_a_filter_holds_for_what_it_says(
    store: DocumentStore, where: Mapping[str, Condition], expected: str
) -> None:
    for document in FIVE:
        await store.insert(RUNS, document)
    assert "".join(ids(await store.find(RUNS, where))) == expected
    assert await store.count(RUNS, where) == len(expected)
    assert await store.count(RUNS, where, limit=2) == min(len(expected), 2)
    by_state = await store.count_by(RUNS, where, "state")
    assert by_state == Counter(document.get("state") for document in FIVE if document["id"] in expected)


@pytest.mark.parametrize("key", ["steps", "stat", "state ", "trigger", "_id", "$where", "state' OR 1=1 --"])
async def test_an_undeclared_key_is_refused(store: DocumentStore, key: str) -> None:
    where, changes = {"id": "a", key: "x"}, Changes(set={"note": "x"})
    for verb in (
        store.find(RUNS, where),
        store.find(RUNS, {}, order_by=key),
        store.count(RUNS, where),
        store.count_by(RUNS, where, "state"),
        store.count_by(RUNS, {}, key),
        store.delete(RUNS, where),
        store.change(RUNS, where, changes),
        store.change_all(RUNS, where, changes),
        store.claim(RUNS, where, changes),
        store.claim(RUNS, {}, changes, order_by=key),
    ):
        with pytest.raises(UndeclaredKeyError, match="no declared key"):
            await verb


@pytest.mark.parametrize(
    "where",
    [
        {"state": {"$ne": None}},
        {"state": ["queued"]},
        {"state": OneOf(({"$gt": ""},))},  # type: ignore[arg-type]
        {"state": Range(above={"$ne": 1})},  # type: ignore[arg-type]
        {"labels": {"$exists": True}},
        {"labels": Absent()},
        {"fence": 2**63},
        {"state": "half a pair \ud800"},
    ],
    ids=repr,
)
async def test_what_is_no_condition_is_refused(store: DocumentStore, where: Any) -> None:
    with pytest.raises(StoreError):
        await store.find(RUNS, where)


@pytest.mark.parametrize("size", [1, 2, 3, 100])
@pytest.mark.parametrize("order_by", ["id", "fence"])
async def test_everything_is_read_once_page_by_page_and_no_page_is_empty(
    store: DocumentStore, size: int, order_by: str
) -> None:
    for id_, fence in zip("abcde", (3, 1, 1, 2, 1), strict=True):
        await store.insert(RUNS, {"id": id_, "state": "new", "fence": fence})
    await store.insert(RUNS, {"id": "f", "state": "old", "fence": 0})
    found = [page async for page in pages(store, RUNS, {"state": "new"}, order_by=order_by, size=size)]
    assert "".join(id_ for page in found for id_ in ids(page)) == {"id": "abcde", "fence": "bceda"}[order_by]
    assert [len(page) for page in found[:-1]] == [size] * (len(found) - 1)
    assert found[-1]
    assert [page async for page in pages(store, RUNS, {"state": "gone"})] == []


async def _pages(
    store: DocumentStore, order_by: str, *, descending: bool, size: int, where: Mapping[str, Condition]
) -> list[list[Document]]:
    """Every page, each asked for by the last document of the one before."""
    pages: list[list[Document]] = []
    after: tuple[Scalar, str] | None = None
    while not pages or pages[-1]:
        pages.append(await store.find(RUNS, where, order_by=order_by, descending=descending, after=after, limit=size))
        if pages[-1]:
            last = pages[-1][-1]
            after = (last.get(order_by), last["id"])
    return pages


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("size", [1, 3, 4, 100])
@pytest.mark.parametrize("where", [{}, {"state": "queued"}, {"labels": "x"}], ids=str)
async def test_pages_lose_and_repeat_nothing_under_ties_and_gaps(
    store: DocumentStore, size: int, where: Mapping[str, Condition], *, descending: bool
) -> None:
    times = ["09", "10", None, "10", "10", None, "11", "10", None, "09"]
    for number, time in enumerate(times):
        await store.insert(RUNS, a_run(str(number), state="queued", labels=["x"], created_at=time))
    await store.insert(RUNS, a_run("without", state="queued", labels=["x"]))
    pages = await _pages(store, "created_at", descending=descending, size=size, where=where)
    everything = ["2", "5", "8", "without", "0", "9", "1", "3", "4", "7", "6"]
    assert ids(list(chain(*pages))) == (everything[::-1] if descending else everything)
    assert all(len(page) == size for page in pages[:-2])


@pytest.mark.parametrize("descending", [False, True])
async def test_pages_by_id_and_by_version(store: DocumentStore, *, descending: bool) -> None:
    for letter in "abcdefg":
        await store.insert(RUNS, a_run(letter))
    await store.change_all(RUNS, {"id": OneOf(("b", "f"))}, Changes(set={"x": 1}))
    for order_by, expected in (("id", "abcdefg"), ("version", "acdegbf")):
        pages = await _pages(store, order_by, descending=descending, size=2, where={})
        assert "".join(ids(list(chain(*pages)))) == (expected[::-1] if descending else expected)


async def test_numbers_are_ordered_as_numbers(store: DocumentStore) -> None:
    for letter, fence in zip("abcdef", [10, 9, -1, 2.5, 100, None], strict=True):
        await store.insert(RUNS, a_run(letter, fence=fence))
    assert "".join(ids(await store.find(RUNS, {}, order_by="fence"))) == "fcdbae"
    assert "".join(ids(await store.find(RUNS, {}, order_by="fence", descending=True))) == "eabdcf"


async def test_a_limit_below_one_finds_nothing(store: DocumentStore) -> None:
    await store.insert(RUNS, a_run("a"))
    assert await store.find(RUNS, {}, limit=0) == []
    assert await store.find(RUNS, {}, limit=-1) == []


async def test_more_documents_than_one_answer_of_the_server_holds(store: DocumentStore) -> None:
    for number in range(250):
        await store.insert(RUNS, a_run(f"{number:03}", state="queued"))
    assert ids(await store.find(RUNS, {"state": "queued"}, limit=240)) == [f"{number:03}" for number in range(240)]
    assert len(await store.find(RUNS, {"state": "queued"})) == 100


async def test_one_of_a_thousand_values(store: DocumentStore) -> None:
    for number in range(20):
        await store.insert(RUNS, a_run(str(number)))
    many = OneOf(tuple(str(number) for number in range(10, 1_010)))
    assert await store.count(RUNS, {"id": many}) == 10
    assert await store.change_all(RUNS, {"id": many}, Changes(set={"x": 1})) == 10


async def test_a_guard_holds_beside_an_id_and_nothing_else(store: DocumentStore) -> None:
    await store.insert(GUARDED, {"id": "a", "kind": "x", "fence": 1})
    assert not await store.change(GUARDED, {"id": "a", "fence": 2}, Changes(set={"kind": "y"}))
    assert await store.change(GUARDED, {"id": "a", "fence": 1}, Changes(set={"kind": "y"}))
    assert await store.change_all(GUARDED, {"kind": "y", "fence": 1}, Changes(set={"kind": "z"})) == 1
    with pytest.raises(UndeclaredKeyError):
        await store.find(GUARDED, {"fence": 1})
    with pytest.raises(UndeclaredKeyError):
        await store.find(GUARDED, {}, order_by="fence")
