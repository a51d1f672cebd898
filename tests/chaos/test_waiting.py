"""Runs that wait, for a time or for a person, while processes are killed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.product import Product, distributed, embedded, eventually
from tests.servers.mongo import MongoServer
from tests.servers.sshd import SshServer
from tests.stage import Ledger, action, set_stage

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(params=["embedded", "distributed"])
def product(request: pytest.FixtureRequest, sshd: SshServer) -> Iterator[Product]:
    """A product of the test's own, in each form, with its provider."""
    if request.param == "embedded":
        product = embedded()
    else:
        mongo: MongoServer = request.getfixturevalue("mongo")
        product = distributed(mongo.database_url(), request.getfixturevalue("virtual_host"))
    try:
        set_stage(product.forked().start(), sshd)
        yield product
    finally:
        product.discard()


def test_a_delayed_run_survives_a_kill_and_starts_within_a_second_of_its_time(product: Product, ledger: Ledger) -> None:
    name = action(product, "later", ledger.entry())
    not_before = datetime.now(UTC) + timedelta(seconds=8)
    run = product.run(name, not_before=not_before.isoformat())
    assert run["state"] == "delayed"
    never = product.run(name, not_before=not_before.isoformat())
    answer = product.http.post(f"/api/v1/runs/{never['id']}/cancel", json={"comment": "no need"})
    assert answer.status_code == 202
    assert product.ended(never["id"])["state"] == "cancelled"
    product.kill_everything()
    product.start()
    ready_at = datetime.now(UTC)
    ended = product.ended(run["id"])
    started_at = datetime.fromisoformat(ended["started_at"])
    assert ended["state"] == "succeeded"
    assert started_at >= not_before
    assert started_at - max(not_before, ready_at) <= timedelta(seconds=1)
    assert ledger.lines == ["x"]
    assert [entry["event"] for entry in ended["timeline"][:3]] == ["run.delayed", "run.queued", "run.started"]


def test_a_paused_run_waits_through_a_kill_until_it_is_resumed(product: Product, ledger: Ledger) -> None:
    name = action(product, "held", f"{ledger.entry('one')}; sleep 2", ledger.entry("two"))
    run_id = product.run(name)["id"]
    eventually(lambda: ledger.lines, what="the first step has begun")
    paused = product.http.post(f"/api/v1/runs/{run_id}/pause", json={"comment": "ask Ann"})
    assert (paused.status_code, paused.json()["paused"]["comment"]) == (202, "ask Ann")
    waiting = eventually(lambda: product.show(run_id)["waiting_for"], what="the run waits at the gate")
    assert waiting["gate"] == "pause"
    product.kill_everything()
    product.start()
    shown = product.show(run_id)
    assert (shown["state"], shown["steps"][1]["state"], ledger.lines) == ("running", "pending", ["one"])
    assert product.http.post(f"/api/v1/runs/{run_id}/resume").status_code == 202
    ended = product.ended(run_id)
    assert (ended["state"], ended["paused"], ledger.lines) == ("succeeded", None, ["one", "two"])
    assert product.http.post(f"/api/v1/runs/{run_id}/pause").status_code == 409
