"""What the rules say to an alert. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter

from alert_bridge.domain.cooling import EarlierRuns, why_held
from alert_bridge.domain.fields import CUT
from alert_bridge.domain.flapping import why_quarantined
from alert_bridge.domain.matching import WhenAnswers, ask, why_none_matched
from alert_bridge.domain.source import run_request_id
from shared.contracts.alert import ALERT_MAPS, Alert, DecisionKind, RuleDecision, alert_values
from shared.contracts.alert_rule import AlertRuleDefinition, Response, Storm
from shared.contracts.approval import Approval
from shared.contracts.problem import nearest
from shared.contracts.provider_choice import texts_in
from shared.contracts.values import Instant, instant_text
from shared.placeholders import placeholder_names, render_text


class PlannedRun(BaseModel):
    """A run that a rule asks for, with all that is needed to ask for it."""

    model_config = ConfigDict(populate_by_name=True)

    position: int = Field(alias="place")
    """Of its decision among the alert's. It is stored under the name that it always had."""
    rule: str
    action: str
    response: int | None = None
    """Which of the rule's responses, from 0; none where an earlier release planned it."""
    parameters: dict[str, JsonValue]
    request_id: str
    approval: Approval | None = None
    """Whose approval it waits for, where the response asks for one."""
    not_before: Instant | None = None
    """When it starts, where the response has it wait."""
    cancel_on_resolve: bool = False
    """Whether it is cancelled where it has not begun when the alert is resolved."""
    storm: Storm | None = None
    """How many runs its rule lets through, where it has a breaker."""
    refire: int = 0
    """Of its episode: 0 for the first time that it fired."""


_PLANNED = TypeAdapter(list[PlannedRun])


@dataclass(frozen=True)
class Plan:
    """The decisions about one alert, and the runs that are to be made for them."""

    decisions: list[RuleDecision] = field(default_factory=list)
    planned: list[PlannedRun] = field(default_factory=list)

    @property
    def planned_text(self) -> str:
        """The runs as they are stored until they are made: as text, for the names of parameters are foreign."""
        return _PLANNED.dump_json(self.planned, by_alias=True).decode()

    def after(self, decisions: Sequence[RuleDecision], planned: Sequence[PlannedRun]) -> "Plan":
        """This plan behind what was decided before, and behind runs of that which are still to be made."""
        moved = [run.model_copy(update={"position": run.position + len(decisions)}) for run in self.planned]
        return Plan([*decisions, *self.decisions], [*planned, *moved])


def planned_of(text: str) -> list[PlannedRun]:
    """The runs again."""
    return _PLANNED.validate_json(text)


@dataclass(frozen=True)
class Facts:
    """What rules are asked with besides the alert itself."""

    answers: WhenAnswers = field(default_factory=dict)
    """Whether the conditions of rules hold."""
    earlier: EarlierRuns = field(default_factory=dict)
    """The runs that responses had for the alert's fingerprint."""
    fired: Sequence[datetime] = ()
    """When alerts of the fingerprint began to fire before."""


NO_FACTS = Facts()


def plan_for(
    alert: Alert,
    rules: Sequence[AlertRuleDefinition],
    at: datetime,
    *,
    episode: str,
    facts: Facts = NO_FACTS,
) -> Plan:
    """Ask the rules: a firing alert gets a decision for every response of every rule that matches it."""
    if alert.status == "unreadable":
        reason = "No field of it is known, so it says nothing that fires. Its description is the beginning of the body."
        return Plan([RuleDecision(decision="not_firing", reason=reason, at=at)])
    if alert.status != "firing":
        reason = f"The alert was {alert.status} when it was first heard of; only a firing one asks for runs."
        return Plan([RuleDecision(decision="not_firing", reason=reason, at=at)])
    found = ask(rules, alert, facts.answers)
    if not found.matching and not found.undecided:
        reason = why_none_matched(rules, alert, facts.answers)
        return Plan([RuleDecision(decision="no_rule_matched", reason=reason, at=at)])
    return _Responses(alert, at, episode, facts).plan(found.undecided, found.matching)


def plan_for_refire(
    alert: Alert,
    rules: Sequence[AlertRuleDefinition],
    at: datetime,
    *,
    episode: str,
    refire: int,
    facts: Facts = NO_FACTS,
) -> Plan:
    """Ask the rules that want to run again, for a later start of an alert that fires already."""
    found = ask(rules, alert, facts.answers)
    again = [rule for rule in found.matching if rule.refire == "run"]
    undecided = [(rule, error) for rule, error in found.undecided if rule.refire == "run"]
    return _Responses(alert, at, episode, facts, refire).plan(undecided, again)


