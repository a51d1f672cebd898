"""Alerts while the alert-bridge is killed: each has its run exactly once, and what is over in time is not run."""

import concurrent.futures
import time
from datetime import UTC, datetime
from functools import partial

import httpx
import pytest

from tests.product import Product, eventually
from tests.stage import Ledger, action

pytestmark = pytest.mark.timeout(240)

ALERTS, KILLS = 30, 3


class Sender:
    """A monitoring system that repeats what was not taken."""

    def __init__(self, product: Product) -> None:
        self.product = product

    def post(self, number: int, status: str) -> tuple[str, datetime]:
        """Report an alert until it is taken; its id, and when it was."""
        labels = {"alertname": "Chaos", "instance": f"host-{number}"}
        body = {"title": "chaos", "status": status, "fingerprint": f"chaos/{number}", "labels": labels}
        while True:
            try:
                answer = self.product.alert("generic", body)
            except httpx.HTTPError:
                time.sleep(0.05)
                continue
            if answer.status_code == 202:
                return str(answer.json()["alerts"][0]), datetime.now(UTC)
            assert answer.status_code == 503, answer.text
            time.sleep(0.05)

    def tell(self, number: int) -> tuple[str, datetime | None]:
        """An alert that fires, and of which every second one is over soon; its id, and when its end was taken."""
        alert_id, _ = self.post(number, "firing")
        time.sleep(0.1)
        return alert_id, self.post(number, "resolved")[1] if number % 2 else None


def test_each_alert_has_its_run_once_and_none_that_is_over_in_time_whenever_the_bridge_is_killed(
    own_product: Product, ledger: Ledger
) -> None:
    name = action(own_product, "answer", ledger.entry("{{ host }}"), parameters=[{"name": "host"}])
    response = {"action": name, "timing": "after_delay", "delay": "20s", "parameters": {"host": "{{ alert.host }}"}}
    own_product.put(
        "alert-rules", {"name": "answers", "match": {"labels": {"alertname": "Chaos"}}, "responses": [response]}
    )
    bridge, sender = own_product.part("alert-bridge"), Sender(own_product)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        told = [pool.submit(sender.tell, number) for number in range(ALERTS)]
        for _ in range(KILLS):
            time.sleep(0.4)
            bridge.kill()
            bridge.start()
            own_product.wait_until_ready()
        ends = [future.result() for future in told]

    def runs_of(alert_id: str) -> list[str]:
        return list(own_product.http.get(f"/api/v1/alerts/{alert_id}").json()["runs"])

    expected: list[str] = []
    for number, (alert_id, over_at) in enumerate(ends):
        (run_id,) = eventually(partial(runs_of, alert_id), what=f"alert {number} has its run")
        run = own_product.ended(run_id)
        is_over = over_at is not None and over_at < datetime.fromisoformat(run["not_before"])
        assert run["state"] == ("cancelled" if is_over else "succeeded"), run["reason_text"]
        expected += [] if is_over else [f"host-{number}"]
    assert sorted(ledger.lines) == sorted(expected)
    assert len(expected) < ALERTS, "some were over in time"
    listed = own_product.http.get("/api/v1/runs", params={"action": name, "limit": 200}).json()["items"]
    assert len(listed) == ALERTS
