"""Generic JSON: anything that can post a JSON object of our own fields."""

from datetime import datetime
from typing import Any

from alert_bridge.domain.fields import LONGEST_ADDRESS, LONGEST_TEXT, Fields, alerts_in
from alert_bridge.domain.identity import event_id_of, fingerprint_of, short_key
from alert_bridge.domain.source import Batch, Delivery, Report, Source, json_of
from alert_bridge.domain.words import severity_of, status_of
from shared.contracts.alert import Alert, AlertStatus

NAME = "generic"

DESCRIPTION = """\
Takes one alert, a list of alerts, or `{"alerts": [...]}`. The token has the role `alerts` or `administrator`.

| Field | Meaning | Where it is missing |
|---|---|---|
| `title` | a line for people | the label `alertname` |
| `status` | `firing`, `resolved`, `acknowledged`, `updated`, or a usual word for one of these (`alerting`, `problem`, \
`ok`, `recovered`, `closed`, …). A word that is not known is taken as `updated`, which asks no rule | `firing` |
| `severity` | `critical`, `high`, `warning`, `info`, or a usual word for one of these | the label `severity`, \
or else `unknown` |
| `fingerprint` | names what fires: the same for every report of it | made of the labels and the title |
| `labels`, `annotations` | objects of names and texts | empty |
| `starts_at` | since when it fires: RFC 3339, or a number of seconds, milliseconds, microseconds or nanoseconds \
since 1970 | the time of receipt |
| `ends_at` | until when it fired | the time of receipt, for a resolved alert |
| `event_id` | names this very report | made of the rest |
| `description`, `url` | more for people | empty |

Fields that are not listed are ignored. The same fingerprint with the same `starts_at` is the same alert, and asks for
no second run; send `starts_at` with the resolved report too, or with neither. Without `starts_at`, a report belongs to
the newest alert of its fingerprint until that is resolved, or has not been heard of for 30 minutes.
"""

EXAMPLE: dict[str, Any] = {
    "title": "nginx is down on web-1",
    "status": "firing",
    "severity": "critical",
    "fingerprint": "nginx-down/web-1",
    "labels": {"alertname": "NginxDown", "env": "prod", "instance": "web-1"},
    "annotations": {"runbook": "https://wiki.example.org/nginx"},
    "starts_at": "2026-01-31T12:00:00Z",
    "url": "https://monitoring.example.org/checks/17",
}


def read(delivery: Delivery) -> Batch:
    """One alert, a list of them, or an object with such a list."""
    batch, body = Batch(), json_of(delivery)
    if isinstance(body, dict) and "alerts" in body:
        placed = _placed(alerts_in(body["alerts"], "alerts"), "alerts.")
    elif isinstance(body, list):
        placed = _placed(alerts_in(body, "body"), "")
    else:
        placed = [("", body)]
    for path, alert in placed:
        batch.reports.append(_report(Fields(alert, path, batch.warnings), batch.warnings, delivery.received_at))
    return batch


def _placed(alerts: list[Any], prefix: str) -> list[tuple[str, Any]]:
    return [(f"{prefix}{place}", alert) for place, alert in enumerate(alerts)]


def _report(fields: Fields, warnings: list[str], received_at: datetime) -> Report:
    labels = fields.texts("labels")
    title = fields.text("title") or labels.get("alertname", "")
    starts_at, ends_at = fields.instant("starts_at"), fields.instant("ends_at")
    fingerprint = short_key(fields.text("fingerprint", LONGEST_TEXT)) or fingerprint_of(labels, title)
    status, event_id = _status(fields, warnings), short_key(fields.text("event_id", LONGEST_TEXT))
    alert = Alert(
        source=NAME,
        event_id=event_id or event_id_of(NAME, fingerprint, status, starts_at),
        fingerprint=fingerprint,
        status=status,
        severity=severity_of(fields.text("severity") or labels.get("severity", "")),
        title=title,
        description=fields.text("description", LONGEST_TEXT),
        labels=labels,
        annotations=fields.texts("annotations", LONGEST_TEXT),
        starts_at=starts_at or received_at,
        ends_at=(ends_at or received_at) if status == "resolved" else None,
        url=fields.text("url", LONGEST_ADDRESS),
    )
    return Report(alert, start_known=starts_at is not None, event_known=bool(event_id))


def _status(fields: Fields, warnings: list[str]) -> AlertStatus:
    word = fields.text("status")
    if not word:
        return "firing"
    known = status_of(word)
    if known is None:
        warnings.append(f"{fields.path_of('status')}: '{word}' is not known as a status and was taken as 'updated'")
    return known or "updated"


SOURCE = Source(NAME, "Generic JSON", DESCRIPTION, EXAMPLE, read)
