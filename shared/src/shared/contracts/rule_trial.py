"""Trying alert rules on what a sender posts, without running anything: the question, and its answer."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, JsonValue

from shared.contracts.alert import Alert, DecisionKind
from shared.contracts.model import Documented, Message
from shared.contracts.values import Instant

RuleVerdict = Literal["matches", "misses", "disabled", "undecided", "not_asked"]
"""``undecided``: its condition cannot be evaluated. ``not_asked``: a rule before it that matches is the last."""
MOST_TRIED = 50
"""Alerts of one body on which the rules are tried."""
MOST_RULES_SHOWN = 200
"""Of which it is told what they say to one alert."""


class RuleFinding(Documented):
    """What one rule says to an alert that fires, and why."""

    rule: str = Field(examples=["nginx-down"])
    verdict: RuleVerdict
    reason: str = Field(examples=["it needs the label env = 'prod', and this has 'test'"])
    """In a sentence; empty where it matches."""


class TriedAlert(Documented):
    """An alert of the body as it would be stored, and what the rules say to it."""

    alert: Alert
    episode: str | None
    """The id of the alert that is known by its fingerprint; null where there is none."""
    meaning: str = Field(examples=["It is not known yet, and would be a new alert."])
    """What the report would mean if it came now, in a sentence."""
    rules: list[RuleFinding] = []
    """In the order in which they are asked, at most 200; none where it does not fire."""


class TriedDecision(Documented):
    """What a rule's response would come to for one of the alerts, if that were new."""

    alert: Annotated[int, Field(ge=0)]
    """Which of the alerts, from 0."""
    rule: str | None
    action: str | None
    decision: DecisionKind
    reason: str = Field(examples=["The rule 'nginx-down' matched, and would request a run of 'restart-service'."])
    """In a sentence."""
    parameters: dict[str, JsonValue] | None = None
    """That the run would be given; null where there would be none."""
    not_before: Instant | None = None
    """When it would start at the earliest, where the response has a delay."""
    waits_for_approval: bool = False


class RulesTrial(Documented):
    """What would come of a body if it were posted now. Nothing was stored, and nothing is run."""

    alerts: list[TriedAlert] = []
    decisions: list[TriedDecision] = []
    warnings: list[str] = []
    """What was cut, left out or not understood."""


class TryRules(Message):
    """Command: read a body, ask the rules about its alerts, and tell the instance that asks what they say."""

    kind: ClassVar[str] = "try_rules"
    request_id: str
    reply_to: str
    """The instance whose own queue the answer goes to."""
    source: str = ""
    """Of the sealed body."""
    sealed: str = ""
    """The body, bound to ``trial/`` and the request's id: it may hold secrets."""
    delivery_id: str = ""
    """Instead: a delivery that is kept."""


class RulesTried(Message):
    """Event: the answer to ``TryRules``."""

    kind: ClassVar[str] = "rules_tried"
    request_id: str
    reply_to: str
    trial: RulesTrial
    error: str = ""
    """Why nothing could be tried, in a sentence."""


def bound_to_trial(request_id: str) -> str:
    """What the body of a trial is bound to."""
    return f"trial/{request_id}"
