"""Which rules match an alert, and which values it gives to a run."""

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue, ValidationError

from alert_bridge.domain.decisions import ParameterRefusedError, bound_parameters, plan_for, planned_of, when_it_runs
from alert_bridge.domain.fields import CUT
from alert_bridge.domain.matching import fits, why_none_matched
from alert_bridge.domain.source import run_request_id
from shared.contracts.alert import alert_values, host_of
from shared.contracts.approval import Approval
from tests.builders import NOON
from tests.builders_alerts import a_rule, an_alert


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, True),
        ({"labels": {"alertname": "NginxDown", "env": "prod"}}, True),
        ({"labels": {"alertname": "NginxDown", "env": "test"}}, False),
        ({"labels": {"alertname": "nginxdown"}}, False),
        ({"labels": {"alertname": "NginxDown", "zone": ""}}, True),
        ({"source": "alertmanager"}, True),
        ({"source": "generic"}, False),
        ({"severity": ["high", "critical"]}, True),
        ({"severity": ["high", "warning"]}, False),
        ({"enabled": False}, False),
    ],
)
def test_a_rule_matches_where_all_that_it_names_holds(fields: dict[str, object], expected: bool) -> None:
    assert fits(a_rule(**fields), an_alert()) is expected  # type: ignore[arg-type]


@given(st.dictionaries(st.text(min_size=1, max_size=9), st.text(max_size=9), min_size=1, max_size=5), st.data())
def test_a_rule_of_some_of_an_alerts_labels_matches_it_and_with_one_more_it_does_not(
    labels: dict[str, str], data: st.DataObject
) -> None:
    some = {name: labels[name] for name in data.draw(st.sets(st.sampled_from(sorted(labels)), min_size=1))}
    alert = an_alert(labels=labels)
    assert fits(a_rule(labels=some), alert)
    changed = data.draw(st.sampled_from(sorted(some)))
    assert not fits(a_rule(labels={**some, changed: some[changed] + "x"}), alert)


def test_a_rule_that_matches_but_for_its_source_is_the_nearest() -> None:
    rules = [a_rule("another", labels={"alertname": "Other"}), a_rule("nginx", source="generic")]
    reason = why_none_matched(rules, an_alert(labels={"alertname": "NginxDown"}))
    assert "The nearest is 'nginx': it is for the source 'generic', and this is 'alertmanager'" in reason


def test_no_match_says_how_many_rules_were_asked_and_what_the_nearest_missed() -> None:
    far = a_rule("disk", labels={"alertname": "DiskFull", "env": "test"}, source="generic")
    near = a_rule("nginx-test", labels={"alertname": "NginxDown", "env": "test", "zone": "a"})
    assert why_none_matched([far, near], an_alert()) == (
        "All 2 alert rules were asked, and none matched. The nearest is 'nginx-test': "
        "it needs the label env = 'test', and this has 'prod'; it needs the label zone = 'a', and there is none."
    )


def test_no_match_says_when_there_is_no_rule_to_ask() -> None:
    assert why_none_matched([], an_alert()) == "There is no alert rule yet."
    assert why_none_matched([a_rule(enabled=False)], an_alert()) == "All alert rules (1) are disabled."


