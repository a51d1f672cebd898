"""What the product says it did, and what it used, between two moments."""

import re
from collections import Counter
from dataclasses import dataclass

from tests.product import PROBE, Product

WRITES = {"insert", "replace", "change", "change_all", "claim", "delete"}
READS = {"get", "find", "count"}
_SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? ([0-9.e+-]+)$")
_LABEL = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True)
class Reading:
    """Counters of all processes, added up."""

    cpu_seconds: float
    memory_mib: float
    operations: Counter[str]
    """Of the store, by verb."""
    messages: Counter[str]
    """Published, by kind."""
    runs_ended: float


def read(product: Product) -> Reading:
    """The counters now."""
    operations: Counter[str] = Counter()
    messages: Counter[str] = Counter()
    ended = cpu = memory = 0.0
    for part in product.parts:
        usage = part.usage
        times = usage.cpu_times()
        cpu += times.user + times.system
        memory += usage.memory_full_info().pss / 2**20
        for name, labels, value in _samples(part.port, product.token):
            if name == "opsimate_store_operations_total":
                operations[labels["verb"]] += value  # type: ignore[assignment]
            elif name == "opsimate_bus_messages_total":
                messages[labels["kind"]] += value  # type: ignore[assignment]
            elif name == "opsimate_runs_ended_total":
                ended += value
    return Reading(cpu, memory, operations, messages, ended)


def runs_ended(product: Product) -> float:
    """How many runs have ended since the start."""
    samples = _samples(product.part("scheduler").port, product.token)
    return sum(value for name, _, value in samples if name == "opsimate_runs_ended_total")


def _samples(port: int, token: str) -> list[tuple[str, dict[str, str], float]]:
    headers = {"Authorization": f"Bearer {token}"}
    text = PROBE.get(f"http://127.0.0.1:{port}/metrics", headers=headers).raise_for_status().text
    found = (_SAMPLE.match(line) for line in text.splitlines() if not line.startswith("#"))
    return [(m[1], dict(_LABEL.findall(m[2] or "")), float(m[3])) for m in found if m]
