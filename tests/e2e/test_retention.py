"""What is old is deleted in both forms, each kind of it at its own age, and what is left says so."""

import re
from datetime import UTC, datetime, timedelta

from tests import forked
from tests.product import BIN, Product, eventually
from tests.stage import action

AGE = timedelta(seconds=1)
"""The shortest there is."""


def keep(product: Product, **ages: str) -> None:
    """Have those services start anew that delete, with these ages; they look at once for what is old."""
    parts = [part for part in product.parts if part.name in {"opsimate", "scheduler", "alert-bridge"}]
    for part in parts:
        part.stop()
        part.environment = {**part.environment, **{f"OPSIMATE_KEEP_{name.upper()}": age for name, age in ages.items()}}
    for part in parts:
        part.start()
    product.wait_until_ready()


def test_output_runs_alerts_and_deliveries_go_at_their_own_ages(own_product: Product) -> None:
    kept = own_product
    kept.put("providers", {"name": "web-1", "connection": {"local": {}}})
    alert = {"title": "old", "labels": {"alertname": "Old"}, "fingerprint": "old"}
    alert_id = kept.alert("generic", alert).json()["alerts"][0]
    assert kept.alert("generic", {**alert, "status": "resolved"}).json()["alerts"] == [alert_id]
    name = action(kept, "printing", "echo once")
    first = kept.ended(kept.run(name, Idempotency_Key="first")["id"])["id"]
    failed = kept.result(action(kept, "failing", "echo why; exit 3"))["id"]
    last = kept.result(name)["id"]

    def are_counted_and_old() -> bool:
        counted = kept.http.get("/api/v1/statistics").json()["runs"]
        ended_at = datetime.fromisoformat(kept.show(last)["ended_at"])
        return counted == 3 and datetime.now(UTC) - ended_at > 2 * AGE

    eventually(are_counted_and_old)
    keep(kept, output="1s failed=forever", runs="forever", deliveries="1s")
    eventually(lambda: not kept.http.get("/api/v1/deliveries").json()["items"], what="deliveries are deleted")
    eventually(lambda: kept.show(last)["output_deleted_at"] and not kept.output(last), what="output is deleted")
    assert (kept.output(first), kept.output(failed)) == (b"", b"why\n")
    shown = kept.show(first)
    assert (shown["state"], bool(shown["output_deleted_at"])) == ("succeeded", True)
    assert shown["steps"][0]["attempts"][0]["output_bytes"] == len("once\n")
    assert kept.show(failed)["output_deleted_at"] is None
    environment = {**kept.parts[0].environment, "OPSIMATE_URL": kept.url, "OPSIMATE_TOKEN": kept.token}
    command = [BIN / "opsimate", "runs", "output", first]
    typed = forked.run(command, environment=environment, directory=kept.directory, timeout=60)
    assert (typed.stdout, typed.stderr.startswith("What was printed is deleted since ")) == ("", True), typed.stderr
    assert kept.http.get(f"/api/v1/alerts/{alert_id}").status_code == 200

    counted = kept.http.get("/api/v1/retention").json()["stored"]
    assert (counted["runs"], counted["alerts"], counted["notifications"]) == (3, 1, 0)
    assert counted["audit_entries"] >= 3
    typed = forked.run([BIN / "opsimate", "doctor"], environment=environment, directory=kept.directory, timeout=60)
    assert re.search(r"; stored at \S+ \S+: 3 runs, \d+ pieces? of output, 1 alerts, ", typed.stdout), typed.stdout

    keep(kept, runs="1s failed=forever", alerts="1s")
    eventually(lambda: kept.http.get(f"/api/v1/runs/{first}").status_code == 404, what="the run is deleted")
    eventually(lambda: kept.http.get(f"/api/v1/alerts/{alert_id}").status_code == 404, what="the alert is deleted")
    left = kept.http.get("/api/v1/runs").json()["items"]
    assert [run["id"] for run in left] == [last, failed], "an action's last run stays, and so do those that failed"
    again = kept.http.post(f"/api/v1/actions/{name}/runs", json={}, headers={"Idempotency-Key": "first"})
    assert again.status_code == 422
    view = eventually(lambda: (found := kept.http.get("/api/v1/retention").json())["deleted_alerts"] and found)
    assert (view["runs"]["succeeded"], view["runs"]["failed"], view["deliveries"]) == ("1s", None, "1s")
    assert (view["deleted_runs"], view["deleted_outputs"], view["deleted_alerts"]) == (1, 2, 1)
    assert kept.http.get("/api/v1/statistics").json()["runs"] == 3
