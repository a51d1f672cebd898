"""An alert arrives, a command runs: from the real Alertmanager to the provider, in both forms."""

import concurrent.futures
from pathlib import Path

import httpx

from tests.product import Product, eventually
from tests.servers.alertmanager import Alertmanager
from tests.stage import Ledger, action


def a_rule(product: Product, ledger: Ledger, label: str) -> str:
    """A rule that answers the alerts called so; every run leaves the alert's instance in the ledger."""
    name = action(product, f"answer-{label}", ledger.entry("{{ instance }}"), parameters=[{"name": "instance"}])
    rule = {
        "name": f"rule-{label}",
        "match": {"labels": {"alertname": label}},
        "responses": [{"action": name, "parameters": {"instance": "{{ alert.labels.instance }}"}}],
    }
    product.put("alert-rules", rule)
    return name


def alerts_of(label: str, *instances: str, status: str = "firing") -> dict[str, object]:
    """What Alertmanager posts."""
    alerts = [
        {
            "status": status,
            "labels": {"alertname": label, "instance": instance},
            "annotations": {},
            "startsAt": "2026-01-31T12:00:00Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "fingerprint": f"{label}-{instance}",
        }
        for instance in instances
    ]
    return {"version": "4", "groupKey": label, "status": status, "receiver": "r", "alerts": alerts}


def runs_of(product: Product, name: str) -> list[dict[str, object]]:
    return list(product.http.get("/api/v1/runs", params={"action": name}).json()["items"])


def test_a_real_alertmanager_leads_to_a_command_over_ssh(
    product: Product, alertmanager: Alertmanager, ledger: Ledger
) -> None:
    label = f"Real{product.form}"
    name = a_rule(product, ledger, label.lower())
    product.put(
        "alert-rules",
        {
            "name": f"rule-{label.lower()}",
            "source": "alertmanager",
            "match": {"labels": {"alertname": label}},
            "responses": [{"action": name, "parameters": {"instance": "{{ alert.labels.instance }}"}}],
        },
    )
    url = alertmanager.start(f"""
route: {{receiver: opsimate, group_wait: 100ms, group_interval: 1s, repeat_interval: 1h}}
receivers:
  - name: opsimate
    webhook_configs:
      - url: {product.alerts_url}/webhooks/alertmanager
        http_config: {{authorization: {{credentials: {product.token}}}}}
""")
    firing = [{"labels": {"alertname": label, "instance": "web-1:9100"}}]
    assert httpx.post(f"{url}/api/v2/alerts", json=firing).is_success
    eventually(lambda: ledger.lines == ["web-1:9100"], what="the command has run")
    run = product.ended(str(runs_of(product, name)[0]["id"]))
    assert run["trigger"]["kind"] == "alert"
    assert run["state"] == "succeeded"


def test_the_same_alert_ten_times_at_once_leads_to_one_run(product: Product, ledger: Ledger) -> None:
    name = a_rule(product, ledger, f"ten-{product.form}")
    payload = alerts_of(f"ten-{product.form}", "a", "b")
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: product.alert("alertmanager", payload), range(10)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({tuple(answer.json()["alerts"]) for answer in answers}) == 1
    runs = runs_of(product, name)
    assert len(runs) == 2
    for run in runs:
        product.ended(str(run["id"]))
    assert sorted(ledger.lines) == ["a", "b"]


def test_a_hostile_label_is_text_and_nothing_else(product: Product, ledger: Ledger) -> None:
    name = a_rule(product, ledger, f"hostile-{product.form}")
    hostile = f"$(touch {ledger.path}.pwned); `touch {ledger.path}.pwned`"
    assert product.alert("alertmanager", alerts_of(f"hostile-{product.form}", hostile)).status_code == 202
    eventually(lambda: runs_of(product, name))
    product.ended(str(runs_of(product, name)[0]["id"]))
    assert ledger.lines == [hostile]
    assert not Path(f"{ledger.path}.pwned").exists()


def test_what_matches_no_rule_is_recorded_with_that_reason(product: Product) -> None:
    answer = product.alert("generic", {"title": "nobody cares", "labels": {"alertname": f"nobody-{product.form}"}})
    assert answer.status_code == 202
    alert = product.http.get(f"/api/v1/alerts/{answer.json()['alerts'][0]}").json()
    assert [decision["decision"] for decision in alert["decisions"]] == ["no_rule_matched"]
    assert alert["runs"] == []


def test_a_resolved_alert_runs_nothing(product: Product, ledger: Ledger) -> None:
    name = a_rule(product, ledger, f"resolved-{product.form}")
    payload = alerts_of(f"resolved-{product.form}", "a", status="resolved")
    assert product.alert("alertmanager", payload).status_code == 202
    assert runs_of(product, name) == []
