"""Which rules are for an alert, and where none is, what came nearest."""

from collections.abc import Sequence

from shared.contracts.alert import Alert, AlertRuleDefinition

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
