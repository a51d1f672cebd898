"""A store on trial answers as the store would if the writes were made, and the store itself is as it was."""

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest

from catalog.handlers.trial_store import TrialStore
from shared.store import Changes, Collection, Condition, DocumentStore, DuplicateKeyError, OneOf, Range
from shared.store.port import Absent
from shared.store.sqlite import SqliteDocumentStore

VERSIONS = Collection("versions", keys=("name", "number"), lists=("uses",), indexes=(("name", "number"),))
NAMES = ("a", "b", "c")
WHERES: tuple[dict[str, Condition], ...] = (
    {},
    {"id": "a@1"},
    {"id": OneOf(("a@1", "b@2", "c@3"))},
    {"id": Range(at_least="b", below="c")},
    {"name": "a"},
    {"name": "b", "number": 2},
    {"number": Range(above=1, at_most=3)},
    {"number": OneOf((1, 4))},
    {"uses": "x"},
    {"uses": OneOf(("y", "z"))},
    {"name": Absent()},
)
PAGES: tuple[dict[str, Any], ...] = (
    {},
    {"limit": 2},
    {"order_by": "number", "descending": True, "limit": 3},
    {"after": ("a@2", "a@2"), "limit": 2},
    {"order_by": "number", "after": (2, "b@2")},
    {"order_by": "number", "descending": True, "after": (3, "b@3")},
)


async def written(store: DocumentStore, chance: random.Random) -> None:
    """One write."""
    name, number = chance.choice(NAMES), chance.randint(1, 5)
    id_ = f"{name}@{number}"
    match chance.choice(["insert", "insert", "change", "delete"]):
        case "insert":
            uses = chance.sample("xyz", chance.randint(0, 2))
            document = {"id": id_, "name": name, "number": number, "uses": uses, "sealed": "…"}
            try:
                await store.insert(VERSIONS, document)
            except DuplicateKeyError:
                return
        case "change":
            where: dict[str, Condition] = {"id": id_, "number": chance.choice([number, number, 9])}
            changes = Changes(set={"uses": [chance.choice("xyz")]}, unset=("sealed",))
            await store.change(VERSIONS, where, changes)
        case "delete":
            await store.delete(VERSIONS, {"id": id_, "number": chance.choice([number, 9])})


async def everything(store: DocumentStore) -> list[Any]:
    found: list[Any] = [await store.find(VERSIONS, where, **page) for where in WHERES for page in PAGES]
    found += [await store.count_by(VERSIONS, where, "number") for where in WHERES]
    return found + [await store.get(VERSIONS, f"{name}@{number}") for name in NAMES for number in range(6)]


@pytest.mark.parametrize("seed", range(25))
async def test_what_is_tried_reads_as_if_it_were_written(tmp_path: Path, seed: int) -> None:
    real, other = [SqliteDocumentStore(tmp_path / name) for name in ("real.db", "other.db")]
    for store in (real, other):
        await store.open([VERSIONS])
        chance = random.Random(seed)
        for _ in range(10):
            await written(store, chance)
    before = await everything(real)
    trial = TrialStore.over(real)
    state = chance.getstate()
    for _ in range(12):
        await written(other, chance)
    chance.setstate(state)
    for _ in range(12):
        await written(trial, chance)
    assert await everything(trial) == await everything(other)
    assert await everything(real) == before
    await asyncio.gather(real.close(), other.close())
