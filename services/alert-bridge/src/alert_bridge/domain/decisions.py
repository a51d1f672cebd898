"""What the rules say to an alert. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import BaseModel, JsonValue, TypeAdapter

from alert_bridge.domain.identity import run_request_id
from alert_bridge.domain.matching import matches, why_none_matched
from alert_bridge.domain.parameters import ParameterRefusedError, alert_values, bound_parameters
from shared.contracts.alert import Alert, AlertRuleDefinition, DecisionKind, RuleDecision


class PlannedRun(BaseModel):
    """A run that a rule asks for, with all that is needed to ask for it."""

    place: int
    """Of its decision among the alert's."""
    rule: str
    action: str
    parameters: dict[str, JsonValue]
    request_id: str


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


def planned_of(text: str) -> list[PlannedRun]:
    """The runs again."""
    return _PLANNED.validate_json(text)


def plan_for(alert: Alert, rules: Sequence[AlertRuleDefinition], at: datetime) -> Plan:
    """Ask the rules: a firing alert gets a decision for every response of every rule that matches it."""
    if alert.status != "firing":
        reason = f"The alert was {alert.status} when it was first heard of; only a firing one asks for runs."
        return Plan([RuleDecision(decision="not_firing", reason=reason, at=at)])
    matching = [rule for rule in rules if matches(rule, alert)]
    if not matching:
        return Plan([RuleDecision(decision="no_rule_matched", reason=why_none_matched(rules, alert), at=at)])
    plan = Plan()
    values = alert_values(alert)
    for rule in matching:
        for number, response in enumerate(rule.responses):
            asked = PlannedRun(
                place=len(plan.decisions),
                rule=rule.name,
                action=response.action,
                parameters=response.parameters,
                request_id=run_request_id(alert, rule.name, number),
            )
            plan.decisions.append(_first_decision(plan, asked, values, at))
    return plan


def _first_decision(plan: Plan, asked: PlannedRun, values: Mapping[str, str], at: datetime) -> RuleDecision:
    try:
        parameters = bound_parameters(asked.parameters, values)
    except ParameterRefusedError as error:
        return decided(asked, "parameters_refused", f"but {error}", at=at)
    plan.planned.append(asked.model_copy(update={"parameters": parameters}))
    return decided(asked, "run_requested", f"and is requesting a run of '{asked.action}'", at=at)


def decided(
    planned: PlannedRun, decision: DecisionKind, reason: str, *, at: datetime, run_id: str | None = None
) -> RuleDecision:
    """The decision about a planned run; ``reason`` ends the sentence that says that its rule matched."""
    return RuleDecision(
        rule=planned.rule,
        action=planned.action,
        decision=decision,
        reason=f"The rule '{planned.rule}' matched, {reason}" + ("" if reason.endswith("?") else "."),
        run_id=run_id,
        at=at,
    )
