"""For how long a response asks for no further run for a fingerprint."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from alert_bridge.domain.cooling import EarlierRun, earlier_runs, why_held
from alert_bridge.domain.decisions import Facts, plan_for
from shared.contracts.alert import DecisionKind, RuleDecision
from shared.contracts.alert_rule import Response
from tests.builders import NOON
from tests.builders_alerts import a_rule, an_alert


def a_decision(decision: DecisionKind, run: str | None = None, *, minutes: float = 0, **fields: Any) -> RuleDecision:
    at = NOON + timedelta(minutes=minutes)
    return RuleDecision(rule="down", response=0, decision=decision, reason="", run_id=run, at=at, **fields)


def cooling(run: str, minutes: float, since: datetime) -> RuleDecision:
    return a_decision("cooling_down", minutes=minutes, earlier_run=run, earlier_at=since)


def test_the_newest_run_of_a_response_counts_and_what_cools_down_tells_of_the_run_before() -> None:
    first = a_decision("run_requested", "r1")
    assert earlier_runs([first]) == {("down", 0): EarlierRun("r1", NOON)}
    held = cooling("r1", 5, NOON)
    assert earlier_runs([held, first]) == earlier_runs([held]) == {("down", 0): EarlierRun("r1", NOON)}
    second = a_decision("run_requested", "r2", minutes=20)
    assert earlier_runs([second, held, first])[("down", 0)].run_id == "r2"
    assert earlier_runs([a_decision("parameters_refused"), first])[("down", 0)].run_id == "r1"
    assert earlier_runs([a_decision("no_rule_matched"), a_decision("parameters_refused")]) == {}


def test_a_run_that_never_began_does_not_count_but_the_one_before_it_does() -> None:
    first, second = a_decision("run_requested", "r1"), a_decision("run_requested", "r2", minutes=1)
    assert earlier_runs([second, first], never_began={"r2"})[("down", 0)].run_id == "r1"
    assert earlier_runs([cooling("r1", 2, NOON), first], never_began={"r1"}) == {}


@pytest.mark.parametrize(
    ("minutes", "held"),
    [(0, True), (14.99, True), (15, False), (-1, True)],
)
def test_a_cool_down_begins_with_the_run_and_ends_to_the_moment(minutes: float, held: bool) -> None:
    response = Response.model_validate({"action": "a", "cooldown": "15m"})
    why = why_held(response, EarlierRun("r1", NOON), NOON + timedelta(minutes=minutes))
    assert (why is not None) is held
    if why:
        assert why == (
            "but had run r1 for this fingerprint at 2026-01-31T12:00:00.000Z, and cools down for 15m from then on"
        )


def test_each_response_of_a_rule_cools_down_by_itself() -> None:
    rule = a_rule("down", responses=[{"action": "a", "cooldown": "15m"}, {"action": "b"}, {"action": "a"}])
    earlier = {("down", number): EarlierRun(f"r{number}", NOON) for number in range(3)}
    plan = plan_for(an_alert(), [rule], NOON + timedelta(minutes=1), episode="e", facts=Facts(earlier=earlier))
    told = [(one.action, one.response, one.decision) for one in plan.decisions]
    assert told == [("a", 0, "cooling_down"), ("b", 1, "run_requested"), ("a", 2, "run_requested")]
    assert (plan.decisions[0].earlier_run, plan.decisions[0].earlier_at) == ("r0", NOON)
    assert [run.position for run in plan.planned] == [1, 2]
