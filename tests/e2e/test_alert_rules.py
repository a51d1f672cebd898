"""Which alerts lead to which runs, and when, as rules say: with real commands, in both forms."""

from typing import Any

from tests.product import Product, eventually
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
