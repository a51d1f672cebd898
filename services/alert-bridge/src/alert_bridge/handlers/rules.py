"""What rules are asked with: the answers to their conditions in CEL."""

import structlog

from alert_bridge.domain.matching import WhenAnswer, WhenAnswers, next_question
from alert_bridge.ports import AlertBridgeContext, Rules
from shared.conditions import ConditionError, known_to_rules
from shared.contracts.alert import Alert

log = structlog.get_logger()


async def answers_for(context: AlertBridgeContext, rules: Rules, alert: Alert) -> WhenAnswers:
    """Whether the conditions of those rules hold that are for the alert otherwise; of the others none is evaluated."""
    answers: dict[str, WhenAnswer] = {}
    if alert.status != "firing":
        return answers
    while (text := next_question(rules, alert, answers)) is not None:
        try:
            holds = await context.conditions.holds(text, known_to_rules(alert, context.clock()))
        except ConditionError as error:
            log.info("alert.condition_undecided", fingerprint=alert.fingerprint, error=str(error))
            answers[text] = WhenAnswer(holds=False, error=str(error))
        else:
            answers[text] = WhenAnswer(holds)
    return answers
