"""Which rules are for an alert, in their order, and what the others miss. Pure.

Conditions in CEL are evaluated elsewhere. ``next_question`` names the one that has to be asked next, and the answers
are handed to everything else here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from shared.contracts.alert import Alert
from shared.contracts.alert_match import LabelMatch, SourceMatch, TextMatch, as_match, severities_of
from shared.contracts.alert_rule import AlertRuleDefinition
from shared.contracts.rule_trial import RuleFinding

SHOWN = 60
"""Characters of a label's value that a sentence shows."""
MOST_SHOWN = 4
"""Texts of which any will do that a sentence shows."""


@dataclass(frozen=True)
class WhenAnswer:
    """What came of a rule's condition for one alert."""

    holds: bool
    error: str = ""
    """Why nobody can say whether it holds; such a condition does not hold."""


WhenAnswers = Mapping[str, WhenAnswer]
"""By the text of the condition."""
NO_ANSWERS: WhenAnswers = {}


@dataclass
class Asked:
    """What asking the rules came to."""

    matching: list[AlertRuleDefinition] = field(default_factory=list)
    undecided: list[tuple[AlertRuleDefinition, str]] = field(default_factory=list)
    """Rules whose condition could not be evaluated, and why."""
    stopped_by: AlertRuleDefinition | None = None
    """The rule that matched and behind which no other one is asked."""


def ask(rules: Sequence[AlertRuleDefinition], alert: Alert, answers: WhenAnswers = NO_ANSWERS) -> Asked:
    """Ask the rules in their order, up to one that matches and lets no other one be asked."""
    found = Asked()
    for rule in rules:
        if not fits(rule, alert):
            continue
        answer = _answer(rule, answers)
        if answer.error:
            found.undecided.append((rule, answer.error))
        elif answer.holds:
            found.matching.append(rule)
            if not rule.continues:
                found.stopped_by = rule
                break
    return found


def next_question(rules: Sequence[AlertRuleDefinition], alert: Alert, answers: WhenAnswers) -> str | None:
    """The condition that has to be evaluated next before all rules can be asked; none where that is possible."""
    for rule in rules:
        if not fits(rule, alert):
            continue
        if rule.match.when is not None and rule.match.when not in answers:
            return rule.match.when
        if _answer(rule, answers).holds and not rule.continues:
            return None
    return None


_NO_CONDITION = WhenAnswer(holds=True)
_NOT_ASKED = WhenAnswer(holds=False)


def _answer(rule: AlertRuleDefinition, answers: WhenAnswers) -> WhenAnswer:
    return _NO_CONDITION if rule.match.when is None else answers.get(rule.match.when, _NOT_ASKED)


def fits(rule: AlertRuleDefinition, alert: Alert) -> bool:
    """Whether an enabled rule is for this alert, as far as its condition does not say otherwise."""
    return (
        rule.enabled
        and _is_of_source(rule, alert)
        and _is_severe(rule, alert)
        and all(_has(alert, name, match) for name, match in rule.match.labels.items())
    )


def _is_of_source(rule: AlertRuleDefinition, alert: Alert) -> bool:
    return rule.source is None or _fits(rule.source, alert.source)


def _is_severe(rule: AlertRuleDefinition, alert: Alert) -> bool:
    return rule.match.severity is None or alert.severity in severities_of(rule.match.severity)


def _has(alert: Alert, name: str, match: LabelMatch) -> bool:
    return _fits(match, _label_of(alert, name))


def _fits(match: LabelMatch | SourceMatch, text: str) -> bool:
    return text == match if isinstance(match, str) else match.fits(text)


