"""Prometheus's Alertmanager: its webhook, version 4 and its neighbours."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alert_bridge.domain.fields import LONGEST_ADDRESS, LONGEST_TEXT, SHOWN, Fields
from alert_bridge.domain.source import (
    Batch,
    ReceivedDelivery,
    Report,
    Source,
    digest,
    event_id_of,
    fingerprint_of,
    json_of,
    short_key,
)
from alert_bridge.domain.status import (
    Reader,
    foreign_field,
    is_zero_time,
    severity_of,
    state_beside_the_body,
    with_paths,
)
from alert_bridge.domain.verification import signed_body
from shared.contracts.alert import Alert, AlertStatus
from shared.redaction import quoted

NAME = "alertmanager"
FIELDS = ("status", "labels", "annotations", "startsAt", "endsAt", "generatorURL", "fingerprint")
"""Of one alert."""
MESSAGE_FIELDS = (
    *("version", "groupKey", "truncatedAlerts", "status", "receiver", "groupLabels", "commonLabels"),
    *("commonAnnotations", "externalURL", "alerts", "orgId"),
)
"""Of a message."""

DESCRIPTION = """\
Takes what Alertmanager's `webhook_configs` send: every alert of the group by itself, firing or resolved. The token
has the role `alerts` or `administrator`.

```yaml
receivers:
  - name: opsimate
    webhook_configs:
      - url: http://127.0.0.1:8081/webhooks/alertmanager
        send_resolved: true
        http_config:
          authorization:
            credentials_file: /etc/alertmanager/opsimate-token
```

Alertmanager repeats what still fires (`repeat_interval`): a fingerprint is one alert until it is resolved, whatever
start a report names, and asks for no second run. Of a message everything is taken that can be read. The title is the
annotation `summary`, or else the label `alertname`; the severity is the label `severity`.
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
class Group:
    """What the alerts of a message have in common."""

    source: "Neighbour"
    key: str
    instance: str
    received_at: datetime
    not_firing: str | None
    """What around its alerts may say that they do not fire, as a part of a sentence."""


def read(delivery: ReceivedDelivery) -> Batch:
    """Every alert of the group; the group's own status says nothing that they do not say themselves."""
    return read_groups(Neighbour(NAME, FIELDS, MESSAGE_FIELDS), delivery)


@dataclass(frozen=True)
class Neighbour:
    """A source that writes as Alertmanager does."""

    name: str
    fields: tuple[str, ...]
    """Of one alert."""
    message_fields: tuple[str, ...]
    """Of a message."""
    always_has_status: bool = False
    """Whether an alert without a status is not one that fires until its end, but one that is not understood."""
    is_no_alert: Callable[[Fields], str | None] = lambda _alert: None
    """What an alert is that is none, such as a test; as part of a sentence."""
    finished: Callable[[Report, Fields], Report] = lambda report, _alert: report
    """What it makes of an alert's report with the fields that only it has."""


def read_groups(source: Neighbour, delivery: ReceivedDelivery) -> Batch:
    """Every alert of the group that such a source posts."""
    batch, body = Batch(), json_of(delivery)
    reader = Reader(source.name, source.fields, delivery.received_at, batch.warnings)
    message = reader.fields_of(body, "")
    if message is None:
        return batch
    alerts = message.value("alerts")
    if not isinstance(alerts, list):
        batch.warnings.add_once(
            f"alerts: has to be a list of alerts, as webhooks of {source.name} send it; what has a form of its own is "
            "for /webhooks/generic"
        )
        batch.add(reader.unreadable(message))
        return batch
    group = group_of(message, source, delivery.received_at, state_beside_the_body(delivery))
    for path, value in with_paths(alerts, "alerts", batch.warnings):
        fields = reader.fields_of(value, path)
        if fields is None:
            continue
        if no_alert := source.is_no_alert(fields):
            batch.warnings.add_recorded(no_alert)
        elif fields.has_any(source.fields):
            batch.add(source.finished(report_of(fields, group), fields))
        else:
            batch.add(reader.unreadable(fields))
    left_out = message.value("truncatedAlerts")
    if isinstance(left_out, int) and not isinstance(left_out, bool) and left_out > 0:
        batch.warnings.add_once(
            f"truncatedAlerts: {left_out} alerts were left out of this message by its sender, and they are not known "
            "here; raise max_alerts of its webhook"
        )
    return batch


def group_of(message: Fields, source: Neighbour, received_at: datetime, said_beside: str | None) -> Group:
    """What a message says of all its alerts; ``said_beside`` is what headers and address may say of their state."""
    key, instance = message.text("groupKey", LONGEST_TEXT), message.text("externalURL", LONGEST_ADDRESS)
    said = message.value("status")
    not_firing = f"{said_beside} may say its state" if said_beside else None
    if said not in (None, "", "firing"):
        not_firing = f"the group's status is '{quoted(said, SHOWN)}'"
    elif foreign := foreign_field(message, source.message_fields):
        not_firing = f"'{foreign}' is not known here"
    return Group(source, key, instance, received_at, not_firing)


def report_of(fields: Fields, group: Group) -> Report:
    """One alert in Alertmanager's form, or in Prometheus's, which has neither status nor fingerprint."""
    labels, annotations = fields.texts("labels"), fields.texts("annotations", LONGEST_TEXT)
    starts_at, ends_at = fields.past_instant("startsAt", group.received_at), fields.instant("endsAt")
    fingerprint = short_key(fields.key("fingerprint")) or _fingerprint(fields)
    status = _status(fields, ends_at, group)
    if status == "resolved":
        ends_at = fields.unless_ahead("endsAt", ends_at, group.received_at)
    alert = Alert(
        source=group.source.name,
        source_instance=group.instance,
        event_id=event_id_of(group.source.name, fingerprint, status, starts_at),
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
    return Report(alert, start_known=starts_at is not None, end_known=ends_at is not None)


def _fingerprint(fields: Fields) -> str:
    labels = fields.whole_texts("labels")
    return fingerprint_of(labels) if any(map(str.strip, labels.values())) else digest(fields.values)


def _status(fields: Fields, ends_at: datetime | None, group: Group) -> AlertStatus:
    """What the alert says of itself; where it says nothing, whether its end has come."""
    said = fields.value("status")
    if said is None or said == "":
        if group.source.always_has_status:
            why = "senders of this kind always say it"
        elif foreign := foreign_field(fields, group.source.fields):
            why = f"'{foreign}' is not known here"
        elif ends_at is None and not is_zero_time(fields.value("endsAt")):
            why = "so is an endsAt that can be read"
        elif group.not_firing:
            why = group.not_firing
        else:
            return "resolved" if ends_at is not None and ends_at <= group.received_at else "firing"
        sentence = f"is missing, and {why}, so this was taken as 'updated' and starts nothing; send a status"
        fields.warn("status", sentence, not_understood=True)
        return "updated"
    match said.strip().lower() if isinstance(said, str) else said:
        case "firing":
            return "firing"
        case "resolved":
            return "resolved"
    word = quoted(said, SHOWN)
    fields.warn("status", f"'{word}' is neither 'firing' nor 'resolved', so it starts nothing", not_understood=True)
    return "updated"


SOURCE = Source(
    NAME,
    "Prometheus Alertmanager",
    DESCRIPTION,
    EXAMPLE,
    read,
    signature=signed_body("X-Grafana-Alerting-Signature"),
)
