"""Alert rules: which alerts request which actions."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, JsonValue, model_validator

from shared.contracts.alert_match import RuleMatch, SourceMatch
from shared.contracts.approval import Approval, RequiredApproval
from shared.contracts.channel import Notifies, channels_named
from shared.contracts.definition import Definition, Reference, Strict
from shared.contracts.parameter import GivenValue
from shared.contracts.values import Description, Duration, Flag, Name, Whole, between

MOST_RESPONSES = 20
LONGEST_DELAY = 30 * 86_400.0
"""Seconds that a run waits whether its alert fires still, and that a response cools down."""


class ResponseSettings(Strict):
    """All that a response says but for which action it is that runs."""

    timing: Literal["immediately", "after_delay", "after_approval"] = "immediately"
    """When the run starts: at once, after ``delay`` if the alert fires then still, or once people have approved it."""
    delay: Annotated[
        Annotated[Duration, between(1, LONGEST_DELAY)] | None, Field(exclude_if=lambda value: value is None)
    ] = None
    """With ``after_delay``: how long after the report that it answers, in seconds."""
    cancel_on_resolve: Flag = True
    """Whether a run that has not begun is cancelled when its alert is resolved."""
    approval: RequiredApproval = None
    """Whose approval ``after_approval`` waits for; none: that of one operator, within an hour, as with ``required``."""
    cooldown: Annotated[
        Annotated[Duration, between(1, LONGEST_DELAY)] | None, Field(exclude_if=lambda value: value is None)
    ] = None
    """For how long after a run no further one is asked for, for alerts of the same fingerprint, in seconds."""
    parameters: Annotated[dict[str, GivenValue], Field(max_length=100)] = {}
    """Values, or texts with placeholders of ``ALERT_FIELDS`` and ``ALERT_MAPS`` in them, such as ``{{ alert.host }}``
    (the label instance without its port) and ``{{ alert.labels.NAME }}``."""
    defaults: Annotated[dict[str, GivenValue], Field(max_length=100)] = {}
    """By the names of parameters: the value where the alert has nothing, or an empty text, for what theirs names."""

    @model_validator(mode="after")
    def is_approved_only_where_it_waits(self) -> "ResponseSettings":
        """An approval that nothing waits for would look as if somebody were asked."""
        if self.approval is not None and self.timing != "after_approval":
            message = "approval is for timing: after_approval"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def is_delayed_only_where_it_waits(self) -> "ResponseSettings":
        """A delay and the timing that it is for come together."""
        if self.timing == "after_delay" and self.delay is None:
            message = "timing: after_delay needs delay, such as delay: 5m"
            raise ValueError(message)
        if self.delay is not None and self.timing != "after_delay":
            message = "delay is for timing: after_delay"
            raise ValueError(message)
        return self

    def required_approval(self) -> Approval | None:
        """Whose approval the run waits for; none where it starts at once."""
        return (self.approval or Approval()) if self.timing == "after_approval" else None


class _RunOf(Strict):
    """What a response says before its settings, in the order in which it is written."""

    action: Name


class Response(ResponseSettings, _RunOf):
    """A run that a rule asks for."""


_EXAMPLE_OF_A_RULE: JsonValue = {
    "name": "nginx-down",
    "source": "alertmanager",
    "match": {"labels": {"alertname": "NginxDown", "env": "prod"}},
    "responses": [{"action": "restart-service", "parameters": {"host": "{{ alert.host }}", "service": "nginx"}}],
}


MOST_TIMES = 20


class Flapping(Strict):
    """When an alert counts as flapping: it began to fire so often within this time."""

    times: Annotated[Whole, Field(ge=2, le=MOST_TIMES)]
    """From so many on nothing is run."""
    within: Annotated[Duration, between(1, LONGEST_DELAY)]
    """In seconds."""


MOST_RUNS = 100


class Storm(Strict):
    """How many runs of a rule may begin by themselves within this time; further ones wait for an approval."""

    runs: Annotated[Whole, Field(ge=1, le=MOST_RUNS)]
    within: Annotated[Duration, between(1, LONGEST_DELAY)]
    """In seconds."""


class RuleSettings(Strict):
    """When a rule is asked, and for which alerts it is."""

    # ``continue`` is no name that Python takes; whatever is written and shown has it.
    model_config = ConfigDict(serialize_by_alias=True)

    enabled: Flag = True
    source: SourceMatch | None = None
    """One of ``ALERT_SOURCES``, ``{in: […]}`` or ``{regex: …}``, which is checked when a rule is saved."""
    match: RuleMatch
    continues: Annotated[Flag, Field(alias="continue")] = True
    """Whether the rules behind it are asked as well where it matches."""
    flapping: Annotated[Flapping | None, Field(exclude_if=lambda value: value is None)] = None
    """When an alert is quarantined that fires and is resolved again and again; none: never."""
    storm: Annotated[Storm | None, Field(exclude_if=lambda value: value is None)] = None
    """How many runs may begin by themselves; none: any number."""
    refire: Literal["ignore", "run"] = "ignore"
    """What a later start of an alert that still fires means: the same episode, or a reason to run again."""


class _Named(Definition):
    """What a rule says before its settings, in the order in which it is written."""

    kind: Literal["alert_rule"] = "alert_rule"
    name: Name
    description: Description = ""


class AlertRuleDefinition(RuleSettings, _Named):
    """Which alerts request which actions."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE_OF_A_RULE]}, serialize_by_alias=True)

    responses: Annotated[list[Response], Field(min_length=1, max_length=MOST_RESPONSES)]
    notify: Notifies = []
    """Which channels are told of the runs that it asks for, besides those that their action names."""

    def references(self) -> Iterator[Reference]:
        """The actions that its responses ask for, and the channels; what those are given is known only beside them."""
        for index, response in enumerate(self.responses):
            yield Reference("action", response.action, f"responses.{index}.action")
        yield from channels_named(self.notify)


class OwnRule(ResponseSettings, RuleSettings):
    """A rule of an action: for which alerts it runs, and with which parameters."""
