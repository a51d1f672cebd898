"""Alerts: normalised reports that something fires or is resolved, and the rules that answer them."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

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


class StoredAlert(BaseModel):
    """An alert as it is stored: one for each fingerprint and start, however often it is delivered."""

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
