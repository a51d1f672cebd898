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
