"""Documents come back as they were given, once, with the version that the store keeps."""

import asyncio
import math
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.store import Changes, Collection, DocumentStore, DuplicateKeyError, StoreError, UndeclaredKeyError
from shared.store.port import Dumped
from tests.contract.store.conftest import NewStore
from tests.contract.store.declarations import ALL, NOTES, OUTPUT, RUNS, a_run

HOSTILE_TEXTS = [
    "",
    "'; DROP TABLE runs; --",
    '"runs"',
    "$where",
    '{"$where": "sleep(1000)"}',
    "$state",
    "a.b.c",
    "%_*?",
    "nul \x00 inside",
    "Zürich 東京 🏳️‍🌈 \u202e right to left",
    "\ufeff\u2028\u2029\r\n\t\\",
    "null",
    "1",
]


async def test_a_document_comes_back_as_it_was_inserted(store: DocumentStore) -> None:
    document = a_run(
        "a",
        text="hello",
        whole=2**53 + 1,
        most=2**63 - 1,
        least=-(2**63),
        real=0.1,
        yes=True,
        no=False,
        nothing=None,
        empty={},
        none=[],
        trigger={"kind": "alert", "deep": [{"er": [1, [2, {"x": None}]]}]},
    )
    await store.insert(RUNS, document)
    assert await store.get(RUNS, "a") == {**document, "version": 1}


async def test_a_document_that_nobody_inserted_is_not_there(store: DocumentStore) -> None:
    assert await store.get(RUNS, "missing") is None


async def test_inserting_leaves_the_given_document_alone(store: DocumentStore) -> None:
    document = a_run("a", steps=[{"state": "queued"}], request_id="r")
    await store.insert(RUNS, document)
    assert document == a_run("a", steps=[{"state": "queued"}], request_id="r")


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
async def test_no_text_is_anything_but_text(store: DocumentStore, text: str) -> None:
    document = a_run(f"id {text}", state=text, note=text, labels=[text], steps=[{"say": text}])
    await store.insert(RUNS, document)
    await store.insert(RUNS, a_run("other", state="other", labels=["other"]))
    kept = {**document, "version": 1}
    assert await store.get(RUNS, f"id {text}") == kept
    assert await store.find(RUNS, {"state": text}) == [kept]
    assert await store.find(RUNS, {"labels": text}) == [kept]
    assert await store.find(RUNS, {"id": f"id {text}"}) == [kept]


async def test_a_text_of_a_megabyte_is_kept(store: DocumentStore) -> None:
    long = "0123456789abcdef" * 65_536
    await store.insert(NOTES, a_run("long", text=long))
    found = await store.get(NOTES, "long")
    assert found is not None
    assert found["text"] == long


async def test_a_blob_is_kept_byte_by_byte(store: DocumentStore) -> None:
    data = bytes(range(256)) * 256
    await store.insert(OUTPUT, {"id": "chunk", "run_id": "r", "data": data})
    await store.insert(OUTPUT, {"id": "empty", "run_id": "r", "data": b""})
    await store.insert(OUTPUT, {"id": "without", "run_id": "r"})
    assert await store.find(OUTPUT, {"run_id": "r"}) == [
        {"id": "chunk", "run_id": "r", "data": data, "version": 1},
        {"id": "empty", "run_id": "r", "data": b"", "version": 1},
        {"id": "without", "run_id": "r", "version": 1},
    ]


async def test_an_id_is_given_once(store: DocumentStore) -> None:
    await store.insert(RUNS, a_run("a", state="first"))
    with pytest.raises(DuplicateKeyError) as raised:
        await store.insert(RUNS, a_run("a", state="second"))
    assert (raised.value.collection, raised.value.key) == ("runs", ("id",))
    assert await store.get(RUNS, "a") == a_run("a", state="first", version=1)


