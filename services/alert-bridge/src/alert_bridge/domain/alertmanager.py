"""Prometheus's Alertmanager: its webhook, version 4 and its neighbours."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alert_bridge.domain.fields import LONGEST_ADDRESS, LONGEST_TEXT, Fields, alerts_in
from alert_bridge.domain.identity import event_id_of, fingerprint_of, short_key
from alert_bridge.domain.source import Batch, Delivery, Report, Source, json_of
from alert_bridge.domain.words import severity_of, status_of
from shared.contracts.alert import Alert, AlertStatus

NAME = "alertmanager"

DESCRIPTION = """\
Takes what Alertmanager's `webhook_configs` send: every alert of the group by itself, firing or resolved. The token
has the role `alerts` or `administrator`.

```yaml
receivers:
  - name: opsimate
    webhook_configs:
      - url: http://127.0.0.1:8081/webhooks/alertmanager
        send_resolved: true
        max_alerts: 500
        http_config:
          authorization:
            credentials_file: /etc/alertmanager/opsimate-token
```

Alertmanager repeats what still fires (`repeat_interval`): the same fingerprint with the same start is the same alert,
and asks for no second run. The title is the annotation `summary`, or else the label `alertname`; the severity is the
label `severity`.
"""

EXAMPLE: dict[str, Any] = {
    "version": "4",
    "groupKey": '{}:{alertname="NginxDown"}',
    "truncatedAlerts": 0,
    "status": "firing",
    "receiver": "opsimate",
    "groupLabels": {"alertname": "NginxDown"},
    "commonLabels": {"alertname": "NginxDown", "severity": "critical"},
    "commonAnnotations": {},
    "externalURL": "http://alertmanager:9093",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "NginxDown", "severity": "critical", "env": "prod", "instance": "web-1:9100"},
            "annotations": {"summary": "nginx is down on web-1"},
            "startsAt": "2026-01-31T12:00:00.000Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus:9090/graph",
            "fingerprint": "1a30ba71cca2921f",
        }
    ],
}


@dataclass(frozen=True)
class _Group:
    """What the alerts of a message have in common."""

    key: str
    instance: str
    received_at: datetime


def read(delivery: Delivery) -> Batch:
    """Every alert of the group; the group's own status says nothing that they do not say themselves."""
    batch = Batch()
    message = Fields(json_of(delivery), "", batch.warnings)
    group = _Group(
        message.text("groupKey", LONGEST_TEXT), message.text("externalURL", LONGEST_ADDRESS), delivery.received_at
    )
    for place, alert in enumerate(alerts_in(message.value("alerts"), "alerts")):
        batch.reports.append(_report(Fields(alert, f"alerts.{place}", batch.warnings), group))
    left_out = message.value("truncatedAlerts")
    if isinstance(left_out, int) and not isinstance(left_out, bool) and left_out > 0:
        batch.warnings.append(
            f"truncatedAlerts: Alertmanager left {left_out} alerts out of this message, and they are not known here; "
            "raise max_alerts of its webhook_configs"
        )
    return batch


def _report(fields: Fields, group: _Group) -> Report:
    labels, annotations = fields.texts("labels"), fields.texts("annotations", LONGEST_TEXT)
    starts_at, ends_at = fields.instant("startsAt"), fields.instant("endsAt")
    fingerprint = short_key(fields.text("fingerprint")) or fingerprint_of(labels)
    status = _status(fields.text("status"), ends_at, group.received_at)
    alert = Alert(
        source=NAME,
        source_instance=group.instance,
        event_id=event_id_of(NAME, fingerprint, status, starts_at),
        fingerprint=fingerprint,
        group_key=group.key,
        status=status,
        severity=severity_of(labels.get("severity", "")),
        title=annotations.get("summary") or labels.get("alertname", ""),
        description=annotations.get("description") or annotations.get("message", ""),
        labels=labels,
        annotations=annotations,
        starts_at=starts_at or group.received_at,
        ends_at=(ends_at or group.received_at) if status == "resolved" else None,
        url=fields.text("generatorURL", LONGEST_ADDRESS),
    )
    return Report(alert, start_known=starts_at is not None)


def _status(word: str, ends_at: datetime | None, now: datetime) -> AlertStatus:
    """What the alert says of itself; where it says nothing that is known, whether its end has come."""
    has_ended = ends_at is not None and ends_at <= now
    return status_of(word) or ("resolved" if has_ended else "firing")


SOURCE = Source(NAME, "Prometheus Alertmanager", DESCRIPTION, EXAMPLE, read)
