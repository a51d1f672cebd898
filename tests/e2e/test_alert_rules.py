"""Which alerts lead to which runs, and when, as rules say: with real commands, in both forms."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from opsimate.cli import opsimate
from tests.e2e.test_alerts import runs_of
from tests.product import Product, eventually
from tests.servers.receivers import http_recorder
from tests.stage import Ledger, action

STOPS: dict[str, Any] = {"continue": False}


class Rules:
    """Rules of one test, whose alerts have its name in a label, and whose runs leave a line in the ledger."""

    def __init__(self, product: Product, ledger: Ledger, name: str) -> None:
        self.product = product
        self.name = f"{name}-{product.form}"
        parameters = [{"name": "rule"}, {"name": "host"}]
        self.action = action(product, self.name, ledger.entry("{{ rule }} {{ host }}"), parameters=parameters)

    def save(self, name: str, *, match: dict[str, Any], response: dict[str, Any] | None = None, **fields: Any) -> str:
        """A rule for the alerts of this test of which all this holds too; its full name."""
        labels = {"alertname": self.name, **match.get("labels", {})}
        parameters = {"rule": name, "host": "{{ alert.host }}"}
        rule = {
            "name": f"{self.name}-{name}",
            "match": {**match, "labels": labels},
            "responses": [{"action": self.action, "parameters": parameters, **(response or {})}],
        }
        self.product.put("alert-rules", {**rule, **fields})
        return str(rule["name"])

    def alert(self, host: str, *, status: str = "firing", **fields: Any) -> dict[str, Any]:
        """Post an alert of a host, and have it shown."""
        labels = {"alertname": self.name, "instance": host, **fields.pop("labels", {})}
        body = {"title": self.name, "status": status, "fingerprint": f"{self.name}/{host}", "labels": labels, **fields}
        answer = self.product.alert("generic", body)
        assert answer.status_code == 202, answer.text
        return dict(self.product.http.get(f"/api/v1/alerts/{answer.json()['alerts'][0]}").json())


def decided(alert: dict[str, Any]) -> list[tuple[str, str]]:
    """What the rules decided about an alert: the rule, by the last word of its name, and the decision."""
    return [(str(one["rule"]).rpartition("-")[2], one["decision"]) for one in alert["decisions"]]


def test_rules_match_by_lists_patterns_ranks_and_conditions_in_their_order(product: Product, ledger: Ledger) -> None:
    rules = Rules(product, ledger, "match")
    rules.save("1db", match={"labels": {"instance": {"regex": "db-[0-9]+"}}}, **STOPS)
    rules.save("2grave", match={"severity": {"at_least": "high"}}, source={"in": ["generic", "alertmanager"]})
    rules.save("3team", match={"labels": {"team": {"in": ["web", "api"]}}, "when": "alert.host.startsWith('web')"})
    stopped = rules.alert("db-1", severity="critical")
    both = rules.alert("web-1", severity="high", labels={"team": "api"})
    none = rules.alert("mail-1", severity="warning", labels={"team": "web"})
    assert decided(stopped) == [("1db", "run_requested")]
    assert decided(both) == [("2grave", "run_requested"), ("3team", "run_requested")]
    assert none["decisions"][0]["decision"] == "no_rule_matched"
    eventually(
        lambda: sorted(ledger.lines) == ["1db db-1", "2grave web-1", "3team web-1"], what="the commands have run"
    )


def the_run(product: Product, alert: dict[str, Any]) -> dict[str, Any]:
    """The run that an alert led to, as it is now."""
    (run_id,) = alert["runs"]
    return dict(product.http.get(f"/api/v1/runs/{run_id}").json())


def test_a_delayed_run_starts_if_its_alert_fires_then_still(product: Product, ledger: Ledger) -> None:
    rules = Rules(product, ledger, "delay")
    rules.save("later", match={}, response={"timing": "after_delay", "delay": "2s"})
    alert = rules.alert("web-1")
    run = the_run(product, alert)
    assert run["state"] in ("delayed", "queued", "running")
    assert alert["decisions"][0]["reason"].endswith(f"starts at {run['not_before']} if the alert fires then still.")
    ended = product.ended(run["id"])
    assert (ended["state"], ledger.lines) == ("succeeded", ["later web-1"])
    assert ended["started_at"] >= run["not_before"]


def test_what_has_not_begun_is_cancelled_when_its_alert_is_resolved(product: Product, ledger: Ledger) -> None:
    rules = Rules(product, ledger, "over")
    name = rules.name
    held = action(product, f"{name}-held", ledger.entry("held"), concurrency={"limit": 1})
    busy = action(product, f"{name}-held", f"sleep 300; {ledger.entry('busy')}", concurrency={"limit": 1})
    assert held == busy
    product.put(
        "alert-rules",
        {
            "name": f"{name}-all",
            "match": {"labels": {"alertname": name}},
            "responses": [
                {"action": rules.action, "parameters": {"rule": "delayed"}, "timing": "after_delay", "delay": "1h"},
                {"action": rules.action, "parameters": {"rule": "approved"}, "timing": "after_approval"},
                {"action": busy},
            ],
        },
    )
    first = product.run(busy, {})
    eventually(lambda: product.http.get(f"/api/v1/runs/{first['id']}").json()["state"] == "running", what="it is busy")
    alert = rules.alert("web-1")
    states = [product.http.get(f"/api/v1/runs/{run}").json()["state"] for run in alert["runs"]]
    assert states == ["delayed", "awaiting_approval", "queued"]
    over = rules.alert("web-1", status="resolved")
    assert over["id"] == alert["id"]
    for run_id in alert["runs"]:
        run = product.ended(run_id)
        assert (run["state"], run["reason"]) == ("cancelled", "cancelled")
        assert run["reason_text"].startswith(f"cancelled by the alert rule '{name}-all': its alert was resolved")
    product.http.post(f"/api/v1/runs/{first['id']}/cancel", json={})
    product.ended(first["id"])
    assert ledger.lines == []


def test_a_response_may_go_on_although_its_alert_is_resolved(product: Product, ledger: Ledger) -> None:
    rules = Rules(product, ledger, "kept")
    rules.save("kept", match={}, response={"timing": "after_delay", "delay": "3s", "cancel_on_resolve": False})
    alert = rules.alert("web-1")
    rules.alert("web-1", status="resolved")
    assert product.ended(the_run(product, alert)["id"])["state"] == "succeeded"
    assert ledger.lines == ["kept web-1"]


def test_the_provider_is_the_one_that_has_what_the_alert_says(product: Product, ledger: Ledger) -> None:
    rules = Rules(product, ledger, "choice")
    web_1 = product.http.get("/api/v1/providers/web-1").json()
    here = {"name": f"chosen-{product.form}", "connection": web_1["connection"], "labels": {"chosen": product.form}}
    product.put("providers", here)
    parameters = [{"name": "on", "type": "provider", "required": True}]
    step = {"name": "tell", "provider": "{{ on }}", "command": ledger.entry("on {{ on }}")}
    product.put("actions", {"name": f"{rules.name}-on", "parameters": parameters, "steps": [step]})
    choice = {"provider": {"labels": {"chosen": "{{ alert.labels.which }}"}}}
    rules.save("on", match={}, response={"action": f"{rules.name}-on", "parameters": {"on": choice}})
    alert = rules.alert("web-1", labels={"which": product.form})
    assert product.ended(the_run(product, alert)["id"])["state"] == "succeeded"
    assert ledger.lines == [f"on chosen-{product.form}"]
    none = rules.alert("web-2", labels={"which": "nobody"})
    assert none["decisions"][0]["decision"] == "parameters_refused"
    assert "none has the labels chosen=nobody" in none["decisions"][0]["reason"]


def test_an_alert_that_fires_again_within_a_cool_down_runs_nothing(product: Product, ledger: Ledger) -> None:
    rules = Rules(product, ledger, "cooling")
    rules.save("once", match={}, response={"cooldown": "1h"})
    first = rules.alert("web-1")
    run = product.ended(the_run(product, first)["id"])
    rules.alert("web-1", status="resolved")
    again = rules.alert("web-1")
    assert (again["id"] != first["id"], again["runs"]) == (True, [])
    (decision,) = again["decisions"]
    assert (decision["decision"], decision["earlier_run"]) == ("cooling_down", run["id"])
    assert f"had run {run['id']} for this fingerprint at" in decision["reason"]
    assert decided(rules.alert("web-2")) == [("once", "run_requested")]
    eventually(lambda: sorted(ledger.lines) == ["once web-1", "once web-2"], what="the commands have run")


def test_an_alert_that_fires_again_and_again_is_quarantined(product: Product, ledger: Ledger) -> None:
    rules = Rules(product, ledger, "flaps")
    rules.save("calm", match={}, flapping={"times": 3, "within": "1h"})
    told = []
    for _ in range(4):
        told += decided(rules.alert("web-1"))
        rules.alert("web-1", status="resolved")
    assert told == [("calm", "run_requested")] * 2 + [("calm", "flapping")] * 2
    assert len(runs_of(product, rules.name)) == 2


def test_of_a_storm_some_runs_begin_and_the_rest_waits_for_people_who_are_told_once(
    product: Product, ledger: Ledger
) -> None:
    rules = Rules(product, ledger, "storm")
    with http_recorder() as recorder:
        product.put("secrets", {"name": "storm-key", "value": "whsec_a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="})
        hook = {"url": recorder.url("/in"), "signing_key": {"secret": "storm-key"}}
        product.put("channels", {"name": rules.name, "webhook": hook})
        notify = [{"channel": rules.name, "on": ["awaiting_approval", "cancelled"]}]
        rules.save("many", match={}, storm={"runs": 2, "within": "1h"}, notify=notify)
        alerts = [rules.alert(f"web-{number}") for number in range(6)]
        states = [product.show(the_run(product, alert)["id"])["state"] for alert in alerts]
        assert states[2:] == ["awaiting_approval"] * 4
        eventually(lambda: sorted(ledger.lines) == ["many web-0", "many web-1"], what="two have run")
        eventually(lambda: recorder.at("/in"), what="somebody is told")
        third = the_run(product, alerts[2])
        asked = product.http.post(f"/api/v1/runs/{third['id']}/approve", json={"comment": "this one"})
        assert asked.status_code == 202, asked.text
        assert product.ended(third["id"])["state"] == "succeeded"
        for number in range(6):
            rules.alert(f"web-{number}", status="resolved")
        for alert in alerts[3:]:
            assert product.ended(the_run(product, alert)["id"])["state"] == "cancelled"
        told = product.http.get("/api/v1/notifications", params={"channel": rules.name}).json()["items"]
        assert [(one["event"], one["run_id"]) for one in told] == [("awaiting_approval", third["id"])]


def test_rules_are_tried_on_a_sample_without_running_anything(
    product: Product, ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = Rules(product, ledger, "tried")
    rules.save("1no", match={"labels": {"instance": {"regex": "db-.*"}}})
    rules.save("2yes", match={})
    labels = {"alertname": rules.name, "instance": "web-1"}
    payload = {"title": "tried", "status": "firing", "fingerprint": f"tried/{product.form}", "labels": labels}
    asked = {"source": "generic", "payload": payload}
    answer = product.http.post("/api/v1/alert-rules/test", json=asked)
    assert answer.status_code == 200, answer.text
    trial = answer.json()
    verdicts = {one["rule"]: one["verdict"] for one in trial["alerts"][0]["rules"]}
    assert (verdicts[f"{rules.name}-1no"], verdicts[f"{rules.name}-2yes"]) == ("misses", "matches")
    own = [one for one in trial["decisions"] if one["rule"] == f"{rules.name}-2yes"]
    assert [(one["decision"], one["parameters"]) for one in own] == [
        ("run_requested", {"rule": "2yes", "host": "web-1"})
    ]

    sample = tmp_path / "sample.json"
    sample.write_text(json.dumps({"receiver": "r", "alerts": [{**payload, "labels": labels}]}))
    monkeypatch.setenv("OPSIMATE_URL", product.url)
    monkeypatch.setenv("OPSIMATE_TOKEN", product.token)

    def typed(*arguments: str) -> Result:
        return CliRunner().invoke(opsimate, ["rules", "test", *arguments])

    shown = typed("-f", str(sample))
    assert shown.exit_code == 0, shown.output
    told = " ".join(shown.output.split())
    assert "It is not known yet, and would be a new alert." in told
    assert f"and would request a run of '{rules.name}'" in told
    assert "it needs the label instance to be as the pattern 'db-.*' has it" in told
    assert json.loads(typed("-f", str(sample), "-o", "json").output)["alerts"][0]["alert"]["source"] == "alertmanager"
    unknown = typed("--delivery", "01GONE")
    assert (unknown.exit_code, "there is no delivery '01GONE'" in unknown.output) == (1, True), unknown.output
    assert typed().exit_code == 2
    wrong: list[dict[str, Any]] = [{}, {"source": "generic"}, {"payload": {}}, {**asked, "delivery": "x"}]
    for body in wrong:
        assert product.http.post("/api/v1/alert-rules/test", json=body).status_code == 422
    assert runs_of(product, rules.name) == []
    assert ledger.lines == []
    assert product.http.get("/api/v1/alerts", params={"fingerprint": f"tried/{product.form}"}).json()["items"] == []
