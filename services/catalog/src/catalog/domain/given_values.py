"""Values that a definition gives the parameters of an action: what they name, and what they may not hold."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from shared.contracts.action import ActionDefinition
from shared.contracts.definition import Reference
from shared.contracts.problem import FieldError


def value_references(action: ActionDefinition, given: Mapping[str, JsonValue], field: str) -> Iterator[Reference]:
    """The providers and secrets that the values name; ``field`` is where they stand."""
    for parameter in action.parameters:
        value = given.get(parameter.name)
        if parameter.type == "secret" and (name := _secret_name(value)) is not None:
            yield Reference("secret", name, f"{field}.{parameter.name}")
        elif parameter.type == "provider" and isinstance(value, str):
            yield Reference("provider", value, f"{field}.{parameter.name}")


def secrets_in_clear(action: ActionDefinition, given: Mapping[str, JsonValue], whose: str) -> Iterator[FieldError]:
    """What is wrong with secrets that would stand in a definition as they are; ``whose`` is "a rule"."""
    for parameter in action.parameters:
        value = given.get(parameter.name)
        if parameter.type == "secret" and value is not None and _secret_name(value) is None:
            message = f'{whose} would keep a secret in clear: store it, and name it as {{"secret": "name"}}'
            yield FieldError(field=f"parameters.{parameter.name}", message=message)


def _secret_name(value: JsonValue) -> str | None:
    """The name in ``{"secret": name}``, where the value is that."""
    if isinstance(value, dict) and value.keys() == {"secret"} and isinstance(value["secret"], str):
        return value["secret"]
    return None
