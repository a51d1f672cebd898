"""Google Cloud Monitoring: its webhooks, and the same through a push of Pub/Sub."""

import base64
import binascii
import json
from typing import Any

from alert_bridge.domain.fields import Fields
from alert_bridge.domain.form import Form, Words, first, keys, texts_of
from alert_bridge.domain.source import Batch, Source

NAME = "google-cloud"


def _within_push(body: Any, batch: Batch) -> list[tuple[str, Any]]:
    """Pub/Sub wraps the body into base64."""
    message = body.get("message") if isinstance(body, dict) else None
    if not isinstance(message, dict) or "incident" in body:
        return [("", body)]
    try:
        return [("message.data", json.loads(base64.b64decode(str(message.get("data")), validate=True)))]
    except (ValueError, binascii.Error, RecursionError):
        sentence = "message.data: has to be an incident as JSON, in base64, as Pub/Sub pushes it"
        batch.warnings.add(sentence, not_understood=True)
        return [("", body)]


def _is_no_alert(fields: Fields) -> str | None:
    return "this is a test of Google Cloud Monitoring" if first(fields, ("version",)).lower() == "test" else None


def _labels(fields: Fields) -> dict[str, str]:
    places = ("incident.resource.labels", "incident.metric.labels", "incident.policy_user_labels")
    return {name: text for place in places for name, text in texts_of(place)(fields).items()}


FORM = Form(
    source=NAME,
    known=("incident",),
    status=Words("incident.state", {"open": "firing", "closed": "resolved", "acknowledged": "acknowledged"}),
    fingerprint=keys("incident.incident_id"),
    title=("incident.documentation.subject", "incident.summary", "incident.policy_name"),
    severity=("incident.severity",),
    description=("incident.summary",),
    labels={
        "alertname": ("incident.policy_name", "incident.condition_name"),
        "condition": ("incident.condition_name",),
        "project": ("incident.scoping_project_id",),
        "instance": ("incident.resource.labels.instance_name", "incident.metadata.system_labels.name"),
        "resource_type": ("incident.resource.type",),
    },
    further_labels=_labels,
    annotations={"observed_value": ("incident.observed_value",), "threshold_value": ("incident.threshold_value",)},
    starts_at=("incident.started_at",),
    ends_at=("incident.ended_at",),
    url=("incident.url",),
    source_instance=("incident.scoping_project_id",),
    is_no_alert=_is_no_alert,
    alerts_in=_within_push,
)

EXAMPLE: dict[str, Any] = {
    "version": "1.2",
    "incident": {
        "incident_id": "0.m8u0",
        "scoping_project_id": "acme",
        "url": "https://console.cloud.google.com/monitoring/alerting/incidents/0.m8u0",
        "started_at": 1769860800,
        "ended_at": None,
        "state": "open",
        "severity": "CRITICAL",
        "summary": "nginx is down on web-1",
        "policy_name": "NginxDown",
        "resource": {"type": "gce_instance", "labels": {"instance_name": "web-1"}},
    },
}

SOURCE = Source(
    NAME,
    "Google Cloud Monitoring",
    "Takes its webhooks, and its incidents through a push subscription of Pub/Sub. `open` fires and `closed` is "
    "resolved; a test is recorded.",
    EXAMPLE,
    FORM.read,
)
