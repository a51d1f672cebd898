"""Zabbix: what the media type of ``docs/sources/zabbix-media-type.yaml`` posts."""

from typing import Any

from alert_bridge.domain.fields import Fields
from alert_bridge.domain.form import Form, Words, first, keys, tags_of
from alert_bridge.domain.source import Source
from shared.contracts.alert import AlertStatus

NAME = "zabbix"
_VALUE = Words("event_value", {"1": "firing", "0": "resolved"})
_UPDATE = "1"


def _status(fields: Fields) -> AlertStatus | None:
    """An update, such as somebody who acknowledges it, is told with the value of the problem as it is."""
    status = _VALUE(fields)
    if status == "firing" and first(fields, ("update_status",)) == _UPDATE:
        return "acknowledged" if first(fields, ("acknowledged",)).lower() == "yes" else "updated"
    return status


def _is_no_alert(fields: Fields) -> str | None:
    """The button that tests a media type fills no macro."""
    is_test = fields.value("event_value") == "{EVENT.VALUE}"
    return "this is a test of the media type of Zabbix: its macros are not filled" if is_test else None


FORM = Form(
    source=NAME,
    known=("event_id", "event_value"),
    status=_status,
    fingerprint=keys("event_id"),
    event_id=keys("event_id"),
    title=("name", "subject"),
    severity=("severity", "nseverity"),
    severities={
        "disaster": "critical",
        "high": "high",
        "average": "warning",
        "warning": "warning",
        "information": "info",
        "not classified": "info",
        "5": "critical",
        "4": "high",
        "3": "warning",
        "2": "warning",
        "1": "info",
    },
    description=("message", "operational_data"),
    labels={
        "alertname": ("name", "subject"),
        "instance": ("host", "host_name"),
        "host_name": ("host_name",),
        "ip": ("ip",),
        "trigger_id": ("trigger_id",),
        "severity": ("severity",),
    },
    further_labels=tags_of("tags"),
    annotations={"operational_data": ("operational_data",)},
    url=("url",),
    group_key=("trigger_id",),
    is_no_alert=_is_no_alert,
)

EXAMPLE: dict[str, Any] = {
    "event_id": "4711",
    "event_value": "1",
    "update_status": "0",
    "name": "nginx is down on web-1",
    "severity": "High",
    "host": "web-1",
    "ip": "10.0.0.11",
    "trigger_id": "17",
    "tags": [{"tag": "env", "value": "prod"}],
}

SOURCE = Source(
    NAME,
    "Zabbix",
    "Takes what the media type posts that comes with the product: `docs/sources/zabbix-media-type.yaml`. "
    "`event_value` 1 fires and 0 is resolved; an update of a problem never fires.",
    EXAMPLE,
    FORM.read,
)
