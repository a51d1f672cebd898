"""Alerts: normalised reports that something fires or is resolved, and what the rules decided about them."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, ConfigDict, Field, JsonValue

from shared.contracts.model import Model
from shared.contracts.problem import nearest
from shared.contracts.values import Instant, instant_text

AlertStatus = Literal["firing", "resolved", "acknowledged", "updated", "unreadable"]
"""``updated``: something was said of it, but not that it fires or is over. ``unreadable``: no field of it is known."""
Severity = Literal["critical", "high", "warning", "info", "unknown"]

ALERT_SOURCES = (
    *("alertmanager", "generic", "grafana", "prometheus", "uptime-kuma", "gatus", "healthchecks", "zabbix", "nagios"),
    *("monit", "pagerduty-events", "cloudevents", "datadog", "pagerduty", "sentry", "newrelic", "opsgenie"),
    *("google-cloud", "azure", "sns"),
)
"""The registry of sources, by their names in ``/webhooks/NAME``; the alert-bridge says how each is spoken to."""

SIGNING_SOURCES = ("alertmanager", "generic", "grafana", "pagerduty", "sentry")
"""Those whose senders can sign the body that they send."""


def known_source(source: str) -> str:
    """The source itself, if there is one of this name; ``ValueError`` where there is none."""
    if source not in ALERT_SOURCES:
        message = f"has to be one of: {', '.join(ALERT_SOURCES)}{nearest(source, ALERT_SOURCES)}"
        raise ValueError(message)
    return source


AlertSource = Annotated[str, AfterValidator(known_source)]
"""A source that there is."""

STALE_AFTER = timedelta(hours=6)
"""A firing alert that was not heard of for longer is stale: by default Alertmanager repeats every four hours."""


class Alert(Model):
    """One alert, whatever told of it."""

    source: str
    integration: str = ""
    """The integration by which it came; empty where it came with a token. Each has fingerprints of its own."""
    source_instance: str = ""
    event_id: str
    """Names this very report: delivered again, it is the same."""
    fingerprint: str
    """Names what fires: the same for every report of it."""
    group_key: str = ""
    status: AlertStatus
    severity: Severity = "unknown"
    title: str = ""
    description: str = ""
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    starts_at: Instant
    ends_at: Instant | None = None
    url: str = ""


def host_of(instance: str) -> str:
    """The host that a label ``instance`` names: ``web-1:9100``, ``[::1]:9100`` and URLs without all but the host."""
    if "://" in instance:
        instance = urlsplit(instance).netloc.rpartition("@")[2]
    if instance.startswith("["):
        return instance[1:].partition("]")[0]
    host, colon, port = instance.rpartition(":")
    is_address = ":" in host
    return host if colon and port.isdigit() and not is_address else instance


ALERT_FIELDS: Mapping[str, Callable[[Alert], str | None]] = {
    "alert.host": lambda alert: host_of(alert.labels["instance"]) if "instance" in alert.labels else None,
    "alert.title": lambda alert: alert.title,
    "alert.description": lambda alert: alert.description,
    "alert.severity": lambda alert: alert.severity,
    "alert.status": lambda alert: alert.status,
    "alert.fingerprint": lambda alert: alert.fingerprint,
    "alert.source": lambda alert: alert.source,
    "alert.starts_at": lambda alert: instant_text(alert.starts_at),
    "alert.url": lambda alert: alert.url,
}
"""What rules may name of an alert, and its value; None where an alert has none."""
ALERT_MAPS: Mapping[str, Callable[[Alert], Mapping[str, str]]] = {
    "alert.labels.": lambda alert: alert.labels,
    "alert.annotations.": lambda alert: alert.annotations,
}
"""What stands before the names of those maps of an alert whose every value rules may name."""


def alert_values(alert: Alert) -> dict[str, str]:
    """What ``{{ alert.… }}`` may name, with its values; only what this alert has."""
    values = {name: value for name, field in ALERT_FIELDS.items() if (value := field(alert)) is not None}
    for prefix, field in ALERT_MAPS.items():
        values |= {f"{prefix}{name}": value for name, value in field(alert).items()}
    return values


DecisionKind = Literal[
    "run_requested",
    "no_rule_matched",
    "not_firing",
    "parameters_refused",
    "action_missing",
    "condition_failed",
    "cooling_down",
    "flapping",
]
REFUSED: frozenset[DecisionKind] = frozenset(("parameters_refused", "action_missing", "condition_failed"))
"""A rule matched, or nobody can say whether it does, and there is no run."""


class RuleDecision(Model):
    """What one rule's response said to an alert, or that no rule had anything to say."""

    rule: str | None = None
    action: str | None = None
    decision: DecisionKind
    reason: str
    """In a sentence."""
    run_id: str | None = None
    refire: int = 0
    """0 for the first time that it fired in its episode, then counting the later starts that rules were asked for."""
    response: Annotated[int | None, Field(exclude_if=lambda value: value is None)] = None
    """Which of the rule's responses, from 0; none of an alert that an earlier release decided."""
    earlier_run: Annotated[str | None, Field(exclude_if=lambda value: value is None)] = None
    """Of a response that cools down: the run that it had for this fingerprint."""
    earlier_at: Annotated[Instant | None, Field(exclude_if=lambda value: value is None)] = None
    """When it asked for that."""
    at: Instant


