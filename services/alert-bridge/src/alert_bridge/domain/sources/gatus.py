"""Gatus: its custom provider with the body of ``docs/sources/gatus.md``, and its provider for n8n."""

from typing import Any

from alert_bridge.domain.fields import Fields
from alert_bridge.domain.form import Form, Words, first, joined, value_at
from alert_bridge.domain.source import Source
from shared.contracts.alert import AlertStatus, host_of

NAME = "gatus"
_WORDS = Words("status", {"triggered": "firing", "resolved": "resolved"})


def _status(fields: Fields) -> AlertStatus | None:
    resolved = value_at(fields, "resolved")
    if isinstance(resolved, bool) and fields.value("status") is None:
        return "resolved" if resolved else "firing"
    return _WORDS(fields)


def _host(fields: Fields) -> dict[str, str]:
    address = first(fields, ("url", "endpoint_url"))
    return {"instance": host_of(address)} if "://" in address else {}


FORM = Form(
    source=NAME,
    known=("status", "resolved", "endpoint", "endpoint_name"),
    status=_status,
    fingerprint=lambda fields: (
        joined("endpoint", "group")(fields)
        or joined("endpoint_name", "endpoint_group")(fields)
        or first(fields, ("title",))
    ),
    title=("title", "message", "description", "alert_description", "endpoint", "endpoint_name"),
    description=("description", "alert_description", "errors", "message"),
    labels={
        "alertname": ("endpoint", "endpoint_name", "title"),
        "endpoint": ("endpoint", "endpoint_name"),
        "group": ("group", "endpoint_group"),
    },
    further_labels=_host,
    annotations={"errors": ("errors",)},
    url=("url", "endpoint_url"),
)

EXAMPLE: dict[str, Any] = {
    "endpoint": "web",
    "group": "core",
    "url": "https://web-1.example.org/health",
    "status": "TRIGGERED",
    "description": "web is down",
}

SOURCE = Source(
    NAME,
    "Gatus",
    "Takes its custom provider with the body of the documents, and its provider for n8n. `TRIGGERED` fires, `RESOLVED` "
    "is resolved.",
    EXAMPLE,
    FORM.read,
    methods=("POST", "PUT", "GET"),
)
