"""How long retention holds a writer: old runs and their output are deleted from a full store beside somebody who
writes one small document after another, who has written alone before.
"""

import asyncio
import os
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from rich.table import Table as ShownTable

from scheduler.handlers.retention import Keep, Retention
from shared.collections import ALL, GONE_REQUESTS, OUTPUT, RETENTION, RUNS
from shared.contracts.retention import ages_of
from shared.store.port import DocumentStore
from shared.store.sqlite import SqliteDocumentStore
from shared.store.sqlite_table import Table

TURNS, ALONE = 4, 5.0
"""Turns of retention, and seconds that the writer writes alone."""
WITH_OUTPUT, PIECES, PIECE = 500, 3, 64 * 1024
"""So many of the oldest runs have so many pieces of output, of so many bytes."""
OLD_DAYS = 30
"""Days of runs that are old enough."""
NEVER_OLD = "9999-12-31T00:00:00.000Z"
EVERY = 0.005
"""Seconds between two writes."""
GOAL_MS = 50


@dataclass
class Held:
    """How many runs were deleted, and how long that and the writes beside it took, in milliseconds."""

    runs: int
    longest_bite: float
    alone: list[float]
    beside: list[float]


async def hold(path: Path, began: datetime) -> Held:
    """Delete from a store whose runs are as old as that, and write meanwhile."""
    store = SqliteDocumentStore(path)
    await store.open(ALL)
    oldest = [run["id"] for run in await store.find(RUNS, {}, limit=WITH_OUTPUT, fields=())]
    await store.close()
    _print_output(path, oldest)
    await store.open(ALL)
    alone = await _written_during(store, lambda: asyncio.sleep(ALONE))
    keep = Keep(ages_of("90d"), ages_of("90d"), alerts=None, deliveries=None, notifications=None)
    retention = Retention(store, lambda: began + timedelta(days=90 + OLD_DAYS), keep)
    longest: list[float] = []

    async def delete() -> None:
        for turn in range(TURNS):
            print(f"  deleting: turn {turn + 1} of {TURNS} …", file=sys.stderr, flush=True)
            await retention.turn()
            longest.append((await _shown(store))["longest_bite"] * 1_000)

    beside = await _written_during(store, delete)
    shown = await _shown(store)
    await store.close()
    return Held(shown["deleted_runs"], max(longest), alone, beside)


async def _shown(store: DocumentStore) -> dict[str, Any]:
    return dict(await store.get(RETENTION, "state") or {})


def _print_output(path: Path, runs: list[str]) -> None:
    """Give runs what a command printed, of random bytes, so that nothing makes it shorter."""
    table, connection = Table(OUTPUT), sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN")
    for run_id in runs:
        for number in range(PIECES):
            row = table.row({"id": f"{run_id}.000.0000.01.{number:08}", "data": os.urandom(PIECE)})
            connection.execute(table.insert, (row.id, row.summary, row.body, row.blob, *row.keys))
    connection.execute("COMMIT")
    connection.close()


async def _written_during(store: DocumentStore, something: Callable[[], Awaitable[None]]) -> list[float]:
    """How long each of the writes took that were made until something had ended."""
    done, taken = asyncio.ensure_future(something()), []
    while not done.done():
        note = {"id": f"bench-{os.urandom(8).hex()}", "run_id": "none", "deleted_at": NEVER_OLD}
        began = perf_counter()
        await store.insert(GONE_REQUESTS, note)
        taken.append((perf_counter() - began) * 1_000)
        await asyncio.sleep(EVERY)
    await done
    return sorted(taken)


def shown(held: Held) -> ShownTable:
    """A table for people."""
    table = ShownTable("", "alone", "beside retention", "must")
    table.title = f"A writer beside retention, which deleted {held.runs:,} runs"
    table.add_row("longest bite", "", f"{held.longest_bite:.1f} ms", f"{GOAL_MS} ms")
    for name, part in (("a write, p50", 0.5), ("a write, p99", 0.99), ("a write, longest", 1.0)):
        of = [times[min(int(len(times) * part), len(times) - 1)] for times in (held.alone, held.beside)]
        table.add_row(name, *(f"{one:.1f} ms" for one in of), "")
    return table
