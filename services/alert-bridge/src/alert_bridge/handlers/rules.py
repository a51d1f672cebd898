"""What rules are asked with: the answers to their conditions in CEL, and the runs that they had before."""

from collections.abc import Sequence

import structlog

from alert_bridge.domain.cooling import EarlierRuns, earlier_runs, runs_spoken_of
from alert_bridge.domain.decisions import Facts
from alert_bridge.domain.flapping import fired_at
from alert_bridge.domain.matching import WhenAnswer, WhenAnswers, next_question
from alert_bridge.ports import AlertBridgeContext, Rules
from shared.alerts import stored_alert_of
from shared.collections import ALERTS, RUNS
from shared.conditions import ConditionError, known_to_rules
from shared.contracts.alert import Alert, StoredAlert
from shared.contracts.alert_rule import AlertRuleDefinition
from shared.store.port import DocumentStore, OneOf, Where

log = structlog.get_logger()


NEVER_BEGUN = ("cancelled", "rejected", "expired", "skipped", "failed")
"""How a run may end that has not begun."""
LOOKED_BACK = 20
"""Episodes of a fingerprint that are looked through; as many as rules may want to count."""
MOST_RUNS = 200
"""The newest, of which it is looked up whether they began."""


async def facts_for(context: AlertBridgeContext, rules: Rules, alert: Alert, *, besides: str | None = None) -> Facts:
    """All that the rules have to know besides the alert, which fires; ``besides`` is its own episode, where it is asked
    about as if it came only now.
    """
    answers = await _answers_for(context, rules, alert)
    if not any(map(_looks_back, rules)):
        return Facts(answers)
    episodes = await _episodes(context.store, alert)
    earlier = await _earlier_runs(context.store, episodes)
    return Facts(answers, earlier, fired_at(one for one in episodes if one.id != besides))


def _looks_back(rule: AlertRuleDefinition) -> bool:
    """Whether a rule goes by what was before."""
    return rule.flapping is not None or any(response.cooldown is not None for response in rule.responses)


async def _episodes(store: DocumentStore, alert: Alert) -> list[StoredAlert]:
    """The newest episodes of the alert's fingerprint, the newest first."""
    where: Where = {"alert.fingerprint": alert.fingerprint, "alert.source": alert.source}
    found = await store.find(ALERTS, where, descending=True, limit=LOOKED_BACK)
    return [one for one in map(stored_alert_of, found) if one.alert.integration == alert.integration]


async def _earlier_runs(store: DocumentStore, episodes: Sequence[StoredAlert]) -> EarlierRuns:
    """What the responses of all rules had in these episodes."""
    decisions = [decision for episode in episodes for decision in reversed(episode.decisions)]
    ids = tuple(runs_spoken_of(decisions)[:MOST_RUNS])
    ended = {"id": OneOf(ids), "state": OneOf(NEVER_BEGUN)}
    runs = await store.find(RUNS, ended, limit=MOST_RUNS, fields=("started_at",)) if ids else []
    return earlier_runs(decisions, never_began={run["id"] for run in runs if run.get("started_at") is None})


async def _answers_for(context: AlertBridgeContext, rules: Rules, alert: Alert) -> WhenAnswers:
    """Whether the conditions of those rules hold that are for the alert otherwise; of the others none is evaluated."""
    answers: dict[str, WhenAnswer] = {}
    while (text := next_question(rules, alert, answers)) is not None:
        try:
            holds = await context.conditions.holds(text, known_to_rules(alert, context.clock()))
        except ConditionError as error:
            log.info("alert.condition_undecided", fingerprint=alert.fingerprint, error=str(error))
            answers[text] = WhenAnswer(holds=False, error=str(error))
        else:
            answers[text] = WhenAnswer(holds)
    return answers
