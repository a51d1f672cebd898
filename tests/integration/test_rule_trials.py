"""Trying the rules on what a sender posts: it says what would come of it, and nothing comes of it."""

import json
from typing import Any

import pytest

from alert_bridge.handlers.trials import try_rules
from shared.collections import ALERT_DELIVERIES, ALERTS, RUNS, STEPS
from shared.contracts.rule_trial import MOST_TRIED, RulesTried, TryRules, bound_to_trial
from shared.store import DocumentStore
from tests.builders_alerts import (
    SEALER,
    Hands,
    RunningBridge,
    a_bridge,
    a_generic_alert,
    a_rule,
    an_alertmanager_alert,
    an_alertmanager_message,
    save,
    save_all_for_nginx,
)
from tests.integration.test_alert_bridge import STOPS
from tests.integration.test_alert_responses import Flapping, with_responses

STORED = (ALERTS, ALERT_DELIVERIES, RUNS, STEPS)


async def tried(bridge: RunningBridge, payload: Any, source: str = "generic") -> RulesTried:
    """What the alert-bridge says to somebody who pasted this, having changed nothing."""
    store = bridge.app.state.alert_bridge.store
    before = [await store.count(one, {}) for one in STORED]
    sealed = SEALER.seal(json.dumps(payload), bound_to=bound_to_trial("q"))
    question = TryRules(request_id="q", reply_to="catalog-1", source=source, sealed=sealed)
    answer = await try_rules(bridge.app.state.alert_bridge, question)
    assert [await store.count(one, {}) for one in STORED] == before
    assert (answer.request_id, answer.reply_to) == ("q", "catalog-1")
    return answer


async def test_each_rule_says_why_it_is_for_an_alert_or_not_and_what_would_be_run(store: DocumentStore) -> None:
    await save_all_for_nginx(store)
    await save(store, a_rule("a-off", enabled=False))
    await save(store, a_rule("b-other", labels={"alertname": {"in": ["DiskFull"]}}))
    await save(store, a_rule("c-broken", when="alert.labels.rack == 'r1'"))
    await save(store, a_rule("o-last", responses=[{"action": "gone"}], **STOPS))
    await save(store, a_rule("p-behind"))
    async with a_bridge(store, clock=Hands()) as bridge:
        trial = (await tried(bridge, a_generic_alert())).trial
        await bridge.service.stop()

    (alert,) = trial.alerts
    assert (alert.alert.title, alert.episode, alert.meaning) == (
        "nginx is down on web-1",
        None,
        "It is not known yet, and would be a new alert.",
    )
    assert [(one.rule, one.verdict) for one in alert.rules] == [
        ("a-off", "disabled"),
        ("b-other", "misses"),
        ("c-broken", "undecided"),
        ("nginx-down", "matches"),
        ("o-last", "matches"),
        ("p-behind", "not_asked"),
    ]
    reasons = {one.rule: one.reason for one in alert.rules}
    assert reasons["b-other"] == "it needs the label alertname to be 'DiskFull', and this has 'NginxDown'"
    assert "there is no 'rack' there" in reasons["c-broken"]
    assert reasons["p-behind"] == "'o-last' before it matches, and says continue: false"
    assert [(one.alert, one.rule, one.decision, one.parameters) for one in trial.decisions] == [
        (0, "c-broken", "condition_failed", None),
        (0, "nginx-down", "run_requested", {"host": "web-1"}),
        (0, "o-last", "action_missing", None),
    ]
    assert trial.decisions[1].reason == "The rule 'nginx-down' matched, and would request a run of 'restart'."


@pytest.mark.parametrize(
    ("response", "decision", "said"),
    [
        ({"parameters": {"host": "web-9"}}, "parameters_refused", "there is no provider 'web-9'"),
        ({"parameters": {"host": "{{ alert.labels.x }}"}}, "parameters_refused", "needs the label 'x'"),
        ({"parameters": {"host": {"provider": {"host": "db-1"}}}}, "parameters_refused", "none is called 'db-1'"),
        ({"timing": "after_approval"}, "run_requested", "'restart', which waits for approval."),
        ({"timing": "after_delay", "delay": "5m"}, "run_requested", "which starts at 2026-01-31T12:05:00.000Z if"),
    ],
)
async def test_what_would_be_refused_or_wait_is_told_as_it_would_be(
    store: DocumentStore, response: dict[str, Any], decision: str, said: str
) -> None:
    await with_responses(store, response)
    async with a_bridge(store, clock=Hands()) as bridge:
        (found,) = (await tried(bridge, a_generic_alert())).trial.decisions
    assert (found.decision, said in found.reason) == (decision, True), found.reason
    assert found.waits_for_approval is (response.get("timing") == "after_approval")
    assert (found.not_before is not None) is (response.get("timing") == "after_delay")


