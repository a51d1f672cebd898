"""Datadog: its webhooks with the payload of ``docs/sources/datadog.md``."""

from typing import Any

from alert_bridge.domain.fields import Fields
from alert_bridge.domain.form import Form, Words, first, joined, keys, tags_of
from alert_bridge.domain.source import Source
from shared.contracts.alert import AlertStatus

NAME = "datadog"
_FIRING = ("triggered", "re-triggered", "warn", "re-warn", "no data", "re-no data", "renotify")
_TRANSITIONS: dict[str, AlertStatus] = {**dict.fromkeys(_FIRING, "firing"), "recovered": "resolved"}
_TRANSITION = Words("alert_transition", _TRANSITIONS)


def _is_no_alert(fields: Fields) -> str | None:
    """A test leaves the variables of a monitor empty, and so does an event that no monitor made."""
    if "alert_transition" in fields.values and not first(fields, ("alert_transition",)):
        return "this is a test of Datadog, or an event of no monitor: its alert_transition is empty"
    return None


FORM = Form(
    source=NAME,
    known=("alert_transition", "alert_id", "aggreg_key", "alert_cycle_key"),
    status=_TRANSITION,
    fingerprint=lambda fields: (
        keys("aggreg_key")(fields) or joined("alert_id", "scope")(fields) or keys("alert_cycle_key")(fields)
    ),
    event_id=keys("id"),
    title=("alert_title", "title"),
    severity=("priority", "alert_type"),
    severities={"error": "high", "success": "info"},
    description=("body",),
    labels={
        "alertname": ("alert_title", "title"),
        "instance": ("host",),
        "metric": ("metric",),
        "scope": ("scope",),
        "alert_id": ("alert_id",),
        "transition": ("alert_transition",),
    },
    further_labels=tags_of("tags"),
    changed_at=("date_posix",),
    url=("link",),
    group_key=("alert_id",),
    source_instance=("org.id",),
    is_no_alert=_is_no_alert,
)

EXAMPLE: dict[str, Any] = {
    "id": "6859742911001",
    "alert_id": "1234567",
    "aggreg_key": "9bd4ac313a4d1e8fae2482df7b77628",
    "alert_transition": "Triggered",
    "alert_type": "error",
    "priority": "P1",
    "title": "[Triggered] nginx is down on web-1",
    "alert_title": "nginx is down",
    "host": "web-1",
    "tags": "env:prod,role:web",
    "date_posix": "1769860800",
}

SOURCE = Source(
    NAME,
    "Datadog",
    "Takes the payload of the documents, as JSON or as a form. `alert_transition` says whether it fires: Triggered, "
    "Warn, No Data and their repetitions do, Recovered is resolved.",
    EXAMPLE,
    FORM.read,
)
