"""Compiling the commands and conditions of an action, or telling what is wrong with them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from catalog.domain.shell import ANALYSIS
from catalog.domain.shell.setup import setup_of
from catalog.domain.shell.values import Value, changes_of, value_of
from shared.captures import CAPTURES_BEGIN, capture_reference
from shared.conditions import ConditionError, compile_condition, is_condition
from shared.contracts.action import ActionDefinition, Step
from shared.contracts.compiled_action import AlteredValue, CompiledAction, Limit
from shared.contracts.problem import FieldError, Fix
from shared.placeholders import TemplateError, placeholder_names, refuse_unclosed, unknown_names

if TYPE_CHECKING:
    from catalog.domain.shell.analysis import CommandError


@dataclass
class ActionAnalysis:
    """The commands and conditions of an action, compiled one after the other, with what is wrong with them."""

    action: ActionDefinition
    compiled: CompiledAction = field(default_factory=lambda: CompiledAction(analysis=ANALYSIS))
    errors: list[FieldError] = field(default_factory=list)

    @cached_property
    def _parameters(self) -> dict[str, Value]:
        return {parameter.name: value_of(parameter) for parameter in self.action.parameters}

    def add(self, index: int) -> None:
        """Compile the command of a step and its condition; the steps before it have been."""
        self._add_command(index)
        step = self.action.steps[index]
        if is_condition(step.when):
            self._add_condition(step.when, f"steps.{index}.when", index)

    def add_condition(self) -> None:
        """Compile the condition of the action itself, if it has one."""
        if self.action.condition is not None:
            self._add_condition(self.action.condition, "condition", None)

    def _add_condition(self, text: str, field: str, step: int | None) -> None:
        try:
            self.compiled.conditions.append(compile_condition(text, self.action, step))
        except ConditionError as error:
            self.errors.append(FieldError(field=field, message=str(error)))

    def _add_command(self, index: int) -> None:
        # It takes a tenth of a service's start to read its table, and only an action that is saved needs it.
        from catalog.domain.shell.analysis import CommandError, compile_command

        step = self.action.steps[index]
        captures, wrong = self._captures(index)
        values = {**self._parameters, **dict.fromkeys(captures, Value())}
        if errors := list(_unusable(step, values, wrong)):
            self.errors += [_at(index, error) for error in errors]
            return
        try:
            compiled = compile_command(
                step.command, values, step.shell, step=f"step '{step.name}', ", setup=setup_of(step)
            )
        except TemplateError as error:
            every = list(_unknown(step.command, values, wrong))  # which are told at once
            names_it = not error.field and any((one.line, one.column) == (error.line, error.column) for one in every)
            fixes = self._fixes(error) if isinstance(error, CommandError) else []
            self.errors += [_at(index, one) for one in every] if names_it else [_at(index, error, fixes)]
            return
        self.compiled.commands.append(compiled.parts)
        self.compiled.limits += [_of_step(index, limit) for limit in (*compiled.limits, *_limits(step))]
        self.compiled.altered += [AlteredValue(parameter=x, step=index, message=text) for x, text in compiled.altered]
        if compiled.setup:
            self.compiled.setups[index] = compiled.setup
        if captures:
            self.compiled.reads[index] = captures
            self._read_outputs(index, captures)

    def _fixes(self, error: "CommandError") -> list[Fix]:
        """Its ways out that are changes of the parameter whose value it refuses."""
        return [
            Fix(title=title, changes={f"parameters.{number}.{field}": value for field, value in changes.items()})
            for number, parameter in enumerate(self.action.parameters)
            if parameter.name == error.parameter
            for title, changes in changes_of(error.needs, parameter)
        ]

    def _captures(self, index: int) -> tuple[list[str], dict[str, str]]:
        """What the step names of earlier steps, and what is wrong with those names that mean nothing."""
        found, wrong = list[str](), dict[str, str]()
        for name in dict.fromkeys(
            name for text in _texts(self.action.steps[index]) for name in placeholder_names(text)
        ):
            if not name.startswith(CAPTURES_BEGIN):
                continue
            try:
                capture_reference(name, self.action.steps, before=index)
                found.append(name)
            except ValueError as error:
                wrong[name] = str(error)
        return found, wrong

    def _read_outputs(self, index: int, captures: Iterable[str]) -> None:
        references = (capture_reference(name, self.action.steps, before=index) for name in captures)
        read = {reference.step_index for reference in references if reference.capture == "output"}
        self.compiled.outputs_read = sorted({*self.compiled.outputs_read, *read})


def analysed_at_once(action: ActionDefinition) -> ActionAnalysis:
    """All commands of an action compiled, where nobody else waits meanwhile."""
    analysis = ActionAnalysis(action)
    analysis.add_condition()
    for index in range(len(action.steps)):
        analysis.add(index)
    return analysis


def _at(index: int, error: TemplateError, fixes: Sequence[Fix] = ()) -> FieldError:
    return FieldError(field=f"steps.{index}.{error.field or 'command'}", message=str(error), fixes=list(fixes))


def _beside(step: Step) -> dict[str, str]:
    """The texts with placeholders beside the command, by field."""
    texts = {f"environment.{name}": value for name, value in step.environment.items()}
    others = {"working_directory": step.working_directory, "stdin": step.stdin}
    return texts | {field: text for field, text in others.items() if text is not None}


def _texts(step: Step) -> list[str]:
    return [step.command, *_beside(step).values()]


def _unusable(step: Step, values: Mapping[str, Value], wrong: Mapping[str, str]) -> Iterator[TemplateError]:
    """What is wrong with the placeholders beside the command."""
    for name, text in _beside(step).items():
        found = list(_unknown(text, values, wrong))
        try:
            refuse_unclosed(text)
        except TemplateError as unclosed:
            found = [unclosed]
        for one in found:
            one.field = name
            yield one


def _unknown(text: str, values: Mapping[str, Value], wrong: Mapping[str, str]) -> Iterator[TemplateError]:
    """Every name of a text that nothing fills; of steps it is told why."""
    for error, name in zip(
        unknown_names(text, values), [name for name in placeholder_names(text) if name not in values], strict=True
    ):
        yield (
            TemplateError(f"unknown name '{name}': {wrong[name]}", error.line, error.column) if name in wrong else error
        )


def _limits(step: Step) -> Iterator[Limit]:
    """A folder that is all placeholder at its beginning has to be a whole path, too."""
    folder = step.working_directory or ""
    if folder.startswith("{{") and (names := placeholder_names(folder)):
        yield Limit(parameter=names[0], kind="relative", where=f"step '{step.name}', working_directory")


def _of_step(index: int, limit: Limit) -> Limit:
    """What is captured becomes known step by step, and so binds the steps that read it only."""
    return limit.model_copy(update={"step": index}) if limit.parameter.startswith(CAPTURES_BEGIN) else limit