@pytest.mark.parametrize(
    ("instance", "host"),
    [
        ("web-1:9100", "web-1"),
        ("web-1", "web-1"),
        ("10.0.0.11:9100", "10.0.0.11"),
        ("[::1]:9100", "::1"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("2001:db8::7", "2001:db8::7"),
        ("https://web-1.example.org:8443/health?x=1", "web-1.example.org"),
        ("http://user:secret@web-1/", "web-1"),
        ("web-1:http", "web-1:http"),
        ("", ""),
    ],
)
def test_the_host_is_the_instance_without_its_port(instance: str, host: str) -> None:
    assert host_of(instance) == host


@given(st.text())
def test_any_instance_has_a_host(instance: str) -> None:
    assert isinstance(host_of(instance), str)


def test_parameters_take_what_the_alert_says() -> None:
    alert = an_alert(annotations={"runbook_url": "https://wiki"}, url="http://p")
    parameters: dict[str, JsonValue] = {
        "host": "{{ alert.host }}",
        "note": "{{alert.title}} ({{ alert.severity }}, {{ alert.status }}, {{ alert.source }})",
        "when": "{{ alert.starts_at }}",
        "links": "{{ alert.annotations.runbook_url }} {{ alert.url }}",
        "which": "{{ alert.fingerprint }}",
        "env": "{{ alert.labels.env }}",
        "fixed": "nginx",
        "count": 3,
        "force": True,
    }
    assert bound_parameters(parameters, alert_values(alert)) == {
        "host": "web-1",
        "note": "nginx is down on web-1 (critical, firing, alertmanager)",
        "when": "2026-01-31T12:00:00.000Z",
        "links": "https://wiki http://p",
        "which": "f1",
        "env": "prod",
        "fixed": "nginx",
        "count": 3,
        "force": True,
    }


def test_a_response_says_when_its_run_starts_and_whether_it_ends_with_the_alert() -> None:
    delayed = {"action": "a", "timing": "after_delay", "delay": "5m"}
    kept = {"action": "b", "cancel_on_resolve": False}
    plan = plan_for(an_alert(), [a_rule(responses=[delayed, kept])], NOON, episode="e")
    first, second = planned_of(plan.planned_text)
    assert (first.not_before, first.cancel_on_resolve) == (NOON + timedelta(minutes=5), True)
    assert (second.not_before, second.cancel_on_resolve) == (None, False)
    start = ", which starts at 2026-01-31T12:05:00.000Z"
    assert when_it_runs(first, waits_for_people=False) == f"{start} if the alert fires then still"
    assert when_it_runs(first.model_copy(update={"cancel_on_resolve": False}), waits_for_people=False) == start
    assert when_it_runs(second, waits_for_people=False) == ""


@pytest.mark.parametrize(
    ("response", "said"),
    [
        ({"timing": "after_delay"}, "timing: after_delay needs delay, such as delay: 5m"),
        ({"delay": "5m"}, "delay is for timing: after_delay"),
        ({"timing": "after_approval", "delay": "5m"}, "delay is for timing: after_delay"),
        ({"timing": "after_delay", "delay": "0s"}, "has to be at least 1 second"),
        ({"timing": "after_delay", "delay": "31d"}, "has to be at most 2592000 seconds (30d)"),
    ],
)
def test_a_delay_and_its_timing_come_together(response: dict[str, JsonValue], said: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(said)):
        a_rule(responses=[{"action": "a", **response}])


def test_a_rule_can_ask_that_a_label_is_absent_or_empty() -> None:
    """Case P-11: as with Alertmanager, a label that is not there is the same as an empty one."""
    rule = a_rule(labels={"alertname": "X", "v": ""})
    for labels, expected in (({}, True), ({"v": ""}, True), ({"v": "x"}, False)):
        assert fits(rule, an_alert(labels={"alertname": "X", **labels})) is expected
    reason = why_none_matched([rule], an_alert(labels={"alertname": "X", "v": "x"}))
    assert reason.endswith("it needs the label v to be absent, and this has 'x'.")


def test_a_parameter_has_a_default_for_a_label_that_is_absent_or_empty() -> None:
    """Case P-11."""
    parameters: dict[str, JsonValue] = {"rack": "rack {{ alert.labels.rack }}", "count": "{{ alert.labels.count }}"}
    defaults: dict[str, JsonValue] = {"rack": "any", "count": 3}
    for labels, expected in (
        ({}, {"rack": "any", "count": 3}),
        ({"rack": "", "count": ""}, {"rack": "any", "count": 3}),
        ({"rack": "r1", "count": "0"}, {"rack": "rack r1", "count": "0"}),
    ):
        assert bound_parameters(parameters, alert_values(an_alert(labels=labels)), defaults) == expected
    response = {"action": "a", "parameters": parameters, "defaults": defaults}
    plan = plan_for(an_alert(labels={}), [a_rule(labels={"x": ""}, responses=[response])], NOON, episode="e")
    assert plan.planned[0].parameters == {"rack": "any", "count": 3}


@given(st.text())
def test_a_value_arrives_as_the_text_it_is_and_is_never_read_again(text: str) -> None:
    alert = an_alert(labels={"x": text, "y": "no"})
    assert bound_parameters({"p": "<{{ alert.labels.x }}>"}, alert_values(alert)) == {"p": f"<{text}>"}


def test_a_value_that_looks_like_a_placeholder_is_not_filled_in() -> None:
    alert = an_alert(labels={"x": "{{ alert.labels.y }}", "y": "no"})
    assert bound_parameters({"p": "{{ alert.labels.x }}"}, alert_values(alert)) == {"p": "{{ alert.labels.y }}"}


def test_an_alert_cannot_choose_a_secret() -> None:
    alert = an_alert(labels={"x": "root-password"})
    given_secret: dict[str, JsonValue] = {"password": {"secret": "{{ alert.labels.x }}"}}
    assert bound_parameters(given_secret, alert_values(alert)) == given_secret


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ alert.labels.rack }}", "the label 'rack', and this alert has no such label"),
        ("{{ alert.annotations.runbook }}", "the annotation 'runbook', and this alert has no such annotation"),
        ("{{ alert.host }}", "the label 'instance'"),
        ("{{ alert.tittle }}", "did you mean 'alert.title'?"),
        ("{{ alert.labels.long }}", "too long to be kept whole"),
    ],
)
def test_a_value_that_the_alert_lacks_is_refused_by_name(template: str, said: str) -> None:
    alert = an_alert(labels={"alertname": "X", "long": f"abc{CUT}"})
    with pytest.raises(ParameterRefusedError) as refused:
        bound_parameters({"host": template}, alert_values(alert))
    assert "the parameter 'host'" in str(refused.value)
    assert said in str(refused.value)


