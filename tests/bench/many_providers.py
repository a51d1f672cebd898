"""Steps on many providers, measured: ``make bench ARGS=many-providers`` measures them alone.

A thousand names of one sshd, a connection each, beside a raw asyncssh fan-out, and beside pdsh and Ansible, which are
installed for it; and what the scheduler spends on an invocation, with a hundred in a step and with ten thousand.
"""

import asyncio
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncssh
from rich.console import Console
from rich.table import Table

from tests.bench.answered import run_answered
from tests.bench.raw import Login, login_of
from tests.bench.rivals import IN_FLIGHT, NAMES, measure_rivals, prepare_rivals
from tests.product import Product, distributed, embedded
from tests.servers.mongo import shared_mongo
from tests.servers.presence import start_or_refuse
from tests.servers.rabbitmq import private_rabbitmq
from tests.servers.sshd import SshServer
from tests.stage import set_stage

WIDTH = int(os.environ.get("BENCH_PROVIDERS", "1000"))
WIDEST = int(os.environ.get("BENCH_WIDEST", "10000"))
NARROW = 100
WARM_RUNS = 3
PAGES = 40
LONGEST = 900.0
"""Seconds for one run."""


@dataclass(frozen=True)
class FanOut:
    """How long ``true`` on every provider took, in seconds: without a connection, and over those that were there."""

    cold: float
    warm: float


@dataclass(frozen=True)
class RawFanOut(FanOut):
    """The same without the product."""

    answered: float
    """Warm, where each shell answers before it is told what to run, as the product has it."""


@dataclass(frozen=True)
class Wide:
    """The product on a thousand providers."""

    fan_out: FanOut
    memory_mib: float
    """More than it had when it was idle, at the most that was seen."""
    page_ms: float
    """To show the run, the 95th percentile."""
    invocations_ms: float
    """To show fifty of its invocations, likewise."""


@dataclass(frozen=True)
class SchedulerCost:
    """What the scheduler's process spends on an invocation, in milliseconds of CPU."""

    narrow: float
    widest: float
    widest_seconds: float
    """From the request to the end of the run on the most providers."""


def main() -> None:
    """Measure, with the reference before and after, and print."""
    prepare_rivals()
    with closing(SshServer(max_sessions=100, max_startups=1_000)) as sshd:
        login = login_of(sshd)
        raws = [_raw(login)]
        _say(f"embedded, {WIDTH} providers")
        wide = _wide(sshd)
        raws.append(_raw(login))
        rivals = measure_rivals(sshd, WIDTH)
    with closing(start_or_refuse(shared_mongo)) as mongo, closing(start_or_refuse(private_rabbitmq)) as broker:
        _say(f"distributed, {WIDEST} providers")
        cost = _scheduler_cost(distributed(mongo.database_url(), broker.url))
    _print(raws, wide, rivals, cost)


def _say(what: str) -> None:
    print(f"measuring: {what} …", file=sys.stderr, flush=True)


def _raw(login: Login) -> RawFanOut:
    _say("raw asyncssh fan-out")
    return asyncio.run(_fan_out(login))


async def _fan_out(login: Login) -> RawFanOut:
    key = asyncssh.read_private_key(str(login.key))
    places = asyncio.Semaphore(IN_FLIGHT)
    connections: list[asyncssh.SSHClientConnection] = []

    async def connect_and_run() -> None:
        async with places:
            connection = await asyncssh.connect(
                login.host, login.port, username=login.user, client_keys=[key], known_hosts=None, config=None
            )
            connections.append(connection)
            await connection.run("true", check=True)

    async def run(connection: asyncssh.SSHClientConnection) -> None:
        async with places:
            await connection.run("true", check=True)

    async def run_in_our_way(connection: asyncssh.SSHClientConnection) -> None:
        async with places:
            await run_answered(connection, "true")

    async def warm(run_on: Callable[[asyncssh.SSHClientConnection], Awaitable[None]]) -> float:
        took = []
        for _ in range(WARM_RUNS):
            began = time.perf_counter()
            await asyncio.gather(*(run_on(connection) for connection in connections))
            took.append(time.perf_counter() - began)
        return statistics.median(took)

    began = time.perf_counter()
    await asyncio.gather(*(connect_and_run() for _ in range(WIDTH)))
    cold = time.perf_counter() - began
    fan_out = RawFanOut(cold, await warm(run), await warm(run_in_our_way))
    for connection in connections:
        connection.abort()
    return fan_out


def _wide(sshd: SshServer) -> Wide:
    product = embedded()
    try:
        set_stage(product.start(), sshd)
        ssh = {"host": sshd.host, "port": sshd.port, "user": sshd.user, "private_key": {"secret": "web-1-key"}}
        _define(product, {"ssh": ssh}, WIDTH)
        product.result("narrow" if WIDTH > NARROW else "wide", within=LONGEST)  # what is loaded once is loaded now
        product.part("opsimate").stop()
        product.start()
        idle = _memory(product)
        cold, _, most = _timed(product, "wide")
        warm = []
        for _ in range(WARM_RUNS):
            took, run_id, memory = _timed(product, "wide")
            warm.append(took)
            most = max(most, memory)
        return Wide(FanOut(cold, statistics.median(warm)), most - idle, *_pages_ms(product, run_id))
    finally:
        product.discard()


