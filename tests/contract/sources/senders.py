"""What each source of alerts is held to: the requests of its senders, recorded ones where there are, and their meaning.

A source joins the contract by an entry in ``SENDERS``.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alert_bridge.domain.source import Batch, ReceivedDelivery
from alert_bridge.main import SOURCES

SAMPLES = Path(__file__).parents[2] / "samples" / "senders"
RECORDED = datetime(2026, 11, 28, 15, 20, tzinfo=UTC)


@dataclass(frozen=True)
class Sent:
    """A request that a sender makes."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    """By lower-case names."""
    method: str = "POST"
    query: str = ""

    def but(self, path: str, value: Any) -> "Sent":
        """The same with another value at a path of its JSON; numbers stand for places in lists."""
        document = json.loads(self.body)
        *outer, last = [int(one) if one.isdigit() else one for one in path.split(".")]
        inner = document
        for one in outer:
            inner = inner[one]
        inner[last] = value
        return replace(self, body=json.dumps(document).encode())

    def read_by(self, source: str, at: datetime = RECORDED) -> Batch:
        """What a source makes of it."""
        delivery = ReceivedDelivery(self.body, self.headers, at, self.query, self.method)
        return SOURCES[source].read(delivery)


def sent(value: Any, **headers: str) -> Sent:
    """A request with this as its JSON; underscores in the names of headers are hyphens."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Sent(json.dumps(value).encode(), {"content-type": "application/json", **named})


def form(text: str) -> Sent:
    """A request with this form."""
    return Sent(text.encode(), {"content-type": "application/x-www-form-urlencoded"})


def sample(name: str) -> Sent:
    """A recorded request."""
    first, *lines = (SAMPLES / f"{name}.headers").read_text().splitlines()
    method, _, address = first.partition(" ")
    pairs = [line.partition(":") for line in lines if ":" in line] if method.isupper() else []
    headers = {header.strip().lower(): value.strip() for header, _, value in pairs}
    (body,) = [file.read_bytes() for file in SAMPLES.glob(f"{name}.*") if file.suffix != ".headers"]
    query = address.partition("?")[2]
    return Sent(body, headers, method if method.isupper() else "POST", query)


@dataclass(frozen=True)
class Sender:
    """A source's senders."""

    firing: Sent
    resolved: Sent
    """The end of the same alert."""
    status: str
    """The path of the status in the JSON of ``firing``; empty where it is not in one field of JSON."""
    alert: Mapping[str, Any]
    """What the alert of ``firing`` has: its fields, of labels those that are named."""
    also_firing: Sequence[Sent] = ()
    also_resolved: Sequence[Sent] = ()
    noted: Sequence[Sent] = ()
    """Of which nothing fires and nothing is over, and all is understood."""
    tests: Sequence[Sent] = ()
    """That are recorded, and are no alerts."""
    not_understood: Sequence[Sent] = ()
    """That are told as such, and start nothing."""
    batch: tuple[Sent, Sequence[str]] | None = None
    """Several alerts in one request, and their statuses."""
    signature: tuple[str, str] | None = None
    """The header in which its senders sign, and what stands before the digits."""
    at: datetime = RECORDED
    resolved_at: datetime = RECORDED
    answer: int = 202
    path: str = ""
    """Where it is posted to; ``/webhooks/NAME`` where empty."""


def samples(*names: str) -> list[Sent]:
    """Recorded requests."""
    return [sample(name) for name in names]


