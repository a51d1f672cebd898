"""What the rules say to an alert. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import BaseModel, JsonValue, TypeAdapter

from alert_bridge.domain.identity import run_request_id
from alert_bridge.domain.matching import matches, why_none_matched
from alert_bridge.domain.parameters import ParameterRefusedError, bound_parameters
from shared.contracts.alert import Alert, AlertRuleDefinition, DecisionKind, RuleDecision, alert_values


class PlannedRun(BaseModel):
    """A run that a rule asks for, with all that is needed to ask for it."""

    place: int
    """Of its decision among the alert's."""
    rule: str
    action: str
    parameters: dict[str, JsonValue]
    request_id: str
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
        return _PLANNED.dump_json(self.planned).decode()

    def after(self, decisions: Sequence[RuleDecision], planned: Sequence[PlannedRun]) -> "Plan":
        """This plan behind what was decided before, and behind runs of that which are still to be made."""
        moved = [run.model_copy(update={"place": run.place + len(decisions)}) for run in self.planned]
        return Plan([*decisions, *self.decisions], [*planned, *moved])


def planned_of(text: str) -> list[PlannedRun]:
    """The runs again."""
    return _PLANNED.validate_json(text)


def plan_for(alert: Alert, rules: Sequence[AlertRuleDefinition], at: datetime, *, episode: str) -> Plan:
    """Ask the rules: a firing alert gets a decision for every response of every rule that matches it."""
    if alert.status == "unreadable":
        reason = "No field of it is known, so it says nothing that fires. Its description is the beginning of the body."
        return Plan([RuleDecision(decision="not_firing", reason=reason, at=at)])
    if alert.status != "firing":
        reason = f"The alert was {alert.status} when it was first heard of; only a firing one asks for runs."
        return Plan([RuleDecision(decision="not_firing", reason=reason, at=at)])
    matching = [rule for rule in rules if matches(rule, alert)]
    if not matching:
        return Plan([RuleDecision(decision="no_rule_matched", reason=why_none_matched(rules, alert), at=at)])
    return _responses_of(matching, alert, at, episode=episode, refire=0)


def plan_for_refire(
    alert: Alert, rules: Sequence[AlertRuleDefinition], at: datetime, *, episode: str, refire: int
) -> Plan:
    """Ask the rules that want to run again, for a later start of an alert that fires already."""
    matching = [rule for rule in rules if rule.refire == "run" and matches(rule, alert)]
    return _responses_of(matching, alert, at, episode=episode, refire=refire)


def _responses_of(
    rules: Sequence[AlertRuleDefinition], alert: Alert, at: datetime, *, episode: str, refire: int
) -> Plan:
    plan = Plan()
    values = alert_values(alert)
    for rule in rules:
        for number, response in enumerate(rule.responses):
            asked = PlannedRun(
                place=len(plan.decisions),
                rule=rule.name,
                action=response.action,
                parameters=response.parameters,
                request_id=run_request_id(episode, rule.name, number, refire),
                refire=refire,
            )
            plan.decisions.append(_first_decision(plan, asked, response.defaults, values, at))
    return plan


def _first_decision(
    plan: Plan, asked: PlannedRun, defaults: Mapping[str, JsonValue], values: Mapping[str, str], at: datetime
) -> RuleDecision:
    try:
        parameters = bound_parameters(asked.parameters, values, defaults)
    except ParameterRefusedError as error:
        return decided(asked, "parameters_refused", f"but {error}", at=at)
    plan.planned.append(asked.model_copy(update={"parameters": parameters}))
    return decided(asked, "run_requested", f"and is requesting a run of '{asked.action}'", at=at)


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
        at=at,
    )
