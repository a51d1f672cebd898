"""Definitions held against what the API holds them against, as far as it needs no server, before anything is sent."""

from collections.abc import Iterator

from pydantic import BaseModel, ValidationError

from catalog.domain.action_check import check_action
from catalog.domain.references import uses_of_action
from opsimate.definitions.files import ADDED_BY_THE_SERVER, Definition
from shared.contracts.action import ActionDefinition
from shared.contracts.alert import AlertRuleDefinition
from shared.contracts.finding import sentence_of
from shared.contracts.provider import ProviderDefinition
from shared.contracts.secret import SecretDefinition

_MODELS: dict[str, type[BaseModel]] = {
    "secret": SecretDefinition,
    "provider": ProviderDefinition,
    "action": ActionDefinition,
    "alert_rule": AlertRuleDefinition,
}


def model_complaints(definition: Definition) -> Iterator[str]:
    """What is wrong with the fields of a definition, and with an action's commands, each with where it stands."""
    body = {field: value for field, value in definition.body.items() if field not in ADDED_BY_THE_SERVER}
    try:
        model = _MODELS[definition.kind].model_validate(body)
    except ValidationError as error:
        for detail in error.errors(include_input=False, include_url=False):
            field = ".".join(str(part) for part in detail["loc"]) or "name"
            yield definition.complaint(field, sentence_of(detail))
    else:
        if isinstance(model, ActionDefinition):
            yield from _action_complaints(definition, model)


def _action_complaints(definition: Definition, action: ActionDefinition) -> Iterator[str]:
    # Whether the providers that it names are there is looked up later, in all files and on the server.
    for error in check_action(action, providers=frozenset(uses_of_action(action).providers)):
        yield definition.complaint(error.field, error.message)