def findings(
    rules: Sequence[AlertRuleDefinition], alert: Alert, answers: WhenAnswers = NO_ANSWERS
) -> list[RuleFinding]:
    """What each rule says to an alert that fires, in the order in which they are asked."""
    found, stopped_by = list[RuleFinding](), ""
    for rule in rules:
        answer = _answer(rule, answers)
        if not rule.enabled:
            finding = RuleFinding(rule=rule.name, verdict="disabled", reason="it is disabled")
        elif stopped_by:
            reason = f"'{stopped_by}' before it matches, and says continue: false"
            finding = RuleFinding(rule=rule.name, verdict="not_asked", reason=reason)
        elif not fits(rule, alert) or not (answer.holds or answer.error):
            finding = RuleFinding(rule=rule.name, verdict="misses", reason=what_it_misses(rule, alert, answers))
        elif answer.error:
            reason = f"its condition cannot be evaluated: {answer.error}"
            finding = RuleFinding(rule=rule.name, verdict="undecided", reason=reason)
        else:
            finding = RuleFinding(rule=rule.name, verdict="matches", reason="")
            stopped_by = "" if rule.continues else rule.name
        found.append(finding)
    return found


def why_none_matched(rules: Sequence[AlertRuleDefinition], alert: Alert, answers: WhenAnswers = NO_ANSWERS) -> str:
    """In a sentence or two, for people: how many rules were asked, and what the nearest one missed."""
    enabled = [rule for rule in rules if rule.enabled]
    if not enabled:
        return "There is no alert rule yet." if not rules else f"All alert rules ({len(rules)}) are disabled."
    nearest = min(enabled, key=lambda rule: (_distance(rule, alert, answers), _is_of_source(rule, alert)))
    count = "The one alert rule was asked" if len(enabled) == 1 else f"All {len(enabled)} alert rules were asked"
    return f"{count}, and none matched. The nearest is '{nearest.name}': {what_it_misses(nearest, alert, answers)}."


def what_it_misses(rule: AlertRuleDefinition, alert: Alert, answers: WhenAnswers = NO_ANSWERS) -> str:
    """All of an enabled rule that does not hold for the alert, in words."""
    return "; ".join(_mismatches(rule, alert, answers))


def _distance(rule: AlertRuleDefinition, alert: Alert, answers: WhenAnswers) -> int:
    """How many conditions of the rule do not hold."""
    missed = sum(not _has(alert, name, match) for name, match in rule.match.labels.items())
    missed += not _is_of_source(rule, alert)
    missed += not _is_severe(rule, alert)
    return missed + _is_unmet(rule, answers)


def _is_unmet(rule: AlertRuleDefinition, answers: WhenAnswers) -> bool:
    """Whether its condition was evaluated, and does not hold."""
    return rule.match.when is not None and rule.match.when in answers and not answers[rule.match.when].holds


def _mismatches(rule: AlertRuleDefinition, alert: Alert, answers: WhenAnswers) -> Iterator[str]:
    if rule.source is not None and not _is_of_source(rule, alert):
        yield f"it is for the source {_in_words(as_match(rule.source))}, and this is '{alert.source}'"
    if rule.match.severity is not None and not _is_severe(rule, alert):
        severities = " or ".join(severities_of(rule.match.severity))
        yield f"it is for the severity {severities}, and this is {alert.severity}"
    for name, match in rule.match.labels.items():
        if _has(alert, name, match):
            continue
        found = _label_of(alert, name)
        yield (
            f"{_wanted(name, match)}, and this has '{_shown(found)}'"
            if found
            else f"{_wanted(name, match)}, and there is none"
        )
    if rule.match.when is not None and _is_unmet(rule, answers):
        yield f"its condition '{_shown(rule.match.when)}' does not hold"


def _wanted(name: str, match: LabelMatch) -> str:
    if match == "":
        return f"it needs the label {name} to be absent"
    return f"it needs the label {name} {'=' if isinstance(match, str) else 'to be'} {_in_words(as_match(match))}"


def _in_words(match: TextMatch) -> str:
    if match.regex is not None:
        return f"as the pattern '{_shown(match.regex)}' has it"
    shown = [f"'{_shown(text)}'" for text in match.texts[:MOST_SHOWN]]
    more = len(match.texts) - len(shown)
    return " or ".join([*shown, *([f"one of {more} more"] if more else [])])


def _label_of(alert: Alert, name: str) -> str:
    """The label's value; as with Alertmanager, a label that is not there is the same as an empty one."""
    return alert.labels.get(name, "")


def _shown(value: str) -> str:
    return value if len(value) <= SHOWN else value[: SHOWN - 1] + "…"
