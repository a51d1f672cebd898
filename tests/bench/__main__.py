"""``make bench``: measures a raw asyncssh loop and both forms of the product in one go, and prints a table."""

import asyncio
import os
import sys
from contextlib import closing

from rich.console import Console
from rich.table import Table

from tests.bench.product_load import Measured, measure
from tests.bench.raw import Raw, raw_loop
from tests.product import distributed, embedded
from tests.servers import sources
from tests.servers.mongo import shared_mongo
from tests.servers.presence import start_or_refuse
from tests.servers.rabbitmq import private_rabbitmq
from tests.servers.sshd import SshServer

RUNS = int(os.environ.get("BENCH_RUNS", "500"))


def main() -> None:
    """Measure, with the reference before, between and after, and print."""
    with closing(SshServer(max_sessions=100)) as sshd:
        raw = [_reference(sshd)]
        _say("embedded")
        forms = [measure(embedded(concurrency="50"), sshd, RUNS)]
        raw.append(_reference(sshd))
        with closing(start_or_refuse(shared_mongo)) as mongo, closing(start_or_refuse(private_rabbitmq)) as broker:
            _say("distributed")
            forms.append(measure(distributed(mongo.database_url(), broker.url), sshd, RUNS))
        raw.append(_reference(sshd))
    _print(raw, forms)


def _reference(sshd: SshServer) -> Raw:
    _say("raw asyncssh")
    return asyncio.run(raw_loop(sshd, RUNS))


def _say(what: str) -> None:
    print(f"measuring: {what} …", file=sys.stderr, flush=True)


def _print(raw: list[Raw], forms: list[Measured]) -> None:
    reference = Raw(sum(one.per_second for one in raw) / len(raw), sum(one.cpu_ms for one in raw) / len(raw))
    table = Table(title=f"{RUNS} runs of one step, `true`, on one provider")
    table.add_column("")
    for name in ("raw asyncssh", *(form.form for form in forms), "goal: embedded / distributed"):
        table.add_column(name, justify="right")

    def row(name: str, raw_value: str, values: list[str], goal: str) -> None:
        table.add_row(name, raw_value, *values, goal)

    row("runs/s", f"{reference.per_second:.0f}", [f"{form.per_second:.0f}" for form in forms], "")
    ratios = [f"{form.per_second / reference.per_second:.2f} R" for form in forms]
    row("… of raw (R)", "1.00 R", ratios, "0.45 / 0.30 R (must: 0.25 / 0.15)")
    starts = [f"{form.start_p50_ms:.0f} / {form.start_p99_ms:.0f} ms" for form in forms]
    row("trigger to command start, p50 / p99", "", starts, "5 / 12 ms (must: 15 / 60)")
    row("own CPU per run", f"{reference.cpu_ms:.2f} ms", [f"{form.cpu_ms:.2f} ms" for form in forms], "2 / 4 ms")
    costs = [f"{form.cpu_ms / reference.cpu_ms:.1f} x" for form in forms]
    row("… of raw", "1.0 x", costs, "")
    row("store writes per run", "", [f"{form.writes:.2f}" for form in forms], "6")
    row("store reads per run", "", [f"{form.reads:.2f}" for form in forms], "3")
    kinds = sorted({kind for form in forms for kind in form.messages})
    totals = [f"{sum(form.messages.values()):.2f}" for form in forms]
    row("messages per run", "", totals, "2 and batched progress")
    for kind in kinds:
        row(f"  {kind}", "", [f"{form.messages.get(kind, 0):.2f}" for form in forms], "")
    row(
        "idle memory (PSS)", "", [f"{form.idle_memory_mib:.0f} MiB" for form in forms], "90 / 200 MiB (must: 120 / 280)"
    )
    row("idle CPU", "", [f"{form.idle_cpu_percent:.1f} %" for form in forms], "1 % (must: 3 %)")
    row("start to ready", "", [f"{form.start_seconds:.2f} s" for form in forms], "1 / 1 s (must: 3 / 2)")
    Console(width=150).print(table)
    print(f"distributed ran on {sources.MONGO.report()}; {sources.RABBITMQ.report()}")


if __name__ == "__main__":
    main()