def test_every_response_of_every_matching_rule_is_decided() -> None:
    two = [{"action": "a"}, {"action": "b", "parameters": {"rack": "{{ alert.labels.rack }}"}}, {"action": "c"}]
    rules = [a_rule("first", responses=two), a_rule("other", labels={"x": "y"}), a_rule("last")]

    plan = plan_for(an_alert(), rules, NOON, episode="e")

    assert [(one.rule, one.action, one.decision) for one in plan.decisions] == [
        ("first", "a", "run_requested"),
        ("first", "b", "parameters_refused"),
        ("first", "c", "run_requested"),
        ("last", "restart", "run_requested"),
    ]
    assert [(run.position, run.action) for run in plan.planned] == [(0, "a"), (2, "c"), (3, "restart")]
    assert planned_of(plan.planned_text) == plan.planned


@pytest.mark.parametrize("status", ["resolved", "acknowledged", "updated"])
def test_only_a_firing_alert_asks_rules(status: str) -> None:
    (decision,) = plan_for(an_alert(status=status), [a_rule()], NOON, episode="e").decisions
    assert decision.decision == "not_firing"
    assert status in decision.reason


def test_a_response_waits_for_an_approval_only_where_it_says_so() -> None:
    by_ann = {"approvers": ["user:ann"], "expires": "5m"}
    responses = [
        {"action": "a"},
        {"action": "b", "timing": "after_approval"},
        {"action": "c", "timing": "after_approval", "approval": "required"},
        {"action": "d", "timing": "after_approval", "approval": by_ann},
    ]
    plan = plan_for(an_alert(), [a_rule(responses=responses)], NOON, episode="e")
    usual, anns = Approval(), Approval.model_validate(by_ann)
    assert [run.approval for run in planned_of(plan.planned_text)] == [None, usual, usual, anns]
    with pytest.raises(ValidationError, match="approval is for timing: after_approval"):
        a_rule(responses=[{"action": "a", "approval": "required"}])


def test_a_run_is_named_by_episode_rule_response_and_refire_and_by_nothing_else() -> None:
    name = run_request_id("e1", "r", 0, 0)
    assert name == run_request_id("e1", "r", 0, 0)
    others = {
        run_request_id("e2", "r", 0, 0),
        run_request_id("e1", "s", 0, 0),
        run_request_id("e1", "r", 1, 0),
        run_request_id("e1", "r", 0, 1),
    }
    assert len(others | {name}) == 5