async def test_a_duplicate_names_the_unique_key(store: DocumentStore) -> None:
    await store.insert(RUNS, a_run("a", request_id="same"))
    await store.insert(RUNS, a_run("b", action="restart", trigger={"kind": "alert"}))
    with pytest.raises(DuplicateKeyError) as single:
        await store.insert(RUNS, a_run("c", request_id="same"))
    with pytest.raises(DuplicateKeyError) as several:
        await store.insert(RUNS, a_run("d", action="restart", trigger={"kind": "alert"}))
    assert single.value.key == ("request_id",)
    assert several.value.key == ("action", "trigger.kind")
    assert await store.count(RUNS, {}) == 2


async def test_documents_that_lack_a_unique_key_do_not_collide(store: DocumentStore) -> None:
    await store.insert(RUNS, a_run("a", action="restart"))
    await store.insert(RUNS, a_run("b", action="restart", trigger={"kind": None}))
    await store.insert(RUNS, a_run("c", request_id=None))
    await store.insert(RUNS, a_run("d", action="restart", trigger={}))
    assert await store.count(RUNS, {}) == 4


async def test_a_deleted_documents_unique_values_are_free_again(store: DocumentStore) -> None:
    await store.insert(RUNS, a_run("a", request_id="r"))
    assert await store.delete(RUNS, {"request_id": "r"}) == 1
    await store.insert(RUNS, a_run("a", request_id="r"))


async def test_replacing_needs_the_version_and_counts_it_up(store: DocumentStore) -> None:
    await store.insert(RUNS, a_run("a", state="queued", labels=["x"], old=True))
    assert await store.replace(RUNS, a_run("a", state="running", labels=["y"]), version=1)
    assert not await store.replace(RUNS, a_run("a", state="late"), version=1)
    assert not await store.replace(RUNS, a_run("missing", state="late"), version=1)
    assert await store.find(RUNS, {"labels": "y", "state": "running"}) == [
        a_run("a", state="running", labels=["y"], version=2)
    ]
    assert await store.count(RUNS, {"labels": "x"}) == 0
    assert await store.count(RUNS, {"state": "queued"}) == 0


async def test_replacing_keeps_unique_keys_unique(store: DocumentStore) -> None:
    await store.insert(RUNS, a_run("a", request_id="1"))
    await store.insert(RUNS, a_run("b", request_id="2"))
    with pytest.raises(DuplicateKeyError):
        await store.replace(RUNS, a_run("b", request_id="1"), version=1)
    assert await store.replace(RUNS, a_run("a", request_id="3"), version=1)
    assert await store.replace(RUNS, a_run("b", request_id="1"), version=1)


async def test_deleting_removes_what_the_filter_holds_for_and_no_more(store: DocumentStore) -> None:
    for number in range(6):
        await store.insert(RUNS, a_run(str(number), state="even" if number % 2 == 0 else "odd", labels=["all"]))
    assert await store.delete(RUNS, {"state": "even"}) == 3
    assert await store.delete(RUNS, {"state": "even"}) == 0
    assert await store.count(RUNS, {"labels": "all"}) == 3
    assert await store.delete(RUNS, {"labels": "all"}) == 3
    assert await store.count(RUNS, {}) == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"at": datetime(2026, 11, 23, tzinfo=UTC)},
        {"number": math.nan},
        {"number": math.inf},
        {"data": b"bytes outside of the blob"},
        {"text": "half a pair \ud800"},
        {"fence": 2**63},
        {"state": ["a list in a key"]},
        {"labels": "no list"},
        {"labels": [1]},
    ],
    ids=str,
)
async def test_what_is_no_document_is_refused(store: DocumentStore, fields: dict[str, Any]) -> None:
    with pytest.raises(StoreError):
        await store.insert(RUNS, a_run("bad", **fields))
    assert await store.count(RUNS, {}) == 0


@pytest.mark.parametrize("number", [math.nan, -math.inf])
async def test_no_number_is_taken_from_a_model_either_that_json_does_not_know(
    store: DocumentStore, number: float
) -> None:
    with pytest.raises(StoreError):
        await store.insert(RUNS, Dumped(a_run("bad", inner={"number": number})))
    assert await store.count(RUNS, {}) == 0


