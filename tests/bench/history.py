"""How fast a million runs are looked through: each filter's page and statistics, asked for often and at different
places; and how long a writer waits for the deletion of the oldest.

``BENCH_HISTORY_RUNS`` says how many runs there are.
"""

import asyncio
import os
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table as ShownTable
from ulid import ULID

from catalog.handlers.runs import RunFilter, list_runs
from catalog.handlers.statistics import MOST_DAYS, USUAL_DAYS
from catalog.handlers.statistics import statistics as statistics_of
from shared.collections import ALL, RUNS, STATISTICS
from shared.contracts.run import RunState
from shared.contracts.statistics import ALL_ACTIONS, RollUp, duration_step, roll_up_id
from shared.contracts.trigger import TriggerKind
from shared.contracts.words import wanted_words, words_of_run
from shared.runs.repository import document_of
from shared.store.sqlite import SqliteDocumentStore
from shared.store.sqlite_table import Table, quoted
from tests.bench import retention
from tests.builders import a_run, a_step, an_action

RUNS_MADE = int(os.environ.get("BENCH_HISTORY_RUNS", "1000000"))
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
BETWEEN = timedelta(seconds=30)
ACTIONS, PEOPLE, PROVIDERS = 200, 40, 2_000
STATES: tuple[RunState, ...] = ("succeeded", "failed", "cancelled", "skipped", "unknown")
TRIGGERS: tuple[TriggerKind, ...] = ("manual", "api", "alert", "schedule")
PAGE, ASKED, BATCH = 50, 200, 5_000
GOAL_MS = 20.0


def documents(count: int) -> Iterator[dict[str, Any]]:
    """Runs as the product stores them, one every 30 s, unevenly spread over everything that can be asked for."""
    chance = random.Random(1)
    model = document_of(a_run(an_action(a_step())))
    for number in range(count):
        at = BEGIN + number * BETWEEN
        run_id, text = str(ULID.from_datetime(at)), at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        action = f"action-{min(int(chance.expovariate(0.05)), ACTIONS - 1)}"
        state = chance.choices(STATES, (90, 6, 2, 1.9, 0.1))[0]
        kind = chance.choices(TRIGGERS, (10, 5, 25, 60))[0]
        by = f"person-{min(int(chance.expovariate(0.3)), PEOPLE - 1)}"
        note = f"{'nightly round' if chance.random() < 0.6 else 'by hand'} CHG{number // 20}"
        provider = f"web-{chance.randrange(PROVIDERS)}"
        parameters = {"host": provider, "service": chance.choice(("nginx", "postgres", "redis"))}
        trigger = {"kind": kind, "by": by, "principal_id": f"UID-{by}".upper(), "note": note}
        yield {
            **model,
            "id": run_id,
            "request_id": run_id,
            "state": state,
            "created_at": text,
            "counted": True,
            "started_at": text,
            "ended_at": text,
            "providers": [provider, "here"] if number % 2 else [provider],
            "parameters": parameters,
            "action": {**model["action"], "name": action, "title": f"Title of {action}"},
            "trigger": trigger,
            "words": words_of_run(action, f"Title of {action}", note, parameters),
        }


def fill(path: Path, count: int) -> None:
    """Put the runs into a store that is closed, the rows laid out as the store itself does, a batch at a time."""
    table, connection = Table(RUNS), sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    made = documents(count)
    while batch := [table.row(document, is_json=True) for document in islice(made, BATCH)]:
        connection.execute("BEGIN")
        connection.executemany(table.insert, [(row.id, row.summary, row.body, row.blob, *row.keys) for row in batch])
        for key, side in table.side_tables.items():
            entries = sorted((value, row.id) for row in batch for name, value in row.lists if name == key)
            connection.executemany(f"INSERT INTO {quoted(f'{RUNS.name} {key}')} VALUES (?, ?)", entries)  # noqa: S608
            assert side == quoted(f"{RUNS.name} {key}")
        connection.execute("COMMIT")
    connection.close()


def fill_statistics(path: Path, count: int) -> None:
    """Put in what the scheduler would have added up of so many runs: for each day that of all, and of each action."""
    table, connection, chance = Table(STATISTICS), sqlite3.connect(path, isolation_level=None), random.Random(3)
    connection.execute("BEGIN")
    for number in range((count * BETWEEN).days):
        day = (BEGIN + timedelta(days=number)).date()
        for action in (ALL_ACTIONS, *(f"action-{number}" for number in range(ACTIONS))):
            durations = {duration_step(chance.expovariate(0.1)): chance.randrange(1, 20) for _ in range(20)}
            roll_up = RollUp(
                id=roll_up_id(action, day),
                action=action,
                day=day,
                outcomes={state: chance.randrange(1, 50) for state in STATES},
                durations=durations,
            )
            row = table.row(roll_up.model_dump(mode="json"))
            connection.execute(table.insert, (row.id, row.summary, row.body, row.blob, *row.keys))
    connection.execute("COMMIT")
    connection.close()


Question = Callable[[SqliteDocumentStore, random.Random], Awaitable[object]]


