"""New Relic: the webhook of a workflow with its default template, and the older one of a channel."""

from typing import Any

from alert_bridge.domain.fields import Fields
from alert_bridge.domain.form import Form, Words, first, keys, value_at
from alert_bridge.domain.source import Source
from shared.contracts.alert import AlertStatus

NAME = "newrelic"
_OF_WORKFLOWS = Words(
    "state",
    {
        "created": "firing",
        "activated": "firing",
        "acknowledged": "acknowledged",
        "closed": "resolved",
        "deactivated": "resolved",
        "resolved": "resolved",
    },
)
_OF_CHANNELS = Words("current_state", {"open": "firing", "acknowledged": "acknowledged", "closed": "resolved"})


def _status(fields: Fields) -> AlertStatus | None:
    is_of_channel = fields.value("state") is None and fields.has_any(("current_state",))
    return _OF_CHANNELS(fields) if is_of_channel else _OF_WORKFLOWS(fields)


def _is_no_alert(fields: Fields) -> str | None:
    is_test = first(fields, ("current_state",)).lower() == "test" or first(fields, ("state",)).lower() == "test"
    return "this is a test of New Relic" if is_test else None


def _names(fields: Fields) -> dict[str, str]:
    """Of lists the first one: what a machine is called, and what watches it."""
    named = {"instance": "impactedEntities", "alertname": "alertConditionNames", "policy": "alertPolicyNames"}
    lists = {label: value_at(fields, path) for label, path in named.items()}
    return {label: one[0] for label, one in lists.items() if isinstance(one, list) and one and isinstance(one[0], str)}


FORM = Form(
    source=NAME,
    known=("state", "current_state", "issueUrl", "incident_id"),
    status=_status,
    fingerprint=keys("id", "incident_id"),
    title=("title", "details", "condition_name"),
    severity=("priority", "severity"),
    severities={"low": "info"},
    description=("details",),
    labels={"alertname": ("condition_name",), "policy": ("policy_name",), "workflow": ("workflowName",)},
    further_labels=_names,
    starts_at=("activatedAt", "createdAt", "timestamp"),
    ends_at=("closedAt", "updatedAt", "timestamp"),
    url=("issueUrl", "incident_url"),
    is_no_alert=_is_no_alert,
)

EXAMPLE: dict[str, Any] = {
    "id": "8c1f3c8e-5f35-4b8a-9b6e-0d1b6c1f0a11",
    "issueUrl": "https://radar-api.service.newrelic.com/accounts/1/issues/8c1f3c8e",
    "title": "nginx is down on web-1",
    "priority": "CRITICAL",
    "impactedEntities": ["web-1"],
    "state": "ACTIVATED",
    "createdAt": 1769860800000,
    "updatedAt": 1769860800000,
    "alertPolicyNames": ["web"],
    "alertConditionNames": ["NginxDown"],
    "workflowName": "opsimate",
}

SOURCE = Source(
    NAME,
    "New Relic",
    "Takes the default template of a workflow's webhook. CREATED and ACTIVATED fire, CLOSED is resolved, ACKNOWLEDGED "
    "is noted.",
    EXAMPLE,
    FORM.read,
)
