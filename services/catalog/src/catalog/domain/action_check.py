"""Whether an action can be saved: names once, defaults that fit, providers that exist, commands that are understood."""

import re
from collections.abc import Iterator

from catalog.domain.references import provider_parameter
from shared.contracts.action import ActionDefinition, Step
from shared.contracts.finding import nearest
from shared.contracts.parameter import Parameter
from shared.contracts.problem import FieldError
from shared.contracts.values import NAME_PATTERN
from shared.runs.binding import typed_value
from shared.templating import TemplateError, check_command, unknown_names


def check_action(action: ActionDefinition, *, providers: frozenset[str]) -> list[FieldError]:
    """Everything that is wrong with an action that has the right shape, each on its field."""
    return [
        *_repeated("parameters", [parameter.name for parameter in action.parameters]),
        *_repeated("steps", [step.name for step in action.steps]),
        *(error for i, parameter in enumerate(action.parameters) for error in _parameter(i, parameter, providers)),
        *(error for i, step in enumerate(action.steps) for error in _step(i, step, action, providers)),
    ]


def _repeated(field: str, names: list[str]) -> Iterator[FieldError]:
    first: dict[str, int] = {}
    for index, name in enumerate(names):
        if first.setdefault(name, index) != index:
            message = f"'{name}' is the name of {field}.{first[name]} already; each needs its own"
            yield FieldError(field=f"{field}.{index}.name", message=message)


def _parameter(index: int, parameter: Parameter, providers: frozenset[str]) -> Iterator[FieldError]:
    field = f"parameters.{index}"
    low, high = parameter.minimum, parameter.maximum
    if low is not None and high is not None and low > high:
        yield FieldError(field=f"{field}.minimum", message=f"{low} is more than the maximum, {high}")
        return
    if parameter.default is None:
        return
    try:
        value = typed_value(parameter, parameter.default)
    except ValueError as error:
        yield FieldError(field=f"{field}.default", message=str(error))
        return
    if parameter.type == "provider" and value not in providers:
        message = f"there is no provider '{value}'{nearest(str(value), providers)}"
        yield FieldError(field=f"{field}.default", message=message)


def _step(index: int, step: Step, action: ActionDefinition, providers: frozenset[str]) -> Iterator[FieldError]:
    provider_error = _provider_error(step, action, providers)
    if provider_error is not None:
        yield FieldError(field=f"steps.{index}.provider", message=provider_error)
    yield from (
        FieldError(field=f"steps.{index}.command", message=str(error)) for error in _command_errors(step, action)
    )


def _command_errors(step: Step, action: ActionDefinition) -> list[TemplateError]:
    """Every name that is not known, or else the first thing that keeps the command from being understood."""
    names = [parameter.name for parameter in action.parameters]
    if unknown := unknown_names(step.command, names):
        return unknown
    try:
        check_command(step.command, names, step.shell)
    except TemplateError as error:
        return [error]
    return []


def _provider_error(step: Step, action: ActionDefinition, providers: frozenset[str]) -> str | None:
    name = provider_parameter(step)
    if name is not None:
        return _provider_parameter_error(name, action)
    if step.provider in providers:
        return None
    if not re.fullmatch(NAME_PATTERN, step.provider):
        return (
            f"'{step.provider[:80]}' is neither a provider's name nor one parameter of type provider, as {{{{ host }}}}"
        )
    return f"there is no provider '{step.provider}'{nearest(step.provider, providers)}"


def _provider_parameter_error(name: str, action: ActionDefinition) -> str | None:
    kinds = {parameter.name: parameter.type for parameter in action.parameters}
    choices = [known for known, kind in kinds.items() if kind == "provider"]
    if name not in kinds:
        return f"there is no parameter '{name}'{nearest(name, choices)}"
    if kinds[name] != "provider":
        return f"the parameter '{name}' is of type {kinds[name]}; a step needs one of type provider"
    return None
