"""Generic JSON: anything that can post a JSON object of our own fields."""

from datetime import datetime
from typing import Any

from alert_bridge.domain import alertmanager
from alert_bridge.domain.fields import LONGEST_ADDRESS, LONGEST_TEXT, SHOWN, Fields, text_of
from alert_bridge.domain.source import (
    Batch,
    ReceivedDelivery,
    Report,
    Source,
    Warnings,
    digest,
    event_id_of,
    fingerprint_of,
    json_of,
    short_key,
)
from alert_bridge.domain.status import Reader, severity_of, state_beside_the_body, status_of, why_not_firing, with_paths
from alert_bridge.domain.verification import signed_body
from shared.contracts.alert import Alert, AlertStatus, Severity
from shared.redaction import quoted

NAME = "generic"
FIELDS = (
    *("title", "status", "severity", "fingerprint", "labels", "annotations"),
    *("starts_at", "ends_at", "event_id", "description", "url"),
)
_WITHOUT_STATUS = tuple(name for name in FIELDS if name != "status")
_AS_ALERTMANAGER = alertmanager.Neighbour(NAME, alertmanager.FIELDS, alertmanager.MESSAGE_FIELDS)
_ALERTMANAGERS = ("startsAt", "endsAt", "generatorURL")

DESCRIPTION = """\
Takes one alert, a list of alerts, or `{"alerts": [...]}`. The token has the role `alerts` or `administrator`.

| Field | Meaning | Where it is missing |
|---|---|---|
| `title` | a line for people | the label `alertname` |
| `status` | `firing`, `resolved`, `acknowledged`, `updated`, or a usual word for one of these (`alerting`, `problem`, \
`ok`, `recovered`, `closed`, …). Anything else, numbers too, is taken as `updated`, which asks no rule | `firing`, but \
only where the alert has a title, labels or a fingerprint, and nothing that came with it can say otherwise |
| `severity` | `critical`, `high`, `warning`, `info`, or a usual word for one of these | the label `severity`, \
or else `unknown` |
| `fingerprint` | names what fires: the same for every report of it | made of the labels and the title |
| `labels`, `annotations` | objects of names and texts | empty |
| `starts_at` | since when it fires: RFC 3339, or a number of seconds, milliseconds, microseconds or nanoseconds \
since 1970 | the time of receipt |
| `ends_at` | until when it fired | the time of receipt, for a resolved alert |
| `event_id` | names this very report | made of the rest |
| `description`, `url` | more for people | empty |

Fields that are not listed are ignored. A fingerprint is one alert until it is resolved, and asks for one run; send
one, for a title with a changing number in it makes every report an alert of its own. Without `starts_at`, an alert is
over, too, when it has not been heard of for 30 minutes. An object without any of these fields is kept as `unreadable`
and starts nothing.
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


def read(delivery: ReceivedDelivery) -> Batch:
    """One alert, a list of them, or an object with such a list."""
    batch, body = Batch(), json_of(delivery)
    warnings = batch.warnings
    reader = Reader(NAME, FIELDS, delivery.received_at, warnings)
    outer = Fields({}, "", warnings)
    if isinstance(body, dict) and isinstance(body.get("alerts"), list):
        outer = Fields({name: value for name, value in body.items() if name != "alerts"}, "", warnings)
        alerts = with_paths(body["alerts"], "alerts", warnings)
    elif isinstance(body, list):
        alerts = with_paths(body, "", warnings)
    else:
        alerts = [("", body)]
    if not alerts:
        warnings.add_once("body: holds no alert")
    reports = _Reports(delivery, outer, warnings)
    for path, value in alerts:
        fields = reader.fields_of(value, path)
        if fields is not None:
            known = fields.has_any(FIELDS) or fields.has_any(_ALERTMANAGERS)
            batch.add(reports.of(fields) if known else reader.unreadable(fields))
    return batch


class _Reports:
    """Makes reports of the alerts of one delivery."""

    def __init__(self, delivery: ReceivedDelivery, outer: Fields, warnings: Warnings) -> None:
        self._received_at = delivery.received_at
        self._warnings = warnings
        self._outer = outer
        self._group: alertmanager.Group | None = None
        self._beside = state_beside_the_body(delivery)
        self._not_firing_outer = why_not_firing(outer, _WITHOUT_STATUS, delivery.received_at)

    def of(self, fields: Fields) -> Report:
        """The report of one alert, of which some field is known."""
        if fields.has_any(_ALERTMANAGERS) and not fields.has_any(("title", "starts_at", "ends_at")):
            return self._in_alertmanagers_form(fields)
        labels = fields.texts("labels")
        title = fields.text("title") or labels.get("alertname", "")
        start = "starts_at" if fields.has_any(("starts_at",)) else "startsAt"
        starts_at = fields.past_instant(start, self._received_at)
        given = short_key(fields.key("fingerprint"))
        fingerprint = given or self._fingerprint(fields)
        status = self._status(fields, says_what_fires=bool(given or labels or title))
        ends_at = self._end(fields, status)
        event_id = short_key(fields.key("event_id"))
        alert = Alert(
            source=NAME,
            event_id=event_id or event_id_of(NAME, fingerprint, status, starts_at),
            fingerprint=fingerprint,
            status=status,
            severity=self._severity(fields, labels),
            title=title,
            description=fields.text("description", LONGEST_TEXT),
            labels=labels,
            annotations=fields.texts("annotations", LONGEST_TEXT),
            starts_at=starts_at or self._received_at,
            ends_at=(ends_at or self._received_at) if status == "resolved" else None,
            url=fields.text("url", LONGEST_ADDRESS),
        )
        return Report(
            alert,
            start_known=starts_at is not None,
            end_known=ends_at is not None,
            event_known=bool(event_id),
            silence_ends=not fields.has_any(("starts_at", "startsAt")),
        )

    def _severity(self, fields: Fields, labels: dict[str, str]) -> Severity:
        said = fields.text("severity")
        severity = severity_of(said or labels.get("severity", ""))
        if said.strip() and severity == "unknown" and said.strip().lower() != severity:
            fields.warn("severity", f"'{quoted(said, SHOWN)}' is not known as a severity and was taken as 'unknown'")
        return severity

    def _end(self, fields: Fields, status: AlertStatus) -> datetime | None:
        name = "ends_at" if fields.has_any(("ends_at",)) else "endsAt"
        ends_at = fields.instant(name)
        return fields.unless_ahead(name, ends_at, self._received_at) if status == "resolved" else ends_at

    def _in_alertmanagers_form(self, fields: Fields) -> Report:
        self._warnings.add_once(
            "startsAt, endsAt and generatorURL are fields of Alertmanager and Prometheus: they were understood, but "
            "what Alertmanager sends belongs to /webhooks/alertmanager"
        )
        if self._group is None:
            self._group = alertmanager.group_of(self._outer, _AS_ALERTMANAGER, self._received_at, self._beside)
        return alertmanager.report_of(fields, self._group)

    def _fingerprint(self, fields: Fields) -> str:
        """Made of what was sent, before anything of it is cut."""
        labels, title = fields.whole_texts("labels"), fields.value("title")
        title = "" if isinstance(title, dict | list) else text_of(title)
        title = title or labels.get("alertname", "")
        if not any(map(str.strip, (title, *labels.values()))):
            self._warnings.add_once(
                "fingerprint: is missing, and so are labels and title: every other body is an alert of its own"
            )
            return digest(fields.values)
        self._warnings.add_once(
            "fingerprint: is missing and was made of the labels and the title: a report with others, such as another "
            "number in the title, is another alert; send a fingerprint that stays the same until it is resolved"
        )
        return fingerprint_of(labels, title)

    def _status(self, fields: Fields, *, says_what_fires: bool) -> AlertStatus:
        said = fields.value("status")
        if said is None or said == "":
            return self._status_not_given(fields, says_what_fires=says_what_fires)
        known = status_of(said) if isinstance(said, str) else None
        if known is None:
            hint = "" if isinstance(said, str) else ", for numbers mean opposite things with different senders"
            sentence = f"'{quoted(said, SHOWN)}' is not known as a status and was taken as 'updated'{hint}"
            fields.warn("status", sentence, not_understood=True)
        return known or "updated"

    def _status_not_given(self, fields: Fields, *, says_what_fires: bool) -> AlertStatus:
        """An alert without a status fires, unless it may be saying something else in a way that is not known."""
        if self._beside:
            where = f"{self._beside} says nothing of a single alert here"
        elif why := why_not_firing(fields, (*FIELDS, *_ALERTMANAGERS), self._received_at):
            where = why
        elif self._not_firing_outer:
            where = f"beside the list {self._not_firing_outer}"
        elif not says_what_fires:
            where = "neither title nor labels nor fingerprint says what fires"
        else:
            return "firing"
        sentence = f"is missing, and {where}, so this was taken as 'updated' and starts nothing; send a status"
        fields.warn("status", sentence, not_understood=True)
        return "updated"


SOURCE = Source(
    NAME,
    "Generic JSON",
    DESCRIPTION,
    EXAMPLE,
    read,
    signature=signed_body("X-Hub-Signature-256", prefix="sha256="),
)
