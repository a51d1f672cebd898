"""Nagios and Icinga: what the notification commands of ``docs/sources/nagios.md`` post."""

from typing import Any

from alert_bridge.domain.fields import Fields
from alert_bridge.domain.form import Form, Words, first, joined
from alert_bridge.domain.source import Source
from shared.contracts.alert import AlertStatus

NAME = "nagios"
_UNCHANGED = ("custom", "flappingstart", "flappingstop", "flappingend", "flappingdisabled", "downtimestart")
_NOTED: dict[str, AlertStatus] = dict.fromkeys(
    (*_UNCHANGED, "downtimeend", "downtimecancelled", "downtimeremoved"), "updated"
)
_TYPES = Words(
    "type",
    {"problem": "firing", "recovery": "resolved", "acknowledgement": "acknowledged", **_NOTED},
)
_GOOD = ("ok", "up")


def _status(fields: Fields) -> AlertStatus | None:
    status = _TYPES(fields)
    if status == "firing" and first(fields, ("state",)).lower() in _GOOD:
        fields.warn("state", "is good in a problem, so it starts nothing", not_understood=True)
        return None
    return status


def _event(fields: Fields) -> str:
    """A problem has one number from its first notification to its recovery; 0 stands for none."""
    number, host = first(fields, ("id",)), first(fields, ("host",))
    return f"{host}/{first(fields, ('svc',))}/{number}" if number.strip("0") and host else ""


FORM = Form(
    source=NAME,
    known=("type", "state", "host"),
    status=_status,
    fingerprint=joined("host", "svc"),
    event_id=_event,
    title=("out", "svc", "host"),
    severity=("state",),
    severities={
        "critical": "critical",
        "down": "critical",
        "warning": "warning",
        "unreachable": "high",
        "unknown": "high",
        "ok": "info",
        "up": "info",
    },
    description=("out",),
    labels={
        "alertname": ("svc", "host"),
        "instance": ("host",),
        "address": ("address",),
        "service": ("svc",),
        "state": ("state",),
    },
    annotations={"comment": ("comment",), "author": ("author",)},
    changed_at=("changed",),
    url=("url",),
)

EXAMPLE: dict[str, Any] = {
    "type": "PROBLEM",
    "host": "web-1",
    "svc": "HTTP",
    "state": "CRITICAL",
    "id": "17",
    "changed": "1769860800",
    "out": "CRITICAL: connection refused",
}

SOURCE = Source(
    NAME,
    "Nagios and Icinga",
    "Takes what the notification commands of the documents post. `PROBLEM` fires, `RECOVERY` is resolved, "
    "`ACKNOWLEDGEMENT` is noted, and so are comments, downtimes and flapping.",
    EXAMPLE,
    FORM.read,
)
