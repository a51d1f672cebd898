"""PagerDuty: its webhooks, version 3."""

from typing import Any

from alert_bridge.domain.fields import Fields
from alert_bridge.domain.form import Form, Words, first, keys
from alert_bridge.domain.source import Source
from alert_bridge.domain.verification import signed_body
from shared.contracts.alert import AlertStatus

NAME = "pagerduty"
_FIRING = ("triggered", "reopened", "unacknowledged")
_TYPES: dict[str, AlertStatus] = {
    **dict.fromkeys((f"incident.{one}" for one in _FIRING), "firing"),
    "incident.acknowledged": "acknowledged",
    "incident.resolved": "resolved",
}
_TYPE = Words("event.event_type", _TYPES)


def _status(fields: Fields) -> AlertStatus | None:
    """What else happens to an incident says nothing of whether it fires: it was escalated, reassigned, annotated."""
    kind = first(fields, ("event.event_type",)).lower()
    return "updated" if kind.startswith("incident.") and kind not in _TYPES else _TYPE(fields)


def _is_no_alert(fields: Fields) -> str | None:
    kind = first(fields, ("event.event_type",)).lower()
    if kind == "pagey.ping":
        return "this is a test of PagerDuty"
    if kind.startswith("service."):
        return "this tells of a service of PagerDuty, not of an incident"
    return None


FORM = Form(
    source=NAME,
    known=("event",),
    status=_status,
    fingerprint=keys("event.data.incident.id", "event.data.id"),
    event_id=keys("event.id"),
    title=("event.data.title", "event.data.summary"),
    severity=("event.data.priority.summary", "event.data.urgency"),
    severities={"high": "high", "low": "warning"},
    labels={
        "alertname": ("event.data.title",),
        "service": ("event.data.service.summary",),
        "urgency": ("event.data.urgency",),
        "priority": ("event.data.priority.summary",),
        "incident_key": ("event.data.incident_key",),
    },
    starts_at=("event.data.created_at",),
    ends_at=("event.occurred_at",),
    url=("event.data.html_url",),
    group_key=("event.data.incident_key",),
    is_no_alert=_is_no_alert,
)

EXAMPLE: dict[str, Any] = {
    "event": {
        "id": "01BXZF3S0000000000000000",
        "event_type": "incident.triggered",
        "resource_type": "incident",
        "occurred_at": "2026-01-31T12:00:00.000Z",
        "data": {
            "id": "PGR0VU2",
            "type": "incident",
            "html_url": "https://acme.pagerduty.com/incidents/PGR0VU2",
            "status": "triggered",
            "incident_key": "nginx-down/web-1",
            "created_at": "2026-01-31T12:00:00Z",
            "title": "nginx is down on web-1",
            "service": {"id": "PF9KMXH", "summary": "web"},
            "priority": {"summary": "P1"},
            "urgency": "high",
        },
    }
}

SOURCE = Source(
    NAME,
    "PagerDuty",
    "Takes webhooks of version 3. Triggered, reopened and unacknowledged fire, resolved is resolved; all else that "
    "happens to an incident is noted.",
    EXAMPLE,
    FORM.read,
    signature=signed_body("X-PagerDuty-Signature", prefix="v1="),
)
