"""Requests that real senders made, put through the alert-bridge over HTTP as they were recorded.

What may never happen: that something recovered, was acknowledged or was only tested, and a run is started for it.
"""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
import structlog
from prometheus_client import REGISTRY

from shared.collections import ALERT_DELIVERIES, ALL
from shared.store import DocumentStore
from shared.store.sqlite import SqliteDocumentStore
from tests.builders_alerts import (
    TOKEN,
    Hands,
    a_bridge,
    all_alerts,
    all_runs,
    save_all_for_every_alert,
)
from tests.integration.test_alertmanager import served

SAMPLES = Path(__file__).parents[1] / "samples" / "senders"
RECORDED = datetime(2026, 11, 28, 15, 20, tzinfo=UTC)
WHEN = {
    "prometheus-2.42.0-fire": "15:06:31",
    "prometheus-2.42.0-resolve": "15:17:45",
    "prometheus-3.16.0-fire": "15:13:21",
    "prometheus-3.16.0-resolve": "15:17:47",
    "vmalert-1.148.9-fire": "15:06:28",
    "vmalert-1.148.9-resolve": "15:06:35",
}
"""When those came whose alerts have no status, but an end: it lies ahead while they fire."""
OF_THE_CONNECTION = {"host", "content-length", "connection", "transfer-encoding", "accept-encoding", "authorization"}

NO_REASON_TO_RUN = re.compile("resolve|ack|test|truncated-resolve|-ok")
"""In the name of a request: that it tells of the end of an alert, of somebody who saw it, or of nothing at all."""


class Sample(NamedTuple):
    """A recorded request, and what becomes of it."""

    name: str
    source: str
    status: int
    alerts: list[str]
    runs: int
    reason: str


def samples() -> list[Sample]:
    found = []
    for line in (SAMPLES.parent / "senders.table").read_text().splitlines():
        if line.startswith("#"):
            continue
        request, _, reason = line.partition("|")
        name, source, status, alerts, runs = request.split()
        found.append(Sample(name, source, int(status), [] if alerts == "-" else alerts.split(","), int(runs), reason))
    return found


def sender_of(sample: Sample) -> str:
    """The sender and its version."""
    found = re.match(r"[a-z-]+-[0-9.]+", sample.name)
    assert found is not None
    return found[0]


SENDERS = {sender: list(those) for sender, those in groupby(samples(), key=sender_of)}


def recorded(sample: Sample) -> httpx.Request:
    """The request as its sender made it, to our path and with our token."""
    first, *lines = (SAMPLES / f"{sample.name}.headers").read_text().splitlines()
    method, _, address = first.partition(" ")
    if method.startswith("("):  # no request, but what its notification command can put into one
        method, address, lines = "POST", "", []
    (body,) = [file.read_bytes() for file in SAMPLES.glob(f"{sample.name}.*") if file.suffix != ".headers"]
    pairs = [(name, value.strip()) for name, colon, value in (line.partition(":") for line in lines) if colon]
    kept = [(name.encode(), value.encode()) for name, value in pairs if name.lower() not in OF_THE_CONNECTION]
    query = address.partition("?")[2] if method == "GET" else ""
    return httpx.Request(
        method,
        httpx.URL(f"http://bridge/webhooks/{sample.source}", query=query.encode()),
        headers=[*kept, (b"Authorization", f"Bearer {TOKEN}".encode())],
        content=in_chunks(body) if ("Transfer-Encoding", "chunked") in pairs else body,
    )


async def in_chunks(body: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(body), 100):
        yield body[at : at + 100]


def counted(sample: Sample, outcome: str) -> float:
    labels = {"source": sample.source, "outcome": outcome}
    return REGISTRY.get_sample_value("opsimate_alert_deliveries_total", labels) or 0.0


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[DocumentStore]:
    """A store with a rule that runs something for every alert there is."""
    opened = SqliteDocumentStore(tmp_path / "opsimate.db")
    await opened.open(ALL)
    await save_all_for_every_alert(opened)
    yield opened
    await opened.close()


def test_every_recorded_request_stands_in_the_table() -> None:
    assert {sample.name for sample in samples()} == {
        file.name.removesuffix(".headers") for file in SAMPLES.glob("*.headers")
    }


@pytest.mark.parametrize("sender", SENDERS)
async def test_no_end_acknowledgement_or_test_of_a_sender_starts_a_run_and_what_is_not_taken_is_told(
    store: DocumentStore, sender: str
) -> None:
    """Case P-9, and the kinds of B01, B02 and B13."""
    clock = Hands()
    async with (
        a_bridge(store, clock=clock) as bridge,
        served(bridge.app) as address,
        httpx.AsyncClient(base_url=address) as client,
    ):
        for number, sample in enumerate(SENDERS[sender]):
            clock.now = RECORDED + timedelta(seconds=10 * number)
            if sample.name in WHEN:
                clock.now = datetime.fromisoformat(f"2026-11-28T{WHEN[sample.name]}Z")
            await _takes_as_it_should(store, client, sample)


async def _takes_as_it_should(store: DocumentStore, client: httpx.AsyncClient, sample: Sample) -> None:
    outcome = "refused" if sample.status >= 400 else "unreadable" if sample.reason else "accepted"
    runs, count = await all_runs(store), counted(sample, outcome)
    request = recorded(sample)
    request.url = client.base_url.copy_with(raw_path=request.url.raw_path)
    with structlog.testing.capture_logs() as logged:
        answer = await client.send(request)
        await answer.aread()
    assert answer.status_code == sample.status, (sample.name, answer.text)

    by_id = {stored.id: stored.alert for stored in await all_alerts(store)}
    told = answer.json()
    assert [by_id[one].status for one in told.get("alerts", [])] == sample.alerts, sample.name
    started = len(await all_runs(store)) - len(runs)
    assert started == sample.runs, sample.name
    assert not (started and NO_REASON_TO_RUN.search(sample.name))

    assert counted(sample, outcome) == count + 1, sample.name
    warned = [line for line in logged if line["log_level"] == "warning"]
    if outcome == "accepted":
        assert warned == [], sample.name
        return
    assert sample.reason.strip() in str(told.get("detail") or told["warnings"]), sample.name
    (line,) = warned
    assert (line["event"], line["source"], line["address"]) == (f"alerts.{outcome}", sample.source, "127.0.0.1")
    assert sample.reason.strip() in line["reason"]
    (kept,) = await store.find(ALERT_DELIVERIES, {}, descending=True, limit=1)
    assert (kept["outcome"], kept["reason"]) == (outcome, line["reason"])
