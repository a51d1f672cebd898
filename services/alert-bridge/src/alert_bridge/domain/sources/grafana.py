"""Grafana: its webhook contact point, which writes as Alertmanager does and adds fields of its own."""

from dataclasses import replace
from typing import Any

from alert_bridge.domain import alertmanager
from alert_bridge.domain.fields import LONGEST_ADDRESS, LONGEST_TEXT, Fields, text_of
from alert_bridge.domain.source import Report, Source, event_id_of, short_key
from alert_bridge.domain.verification import signed_body

NAME = "grafana"
_FIELDS = (
    *alertmanager.FIELDS,
    *("values", "valueString", "silenceURL", "dashboardURL", "panelURL", "ruleUID", "orgId", "imageURL", "enrichments"),
)
_MESSAGE_FIELDS = (*alertmanager.MESSAGE_FIELDS, "appVersion", "title", "state", "message")


def _is_no_alert(fields: Fields) -> str | None:
    labels = fields.whole_texts("labels")
    is_test = labels.get("alertname") == "TestAlert" and labels.get("instance") == "Grafana"
    return "this is the test of a contact point of Grafana" if is_test else None


def _finished(report: Report, fields: Fields) -> Report:
    """Its fingerprint is one of an organisation; what it measured and where it is seen are annotations."""
    alert, organisation = report.alert, fields.value("orgId")
    fingerprint = alert.fingerprint
    if isinstance(organisation, int) and not isinstance(organisation, bool):
        fingerprint = short_key(f"{organisation}/{fingerprint}")
    starts_at = alert.starts_at if report.start_known else None
    further = {
        "values": text_of(fields.value("values"))[:LONGEST_TEXT],
        "dashboard_url": fields.text("dashboardURL", LONGEST_ADDRESS),
        "panel_url": fields.text("panelURL", LONGEST_ADDRESS),
        "silence_url": fields.text("silenceURL", LONGEST_ADDRESS),
    }
    changes = {
        "fingerprint": fingerprint,
        "event_id": event_id_of(NAME, fingerprint, alert.status, starts_at),
        "annotations": {name: text for name, text in further.items() if text} | alert.annotations,
    }
    return replace(report, alert=alert.model_copy(update=changes))


GRAFANA = alertmanager.Neighbour(
    NAME, _FIELDS, _MESSAGE_FIELDS, always_has_status=True, is_no_alert=_is_no_alert, finished=_finished
)

EXAMPLE: dict[str, Any] = {
    **alertmanager.EXAMPLE,
    "version": "1",
    "orgId": 1,
    "title": "[FIRING:1] NginxDown",
    "state": "alerting",
    "alerts": [{**alertmanager.EXAMPLE["alerts"][0], "values": {"A": 0}, "orgId": 1, "ruleUID": "nginx"}],
}

SOURCE = Source(
    NAME,
    "Grafana",
    "Takes what a contact point of type webhook posts, by POST or PUT: every alert by itself, firing or resolved. A "
    "payload template of one's own is for `/webhooks/generic`.",
    EXAMPLE,
    lambda delivery: alertmanager.read_groups(GRAFANA, delivery),
    methods=("POST", "PUT"),
    signature=signed_body("X-Grafana-Alerting-Signature"),
)
