"""Whether an action can be saved: names once, defaults that fit, commands that are understood."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from catalog.domain.shell.analysis import ANALYSIS, compile_command
from catalog.domain.shell.values import Value, value_of
from shared.contracts.action import ActionDefinition, Step
from shared.contracts.command import AlteredValue, CompiledAction
from shared.contracts.parameter import Parameter
from shared.contracts.problem import FieldError, nearest
from shared.placeholders import TemplateError, unknown_names
from shared.runs.binding import typed_value

_PLACEHOLDER = re.compile(r"\s*\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}\s*")


def check_action(action: ActionDefinition) -> list[FieldError]:
    """Everything but its commands that is wrong with an action that has the right shape, each on its field."""
    return [
        *_repeated("parameters", [parameter.name for parameter in action.parameters]),
        *_repeated("steps", [step.name for step in action.steps]),
        *(error for i, parameter in enumerate(action.parameters) for error in _parameter(i, parameter)),
        *(error for i, step in enumerate(action.steps) for error in _step(i, step, action)),
    ]


@dataclass
class ActionAnalysis:
    """The commands of an action, compiled one after the other, with what is wrong with them."""

    action: ActionDefinition
    compiled: CompiledAction = field(default_factory=lambda: CompiledAction(analysis=ANALYSIS))
    errors: list[FieldError] = field(default_factory=list)

    @cached_property
    def _values(self) -> dict[str, Value]:
        return {parameter.name: value_of(parameter) for parameter in self.action.parameters}

    def add(self, index: int) -> None:
        """Compile the command of a step; the steps before it have been."""
        step = self.action.steps[index]
        try:
            compiled = compile_command(step.command, self._values, step.shell, step=f"step '{step.name}', ")
        except TemplateError as error:
            every = unknown_names(step.command, self._values)  # which are told at once
            found = every if str(error) in map(str, every) else [error]
            self.errors += [FieldError(field=f"steps.{index}.command", message=str(error)) for error in found]
        else:
            self.compiled.commands.append(compiled.parts)
            self.compiled.limits += compiled.limits
            self.compiled.altered += [
                AlteredValue(parameter=x, step=index, message=text) for x, text in compiled.altered
            ]


def analysed_at_once(action: ActionDefinition) -> ActionAnalysis:
    """All commands of an action compiled, where nobody else waits meanwhile."""
    analysis = ActionAnalysis(action)
    for index in range(len(action.steps)):
        analysis.add(index)
    return analysis


def _repeated(field: str, names: list[str]) -> Iterator[FieldError]:
    first: dict[str, int] = {}
    for index, name in enumerate(names):
        if first.setdefault(name, index) != index:
            message = f"'{name}' is the name of {field}.{first[name]} already; each needs its own"
            yield FieldError(field=f"{field}.{index}.name", message=message)


def _parameter(index: int, parameter: Parameter) -> Iterator[FieldError]:
    field = f"parameters.{index}"
    low, high = parameter.minimum, parameter.maximum
    if low is not None and high is not None and low > high:
        yield FieldError(field=f"{field}.minimum", message=f"{low} is more than the maximum, {high}")
        return
    if parameter.default is None:
        return
    try:
        typed_value(parameter, parameter.default)
    except ValueError as error:
        yield FieldError(field=f"{field}.default", message=str(error))


def _step(index: int, step: Step, action: ActionDefinition) -> Iterator[FieldError]:
    provider_error = _provider_error(step, action)
    if provider_error is not None:
        yield FieldError(field=f"steps.{index}.provider", message=provider_error)


def _provider_error(step: Step, action: ActionDefinition) -> str | None:
    if "{{" not in step.provider:  # a provider's name, which is looked up
        return None
    if (placeholder := _PLACEHOLDER.fullmatch(step.provider)) is not None:
        return _provider_parameter_error(placeholder[1], action)
    return f"'{step.provider[:80]}' is neither a provider's name nor one parameter of type provider, as {{{{ host }}}}"


def _provider_parameter_error(name: str, action: ActionDefinition) -> str | None:
    kinds = {parameter.name: parameter.type for parameter in action.parameters}
    choices = [known for known, kind in kinds.items() if kind == "provider"]
    if name not in kinds:
        return f"there is no parameter '{name}'{nearest(name, choices)}"
    if kinds[name] != "provider":
        return f"the parameter '{name}' is of type {kinds[name]}; a step needs one of type provider"
    return None
