"""Opsgenie, and the alerts of Jira Service Management, by their webhook integration."""

from typing import Any

from alert_bridge.domain.fields import Fields
from alert_bridge.domain.form import Form, Words, first, keys, tags_of, texts_of
from alert_bridge.domain.source import Source
from shared.contracts.alert import AlertStatus

NAME = "opsgenie"
_ACTIONS: dict[str, AlertStatus] = {
    "create": "firing",
    "close": "resolved",
    "delete": "resolved",
    "acknowledge": "acknowledged",
}
_ACTION = Words("action", _ACTIONS)


def _status(fields: Fields) -> AlertStatus | None:
    """Every other action, those that people made among them, says nothing of whether the alert fires."""
    action = first(fields, ("action",)).lower()
    return "updated" if action and action not in _ACTIONS else _ACTION(fields)


def _labels(fields: Fields) -> dict[str, str]:
    tags, details = tags_of("alert.tags"), texts_of("alert.details")
    return {**tags(fields), **details(fields)}


FORM = Form(
    source=NAME,
    known=("action", "alert"),
    status=_status,
    fingerprint=keys("alert.alias", "alert.alertId"),
    title=("alert.message",),
    severity=("alert.priority",),
    description=("alert.description", "alert.note"),
    labels={
        "alertname": ("alert.message",),
        "instance": ("alert.entity",),
        "alert_id": ("alert.alertId",),
        "priority": ("alert.priority",),
    },
    further_labels=_labels,
    starts_at=("alert.createdAt",),
    ends_at=("alert.updatedAt",),
    source_instance=("integrationName",),
)

EXAMPLE: dict[str, Any] = {
    "action": "Create",
    "alert": {
        "alertId": "052652ac-5d1c-464a-812a-7dd18bbfba8c",
        "message": "nginx is down on web-1",
        "alias": "nginx-down/web-1",
        "entity": "web-1",
        "priority": "P1",
        "tags": ["env:prod"],
        "createdAt": 1769860800000,
    },
    "integrationName": "opsimate",
}

SOURCE = Source(
    NAME,
    "Opsgenie",
    "Takes the webhook of Opsgenie and of Jira Service Management. Create fires, Close and Delete are resolved; every "
    "other action, those that people made among them, is noted.",
    EXAMPLE,
    FORM.read,
)
