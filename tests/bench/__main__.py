"""``make bench``: measures a raw asyncssh loop and both forms of the product in one go, a table for each part.

``python -m tests.bench PART`` measures one part alone.
"""

import asyncio
import os
import statistics
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from tests.bench import console, history, many_providers
from tests.bench.floor import bare_loop, bare_steps
from tests.bench.output_load import Output, raw_output
from tests.bench.product_load import Measured, measure
from tests.bench.raw import STEPS, Raw, login_of, raw_loop, raw_steps
from tests.product import distributed, embedded
from tests.servers import sources
from tests.servers.mongo import shared_mongo
from tests.servers.presence import start_or_refuse
from tests.servers.rabbitmq import private_rabbitmq
from tests.servers.sshd import SshServer

RUNS = int(os.environ.get("BENCH_RUNS", "2000"))
"""Of the raw loop and of each form: enough that neither its beginning nor its end is much of it."""


@dataclass(frozen=True)
class Reference:
    """What asyncssh does by itself, at one moment of the measurement."""

    loop: Raw
    steps_seconds: float
    output: Output


@dataclass(frozen=True)
class Bare:
    """What the same messages, writes and commands take with the bare drivers, one run or step after the other."""

    loop: Raw
    steps_seconds: float


def measure_runs() -> None:
    """Measure runs of one step, with the reference before, between and after, and print."""
    with closing(SshServer(max_sessions=100)) as sshd:
        references = [_reference(sshd)]
        _say("embedded")
        forms = [measure(embedded(concurrency="50"), sshd, RUNS)]
        references.append(_reference(sshd))
        with closing(start_or_refuse(shared_mongo)) as mongo, closing(start_or_refuse(private_rabbitmq)) as broker:
            _say("distributed")
            forms.append(measure(distributed(mongo.database_url(), broker.url), sshd, RUNS))
            bare = _bare(sshd, mongo.database_url(), broker.url)
        references.append(_reference(sshd))
    _print(references, forms, bare)


def _reference(sshd: SshServer) -> Reference:
    _say("raw asyncssh")
    login = login_of(sshd)
    return Reference(asyncio.run(raw_loop(login, RUNS)), asyncio.run(raw_steps(login)), asyncio.run(raw_output(login)))


def _bare(sshd: SshServer, store_url: str, bus_url: str) -> Bare:
    _say("bare drivers")
    where = login_of(sshd), store_url, bus_url
    return Bare(asyncio.run(bare_loop(*where, RUNS)), asyncio.run(bare_steps(*where)))


def _say(what: str) -> None:
    print(f"measuring: {what} …", file=sys.stderr, flush=True)


def _mean(references: list[Reference], of: Callable[[Reference], float]) -> float:
    return statistics.mean(of(one) for one in references)


def _print(references: list[Reference], forms: list[Measured], bare: Bare) -> None:
    rate, cpu_ms = _mean(references, lambda one: one.loop.per_second), _mean(references, lambda one: one.loop.cpu_ms)
    table = Table(title=f"{RUNS} runs of one step, `true`, on one provider")
    table.add_column("")
    for name in ("raw asyncssh", *(form.form for form in forms), "bare drivers", "must: embedded / distributed"):
        table.add_column(name, justify="right")

    def row(name: str, raw_value: str, value: Callable[[Measured], str], goal: str = "", floor: str = "") -> None:
        """``floor`` is what the bare drivers of the distributed form take for the same."""
        table.add_row(name, raw_value, *(value(form) for form in forms), floor, goal)

    row("runs/s", f"{rate:.0f}", lambda form: f"{form.per_second:.0f}", floor=f"{bare.loop.per_second:.0f}")
    of_raw = f"{bare.loop.per_second / rate:.2f} R"
    row("… of raw (R)", "1.00 R", lambda form: f"{form.per_second / rate:.2f} R", "0.42 / 0.24 R", of_raw)
    row(
        "trigger to command start, p50 / p99",
        "",
        lambda form: f"{form.start_p50_ms:.0f} / {form.start_p99_ms:.0f} ms",
        "5, 12 / 12, 21 ms",
    )
    own = f"{bare.loop.cpu_ms:.2f} ms"
    row("own CPU per run", f"{cpu_ms:.2f} ms", lambda form: f"{form.cpu_ms:.2f} ms", floor=own)
    of_raw = f"{bare.loop.cpu_ms / cpu_ms:.1f} x"
    row("… of raw", "1.0 x", lambda form: f"{form.cpu_ms / cpu_ms:.1f} x", "3.2 / 7.5 x", of_raw)
    steps = _mean(references, lambda one: one.steps_seconds)
    took = f"{bare.steps_seconds:.2f} s"
    row(f"{STEPS} steps, one after the other", f"{steps:.2f} s", lambda form: f"{form.steps_seconds:.2f} s", floor=took)
    of_raw = f"{bare.steps_seconds / steps:.1f} x"
    row("… of raw", "1.0 x", lambda form: f"{form.steps_seconds / steps:.1f} x", "2.5 x", of_raw)
    row("store writes per run", "", lambda form: f"{form.writes:.2f}", "6")
    row("store reads per run", "", lambda form: f"{form.reads:.2f}", "4.1")
    row("messages per run", "", lambda form: f"{sum(form.messages.values()):.2f}", "3.4")
    for kind in sorted({kind for form in forms for kind in form.messages}):
        row(f"  {kind}", "", lambda form, kind=kind: f"{form.messages.get(kind, 0):.2f}")  # type: ignore[misc]
    _add_output(row, references)
    row("alerts accepted/s, one a request", "", lambda form: f"{form.alerts_per_second:.0f}")
    row("… of raw commands/s", "1.00 R", lambda form: f"{form.alerts_per_second / rate:.2f} R")
    row("idle memory (PSS)", "", lambda form: f"{form.idle_memory_mib:.0f} MiB", "70 / 215 MiB")
    row("idle CPU", "", lambda form: f"{form.idle_cpu_percent:.1f} %", "2 %")
    row("start to ready", "", lambda form: f"{form.start_seconds:.2f} s", "0.8 / 1.5 s")
    Console(width=165).print(table)
    print(f"distributed ran on {sources.MONGO.report()}; {sources.RABBITMQ.report()}")


def _add_output(row: Callable[..., None], references: list[Reference]) -> None:
    lines = _mean(references, lambda one: one.output.lines_per_second)
    latencies = [
        _mean(references, of) for of in (lambda one: one.output.latency_p50_ms, lambda one: one.output.latency_p99_ms)
    ]
    row(
        "output lines/s, stored, masked, one viewer",
        f"{lines / 1000:.0f}k",
        lambda form: f"{form.output.lines_per_second / 1000:.0f}k",
        "200k",
    )
    row("… of raw", "1.00", lambda form: f"{form.output.lines_per_second / lines:.2f}")
    row(
        "output line latency, p50 / p99",
        f"{latencies[0]:.1f} / {latencies[1]:.1f} ms",
        lambda form: f"{form.output.latency_p50_ms:.1f} / {form.output.latency_p99_ms:.1f} ms",
        "20 / 60 ms",
    )
    row(
        "fifty viewers: the last sees the end after",
        f"{_mean(references, lambda one: one.output.last_viewer_ms):.0f} ms",
        lambda form: f"{form.output.last_viewer_ms:.0f} ms",
        "300 ms",
    )


PARTS: dict[str, Callable[[], None]] = {
    "runs": measure_runs,
    "many-providers": many_providers.main,
    "console": console.main,
    "history": history.main,
}

if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()
