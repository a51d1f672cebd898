"""Whatever is done in whatever order, SQLite answers as a dictionary in memory would."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.store import Changes, Collection, Condition, Document, DuplicateKeyError, OneOf, Range
from shared.store.sqlite import SqliteDocumentStore

RUNS = Collection(
    "runs",
    keys=("state", "at.time", "once"),
    lists=("tags",),
    unique=(("once",),),
    indexes=(("state", "at.time"),),
    summary=("state", "tags", "n"),
)
IDS = st.sampled_from("abcdef")
STATES = st.sampled_from(["queued", "running", "", "ü"])
TIMES = st.integers(0, 3)
TAGS = st.lists(st.sampled_from(["x", "y", "z"]), max_size=3)
CONDITIONS: dict[str, st.SearchStrategy[Condition]] = {
    "id": IDS,
    "state": STATES | st.none() | st.lists(STATES, max_size=2).map(lambda values: OneOf(tuple(values))),
    "at.time": TIMES | st.builds(Range, at_least=st.none() | TIMES, below=st.none() | TIMES),
    "tags": st.sampled_from(["x", "y", "z"]),
}
WHERE = st.fixed_dictionaries({}, optional=CONDITIONS)
FIELDS = st.fixed_dictionaries(
    {}, optional={"state": STATES, "at": st.fixed_dictionaries({"time": TIMES}), "once": TIMES, "tags": TAGS}
)
CHANGES = st.builds(
    lambda fields, tags, unset: Changes(
        set={key: value for key, value in fields.items() if key not in ("tags", unset)},
        append={"tags": tags} if tags else {},
        increment={"n": 1},
        unset=(unset,),
    ),
    FIELDS,
    TAGS,
    st.sampled_from(["state", "once", "other"]),
)
OPERATIONS = st.one_of(
    st.tuples(st.just("insert"), IDS, FIELDS),
    st.tuples(st.just("replace"), IDS, FIELDS, st.integers(1, 3)),
    st.tuples(st.just("change"), IDS, WHERE, CHANGES),
    st.tuples(st.just("claim"), WHERE, CHANGES, st.sampled_from(["id", "at.time"])),
    st.tuples(st.just("delete"), WHERE),
)
_DIFFERENT = "unique"


class Model:
    """Documents by id, and every verb by its plainest words."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}

    def insert(self, id_: str, fields: Document) -> Any:
        return self._put({**fields, "id": id_, "version": 1}) if id_ not in self.documents else _DIFFERENT

    def replace(self, id_: str, fields: Document, version: int) -> Any:
        if self.documents.get(id_, {}).get("version") != version:
            return False
        return self._put({**fields, "id": id_, "version": version + 1}) or True

    def change(self, id_: str, where: Mapping[str, Condition], changes: Changes) -> Any:
        found = self.find({**where, "id": id_}, "id", descending=False)
        return (self._put(_changed(found[0], changes)) or True) if found else False

    def claim(self, where: Mapping[str, Condition], changes: Changes, order_by: str) -> Any:
        found = self.find(where, order_by, descending=False)
        if not found:
            return None
        return self._put(_changed(found[0], changes)) or self.documents[found[0]["id"]]

    def delete(self, where: Mapping[str, Condition]) -> Any:
        found = self.find(where, "id", descending=False)
        for document in found:
            del self.documents[document["id"]]
        return len(found)

    def find(self, where: Mapping[str, Condition], order_by: str, *, descending: bool) -> list[Document]:
        found = [d for d in self.documents.values() if all(_holds(d, key, where[key]) for key in where)]
        return sorted(found, key=lambda d: (*_sort_key(_at(d, order_by)), d["id"]), reverse=descending)

    def _put(self, document: Document) -> str | None:
        once = document.get("once")
        others = [other for other in self.documents.values() if other["id"] != document["id"]]
        if once is not None and any(other.get("once") == once for other in others):
            return _DIFFERENT
        self.documents[document["id"]] = document
        return None


def _at(document: Document, key: str) -> Any:
    return document.get("at", {}).get("time") if key == "at.time" else document.get(key)


def _sort_key(value: Any) -> tuple[Any, ...]:
    return (0, 0) if value is None else (1, value)


def _holds(document: Document, key: str, condition: Condition) -> bool:
    value = _at(document, key)
    match condition:
        case OneOf(values):
            return value in values
        case Range(at_least=least, below=below):
            return value is not None and (least is None or value >= least) and (below is None or value < below)
        case _:
            return condition in (value or []) if key == "tags" else bool(value == condition)


def _changed(document: Document, changes: Changes) -> Document:
    changed = {**document, **changes.set, "n": document.get("n", 0) + 1, "version": document["version"] + 1}
    if "tags" in changes.append:
        changed["tags"] = [*document.get("tags", []), *changes.append["tags"]]
    changed.pop(changes.unset[0], None)
    return changed


async def _answer(store: SqliteDocumentStore, verb: str, *details: Any) -> Any:
    verbs: dict[str, Callable[..., Awaitable[Any]]] = {
        "insert": lambda id_, fields: store.insert(RUNS, {**fields, "id": id_}),
        "replace": lambda id_, fields, version: store.replace(RUNS, {**fields, "id": id_}, version=version),
        "change": lambda id_, where, changes: store.change(RUNS, {**where, "id": id_}, changes),
        "claim": lambda where, changes, order_by: store.claim(RUNS, where, changes, order_by=order_by),
        "delete": lambda where: store.delete(RUNS, where),
    }
    try:
        return await verbs[verb](*details)
    except DuplicateKeyError:
        return _DIFFERENT


async def _compare(
    operations: list[tuple[Any, ...]], where: Mapping[str, Condition], order_by: str, *, descending: bool
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        store, model = SqliteDocumentStore(Path(directory) / "store.db"), Model()
        await store.open([RUNS])
        try:
            for verb, *details in operations:
                assert await _answer(store, verb, *details) == getattr(model, verb)(*details)
            expected = model.find(where, order_by, descending=descending)
            assert await store.find(RUNS, where, order_by=order_by, descending=descending) == expected
            assert await store.count(RUNS, where) == len(expected)
            for place, document in enumerate(expected):
                after = (_at(document, order_by), document["id"])
                page = await store.find(RUNS, where, order_by=order_by, descending=descending, after=after, limit=2)
                assert page == expected[place + 1 : place + 3]
        finally:
            await store.close()


@settings(max_examples=60, deadline=None)
@given(st.lists(OPERATIONS, max_size=20), WHERE, st.sampled_from(["id", "at.time", "state"]), st.booleans())
def test_sqlite_answers_as_a_dictionary_would(
    operations: list[tuple[Any, ...]],
    where: Mapping[str, Condition],
    order_by: str,
    descending: bool,
) -> None:
    asyncio.run(_compare(operations, where, order_by, descending=descending))