async def test_what_is_known_by_its_fingerprint_is_told(store: DocumentStore) -> None:
    await save_all_for_nginx(store)
    hands = Hands()
    async with a_bridge(store, clock=hands) as bridge:
        (known,) = (await bridge.post(a_generic_alert(), "generic")).json()["alerts"]
        as_new = "; the decisions shown are those for a new alert"
        counted = f"It would be counted on alert {known}, which is firing, and ask no rule"
        later = f"It would be a later start of alert {known}, which is firing, and ask the rules that say refire: run"
        for payload, meaning in (
            (a_generic_alert(), f"{counted}{as_new}."),
            (a_generic_alert(starts_at="2026-01-31T11:59:00Z"), f"{later}{as_new}."),
        ):
            trial = (await tried(bridge, payload)).trial
            assert (trial.alerts[0].episode, trial.alerts[0].meaning) == (known, meaning)
            assert [one.decision for one in trial.decisions] == ["run_requested"]
        over = (await tried(bridge, a_generic_alert(status="resolved"))).trial
        assert ([one.decision for one in over.decisions], over.alerts[0].rules) == (["not_firing"], [])
        assert over.alerts[0].meaning == f"{counted}."
        await bridge.post(a_generic_alert(status="resolved"), "generic")
        (again,) = (await tried(bridge, a_generic_alert(starts_at="2026-01-31T12:00:00Z"))).trial.alerts
        assert again.meaning == f"Its fingerprint is that of alert {known}, which is resolved; it would be a new alert."


async def test_a_cool_down_is_told(store: DocumentStore) -> None:
    await with_responses(store, {"cooldown": "15m", "cancel_on_resolve": False})
    alert = Flapping(store)
    await alert.episode(0)
    async with a_bridge(store, clock=alert.hands) as bridge:
        message = an_alertmanager_message(an_alertmanager_alert(fingerprint="f"))
        trial = (await tried(bridge, message, "alertmanager")).trial
    assert [one.decision for one in trial.decisions] == ["cooling_down"]


async def test_a_delivery_that_is_kept_can_be_tried_and_one_that_is_not_says_so(store: DocumentStore) -> None:
    await save_all_for_nginx(store)
    async with a_bridge(store) as bridge:
        await bridge.post(a_generic_alert(labels={"alertname": "Nobody"}), "generic")
        (delivery,) = await store.find(ALERT_DELIVERIES, {}, limit=2)
        asked = TryRules(request_id="q", reply_to="c", delivery_id=delivery["id"])
        answer = await try_rules(bridge.app.state.alert_bridge, asked)
        gone = await try_rules(bridge.app.state.alert_bridge, asked.model_copy(update={"delivery_id": "01GONE"}))
    assert [one.decision for one in answer.trial.decisions] == ["no_rule_matched"]
    assert answer.trial.alerts[0].episode == delivery["alerts"][0]
    assert gone.error == "there is no delivery '01GONE', or it is not kept any more"


async def test_of_many_alerts_the_first_are_tried_and_the_rest_is_told(store: DocumentStore) -> None:
    await save_all_for_nginx(store)
    alerts = [a_generic_alert(fingerprint=f"f{number}") for number in range(MOST_TRIED + 1)]
    async with a_bridge(store) as bridge:
        trial = (await tried(bridge, alerts)).trial
        nothing = (await tried(bridge, [])).trial
    assert (len(trial.alerts), trial.decisions[-1].alert) == (MOST_TRIED, MOST_TRIED - 1)
    assert f"of {MOST_TRIED + 1} alerts the first {MOST_TRIED} were tried" in trial.warnings
    assert nothing.alerts == []
