"""What is saved as it is, and may still not do what its author means."""

from collections.abc import Iterator

from shared.contracts.action import ActionDefinition
from shared.contracts.parameter import Parameter
from shared.contracts.problem import FieldWarning
from shared.contracts.secret import SecretDefinition, SecretMetadata
from shared.definitions import Stored

SHORT_SECRET = 6
"""In characters: what is shorter stands in innocent text as well, and is masked there."""


def action_warnings(action: ActionDefinition, stored: Stored[ActionDefinition]) -> list[FieldWarning]:
    """Which parameters of an action take code, and where a command of it may alter a value."""
    parameters = action.parameters
    texts = {parameter.name for parameter in parameters if _may_hold_a_backslash(parameter)}
    code = [
        FieldWarning(
            field=f"parameters.{index}.code",
            message=f"whatever is given for '{parameter.name}' may be run as code; only those may give it a value who "
            "may edit actions, and no alert rule",
        )
        for index, parameter in enumerate(parameters)
        if parameter.code
    ]
    return code + [
        FieldWarning(field=f"steps.{altered.step}.command", message=altered.message)
        for altered in (stored.compiled.altered if stored.compiled else ())
        if altered.parameter in texts
    ]


def _may_hold_a_backslash(parameter: Parameter) -> bool:
    """Whether it is a text that nothing is known of; one that a pattern binds is its author's affair."""
    if parameter.type == "choice":
        return any("\\" in option or option.startswith("-") for option in parameter.options or [])
    return parameter.type in {"string", "secret"} and parameter.pattern is None


def secret_warnings(secret: SecretDefinition, _stored: Stored[SecretMetadata]) -> Iterator[FieldWarning]:
    """Whether masking it would make output unreadable."""
    if len(secret.value.get_secret_value()) < SHORT_SECRET:
        message = (
            f"has fewer than {SHORT_SECRET} characters: where it is the value of a parameter, these are masked "
            "wherever they stand in the output of the command, which may be in any word; take a longer one"
        )
        yield FieldWarning(field="value", message=message)