def _define(product: Product, connection: dict[str, Any], width: int) -> None:
    """So many providers with one connection each, and two actions that run ``true`` on all and on a hundred of them."""

    def define(number: int) -> None:
        labels = {"many": "yes", **({"few": "yes"} if number < NARROW else {})}
        product.put("providers", {"name": f"n-{number:05d}", "connection": connection, "labels": labels})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(define, range(width)))
    for name, label in (("wide", "many"), ("narrow", "few")):
        step = {"name": "all", "providers": {"labels": {label: "yes"}}, "command": "true"}
        product.put("actions", {"name": name, "steps": [step]})


def _memory(product: Product) -> float:
    """Of all processes, in MiB."""
    return sum(float(part.usage.memory_full_info().pss) for part in product.parts) / 2**20


def _timed(product: Product, action: str) -> tuple[float, str, float]:
    """A run of the action: the seconds from its request to its end, its id, and the most memory that was seen."""
    run_id, most = product.run(action)["id"], 0.0
    give_up_at = time.monotonic() + LONGEST
    while True:
        most = max(most, _memory(product))
        run = product.show(run_id)
        if run["ended_at"]:
            break
        assert time.monotonic() < give_up_at, f"not within {LONGEST:g} s: {run['steps'][0]['invocations']}"
        time.sleep(0.3)  # to look costs the product CPU
    assert run["state"] == "succeeded", run["reason_text"]
    asked, ended = (datetime.fromisoformat(run[field]) for field in ("created_at", "ended_at"))
    return (ended - asked).total_seconds(), run_id, most


def _pages_ms(product: Product, run_id: str) -> tuple[float, float]:
    path = f"/api/v1/runs/{run_id}"
    return _p95_ms(product, path), _p95_ms(product, f"{path}/steps/all/invocations?limit=50")


def _p95_ms(product: Product, path: str) -> float:
    took = []
    for _ in range(PAGES):
        began = time.perf_counter()
        assert product.http.get(path).is_success
        took.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(took, n=20)[18]


def _scheduler_cost(product: Product) -> SchedulerCost:
    try:
        set_stage_of_local(product.start())
        product.result("narrow", within=LONGEST)
        narrow, runs = 0.0, 5
        for _ in range(runs):
            narrow += _scheduler_cpu(product, "narrow")[0]
        widest, seconds = _scheduler_cpu(product, "wide")
        return SchedulerCost(narrow / runs / NARROW * 1000, widest / WIDEST * 1000, seconds)
    finally:
        product.discard()


def set_stage_of_local(product: Product) -> None:
    """Ten thousand names of the executor's own machine: what is measured is the scheduler."""
    _define(product, {"local": {}}, WIDEST)


def _scheduler_cpu(product: Product, action: str) -> tuple[float, float]:
    """The seconds of CPU of the scheduler, and of the clock, for a run."""
    usage = product.part("scheduler").usage
    before = usage.cpu_times()
    seconds, _, _ = _timed(product, action)
    after = usage.cpu_times()
    return after.user + after.system - before.user - before.system, seconds


def _print(raws: list[RawFanOut], wide: Wide, rivals: dict[str, float], cost: SchedulerCost) -> None:
    figures = zip(*((raw.cold, raw.warm, raw.answered) for raw in raws), strict=True)
    cold, warm, answered = (statistics.mean(values) for values in figures)
    table = Table(title=f"`true` on {WIDTH:,} providers of one step, one sshd")
    for name in ("", "raw asyncssh (F)", "embedded", "must"):
        table.add_column(name, justify="right" if name else "left")
    table.add_row("cold", f"{cold:.2f} s", f"{wide.fan_out.cold:.2f} s")
    table.add_row("… of raw", "1.00 F", f"{wide.fan_out.cold / cold:.2f} F", "1.2 F")
    table.add_row("warm", f"{warm:.2f} s", f"{wide.fan_out.warm:.2f} s", f"{max(2.2, 1.6 * warm):.2f} s")
    table.add_row("… of raw", "1.00", f"{wide.fan_out.warm / warm:.2f}", "1.6 or 2.2 s")
    table.add_row("… of raw with shells that answer first", f"{answered:.2f} s", f"{wide.fan_out.warm / answered:.2f}")
    for name in NAMES:
        took = rivals.get(name)
        own = "" if took is None else f"{wide.fan_out.cold / took:.2f} of it"
        table.add_row(
            f"cold, {name}", "not installed" if took is None else f"{took:.2f} s = {took / cold:.2f} F", own, "below 1"
        )
    table.add_row("own memory above idle", "", f"{wide.memory_mib:.0f} MiB", "120 MiB")
    table.add_row("the page of the run, p95", "", f"{wide.page_ms:.0f} ms", "50 ms")
    table.add_row("fifty of its invocations, p95", "", f"{wide.invocations_ms:.0f} ms", "50 ms")
    table.add_row(f"scheduler's CPU an invocation, {NARROW} in a step", "", f"{cost.narrow:.2f} ms")
    table.add_row(f"… {WIDEST:,} in a step ({cost.widest_seconds:.0f} s)", "", f"{cost.widest:.2f} ms")
    table.add_row("… of the former", "", f"{cost.widest / cost.narrow:.2f} x", "2 x")
    Console(width=110).print(table)
