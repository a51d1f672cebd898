"""What a rule can say about the alerts that it is for, and in which order rules are asked."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from alert_bridge.domain.decisions import Facts, plan_for, plan_for_refire
from alert_bridge.domain.matching import Asked, WhenAnswer, ask, fits, next_question, what_it_misses, why_none_matched
from shared.conditions import ConditionError, ConditionEvaluator, check_rule_condition, known_to_rules
from shared.contracts.alert_rule import AlertRuleDefinition
from shared.contracts.problem import field_errors
from tests.builders import NOON
from tests.builders_alerts import a_rule, an_alert

YES, NO = WhenAnswer(holds=True), WhenAnswer(holds=False)
STOPS: dict[str, Any] = {"continue": False}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"labels": {"env": {"equals": "prod"}}}, True),
        ({"labels": {"env": {"equals": "pro"}}}, False),
        ({"labels": {"env": {"in": ["test", "prod"]}}}, True),
        ({"labels": {"env": {"in": ["test", "Prod"]}}}, False),
        ({"labels": {"zone": {"in": ["", "a"]}}}, True),
        ({"labels": {"instance": {"regex": "web-[0-9]+:9100"}}}, True),
        ({"labels": {"instance": {"regex": "web"}}}, False),
        ({"labels": {"instance": {"regex": "web-1:9100|db"}}}, True),
        ({"labels": {"zone": {"regex": ".*"}}}, True),
        ({"labels": {"zone": {"regex": ".+"}}}, False),
        ({"severity": {"at_least": "critical"}}, True),
        ({"severity": {"at_least": "info"}}, True),
        ({"source": {"in": ["generic", "alertmanager"]}}, True),
        ({"source": {"in": ["generic"]}}, False),
        ({"source": {"regex": "alert.*"}}, True),
        ({"source": {"regex": "manager"}}, False),
    ],
)
def test_labels_severity_and_source_are_matched_by_lists_patterns_and_ranks(
    fields: dict[str, Any], expected: bool
) -> None:
    rule = a_rule(**fields)
    assert fits(rule, an_alert()) is expected
    again = AlertRuleDefinition.model_validate_json(rule.model_dump_json())
    assert again == rule, "what is shown can be written back"


@pytest.mark.parametrize(
    ("severity", "least", "expected"),
    [
        ("high", "critical", False),
        ("high", "high", True),
        ("warning", "high", False),
        ("info", "info", True),
        ("unknown", "info", False),
    ],
)
def test_a_severity_of_at_least_some_rank_is_that_or_a_graver_one(severity: str, least: str, expected: bool) -> None:
    assert fits(a_rule(severity={"at_least": least}), an_alert(severity=severity)) is expected


@given(st.text(max_size=30))
def test_a_pattern_matches_in_linear_time_whatever_an_alert_says(text: str) -> None:
    rule = a_rule(labels={"x": {"regex": "(a+)+b"}})
    assert not fits(rule, an_alert(labels={"x": "a" * 4_000 + text + "!"}))


@pytest.mark.parametrize(
    ("match", "field", "message"),
    [
        ({"labels": {"a": {}}}, "match.labels.a", "needs exactly one of: equals, in, regex"),
        ({"labels": {"a": {"in": ["x"], "regex": "y"}}}, "match.labels.a", "needs exactly one of: equals, in, regex"),
        ({"labels": {"a": {"in": []}}}, "match.labels.a.in", "has to have at least 1 entry"),
        ({"labels": {"a": ["x", "y"]}}, "match.labels.a", "{in: [one, another]}"),
        ({"labels": {"a": 5}}, "match.labels.a", "put it in quotes"),
        ({"labels": {"a": {"regexp": "x"}}}, "match.labels.a.regexp", "did you mean 'regex'?"),
        ({"labels": {"a": {"regex": "(?=x)"}}}, "match.labels.a.regex", "without look-around"),
        ({"severity": "critical"}, "match.severity", "put it in brackets"),
        ({"severity": {"at_least": "unknown"}}, "match.severity.at_least", "has to be one of: critical, high"),
    ],
)
def test_what_cannot_be_matched_is_told_where_it_stands(match: dict[str, Any], field: str, message: str) -> None:
    rule = {"name": "a", "match": match, "responses": [{"action": "x"}]}
    with pytest.raises(ValidationError) as raised:
        AlertRuleDefinition.model_validate(rule)
    (error,) = field_errors(raised.value.errors())
    assert error.field == field
    assert message in error.message


def test_what_a_rule_misses_is_told_in_words() -> None:
    rule = a_rule(
        labels={"env": {"in": ["a", "b", "c", "d", "e", "f"]}, "zone": {"regex": "z-.*"}},
        severity={"at_least": "high"},
        source={"in": ["generic"]},
    )
    assert what_it_misses(rule, an_alert(severity="info")) == (
        "it is for the source 'generic', and this is 'alertmanager'; "
        "it is for the severity critical or high, and this is info; "
        "it needs the label env to be 'a' or 'b' or 'c' or 'd' or one of 2 more, and this has 'prod'; "
        "it needs the label zone to be as the pattern 'z-.*' has it, and there is none"
    )


# The order of rules


def names(found: Asked) -> list[str]:
    return [rule.name for rule in found.matching]


def test_every_rule_that_matches_answers_unless_one_before_it_says_otherwise() -> None:
    rules = [a_rule("a"), a_rule("b", **STOPS), a_rule("c")]
    found = ask(rules, an_alert())
    assert names(found) == ["a", "b"]
    assert found.stopped_by is rules[1]
    assert names(ask(rules, an_alert(labels={"alertname": "Other"}))) == []
    other = a_rule("b", labels={"alertname": "Other"}, **STOPS)
    assert names(ask([rules[0], other, rules[2]], an_alert())) == ["a", "c"], "one that does not match stops nothing"
    decisions = plan_for(an_alert(), rules, NOON, episode="e").decisions
    assert [(one.rule, one.decision) for one in decisions] == [("a", "run_requested"), ("b", "run_requested")]


def test_a_rule_that_stops_does_so_when_an_alert_fires_again_too() -> None:
    rules = [a_rule("first", **STOPS), a_rule("second", refire="run")]
    assert plan_for_refire(an_alert(), rules, NOON, episode="e", refire=1).decisions == []
    again = plan_for_refire(an_alert(), rules[1:], NOON, episode="e", refire=1)
    assert [one.rule for one in again.decisions] == ["second"]


# Conditions


def test_a_condition_is_asked_only_where_all_else_holds_and_the_rule_is_reached() -> None:
    elsewhere = a_rule("a", labels={"alertname": "Other"}, when="true")
    stops = a_rule("b", when="1 == 1", **STOPS)
    rules = [elsewhere, stops, a_rule("c", when="2 == 2")]
    assert next_question(rules, an_alert(), {}) == "1 == 1"
    assert next_question(rules, an_alert(), {"1 == 1": YES}) is None
    assert next_question(rules, an_alert(), {"1 == 1": NO}) == "2 == 2"
    assert next_question(rules, an_alert(), {"1 == 1": NO, "2 == 2": NO}) is None
    assert names(ask(rules, an_alert(), {"1 == 1": NO, "2 == 2": YES})) == ["c"]


def test_a_condition_that_does_not_hold_is_what_the_nearest_rule_missed() -> None:
    rule = a_rule(when="alert.title == 'x'")
    reason = why_none_matched([rule], an_alert(), {"alert.title == 'x'": NO})
    assert reason.endswith("The nearest is 'nginx-down': its condition 'alert.title == 'x'' does not hold.")


def test_a_condition_that_cannot_be_evaluated_is_never_true_and_stops_nothing() -> None:
    rules = [a_rule("a", when="alert.labels.x == 'y'", **STOPS), a_rule("b")]
    answers = {"alert.labels.x == 'y'": WhenAnswer(holds=False, error="there is no 'x' there")}
    plan = plan_for(an_alert(), rules, NOON, episode="e", facts=Facts(answers))
    assert [(one.rule, one.decision) for one in plan.decisions] == [("a", "condition_failed"), ("b", "run_requested")]
    assert plan.decisions[0].reason == (
        "Nobody can say whether the rule 'a' matches: its condition cannot be evaluated: there is no 'x' there."
    )
    assert plan.planned[0].position == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("alert.severity == 'critical' && alert.labels.env == 'prod'", True),
        ("alert.title.contains('nginx') && alert.host == 'web-1'", True),
        ("has(alert.labels.zone)", False),
        ("alert.labels[?'zone'].orValue('') == ''", True),
        ("timestamp(alert.starts_at) <= now", True),
        ("now.getDayOfWeek() == 6", True),
    ],
)
async def test_a_condition_reads_the_alert_and_the_time(text: str, expected: bool) -> None:
    check_rule_condition(text)
    evaluator = ConditionEvaluator()
    try:
        assert await evaluator.holds(text, known_to_rules(an_alert(), NOON)) is expected
    finally:
        await evaluator.close()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("alert.sevrity == 'x'", "there is no alert.sevrity; did you mean 'severity'?"),
        ("alerts.severity == 'x'", "did you mean 'alert'?"),
        ("params.x == 'y'", "a rule knows no 'params', as nothing runs yet; it knows alert and now"),
        ("alert.severity = 'x'", "write =="),
        ("'text'", "is of the type string; a condition is true or false"),
    ],
)
def test_a_condition_that_can_never_be_asked_is_told_when_it_is_saved(text: str, message: str) -> None:
    with pytest.raises(ConditionError) as raised:
        check_rule_condition(text)
    assert message in str(raised.value)
