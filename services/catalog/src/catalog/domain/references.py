"""What a definition names besides itself: providers, secrets, actions."""

import re
from collections.abc import Mapping

from pydantic import JsonValue

from shared.contracts.action import ActionDefinition, Step
from shared.contracts.alert import AlertRuleDefinition
from shared.contracts.provider import ProviderDefinition
from shared.definitions import Uses
from shared.templating import placeholder_names

_PLACEHOLDER = re.compile(r"\s*\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}\s*")


def provider_parameter(step: Step) -> str | None:
    """The parameter whose value names the step's provider, where it is not named outright."""
    found = _PLACEHOLDER.fullmatch(step.provider)
    return found[1] if found else None


def uses_of_provider(provider: ProviderDefinition) -> Uses:
    """The secrets that open it, and the provider that leads to it."""
    ssh = provider.connection.ssh
    if ssh is None:
        return Uses()
    references = (ssh.private_key, ssh.passphrase, ssh.certificate, ssh.password)
    return Uses(
        secrets=[reference.secret for reference in references if reference is not None],
        providers=[] if ssh.jump is None else [ssh.jump],
    )


def uses_of_action(action: ActionDefinition) -> Uses:
    """The providers that its steps, and the defaults of its parameters, name outright."""
    named = [step.provider for step in action.steps if "{{" not in step.provider]
    defaults = [parameter.default for parameter in action.parameters if parameter.type == "provider"]
    return Uses(providers=[*named, *(default for default in defaults if isinstance(default, str))])


def uses_of_alert_rule(rule: AlertRuleDefinition, actions: Mapping[str, ActionDefinition]) -> Uses:
    """The actions that its responses ask for, and the providers and secrets given to them outright."""
    values = [
        (parameter.type, given.get(parameter.name))
        for response in rule.responses
        if response.action in actions
        for parameter in actions[response.action].parameters
        for given in (response.parameters, response.defaults)
    ]
    return Uses(
        actions=[response.action for response in rule.responses],
        providers=[
            value for kind, value in values if kind == "provider" and isinstance(value, str) and is_plain(value)
        ],
        secrets=[name for kind, value in values if kind == "secret" and (name := secret_name(value))],
    )


def secret_name(value: JsonValue) -> str | None:
    """The name in ``{"secret": name}``, where the value is that."""
    if isinstance(value, dict) and value.keys() == {"secret"} and isinstance(value["secret"], str):
        return value["secret"]
    return None


def is_plain(value: JsonValue) -> bool:
    """Whether a value stands as it is, with nothing of an alert's in it."""
    return not (isinstance(value, str) and placeholder_names(value))
