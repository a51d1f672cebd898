"""An alert that fires again and again is quarantined."""

from datetime import timedelta

import pytest

from alert_bridge.domain.decisions import Facts, plan_for
from alert_bridge.domain.flapping import fired_at, why_quarantined
from shared.contracts.alert import RuleDecision, StoredAlert
from shared.contracts.alert_rule import Flapping
from tests.builders import NOON
from tests.builders_alerts import a_rule, an_alert

THREE = Flapping.model_validate({"times": 3, "within": "10m"})


def an_episode(minutes: float, *, asked: int = 1, refires: tuple[float, ...] = ()) -> StoredAlert:
    began = NOON + timedelta(minutes=minutes)
    decisions = [
        RuleDecision(decision="run_requested", reason="", refire=number, at=NOON + timedelta(minutes=at))
        for number, at in enumerate(refires, start=1)
        for _ in range(2)
    ]
    return StoredAlert(
        id=f"e{minutes}",
        identity=f"e{minutes}",
        alert=an_alert(),
        received_at=began,
        last_received_at=began,
        deliveries=1,
        asked=asked,
        decisions=decisions,
        runs=[],
    )


def test_each_episode_that_fired_counts_and_each_later_start() -> None:
    episodes = [an_episode(1), an_episode(2, asked=0), an_episode(3, refires=(4, 5))]
    assert fired_at(episodes) == [NOON + timedelta(minutes=minute) for minute in (1, 3, 4, 5)]


@pytest.mark.parametrize(
    ("before", "quarantined"),
    [
        ([], False),
        ([-5], False),
        ([-9.9, -1], True),
        ([-10, -1], False),
        ([-30, -20, -15], False),
        ([-3, -2, -1], True),
    ],
)
def test_an_alert_flaps_from_so_many_times_within_a_time_on(before: list[float], quarantined: bool) -> None:
    why = why_quarantined(THREE, [NOON + timedelta(minutes=minutes) for minutes in before], NOON)
    assert (why is not None) is quarantined
    if why is not None and len(before) == 2:
        assert why == "but the alert flaps: it began to fire 3 times within 10m, and from 3 on nothing is run"


def test_a_rule_that_quarantines_leaves_the_others_alone() -> None:
    rules = [a_rule("careful", flapping={"times": 2, "within": "1h"}), a_rule("other")]
    plan = plan_for(an_alert(), rules, NOON, episode="e", facts=Facts(fired=[NOON - timedelta(minutes=1)]))
    assert [(one.rule, one.decision) for one in plan.decisions] == [("careful", "flapping"), ("other", "run_requested")]
    assert plan.decisions[0].reason.startswith("The rule 'careful' matched, but the alert flaps: ")
    assert plan.planned[0].position == 1
