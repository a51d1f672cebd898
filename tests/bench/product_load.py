"""The product under load: how many runs, how soon, and at what cost."""

import asyncio
import json
import statistics
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.bench.http import Connection
from tests.bench.meter import READS, WRITES, Reading, read, runs_ended
from tests.bench.output_load import Output, measure_output
from tests.bench.raw import STEPS
from tests.product import Product
from tests.servers.sshd import SshServer
from tests.stage import action, set_stage

CONNECTIONS = 10
LATENCY_RUNS = 100
ALERTS = 300
IDLE_SECONDS = 5.0
BODY = b'{"parameters": {}}'


@dataclass(frozen=True)
class Measured:
    """One form of the product, measured."""

    form: str
    start_seconds: float
    idle_memory_mib: float
    idle_cpu_percent: float
    per_second: float
    cpu_ms: float
    """Of all our processes, for one run."""
    writes: float
    reads: float
    """Store operations for one run, without what the clock alone causes."""
    messages: dict[str, float]
    """Messages published for one run, by kind."""
    start_p50_ms: float
    start_p99_ms: float
    """From sending the request to asking the provider to run the command, one run at a time."""
    steps_seconds: float
    """A run of forty steps on one host, from its request to its end."""
    alerts_per_second: float
    """Stored and answered, one a request; no rule matches."""
    output: Output


def measure(product: Product, sshd: SshServer, runs: int) -> Measured:
    """Start the product, measure it and stop it."""
    began = time.perf_counter()
    product.start()
    start_seconds = time.perf_counter() - began
    try:
        set_stage(product, sshd)
        path = f"/api/v1/actions/{action(product, 'bench', 'true')}/runs"
        for _ in range(20):
            product.ended(product.http.post(path, json={}).json()["id"])
        before = read(product)
        time.sleep(IDLE_SECONDS)
        idle = read(product)
        latencies = asyncio.run(_latencies(product, path))
        loaded = read(product)
        began_at = asyncio.run(_load(product, path, runs))
        after = read(product)
        took = (_last_end(product, runs) - began_at).total_seconds()
        under_load = _summary((before, idle, loaded, after), took, runs)
        return Measured(
            form=product.form,
            start_seconds=start_seconds,
            start_p50_ms=statistics.median(latencies),
            start_p99_ms=statistics.quantiles(latencies, n=100)[98],
            steps_seconds=_steps_seconds(product),
            alerts_per_second=asyncio.run(_alerts_per_second(product)),
            output=asyncio.run(measure_output(product)),
            **under_load,
        )
    finally:
        product.discard()


def _summary(readings: tuple[Reading, Reading, Reading, Reading], took: float, runs: int) -> dict[str, Any]:
    before, idle, loaded, after = readings
    by_the_clock = took / IDLE_SECONDS

    def for_a_run(verbs: set[str]) -> float:
        done = sum(after.operations[verb] - loaded.operations[verb] for verb in verbs)
        return (done - by_the_clock * sum(idle.operations[verb] - before.operations[verb] for verb in verbs)) / runs

    sent = after.messages - loaded.messages
    return {
        "idle_memory_mib": before.memory_mib,
        "idle_cpu_percent": (idle.cpu_seconds - before.cpu_seconds) / IDLE_SECONDS * 100,
        "per_second": runs / took,
        "cpu_ms": (after.cpu_seconds - loaded.cpu_seconds) / runs * 1000,
        "writes": for_a_run(WRITES),
        "reads": for_a_run(READS),
        "messages": {kind: count / runs for kind, count in sent.items()},
    }


async def _load(product: Product, path: str, runs: int) -> datetime:
    """Ask for so many runs as fast as they are taken, and wait until all have ended; when that began."""
    connections = [Connection(product.catalog.port, product.token) for _ in range(CONNECTIONS)]
    waiting = iter(range(runs))
    ended_before = runs_ended(product)

    async def ask(connection: Connection) -> None:
        for _ in waiting:
            await connection.post(path, BODY)

    began, began_at = time.perf_counter(), datetime.now(UTC)
    await asyncio.gather(*(ask(connection) for connection in connections))
    for connection in connections:
        connection.close()
    while (ended := await asyncio.to_thread(runs_ended, product) - ended_before) < runs:
        took = time.perf_counter() - began
        if took > 300:
            raise RuntimeError(f"{runs - ended:g} of {runs} runs have not ended within 300 s")
        # To ask costs as much CPU as some runs do: so only when all should have ended, as fast as they did so far.
        await asyncio.sleep(min(max((runs - ended) / (ended + 1) * took, 0.1), 10.0))
    return began_at


def _last_end(product: Product, runs: int) -> datetime:
    """When the last of the newest so many runs ended, as the product itself says: to look again and again for it would
    tell it less exactly, and take CPU from what is measured."""
    ends: list[datetime] = []
    page: dict[str, Any] = {"next": ""}
    while len(ends) < runs:
        query = {"limit": "100", **({"cursor": page["next"]} if page["next"] else {})}
        page = product.http.get("/api/v1/runs", params=query).raise_for_status().json()
        ends += [datetime.fromisoformat(run["ended_at"]) for run in page["items"]]
    return max(ends[:runs])


async def _latencies(product: Product, path: str) -> list[float]:
    connection, found = Connection(product.catalog.port, product.token), []
    for _ in range(LATENCY_RUNS):
        asked = time.time()
        run_id = (await connection.post(path, BODY))["id"]
        run = await asyncio.to_thread(product.ended, run_id)
        started = datetime.fromisoformat(run["steps"][0]["attempts"][0]["command_started_at"])
        found.append((started.timestamp() - asked) * 1000)
    connection.close()
    return found


def _steps_seconds(product: Product) -> float:
    name = action(product, "bench-steps", *["true"] * STEPS)
    took = []
    for _ in range(3):
        run = product.result(name)
        asked, ended = (datetime.fromisoformat(run[field]) for field in ("created_at", "ended_at"))
        took.append((ended - asked).total_seconds())
    return statistics.median(took)


async def _alerts_per_second(product: Product) -> float:
    connections = [Connection(product.alerts.port, product.token) for _ in range(CONNECTIONS)]
    waiting = iter(range(ALERTS))

    async def post(connection: Connection) -> None:
        for number in waiting:
            labels = {"alertname": "Bench", "instance": f"web-{number}"}
            alert = {"status": "firing", "labels": labels, "annotations": {}, "startsAt": "2026-01-31T11:58:00Z"}
            body = {"version": "4", "status": "firing", "receiver": "bench", "alerts": [alert]}
            await connection.post("/webhooks/alertmanager", json.dumps(body).encode())

    await connections[0].post("/webhooks/alertmanager", b'{"version": "4", "status": "firing", "alerts": []}')
    began = time.perf_counter()
    await asyncio.gather(*(post(connection) for connection in connections))
    took = time.perf_counter() - began
    for connection in connections:
        connection.close()
    return ALERTS / took