EndedBy = Literal["report", "silence", "next_episode"]

_EXAMPLE: JsonValue = {
    "id": "01KB0V5W3Y3Q9M1QK5M6Y9T2XR",
    "version": 2,
    "identity": "5f0c4d1e" * 8,
    "alert": {
        "source": "alertmanager",
        "event_id": "a1b2c3d4e5f60718/2026-01-31T12:00:00.000Z/firing",
        "fingerprint": "a1b2c3d4e5f60718",
        "status": "firing",
        "severity": "critical",
        "title": "NginxDown",
        "labels": {"alertname": "NginxDown", "env": "prod", "instance": "web-1:9100"},
        "starts_at": "2026-01-31T12:00:00.000Z",
    },
    "received_at": "2026-01-31T12:00:30.000Z",
    "last_received_at": "2026-01-31T12:00:30.000Z",
    "deliveries": 1,
    "decisions": [
        {
            "rule": "nginx-down",
            "action": "restart-service",
            "decision": "run_requested",
            "reason": "the rule matches, and asks for a run",
            "run_id": "01KB0V5W4D8H2J6N9R3T7V1X5Z",
            "at": "2026-01-31T12:00:30.005Z",
        }
    ],
    "runs": ["01KB0V5W4D8H2J6N9R3T7V1X5Z"],
}


class StoredAlert(Model):
    """One episode of an alert as it is stored: a fingerprint from its first report until it is resolved."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: str
    """Of the episode."""
    version: int = 1
    identity: str
    """Unique; the newest episode of a fingerprint has SHA-256 of source and fingerprint, in hex."""
    alert: Alert
    """As first reported, with the status and the end that were reported last, and the earliest start."""
    received_at: Instant
    last_received_at: Instant
    deliveries: int
    starts: list[Instant] = []
    """The starts that reports named, in the order in which they were heard of: of many, the first and the newest."""
    latest_start: Instant | None = None
    """The latest of all that were named."""
    end_told: bool = False
    """Whether ``ends_at`` is the sender's; otherwise it is the time of receipt."""
    ended_by: EndedBy | None = None
    """What ended it: a report that it is resolved, long silence, or (of an earlier release) a newer alert."""
    late_reports: int = 0
    """Reports that belong to a time before what is known, such as a firing one that came after the resolved one."""
    late_report_at: Instant | None = None
    """When the last of them came."""
    late_firing_since: Instant | None = None
    """When the first firing report came late after the last report of the end; one that comes more than five minutes
    after it begins a new episode."""
    asked: int | None = None
    """How often rules were asked: 0 until it first fires, then 1, and one more for every later start that a rule
    was asked for. None of an alert that an earlier release stored."""
    decisions: list[RuleDecision]
    runs: list[str]
