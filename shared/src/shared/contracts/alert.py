"""Alerts: normalised reports that something fires or is resolved, and the rules that answer them."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from shared.contracts.definition import Strict
from shared.contracts.parameter import GivenValue
from shared.contracts.values import Description, Instant, Name

AlertStatus = Literal["firing", "resolved", "acknowledged", "updated"]
Severity = Literal["critical", "high", "warning", "info", "unknown"]
AlertSource = Literal["alertmanager", "generic"]

MOST_MATCHERS = 64
MOST_RESPONSES = 20

LabelName = Annotated[str, StringConstraints(min_length=1, max_length=200)]
LabelValue = Annotated[str, StringConstraints(max_length=4_096)]


class Alert(BaseModel):
    """One alert, whatever told of it."""

    source: str
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


DecisionKind = Literal["run_requested", "no_rule_matched", "not_firing", "parameters_refused", "action_missing"]


class RuleDecision(BaseModel):
    """What one rule's response said to an alert, or that no rule had anything to say."""

    rule: str | None = None
    action: str | None = None
    decision: DecisionKind
    reason: str
    """In a sentence."""
    run_id: str | None = None
    at: Instant


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


class StoredAlert(BaseModel):
    """An alert as it is stored: one for each fingerprint and start, however often it is delivered."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: str
    version: int = 1
    identity: str
    """SHA-256 of source, fingerprint and start, in hex; unique."""
    alert: Alert
    received_at: Instant
    last_received_at: Instant
    deliveries: int
    decisions: list[RuleDecision]
    runs: list[str]


class RuleMatch(Strict):
    """Which alerts a rule is for: all that is given has to hold."""

    labels: Annotated[dict[LabelName, LabelValue], Field(max_length=MOST_MATCHERS)] = {}
    severity: Annotated[list[Severity], Field(min_length=1)] | None = None


class Response(Strict):
    """A run that a rule asks for."""

    action: Name
    timing: Literal["immediately"] = "immediately"
    parameters: Annotated[dict[str, GivenValue], Field(max_length=100)] = {}
    """Values, or texts with ``{{ alert.… }}`` in them: ``labels.NAME``, ``annotations.NAME``, ``host``
    (the label instance without its port), ``title``, ``description``, ``severity``, ``status``, ``fingerprint``,
    ``source``, ``starts_at``, ``url``."""


class AlertRuleDefinition(Strict):
    """Which alerts request which actions."""

    kind: Literal["alert_rule"] = "alert_rule"
    name: Name
    description: Description = ""
    enabled: bool = True
    source: AlertSource | None = None
    match: RuleMatch
    responses: Annotated[list[Response], Field(min_length=1, max_length=MOST_RESPONSES)]
