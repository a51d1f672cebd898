"""Alert rules over HTTP, besides what all definitions have: trying them on what a sender posts."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import ConfigDict, JsonValue, StringConstraints, model_validator

from catalog.api.context import PREFIX, Context, problems
from catalog.handlers.rule_trials import NotAnsweredError
from shared.access import May
from shared.bodies import StrictJsonRoute
from shared.contracts.alert import AlertSource
from shared.contracts.definition import Strict
from shared.contracts.principal import Principal
from shared.contracts.rule_trial import RulesTrial
from shared.http import ProblemError, invalid_field
from shared.kinds import ALERT_RULE

router = APIRouter(prefix=f"{PREFIX}/{ALERT_RULE.path}", tags=[ALERT_RULE.titles], route_class=StrictJsonRoute)

RETRY_AFTER_SECONDS = 5
_EXAMPLE: JsonValue = {
    "source": "generic",
    "payload": {"title": "nginx is down", "status": "firing", "labels": {"alertname": "NginxDown", "env": "prod"}},
}


class RulesTestRequest(Strict):
    """What the rules are tried on."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    source: AlertSource | None = None
    """The kind of sender that posts the payload."""
    payload: JsonValue = None
    """The body, as it would be posted to ``/webhooks/SOURCE``."""
    delivery: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    """Instead of both: a delivery that is kept, by its id."""

    @model_validator(mode="after")
    def is_one(self) -> "RulesTestRequest":
        """There is one thing to try."""
        is_pasted = self.source is not None and "payload" in self.model_fields_set
        is_half = self.source is not None or "payload" in self.model_fields_set
        if is_pasted == (self.delivery is not None) or (is_half and not is_pasted):
            message = "needs source and payload, or delivery"
            raise ValueError(message)
        return self


@router.post(
    "/test",
    responses=problems(
        _422="It cannot be read, or there is no such source or delivery.", _503="No alert-bridge can be asked now."
    ),
    summary="Try the alert rules",
    operation_id="test_alert_rules",
)
async def try_rules(
    context: Context,
    _caller: Annotated[Principal, Depends(May("alert_rules.read"))],
    _reader_of_deliveries: Annotated[Principal, Depends(May("deliveries.read"))],
    body: RulesTestRequest,
) -> RulesTrial:
    """What would come of a body if it were posted now: what each rule says to each alert, which runs would be
    requested, with which parameters, and why not. Nothing is stored, and nothing is run.
    """
    try:
        if body.delivery is not None:
            tried = await context.rule_trials.of_delivery(body.delivery)
        else:
            tried = await context.rule_trials.of_payload(str(body.source), body.payload)
    except NotAnsweredError as error:
        raise ProblemError(503, str(error), headers={"Retry-After": str(RETRY_AFTER_SECONDS)}) from error
    if tried.error:
        raise invalid_field("payload" if body.delivery is None else "delivery", tried.error)
    return tried.trial
