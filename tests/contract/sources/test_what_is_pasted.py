"""What the documents give to paste at the senders: Zabbix's media type, and that each source has its page."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from alert_bridge.domain.source import ReceivedDelivery
from alert_bridge.main import SOURCES
from catalog.domain.checks import OWN_CHECKS
from shared.contracts.integration import IntegrationDefinition
from tests.builders import NOON

DOCS = Path(__file__).parents[3] / "docs"
MEDIA_TYPE = DOCS / "sources" / "zabbix-media-type.yaml"
_RUNS_AS_IN_ZABBIX = """
const [script, value, status] = JSON.parse(require("fs").readFileSync(0, "utf8"));
const sent = {headers: []};
class HttpRequest {
  addHeader(header) { sent.headers.push(header); }
  post(url, body) { sent.url = url; sent.body = body; return "an answer"; }
  getStatus() { return status; }
}
try { sent.returned = new Function("value", "HttpRequest", script)(value, HttpRequest); }
catch (error) { sent.thrown = String(error); }
console.log(JSON.stringify(sent));
"""


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_has_a_page_that_the_guide_to_alerts_leads_to(name: str) -> None:
    page = (DOCS / "sources" / f"{name}.md").read_text()
    assert any(route.path.partition("/{")[0] in page for route in SOURCES[name].routes)
    assert f"(sources/{name}.md)" in (DOCS / "alerts.md").read_text()


def test_there_is_a_page_of_no_other_source() -> None:
    assert {page.stem for page in (DOCS / "sources").glob("*.md")} == set(SOURCES)


@pytest.mark.parametrize(
    "page", [DOCS / "alerts.md", *sorted((DOCS / "sources").glob("*.md"))], ids=lambda one: one.stem
)
def test_the_integrations_that_a_page_shows_can_be_saved(page: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL)
    shown = [one for block in blocks if "kind: integration" in block for one in yaml.safe_load_all(block)]
    integrations = [IntegrationDefinition.model_validate(one) for one in shown if one["kind"] == "integration"]
    for integration in integrations:
        assert list(OWN_CHECKS["integration"](integration)) == []
        assert page.stem in ("alerts", integration.source)
        assert f"/webhooks/{integration.source}/{integration.name}" in page.read_text()


def media_type() -> dict[str, Any]:
    export = yaml.safe_load(MEDIA_TYPE.read_text())["zabbix_export"]
    assert export["version"] == "6.0"  # every later release takes it, too
    (found,) = export["media_types"]
    media: dict[str, Any] = found
    return media


def test_the_media_type_of_zabbix_has_the_fields_of_an_import() -> None:
    media = media_type()
    assert (media["type"], media["timeout"]) == ("WEBHOOK", "10s")
    assert all(isinstance(one, str) for one in (media["name"], media["script"], media["attempts"]))
    for parameter in media["parameters"]:
        assert set(parameter) == {"name", "value"}
        assert re.fullmatch(r"\{\$?[A-Z][A-Z.]*\}", parameter["value"])
    modes = {(one["event_source"], one["operation_mode"]) for one in media["message_templates"]}
    assert modes == {("TRIGGERS", "PROBLEM"), ("TRIGGERS", "RECOVERY"), ("TRIGGERS", "UPDATE")}


def run_with(status: int, **values: str) -> dict[str, Any]:
    """What the script posts where Zabbix fills these macros; all others stay as they are written."""
    media = media_type()
    filled = {one["name"]: values.get(one["name"], one["value"]) for one in media["parameters"]}
    given = json.dumps([media["script"], json.dumps(filled), status])
    done = subprocess.run(["node", "-e", _RUNS_AS_IN_ZABBIX], input=given, capture_output=True, text=True, check=True)
    sent: dict[str, Any] = json.loads(done.stdout)
    return sent


PROBLEM = {
    "opsimate_url": "http://opsimate/webhooks/zabbix",
    "opsimate_token": "opsimate_abc",
    "event_id": "42",
    "event_value": "1",
    "update_status": "0",
    "name": 'CPU of "web-1"',
    "host": "web-1",
    "severity": "High",
    "tags": '[{"tag": "env", "value": "prod"}]',
}


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({}, "firing"),
        ({"event_value": "0", "recovery_id": "43"}, "resolved"),
        ({"update_status": "1", "acknowledged": "Yes"}, "acknowledged"),
        ({"update_status": "1", "acknowledged": "No"}, "updated"),
    ],
)
def test_its_script_posts_what_the_source_understands(values: dict[str, str], status: str) -> None:
    sent = run_with(202, **(PROBLEM | values))
    assert (sent["url"], sent["returned"]) == ("http://opsimate/webhooks/zabbix", "OK")
    assert sent["headers"] == ["Content-Type: application/json", "Authorization: Bearer opsimate_abc"]
    assert "opsimate_abc" not in sent["body"]
    batch = SOURCES["zabbix"].read(ReceivedDelivery(sent["body"].encode(), {}, NOON))
    (report,) = batch.reports
    alert = report.alert
    assert (alert.status, alert.fingerprint, alert.severity, alert.title) == (status, "42", "high", 'CPU of "web-1"')
    assert alert.labels == {"alertname": 'CPU of "web-1"', "instance": "web-1", "severity": "High", "env": "prod"}
    assert batch.warnings.not_understood is None


def test_its_script_fails_where_the_alert_was_not_taken_so_that_zabbix_tries_again() -> None:
    assert run_with(503, **PROBLEM)["thrown"] == "OpsiMate Actions answered 503: an answer"