def questions(count: int) -> dict[str, Question]:
    """What is asked, by what a table calls it."""

    def page(make: Callable[[random.Random], RunFilter]) -> Question:
        async def ask(store: SqliteDocumentStore, chance: random.Random) -> object:
            wanted, after = make(chance), None
            if wanted.since is None and chance.random() < 0.5:  # a page further down
                after = str(ULID.from_datetime(BEGIN + chance.random() * (count * BETWEEN)))
            return await list_runs(store, wanted, after, PAGE)

        return ask

    def numbers(days: int, *, of_an_action: bool) -> Question:
        async def ask(store: SqliteDocumentStore, chance: random.Random) -> object:
            until = (BEGIN + chance.random() * (count * BETWEEN)).date()
            action = f"action-{chance.randrange(ACTIONS)}" if of_an_action else None
            return await statistics_of(store, until - timedelta(days=days - 1), until, action=action, by_day=True)

        return ask

    return {
        **{f"runs: {name}": page(make) for name, make in filters(count).items()},
        f"statistics of {USUAL_DAYS} days": numbers(USUAL_DAYS, of_an_action=False),
        f"statistics of {MOST_DAYS} days, an action": numbers(MOST_DAYS, of_an_action=True),
    }


def filters(count: int) -> dict[str, Callable[[random.Random], RunFilter]]:
    """What is asked for, by what a table calls it."""

    def period(chance: random.Random, days: int = 7) -> dict[str, Any]:
        since = BEGIN + chance.random() * (count * BETWEEN)
        return {"since": since, "until": since + timedelta(days=days)}

    def words(text: str) -> dict[str, Any]:
        return {"words": tuple(wanted_words(text))}

    return {
        "all": lambda _: RunFilter(),
        "action": lambda chance: RunFilter(action=f"action-{chance.randrange(ACTIONS // 2)}"),
        "outcome, often": lambda _: RunFilter(states=("succeeded",)),
        "outcome, seldom": lambda _: RunFilter(states=("unknown", "cancelled")),
        "trigger": lambda chance: RunFilter(trigger=chance.choice(TRIGGERS)),
        "person": lambda chance: RunFilter(by=f"person-{chance.randrange(PEOPLE // 2)}"),
        "provider": lambda chance: RunFilter(provider=f"web-{chance.randrange(PROVIDERS)}"),
        "provider of every second run": lambda _: RunFilter(provider="here"),
        "period": lambda chance: RunFilter(**period(chance)),
        "text, one run in 20 000 words": lambda chance: RunFilter(**words(f"chg{chance.randrange(count // 20)}")),
        "text, often": lambda _: RunFilter(**words("nightly")),
        "text, two words": lambda chance: RunFilter(**words(f"nightly web-{chance.randrange(PROVIDERS)}")),
        "text, none": lambda _: RunFilter(**words("nowhere")),
        "action and outcome": lambda chance: RunFilter(action=f"action-{chance.randrange(50)}", states=("failed",)),
        "person and text": lambda chance: RunFilter(by=f"person-{chance.randrange(5)}", **words("nginx")),
        "trigger and period": lambda chance: RunFilter(trigger="manual", **period(chance)),
        "action, outcome, period": lambda chance: RunFilter(
            action=f"action-{chance.randrange(20)}", states=("failed",), **period(chance, 30)
        ),
    }


async def ask(path: Path, count: int) -> list[tuple[str, float, float, float, float]]:
    """For each question, in milliseconds, CPU in the mean; the median, the 95th percentile and the longest of all."""
    store, chance = SqliteDocumentStore(path), random.Random(2)
    await store.open(ALL)
    found: list[tuple[str, float, float, float, float]] = []
    for name, put in questions(count).items():
        taken: list[float] = []
        cpu = time.process_time()
        for _ in range(ASKED):
            began = time.perf_counter()
            await put(store, chance)
            taken.append((time.perf_counter() - began) * 1_000)
        cpu = (time.process_time() - cpu) * 1_000 / ASKED
        taken.sort()
        found.append((name, cpu, statistics.median(taken), taken[int(ASKED * 0.95)], taken[-1]))
        print(f"  {name}: {found[-1][3]:.1f} ms, {found[-1][1]:.1f} ms of CPU", file=sys.stderr, flush=True)
    await store.close()
    return found


def main() -> None:
    """Make the runs, ask, and print."""
    with tempfile.TemporaryDirectory(prefix="opsimate-history-") as directory:
        path = Path(directory) / "opsimate.db"
        asyncio.run(_make_empty(path))
        print(f"making: {RUNS_MADE} runs …", file=sys.stderr, flush=True)
        began = time.perf_counter()
        fill(path, RUNS_MADE)
        fill_statistics(path, RUNS_MADE)
        print(f"made in {time.perf_counter() - began:.0f} s; measuring …", file=sys.stderr, flush=True)
        found = asyncio.run(ask(path, RUNS_MADE))
        size = path.stat().st_size / 2**20
        held = asyncio.run(retention.hold(path, BEGIN))
    table = ShownTable("", "CPU, mean", "p50", "p95", "longest", "goal (p95)")
    table.title = f"{RUNS_MADE:,} runs in the embedded store ({size:,.0f} MiB), pages of {PAGE}, {ASKED} times each"
    for name, cpu, median, high, longest in found:
        table.add_row(
            name, f"{cpu:.1f} ms", f"{median:.1f} ms", f"{high:.1f} ms", f"{longest:.1f} ms", f"{GOAL_MS:.0f} ms"
        )
    console = Console(width=120)
    console.print(table)
    console.print(retention.shown(held))


async def _make_empty(path: Path) -> None:
    store = SqliteDocumentStore(path)
    await store.open(ALL)
    await store.close()
