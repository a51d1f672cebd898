"""What the rules say to an alert. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter

from alert_bridge.domain.fields import CUT
from alert_bridge.domain.source import run_request_id
from shared.contracts.alert import ALERT_MAPS, Alert, AlertRuleDefinition, DecisionKind, RuleDecision, alert_values
from shared.contracts.approval import Approval
from shared.contracts.problem import nearest
from shared.placeholders import placeholder_names, render_text


class PlannedRun(BaseModel):
    """A run that a rule asks for, with all that is needed to ask for it."""

    model_config = ConfigDict(populate_by_name=True)

    position: int = Field(alias="place")
    """Of its decision among the alert's. It is stored under the name that it always had."""
    rule: str
    action: str
    parameters: dict[str, JsonValue]
    request_id: str
    approval: Approval | None = None
    """Whose approval it waits for, where the response asks for one."""
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
                position=len(plan.decisions),
                rule=rule.name,
                action=response.action,
                parameters=response.parameters,
                request_id=run_request_id(episode, rule.name, number, refire),
                approval=response.required_approval(),
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


SHOWN = 60
"""Characters of a label's value that a sentence shows."""


def matches(rule: AlertRuleDefinition, alert: Alert) -> bool:
    """Whether an enabled rule is for this alert: source, severity and every label hold."""
    return (
        rule.enabled
        and rule.source in (None, alert.source)
        and (rule.match.severity is None or alert.severity in rule.match.severity)
        and all(_label_of(alert, name) == value for name, value in rule.match.labels.items())
    )


def why_none_matched(rules: Sequence[AlertRuleDefinition], alert: Alert) -> str:
    """In a sentence or two, for people: how many rules were asked, and what the nearest one missed."""
    enabled = [rule for rule in rules if rule.enabled]
    if not enabled:
        return "There is no alert rule yet." if not rules else f"All alert rules ({len(rules)}) are disabled."
    nearest = min(enabled, key=lambda rule: (_distance(rule, alert), rule.source in (None, alert.source)))
    asked = "The one alert rule was asked" if len(enabled) == 1 else f"All {len(enabled)} alert rules were asked"
    missed = "; ".join(_mismatches(nearest, alert))
    return f"{asked}, and none matched. The nearest is '{nearest.name}': {missed}."


def _distance(rule: AlertRuleDefinition, alert: Alert) -> int:
    """How many conditions of the rule do not hold."""
    missed = sum(_label_of(alert, name) != value for name, value in rule.match.labels.items())
    missed += rule.source not in (None, alert.source)
    return missed + (rule.match.severity is not None and alert.severity not in rule.match.severity)


def _mismatches(rule: AlertRuleDefinition, alert: Alert) -> list[str]:
    missed = []
    if rule.source not in (None, alert.source):
        missed.append(f"it is for the source '{rule.source}', and this is '{alert.source}'")
    if rule.match.severity is not None and alert.severity not in rule.match.severity:
        missed.append(f"it is for the severity {' or '.join(rule.match.severity)}, and this is {alert.severity}")
    for name, value in rule.match.labels.items():
        found = _label_of(alert, name)
        if found == value:
            continue
        wanted = (
            f"it needs the label {name} = '{_shown(value)}'" if value else f"it needs the label {name} to be absent"
        )
        missed.append(f"{wanted}, and this has '{_shown(found)}'" if found else f"{wanted}, and there is none")
    return missed


def _label_of(alert: Alert, name: str) -> str:
    """The label's value; as with Alertmanager, a label that is not there is the same as an empty one."""
    return alert.labels.get(name, "")


def _shown(value: str) -> str:
    return value if len(value) <= SHOWN else value[: SHOWN - 1] + "…"


class ParameterRefusedError(ValueError):
    """A parameter has no value for this alert; the text says why, naming the parameter."""


def bound_parameters(
    parameters: Mapping[str, JsonValue], values: Mapping[str, str], defaults: Mapping[str, JsonValue] | None = None
) -> dict[str, JsonValue]:
    """The parameters with the alert's values in place; ``ParameterRefusedError`` for all that cannot be.

    A parameter that names something the alert has not, or only as an empty text, gets its default where there is
    one. Only texts are filled in. An object, such as the reference to a secret, stays as the rule's author wrote it:
    no alert may choose a secret.
    """
    bound: dict[str, JsonValue] = {}
    refused: list[str] = []
    for name, value in parameters.items():
        if not isinstance(value, str):
            bound[name] = value
        elif defaults and name in defaults and any(not values.get(used) for used in placeholder_names(value)):
            bound[name] = defaults[name]
        else:
            lacking = list(_lacking(name, value, values))
            refused += lacking
            bound[name] = value if lacking else render_text(value, values)
    if refused:
        raise ParameterRefusedError("; ".join(refused))
    return bound


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