async def test_what_a_model_dumped_comes_back_as_it_was(store: DocumentStore) -> None:
    given = a_run(
        "r", texts=[*HOSTILE_TEXTS, "NaN", "-Infinity"], numbers=[0.1, 1e22, -0.0, 600.0, 2**63 - 1, -(2**63)]
    )
    await store.insert(RUNS, Dumped(given))
    assert await store.change(RUNS, {"id": "r"}, Changes(set={"inner": {"text": "Infinity"}}))
    assert await store.get(RUNS, "r") == {**given, "inner": {"text": "Infinity"}, "version": 2}


async def test_a_change_to_what_is_no_document_is_refused(store: DocumentStore) -> None:
    await store.insert(RUNS, a_run("r"))
    for value in (datetime(2026, 11, 23, tzinfo=UTC), math.nan, b"bytes", {"inner": {1, 2}}, "half a pair \ud800"):
        with pytest.raises(StoreError):
            await store.change(RUNS, {"id": "r"}, Changes(set={"inner": value}))
        with pytest.raises(StoreError):
            await store.change(RUNS, {"id": "r"}, Changes(append={"list": [value]}))
    assert await store.get(RUNS, "r") == {**a_run("r"), "version": 1}


@pytest.mark.parametrize("id_", [None, "", 7, ["x"]])
async def test_an_id_is_a_text(store: DocumentStore, id_: Any) -> None:
    with pytest.raises(StoreError, match="id"):
        await store.insert(RUNS, {"id": id_})


async def test_a_blob_is_bytes(store: DocumentStore) -> None:
    with pytest.raises(StoreError, match=r"output\.data"):
        await store.insert(OUTPUT, {"id": "a", "data": "text"})


async def test_a_refused_document_does_not_harm_its_neighbours(store: DocumentStore) -> None:
    await store.insert(RUNS, a_run("taken"))
    for number in range(10):
        await store.insert(RUNS, a_run(f"before {number}"))
        with pytest.raises(StoreError):
            await store.insert(RUNS, a_run("taken"))
    assert await store.count(RUNS, {}) == 11


async def test_a_closed_store_refuses_every_verb(new_store: NewStore) -> None:
    store = new_store()
    await store.open(ALL)
    await store.close()
    await store.close()
    for verb in (store.ping(), store.get(RUNS, "a"), store.insert(RUNS, a_run("a")), store.find(RUNS, {})):
        with pytest.raises(StoreError, match="not open"):
            await verb


async def test_opening_again_changes_nothing(new_store: NewStore) -> None:
    for _ in range(2):
        store = new_store()
        await store.open(ALL)
        await store.open(ALL)
        await store.ping()
        await store.delete(RUNS, {"id": "a"})
        await store.insert(RUNS, a_run("a", state="queued", request_id="r", labels=["x"]))
        await store.close()
    await store.open(ALL)
    assert await store.find(RUNS, {"state": "queued", "labels": "x"}) == [
        a_run("a", state="queued", request_id="r", labels=["x"], version=1)
    ]
    await store.close()


async def test_a_declaration_that_indexes_an_undeclared_key_is_refused(new_store: NewStore) -> None:
    with pytest.raises(UndeclaredKeyError, match="staet"):
        await new_store().open([Collection("runs", keys=("state",), indexes=(("staet",),))])


async def test_a_collection_that_was_not_opened_is_refused(store: DocumentStore) -> None:
    with pytest.raises(StoreError, match="strangers"):
        await store.get(Collection("strangers"), "a")


@pytest.mark.parametrize("fields", [(), ("state",), ("trigger", "gone"), ("labels", "id", "version")], ids=str)
async def test_reading_limited_to_fields_of_the_summary_gives_these_alone(
    store: DocumentStore, fields: tuple[str, ...]
) -> None:
    whole = a_run("a", state="queued", labels=["x"], trigger={"kind": "api", "by": "ann"}, timeline=["long"] * 100)
    await store.insert(RUNS, whole)
    await store.insert(RUNS, a_run("b", steps=[1]))
    expected = {"id": "a", "version": 1, **{name: whole[name] for name in fields if name in whole}}
    assert await store.find(RUNS, {"id": "a"}, fields=fields) == [expected]
    assert await store.find(RUNS, {}, fields=fields, limit=2) == [expected, {"id": "b", "version": 1}]
    assert await store.get(RUNS, "a", fields=fields) == expected
    assert await store.get(RUNS, "c", fields=fields) is None


