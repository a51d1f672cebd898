"""Trials of alert rules: the alert-bridge, which knows how to read what senders post, says what would come of it."""

import json

import structlog
from pydantic import JsonValue

from catalog.handlers.questions import Questions
from catalog.handlers.refusals import RefusedRequestError
from shared.bus.port import Bus, BusUnavailableError
from shared.clock import new_id
from shared.contracts.rule_trial import RulesTried, TryRules, bound_to_trial
from shared.encryption import Sealer

ANSWER_WITHIN = 20.0
"""Seconds: a condition of a rule may take ten."""

log = structlog.get_logger()


class NotAnsweredError(RefusedRequestError):
    """Nobody can say now; it may be asked again."""


class RuleTrials:
    """The trials that were asked for here and are not answered yet."""

    def __init__(self, bus: Bus, instance: str, sealer: Sealer) -> None:
        self._instance, self._sealer = instance, sealer
        self._questions = Questions[RulesTried](bus)

    async def of_payload(self, source: str, payload: JsonValue) -> RulesTried:
        """What would come of this body; ``NotAnsweredError`` where nobody can say now."""
        request_id = new_id()
        sealed = self._sealer.seal(json.dumps(payload), bound_to=bound_to_trial(request_id))
        return await self._ask(TryRules(request_id=request_id, reply_to=self._instance, source=source, sealed=sealed))

    async def of_delivery(self, delivery_id: str) -> RulesTried:
        """What would come of a delivery that is kept, if it came now; ``NotAnsweredError`` where nobody can say."""
        return await self._ask(TryRules(request_id=new_id(), reply_to=self._instance, delivery_id=delivery_id))

    async def _ask(self, command: TryRules) -> RulesTried:
        try:
            return await self._questions.ask(command, command.request_id, within=ANSWER_WITHIN)
        except TimeoutError as error:
            message = f"no alert-bridge answered within {ANSWER_WITHIN:g} s: see that one runs"
            raise NotAnsweredError(message) from error
        except BusUnavailableError as error:
            log.warning("rules.trial_not_sent", error=str(error))
            message = "the message broker cannot be reached now, so nobody can be asked; try again once it is back"
            raise NotAnsweredError(message) from error

    def answered(self, event: RulesTried) -> None:
        """An alert-bridge tells what it found."""
        self._questions.answered(event.request_id, event)
