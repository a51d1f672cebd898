"""Uptime Kuma: its webhook as JSON, as a form, or as a GET."""

from typing import Any

from alert_bridge.domain.fields import Fields
from alert_bridge.domain.form import Form, Words, keys, tags_of, value_at
from alert_bridge.domain.source import Batch, Source
from shared.contracts.alert import host_of

NAME = "uptime-kuma"


def _is_no_alert(fields: Fields) -> str | None:
    """Its tests, and what it says of certificates, hold no heartbeat and no monitor."""
    if "heartbeat" in fields.values and fields.value("heartbeat") is None and fields.value("monitor") is None:
        return "this is a test of Uptime Kuma, or a word about a certificate"
    return None


def _within_form(body: Any, _batch: Batch) -> list[tuple[str, Any]]:
    """A form has all in its field ``data``."""
    if isinstance(body, dict) and set(body) == {"data"}:
        return [("data", body["data"])]
    return [("", body)]


def _labels(fields: Fields) -> dict[str, str]:
    """Its tags, and the machine that a monitor of an address watches."""
    address = value_at(fields, "monitor.url")
    host = host_of(address) if isinstance(address, str) and "://" in address else ""
    return {"instance": host, **tags_of("monitor.tags")(fields)}


FORM = Form(
    source=NAME,
    known=("heartbeat", "monitor"),
    status=Words("heartbeat.status", {"0": "firing", "1": "resolved", "2": "updated", "3": "updated"}),
    fingerprint=keys("monitor.id", "heartbeat.monitorID"),
    title=("msg", "monitor.name"),
    description=("heartbeat.msg",),
    labels={
        "alertname": ("monitor.name",),
        "instance": ("monitor.hostname",),
        "monitor": ("monitor.name",),
        "type": ("monitor.type",),
    },
    further_labels=_labels,
    changed_at=("heartbeat.time",),
    in_utc=True,
    url=("monitor.url",),
    is_no_alert=_is_no_alert,
    alerts_in=_within_form,
)

EXAMPLE: dict[str, Any] = {
    "heartbeat": {"monitorID": 7, "status": 0, "time": "2026-01-31 12:00:00.000", "msg": "timeout", "important": True},
    "monitor": {"id": 7, "name": "web", "url": "https://web-1.example.org", "type": "http"},
    "msg": "[web] [Down] timeout",
}

SOURCE = Source(
    NAME,
    "Uptime Kuma",
    "Takes its notification of type webhook, with the body preset JSON or form, or by GET. A `heartbeat.status` of 0 "
    "fires and 1 is resolved; 2 (pending) and 3 (maintenance) are noted.",
    EXAMPLE,
    FORM.read,
    methods=("POST", "GET"),
)