@dataclass(frozen=True)
class _Responses:
    """What the responses of matching rules come to for one alert."""

    alert: Alert
    at: datetime
    episode: str
    facts: Facts
    refire: int = 0

    def plan(self, undecided: Sequence[tuple[AlertRuleDefinition, str]], rules: Sequence[AlertRuleDefinition]) -> Plan:
        """A decision for each rule of which nobody knows whether it matches, and for each response of the others."""
        plan = Plan([self._undecided(rule, error) for rule, error in undecided])
        values = alert_values(self.alert)
        for rule in rules:
            if (why := why_quarantined(rule.flapping, self.facts.fired, self.at)) is not None:
                plan.decisions.append(self._about(rule, "flapping", f"The rule '{rule.name}' matched, {why}."))
                continue
            for number, response in enumerate(rule.responses):
                planned = self._planned(rule, number, response, position=len(plan.decisions))
                plan.decisions.append(self._decided(plan, planned, response, values))
        return plan

    def _planned(self, rule: AlertRuleDefinition, number: int, response: Response, *, position: int) -> PlannedRun:
        return PlannedRun(
            position=position,
            rule=rule.name,
            action=response.action,
            response=number,
            parameters=response.parameters,
            request_id=run_request_id(self.episode, rule.name, number, self.refire),
            approval=response.required_approval(),
            not_before=None if response.delay is None else self.at + timedelta(seconds=response.delay),
            cancel_on_resolve=response.cancel_on_resolve,
            storm=rule.storm,
            refire=self.refire,
        )

    def _decided(self, plan: Plan, planned: PlannedRun, response: Response, values: Mapping[str, str]) -> RuleDecision:
        earlier = self.facts.earlier.get((planned.rule, planned.response or 0))
        if earlier is not None and (why := why_held(response, earlier, self.at)) is not None:
            held = decided(planned, "cooling_down", why, at=self.at)
            return held.model_copy(update={"earlier_run": earlier.run_id, "earlier_at": earlier.at})
        try:
            parameters = bound_parameters(planned.parameters, values, response.defaults)
        except ParameterRefusedError as error:
            return decided(planned, "parameters_refused", f"but {error}", at=self.at)
        plan.planned.append(planned.model_copy(update={"parameters": parameters}))
        return decided(planned, "run_requested", f"and is requesting a run of '{planned.action}'", at=self.at)

    def _undecided(self, rule: AlertRuleDefinition, error: str) -> RuleDecision:
        reason = f"Nobody can say whether the rule '{rule.name}' matches: its condition cannot be evaluated: {error}."
        return self._about(rule, "condition_failed", reason)

    def _about(self, rule: AlertRuleDefinition, decision: DecisionKind, reason: str) -> RuleDecision:
        """What is decided about a rule as a whole."""
        return RuleDecision(rule=rule.name, decision=decision, reason=reason, refire=self.refire, at=self.at)


def decided(
    planned: PlannedRun, decision: DecisionKind, reason: str, *, at: datetime, run_id: str | None = None
) -> RuleDecision:
    """The decision about a planned run; ``reason`` ends the sentence that says that its rule matched."""
    again = " again, for a later start" if planned.refire else ""
    return RuleDecision(
        rule=planned.rule,
        action=planned.action,
        decision=decision,
        reason=f"The rule '{planned.rule}' matched{again}, {reason}" + ("" if reason.endswith("?") else "."),
        run_id=run_id,
        refire=planned.refire,
        response=planned.response,
        at=at,
    )


def when_it_runs(planned: PlannedRun, *, waits_for_people: bool) -> str:
    """What a sentence about a requested run says of its start, where that is not at once."""
    if waits_for_people:
        return ", which waits for approval"
    if planned.not_before is None:
        return ""
    still = " if the alert fires then still" if planned.cancel_on_resolve else ""
    return f", which starts at {instant_text(planned.not_before)}{still}"


class ParameterRefusedError(ValueError):
    """A parameter has no value for this alert; the text says why, naming the parameter."""


def bound_parameters(
    parameters: Mapping[str, JsonValue], values: Mapping[str, str], defaults: Mapping[str, JsonValue] | None = None
) -> dict[str, JsonValue]:
    """The parameters with the alert's values in place; ``ParameterRefusedError`` for all that cannot be.

    A parameter that names something the alert has not, or only as an empty text, gets its default where there is
    one. Only texts are filled in, those by which a provider is chosen among them. Any other object, such as the
    reference to a secret, stays as the rule's author wrote it: no alert may choose a secret.
    """
    bound: dict[str, JsonValue] = {}
    refused: list[str] = []
    for name, value in parameters.items():
        texts = texts_in(value)
        used = [one for text in texts for one in placeholder_names(text)]
        if defaults and name in defaults and any(not values.get(one) for one in used):
            bound[name] = defaults[name]
        elif lacking := [sentence for text in texts for sentence in _lacking(name, text, values)]:
            refused += lacking
        else:
            bound[name] = _filled_in(value, values) if texts else value
    if refused:
        raise ParameterRefusedError("; ".join(refused))
    return bound


def _filled_in(value: JsonValue, values: Mapping[str, str]) -> JsonValue:
    """A text, or every text of a provider's choice, with what the alert says."""
    if isinstance(value, str):
        return render_text(value, values)
    return {name: _filled_in(one, values) for name, one in value.items()} if isinstance(value, dict) else value


def _lacking(parameter: str, template: str, values: Mapping[str, str]) -> Iterator[str]:
    for name in placeholder_names(template):
        if name not in values:
            yield f"the parameter '{parameter}' needs {_missing(name, values)}"
        elif values[name].endswith(CUT):
            yield f"the parameter '{parameter}' needs {{{{ {name} }}}}, which was too long to be kept whole"


def _missing(name: str, values: Mapping[str, str]) -> str:
    if name == "alert.host":
        return "the label 'instance' for {{ alert.host }}, and this alert has no such label"
    for prefix in ALERT_MAPS:
        if name.startswith(prefix):
            kind = prefix.split(".")[1].removesuffix("s")
            return f"the {kind} '{name.removeprefix(prefix)}', and this alert has no such {kind}"
    return f"{{{{ {name} }}}}, which nothing is known by{nearest(name, list(values))}"
