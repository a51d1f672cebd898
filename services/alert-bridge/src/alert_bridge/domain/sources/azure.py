"""Azure Monitor: the webhook of an action group, with the common alert schema."""

import re
from typing import Any

from alert_bridge.domain.fields import Fields, text_of
from alert_bridge.domain.form import Form, Words, first, keys, value_at
from alert_bridge.domain.source import Source

NAME = "azure"
COMMON = "azureMonitorCommonAlertSchema"


_TEST = re.compile(r"test-\w*alertrule.*", re.IGNORECASE)


def _is_no_alert(fields: Fields) -> str | None:
    """The tests of an action group are of rules such as ``test-metricAlertRule``."""
    is_test = _TEST.fullmatch(first(fields, ("data.essentials.alertRule",)))
    return "this is a test of an action group of Azure" if is_test else None


def _target(fields: Fields) -> dict[str, str]:
    """The machine that it is about: the last part of its id."""
    for path in ("data.essentials.configurationItems", "data.essentials.alertTargetIDs"):
        value = value_at(fields, path)
        if isinstance(value, list) and value and (name := text_of(value[0]).rstrip("/").rpartition("/")[2]):
            return {"instance": name}
    return {}


FORM = Form(
    source=NAME,
    known=("data.essentials",),
    status=Words("data.essentials.monitorCondition", {"fired": "firing", "resolved": "resolved"}),
    fingerprint=keys("data.essentials.alertId", "data.essentials.originAlertId"),
    title=("data.essentials.alertRule",),
    severity=("data.essentials.severity",),
    severities={"sev0": "critical", "sev1": "high", "sev2": "warning", "sev3": "info", "sev4": "info"},
    description=("data.essentials.description",),
    labels={
        "alertname": ("data.essentials.alertRule",),
        "signal": ("data.essentials.signalType",),
        "service": ("data.essentials.monitoringService",),
        "severity": ("data.essentials.severity",),
    },
    further_labels=_target,
    starts_at=("data.essentials.firedDateTime",),
    ends_at=("data.essentials.resolvedDateTime",),
    url=("data.essentials.investigationLink",),
    is_no_alert=_is_no_alert,
)

EXAMPLE: dict[str, Any] = {
    "schemaId": COMMON,
    "data": {
        "essentials": {
            "alertId": "/subscriptions/1/providers/Microsoft.AlertsManagement/alerts/8c1f3c8e",
            "alertRule": "NginxDown",
            "severity": "Sev1",
            "signalType": "Metric",
            "monitorCondition": "Fired",
            "monitoringService": "Platform",
            "configurationItems": ["web-1"],
            "firedDateTime": "2026-01-31T12:00:00Z",
            "description": "nginx is down on web-1",
        },
        "alertContext": {},
    },
}

SOURCE = Source(
    NAME,
    "Azure Monitor",
    "Takes the webhook of an action group that has the common alert schema enabled. `Fired` fires and `Resolved` is "
    "resolved; a body of another schema is unreadable: enable the common one.",
    EXAMPLE,
    FORM.read,
)
