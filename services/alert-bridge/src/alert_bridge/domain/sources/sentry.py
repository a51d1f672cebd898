"""Sentry: the webhooks of an integration of one's own."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from alert_bridge.domain.fields import Fields
from alert_bridge.domain.form import Form, Words, first, tags_of
from alert_bridge.domain.source import Batch, ReceivedDelivery, Source
from alert_bridge.domain.verification import signed_body
from shared.contracts.alert import AlertStatus

NAME = "sentry"
RESOURCE = "sentry-hook-resource"
_METRIC = Words("action", {"critical": "firing", "warning": "firing", "resolved": "resolved"})
_ISSUE: Mapping[str, AlertStatus] = {
    "created": "firing",
    "unresolved": "firing",
    "resolved": "resolved",
    "assigned": "updated",
    "archived": "updated",
    "ignored": "updated",
}
_EVENT = Words("action", {"triggered": "firing"})
_ALERTS = ("event_alert", "metric_alert", "issue")


def _form(resource: str) -> Form:
    """How what is told of a resource is written."""
    status = {"metric_alert": _METRIC, "issue": Words("action", _ISSUE)}.get(resource, _EVENT)
    return replace(_ANY, status=status)


def _fingerprint(fields: Fields) -> str:
    """An issue and what an alert says of one of its events are the same, so that its end is known."""
    if issue := first(fields, ("data.event.issue_id", "data.issue.id")):
        return f"issue/{issue}"
    rule = first(fields, ("data.metric_alert.alert_rule.id", "data.metric_alert.id"))
    return f"metric/{rule}" if rule else ""


_ANY = Form(
    source=NAME,
    known=("action", "data"),
    status=_EVENT,
    fingerprint=_fingerprint,
    title=("data.event.title", "data.issue.title", "data.description_title", "data.metric_alert.title"),
    severity=("data.event.level", "data.issue.level", "action"),
    description=("data.description_text", "data.event.culprit", "data.issue.culprit"),
    labels={
        "alertname": ("data.triggered_rule", "data.metric_alert.alert_rule.name", "data.issue.shortId"),
        "project": ("data.issue.project.slug", "data.event.project"),
        "environment": ("data.event.environment", "data.metric_alert.alert_rule.environment"),
        "issue": ("data.issue.shortId", "data.event.issue_id"),
    },
    further_labels=tags_of("data.event.tags"),
    starts_at=("data.issue.firstSeen", "data.metric_alert.date_started"),
    ends_at=("data.metric_alert.date_closed",),
    url=("data.event.web_url", "data.issue.web_url", "data.issue.permalink", "data.web_url"),
    source_instance=("installation.uuid",),
)


def read(delivery: ReceivedDelivery) -> Batch:
    """What its header says that it is about; what is no alert is recorded."""
    resource = delivery.headers.get(RESOURCE, "").strip().lower()
    if resource and resource not in _ALERTS:
        batch = Batch()
        batch.warnings.add_recorded("this tells of something of Sentry that is no alert: it is of another resource")
        return batch
    return _form(resource).read(delivery)


EXAMPLE: dict[str, Any] = {
    "action": "triggered",
    "installation": {"uuid": "24b6ab71-04d4-4d17-b9b8-4d3f8e2f1c4a"},
    "data": {
        "event": {
            "issue_id": "1170820242",
            "title": "nginx is down on web-1",
            "level": "error",
            "web_url": "https://sentry.io/organizations/acme/issues/1170820242/",
            "tags": [["server_name", "web-1"]],
        },
        "triggered_rule": "NginxDown",
    },
}

SOURCE = Source(
    NAME,
    "Sentry",
    "Takes the webhooks of an internal integration. An issue alert and a metric alert that is critical or a warning "
    "fire, and so does an issue that is created or unresolved; a resolved one is resolved.",
    EXAMPLE,
    read,
    signature=signed_body("Sentry-Hook-Signature"),
)