async def test_a_summary_follows_every_way_of_writing(store: DocumentStore) -> None:
    await store.insert(RUNS, a_run("a", state="queued", n=1, note="x"))
    assert await store.replace(RUNS, a_run("a", state="running", note="y"), version=1)
    assert await store.get(RUNS, "a", fields=("state", "n")) == {"id": "a", "version": 2, "state": "running"}
    await store.change(RUNS, {"id": "a"}, Changes(increment={"n": 3}, set={"trigger.kind": "api", "note": "z"}))
    assert await store.get(RUNS, "a", fields=("trigger", "n")) == {
        "id": "a",
        "version": 3,
        "n": 3,
        "trigger": {"kind": "api"},
    }
    claimed = await store.claim(RUNS, {"state": "running"}, Changes(unset=("state",), append={"labels": ["l"]}))
    assert claimed == a_run("a", version=4, n=3, trigger={"kind": "api"}, note="z", labels=["l"])
    await store.change_all(RUNS, {"labels": "l"}, Changes(set={"state": "done"}))
    assert await store.find(RUNS, {}, fields=("state", "labels")) == [
        {"id": "a", "version": 5, "state": "done", "labels": ["l"]}
    ]
    assert await store.get(RUNS, "a") == a_run(
        "a", version=5, n=3, trigger={"kind": "api"}, note="z", labels=["l"], state="done"
    )


async def test_a_summary_of_documents_with_a_blob_leaves_it_out(store: DocumentStore) -> None:
    await store.insert(OUTPUT, {"id": "a", "run_id": "r", "data": b"long"})
    assert await store.find(OUTPUT, {}, fields=("run_id",)) == [{"id": "a", "version": 1, "run_id": "r"}]
    assert await store.get(OUTPUT, "a") == {"id": "a", "version": 1, "run_id": "r", "data": b"long"}


@pytest.mark.parametrize("name", ["steps", "trigger.kind", "request_id", "_id", "data"])
async def test_reading_is_not_limited_to_fields_that_the_summary_does_not_declare(
    store: DocumentStore, name: str
) -> None:
    for verb in (store.find(RUNS, {}, fields=("state", name)), store.get(RUNS, "a", fields=(name,))):
        with pytest.raises(UndeclaredKeyError, match="not in the declared summary"):
            await verb


@pytest.mark.parametrize(("summary", "blob"), [("a.b", None), ("id", None), ("version", None), ("data", "data")])
async def test_a_summary_of_what_it_cannot_hold_is_refused(new_store: NewStore, summary: str, blob: str | None) -> None:
    store = new_store()
    with pytest.raises(UndeclaredKeyError, match="summary"):
        await store.open([Collection("other", summary=(summary,), blob=blob)])
    await store.close()


@pytest.mark.parametrize(("limit", "left"), [(0, "abcdef"), (-1, "abcdef"), (2, "bdef"), (3, "bdf"), (99, "bdf")])
async def test_a_limited_delete_removes_the_least_ids_that_the_filter_holds_for(
    store: DocumentStore, limit: int, left: str
) -> None:
    for number, letter in enumerate("fedcba"):
        await store.insert(RUNS, a_run(letter, state=("other", "old")[number % 2], labels=["x"]))
    assert await store.delete(RUNS, {"state": "old", "labels": "x"}, limit=limit) == 6 - len(left)
    assert "".join(found["id"] for found in await store.find(RUNS, {"labels": "x"})) == left


async def test_limited_deletes_at_one_time_remove_everything_once(store: DocumentStore) -> None:
    for number in range(30):
        await store.insert(RUNS, a_run(f"{number:02}", state="old"))
    removed = 0
    while counts := [
        count
        for count in await asyncio.gather(*[store.delete(RUNS, {"state": "old"}, limit=4) for _ in range(3)])
        if count
    ]:
        removed += sum(counts)
    assert removed == 30
    assert await store.count(RUNS, {}) == 0