def changed(base: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """An object with some other fields."""
    return {**base, **fields}


_GRAFANA = sample("grafana-alerting-2026.08-fire")
_ZABBIX: Mapping[str, Any] = SOURCES["zabbix"].example if isinstance(SOURCES["zabbix"].example, Mapping) else {}
_ENDS = {"ahead": "2026-11-28T15:14:00Z", "past": "2026-11-28T15:13:00Z"}
_NAGIOS = json.loads(sample("nagios-4.4.6-repeat").body)
_MONIT = json.loads(sample("monit-5.33.0-fire").body)
_HEALTHCHECKS = {
    "name": "backup",
    "status": "down",
    "code": "3e97",
    "now": "2026-11-28T15:19:49+00:00",
    "tags": "a b:c",
}
_KUMA = sample("uptime-kuma-2.5.3-json-fire")
_EVENT = json.loads(sample("cloudevents-go-2.16.2-structured-fire").body)


def example_of(source: str) -> dict[str, Any]:
    """What the documents show of a sender of which nothing was recorded."""
    example = SOURCES[source].example
    assert isinstance(example, Mapping)
    return json.loads(json.dumps(example))  # type: ignore[no-any-return]


_DATADOG, _OPSGENIE, _RELIC = example_of("datadog"), example_of("opsgenie"), example_of("newrelic")
_PAGER, _SENTRY = sent(example_of("pagerduty")), sent(example_of("sentry"), sentry_hook_resource="event_alert")
_ISSUE = sent(
    {"action": "resolved", "data": {"issue": {"id": "1170820242", "title": "nginx is down", "shortId": "WEB-1"}}},
    sentry_hook_resource="issue",
)
_METRIC = sent(
    {
        "action": "critical",
        "data": {
            "metric_alert": {
                "id": "9",
                "alert_rule": {"id": "4", "name": "p95"},
                "date_started": "2026-11-28T15:00:00Z",
            },
            "description_title": "Critical: p95",
            "web_url": "https://sentry.io/alerts/9",
        },
    },
    sentry_hook_resource="metric_alert",
)
_SNS = example_of("sns")
_ALARM = json.loads(_SNS["Message"])


def alarm(**fields: Any) -> Sent:
    """A notification of SNS with an alarm that has these other fields."""
    return Sent(json.dumps(_SNS | {"Message": json.dumps(_ALARM | fields)}).encode(), {"content-type": "text/plain"})


_GOOGLE, _AZURE = sent(example_of("google-cloud")), sent(example_of("azure"))
_PUSHED = {"message": {"data": base64.b64encode(_GOOGLE.body).decode(), "messageId": "1"}, "subscription": "s"}

SENDERS: dict[str, Sender] = {
    "alertmanager": Sender(
        firing=sample("alertmanager-0.35.0-fire"),
        resolved=sample("alertmanager-0.35.0-resolve"),
        status="alerts.0.status",
        alert={"severity": "critical"},
        batch=(sample("alertmanager-0.35.0-mixed"), ["resolved", "firing"]),
        also_firing=(sample("alertmanager-0.35.0-odd-nul"), sample("alertmanager-0.25.0-truncated")),
        signature=("X-Grafana-Alerting-Signature", ""),
    ),
    "grafana": Sender(
        firing=_GRAFANA,
        resolved=_GRAFANA.but("alerts.0.status", "resolved").but("alerts.0.values", None),
        status="alerts.0.status",
        alert={"title": "CPU over 90", "severity": "critical", "fingerprint": "1/6cf18c17a05579eb"},
        also_firing=(
            sample("grafana-alerting-2026.08-put"),
            sample("grafana-alerting-2026.08-nodata"),
            sample("grafana-alerting-2026.08-hmacts"),
        ),
        tests=(_GRAFANA.but("alerts.0.labels", {"alertname": "TestAlert", "instance": "Grafana"}),),
        not_understood=(sample("grafana-alerting-2026.08-payload"), _GRAFANA.but("alerts.0.status", "pending")),
        batch=(
            _GRAFANA.but(
                "alerts", [{"status": "firing", "fingerprint": "a"}, {"status": "resolved", "fingerprint": "b"}]
            ),
            ["firing", "resolved"],
        ),
        signature=("X-Grafana-Alerting-Signature", ""),
    ),
    "prometheus": Sender(
        firing=sample("prometheus-3.16.0-fire"),
        resolved=sample("prometheus-3.16.0-resolve"),
        status="",
        alert={"title": "web is broken", "severity": "critical", "labels": {"alertname": "Broken", "svc": "web"}},
        at=datetime(2026, 11, 28, 15, 13, 21, tzinfo=UTC),
        resolved_at=datetime(2026, 11, 28, 15, 17, 47, tzinfo=UTC),
        not_understood=(sample("prometheus-3.16.0-fire").but("0.endsAt", "soon"),),
        batch=(sent([{"labels": {"a": one}, "endsAt": _ENDS[one]} for one in _ENDS]), ["firing", "resolved"]),
        answer=200,
        path="/api/v2/alerts",
    ),
    "uptime-kuma": Sender(
        firing=_KUMA,
        resolved=sample("uptime-kuma-2.5.3-json-resolve"),
        status="heartbeat.status",
        alert={
            "title": "[web] [🔴 Down] timeout",
            "fingerprint": "7",
            "labels": {"alertname": "web", "instance": "web.example", "env": "prod", "type": "http"},
            "starts_at": datetime(2026, 11, 28, 15, 0, tzinfo=UTC),
        },
        also_firing=(sample("uptime-kuma-2.5.3-form-fire"),),
        also_resolved=(sample("uptime-kuma-2.5.3-get-resolve"),),
        noted=(_KUMA.but("heartbeat.status", 2), _KUMA.but("heartbeat.status", 3)),
        tests=(sample("uptime-kuma-2.5.3-json-test"),),
        not_understood=(
            _KUMA.but("heartbeat.status", True),
            sample("uptime-kuma-2.5.3-custom-fire"),
        ),
    ),
    "gatus": Sender(
        firing=sent({"endpoint": "web", "group": "core", "url": "https://web-1.example/x", "status": "TRIGGERED"}),
        resolved=sent({"endpoint": "web", "group": "core", "url": "https://web-1.example/x", "status": "RESOLVED"}),
        status="status",
        alert={"title": "web", "fingerprint": "web/core", "labels": {"endpoint": "web", "instance": "web-1.example"}},
        also_firing=(sample("gatus-5-n8n-fire"),),
        also_resolved=(sample("gatus-5-n8n-resolve"),),
        not_understood=(sample("gatus-5-slack-fire"), sent({"endpoint": "web", "resolved": "false"})),
    ),
    "healthchecks": Sender(
        firing=sent(_HEALTHCHECKS),
        resolved=sent(changed(_HEALTHCHECKS, status="up")),
        status="status",
        alert={
            "title": "backup",
            "fingerprint": "3e97",
            "labels": {"alertname": "backup", "a": "true", "b": "c"},
            "starts_at": datetime(2026, 11, 28, 15, 19, 49, tzinfo=UTC),
        },
        also_firing=(
            sample("healthchecks-3.10-fire"),
            Sent(b"", method="GET", query="status=down&code=3e97&name=backup"),
        ),
        also_resolved=(sample("healthchecks-3.10-resolve"),),
        noted=(sent(changed(_HEALTHCHECKS, status="grace")), sent(changed(_HEALTHCHECKS, status="paused"))),
        tests=(sent(changed(_HEALTHCHECKS, name="TEST")),),
        not_understood=(sent(changed(_HEALTHCHECKS, status="$STATUS")),),
    ),
    "zabbix": Sender(
        firing=sent(_ZABBIX),
        resolved=sent(changed(_ZABBIX, event_value="0")),
        status="event_value",
        alert={
            "title": "nginx is down on web-1",
            "severity": "high",
            "fingerprint": "4711",
            "labels": {"instance": "web-1", "env": "prod", "ip": "10.0.0.11", "trigger_id": "17"},
        },
        also_firing=(sample("zabbix-6.0.14-fire"), sample("zabbix-6.0.14-auth"), sent(changed(_ZABBIX, event_value=1))),
        also_resolved=(sample("zabbix-6.0.14-resolve"),),
        noted=(
            sent(changed(_ZABBIX, update_status="1")),
            sent(changed(_ZABBIX, update_status="1", acknowledged="Yes")),
        ),
        tests=(sent(changed(_ZABBIX, event_value="{EVENT.VALUE}", event_id="{EVENT.ID}")),),
        not_understood=(sent(changed(_ZABBIX, event_value="*UNKNOWN*")), sent({"event_id": "1"})),
    ),
    "nagios": Sender(
        firing=sent(_NAGIOS),
        resolved=sample("nagios-4.4.6-resolve"),
        status="type",
        alert={
            "title": "CRITICAL its gone q x  ü",
            "severity": "critical",
            "fingerprint": "web-1/HTTP",
            "labels": {"instance": "web-1", "service": "HTTP"},
        },
        also_firing=(
            sent({"type": "PROBLEM", "host": "web-1", "state": "DOWN", "svc": "$SERVICEDESC$"}),
            sent({"type": "Problem", "host": "web-1", "state": "Critical", "svc": "http"}),
            form("type=PROBLEM&host=web-1&svc=HTTP&state=CRITICAL&out=it%20is%20gone%3B%20%24%28id%29"),
        ),
        noted=tuple(
            sent(changed(_NAGIOS, type=one))
            for one in ("ACKNOWLEDGEMENT", "DOWNTIMESTART", "FLAPPINGSTOP", "Custom", "DowntimeRemoved")
        ),
        not_understood=(sent(changed(_NAGIOS, state="OK")), sent(changed(_NAGIOS, type="$NOTIFICATIONTYPE$"))),
    ),
    "monit": Sender(
        firing=sent(_MONIT),
        resolved=sample("monit-5.33.0-resolve"),
        status="MONIT_EVENT",
        alert={"title": "file doesn't exist", "labels": {"instance": "web-1", "service": "flagfile"}},
        also_firing=(
            sample("monit-5.33.0-program-fire"),
            form("MONIT_SERVICE=nginx&MONIT_EVENT=Connection%20failed&MONIT_HOST=web-1"),
            sent(changed(_MONIT, MONIT_EVENT="Timeout")),
            sent(changed(_MONIT, MONIT_EVENT="Link down")),
        ),
        also_resolved=tuple(
            sent(changed(_MONIT, MONIT_EVENT=one))
            for one in ("Status succeeded", "Timeout recovery", "Link up", "Speed ok", "Type succeeded")
        ),
        noted=tuple(
            sent(changed(_MONIT, MONIT_EVENT=one)) for one in ("Checksum changed", "PID not changed", "Content match")
        ),
        not_understood=(sent(changed(_MONIT, MONIT_EVENT="Exists not")), sent(changed(_MONIT, MONIT_EVENT="No Event"))),
    ),
    "pagerduty-events": Sender(
        firing=sample("pdpyras-5.4.1-fire"),
        resolved=sample("pdpyras-5.4.1-resolve"),
        status="event_action",
        alert={
            "title": "disk full",
            "severity": "critical",
            "fingerprint": "k1",
            "labels": {"instance": "web-1"},
        },
        also_firing=(
            sample("pagerduty-7.2.0-fire"),
            sample("pagerduty-7.2.0-fire-nokey"),
            sample("alertmanager-0.35.0-pagerduty-fire"),
            sample("alertmanager-0.25.0-pagerduty-fire"),
        ),
        also_resolved=(sample("pagerduty-7.2.0-resolve"), sample("alertmanager-0.35.0-pagerduty-resolve")),
        noted=(sample("pagerduty-7.2.0-ack"), sample("pdpyras-5.4.1-ack")),
        not_understood=(sent({"event_action": "snooze", "dedup_key": "k1"}),),
        path="/v2/enqueue",
    ),
    "cloudevents": Sender(
        firing=sent(_EVENT),
        resolved=sample("cloudevents-go-2.16.2-structured-resolve"),
        status="type",
        alert={
            "title": "disk full ü",
            "labels": {"subject": "disk/web-1", "type": "com.example.alert.fire"},
            "source_instance": "https://mon.example/checks/17",
        },
        also_firing=[
            *samples("cloudevents-go-2.16.2-binary-fire", "cloudevents-js-10.0.0-binary-fire"),
            *samples("cloudevents-js-10.0.0-structured-fire", "cloudevents-py-1.13.0-structured-fire"),
            *samples("cloudevents-py-2.2.0-binary-fire", "cloudevents-py-2.2.0-structured-fire"),
            sent(changed(_EVENT, type="x", data={"status": "firing"})),
        ],
        also_resolved=[
            *samples("cloudevents-go-2.16.2-binary-resolve", "cloudevents-py-1.13.0-binary-resolve"),
            *samples("cloudevents-py-2.2.0-binary-resolve", "cloudevents-py-2.2.0-structured-resolve"),
            sent(changed(_EVENT, data={"status": "ok"})),
        ],
        noted=(sent(changed(_EVENT, type="com.example.alert.acknowledged")),),
        not_understood=(
            sample("cloudevents-py-2.2.0-structured-bytes"),
            sent(changed(_EVENT, type="com.example.backup.done")),
            sent(changed(_EVENT, data={"status": 1})),
        ),
        batch=(
            sent([_EVENT, changed(_EVENT, id="2", subject="b", type="a.resolved")]),
            ["firing", "resolved"],
        ),
    ),
    "datadog": Sender(
        firing=sent(_DATADOG),
        resolved=sent(changed(_DATADOG, id="2", alert_transition="Recovered", alert_type="success")),
        status="alert_transition",
        alert={
            "title": "nginx is down",
            "severity": "critical",
            "event_id": "6859742911001",
            "labels": {"instance": "web-1", "env": "prod", "role": "web"},
        },
        also_firing=(
            *(sent(changed(_DATADOG, alert_transition=one)) for one in ("Re-Triggered", "Warn", "No Data", "Renotify")),
            form("alert_transition=Triggered&alert_id=1&scope=host%3Aweb-1&title=x&tags=env%3Aprod"),
        ),
        tests=(
            sent(changed(_DATADOG, alert_transition="")),
            sent(changed(_DATADOG, alert_transition="$ALERT_TRANSITION", aggreg_key="$AGGREG_KEY")),
        ),
        not_understood=(sent(changed(_DATADOG, alert_transition="Muted")), sent({"alert_id": "1", "title": "x"})),
    ),
    "pagerduty": Sender(
        firing=_PAGER,
        resolved=_PAGER.but("event.event_type", "incident.resolved").but("event.id", "2"),
        status="event.event_type",
        alert={
            "title": "nginx is down on web-1",
            "severity": "critical",
            "fingerprint": "PGR0VU2",
            "labels": {"service": "web", "urgency": "high", "incident_key": "nginx-down/web-1"},
        },
        also_firing=tuple(_PAGER.but("event.event_type", f"incident.{one}") for one in ("reopened", "unacknowledged")),
        noted=tuple(
            _PAGER.but("event.event_type", f"incident.{one}")
            for one in ("acknowledged", "escalated", "reassigned", "annotated", "custom_field_values.updated", "new")
        ),
        tests=(
            sent({"event": {"id": "1", "event_type": "pagey.ping", "data": {"message": "Hello!", "type": "ping"}}}),
            sent({"event": {"id": "1", "event_type": "service.updated", "data": {"id": "P1"}}}),
        ),
        not_understood=(_PAGER.but("event.event_type", "triggered"), sent({"event": None, "messages": []})),
        signature=("X-PagerDuty-Signature", "v1="),
    ),
    "sentry": Sender(
        firing=_SENTRY,
        resolved=_ISSUE,
        status="action",
        alert={
            "title": "nginx is down on web-1",
            "severity": "high",
            "labels": {"alertname": "NginxDown", "server_name": "web-1", "issue": "1170820242"},
        },
        also_firing=(
            _METRIC,
            _METRIC.but("action", "warning"),
            _ISSUE.but("action", "created"),
            _ISSUE.but("action", "unresolved"),
        ),
        also_resolved=(_METRIC.but("action", "resolved"),),
        noted=(_ISSUE.but("action", "assigned"), _ISSUE.but("action", "archived")),
        tests=(
            sent({"action": "created", "data": {"installation": {}}}, sentry_hook_resource="installation"),
            sent({"action": "created", "data": {"comment": "x"}}, sentry_hook_resource="comment"),
        ),
        not_understood=(_METRIC.but("action", "triggered"), _SENTRY.but("action", "resolved")),
        signature=("Sentry-Hook-Signature", ""),
    ),
    "newrelic": Sender(
        firing=sent(_RELIC),
        resolved=sent(changed(_RELIC, state="CLOSED", updatedAt=1769861800000)),
        status="state",
        alert={
            "title": "nginx is down on web-1",
            "severity": "critical",
            "labels": {"alertname": "NginxDown", "instance": "web-1", "policy": "web"},
            "starts_at": datetime(2026, 1, 31, 12, 0, tzinfo=UTC),
        },
        also_firing=(
            sent(changed(_RELIC, state="CREATED")),
            sent({"current_state": "open", "incident_id": 17, "condition_name": "x", "severity": "CRITICAL"}),
        ),
        also_resolved=(sent({"current_state": "closed", "incident_id": 17, "condition_name": "x"}),),
        noted=(sent(changed(_RELIC, state="ACKNOWLEDGED")),),
        tests=(sent({"current_state": "test", "incident_id": 0}),),
        not_understood=(sent(changed(_RELIC, state="{{ state }}")), sent({"issueUrl": "x"})),
    ),
    "opsgenie": Sender(
        firing=sent(_OPSGENIE),
        resolved=sent(_OPSGENIE | {"action": "Close"}),
        status="action",
        alert={
            "title": "nginx is down on web-1",
            "severity": "critical",
            "fingerprint": "nginx-down/web-1",
            "labels": {"instance": "web-1", "env": "prod", "priority": "P1"},
        },
        also_resolved=(sent(_OPSGENIE | {"action": "Delete"}),),
        noted=tuple(
            sent(_OPSGENIE | {"action": one})
            for one in ("Acknowledge", "AddNote", "Escalate", "UnAcknowledge", "Reboot")
        ),
        not_understood=(sent(_OPSGENIE | {"action": None}), sent(_OPSGENIE | {"action": ""})),
    ),
    "google-cloud": Sender(
        firing=_GOOGLE,
        resolved=_GOOGLE.but("incident.state", "closed").but("incident.ended_at", 1769861800),
        status="incident.state",
        alert={
            "title": "nginx is down on web-1",
            "severity": "critical",
            "fingerprint": "0.m8u0",
            "labels": {"alertname": "NginxDown", "instance": "web-1", "project": "acme"},
        },
        also_firing=(
            _GOOGLE.but("incident.state", "OPEN"),
            _GOOGLE.but("incident.ended_at", "null"),
            _GOOGLE.but("incident.documentation", "a text"),
            sent(_PUSHED),
        ),
        tests=(_GOOGLE.but("version", "test"),),
        not_understood=(_GOOGLE.but("incident.state", "unknown"), sent({"message": {"data": "%", "messageId": "1"}})),
    ),
    "azure": Sender(
        firing=_AZURE,
        resolved=_AZURE.but("data.essentials.monitorCondition", "Resolved"),
        status="data.essentials.monitorCondition",
        alert={"title": "NginxDown", "severity": "high", "labels": {"alertname": "NginxDown", "instance": "web-1"}},
        tests=(_AZURE.but("data.essentials.alertRule", "test-metricAlertRule"),),
        not_understood=(
            sent({"schemaId": "AzureMonitorMetricAlert", "data": {"status": "Activated", "context": {"name": "x"}}}),
            _AZURE.but("data.essentials.monitorCondition", "Activated"),
        ),
    ),
    "sns": Sender(
        firing=alarm(),
        resolved=alarm(NewStateValue="OK", StateChangeTime="2026-01-31T12:10:00.000+0000"),
        status="",
        alert={
            "title": "NginxDown",
            "labels": {
                "alertname": "NginxDown",
                "instance": "i-0abc",
                "InstanceId": "i-0abc",
                "region": "eu-central-1",
            },
            "starts_at": datetime(2026, 1, 31, 12, 0, tzinfo=UTC),
            "source_instance": "arn:aws:sns:eu-central-1:123456789012:alarms",
        },
        also_firing=(sent(_ALARM), alarm(AlarmArn=None)),
        batch=(sent([_ALARM, _ALARM | {"NewStateValue": "OK"}]), ["firing", "resolved"]),
        noted=(alarm(NewStateValue="INSUFFICIENT_DATA"),),
        tests=(
            sent({"Type": "SubscriptionConfirmation", "TopicArn": "t", "Token": "x", "Message": "You have chosen"}),
            sent({"Type": "UnsubscribeConfirmation", "TopicArn": "t", "Token": "x", "Message": "You have chosen"}),
        ),
        not_understood=(
            alarm(NewStateValue="FIRING"),
            alarm(NewStateValue=None),
            sent(_SNS | {"Message": "a plain text"}),
            sent(_SNS | {"Message": None}),
        ),
    ),
}
