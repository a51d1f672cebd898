"""Whether an action can own what its execution settings say: they are held to what schedules and rules are that stand
by themselves. What belongs to another mode is checked, too, so that the mode can be switched.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from catalog.domain.alert_rule_check import check_alert_rule, given_references
from catalog.domain.given_values import value_references
from catalog.domain.schedule_check import check_given, check_schedule, schedule_warnings
from shared.contracts.action import ActionDefinition
from shared.contracts.definition import Reference
from shared.contracts.problem import FieldError, FieldWarning
from shared.own_definitions import as_rule

_SCHEDULE = "execution.schedule"
_TRIGGERS = "execution.triggers"
_LACKING = {
    "scheduled": 'is required with mode: scheduled: say when it runs, as in {at: {daily: "02:30"}}',
    "triggered": "is required with mode: triggered: say for which alerts, as in [{match: {severity: [critical]}}]",
}
_OF_RESPONSE = "responses.0."


def check_execution(action: ActionDefinition) -> Iterator[FieldError]:
    """Everything that is wrong with how it is to run, each on its field."""
    execution = action.execution
    if action.mode == "scheduled" and execution.schedule is None:
        yield FieldError(field=_SCHEDULE, message=_LACKING["scheduled"])
    if action.mode == "triggered" and not execution.triggers:
        yield FieldError(field=_TRIGGERS, message=_LACKING["triggered"])
    if execution.schedule is not None:
        found = [*check_schedule(execution.schedule), *check_given(execution.schedule, action)]
        yield from _under(_SCHEDULE, found)
    for index, trigger in enumerate(execution.triggers):
        rule = as_rule(action.name, index + 1, trigger)
        yield from _under(f"{_TRIGGERS}.{index}", check_alert_rule(rule, actions={action.name: action}))


def own_references(action: ActionDefinition) -> Iterator[Reference]:
    """What is named by the values that it gives itself."""
    execution = action.execution
    if execution.schedule is not None:
        yield from value_references(action, execution.schedule.parameters, f"{_SCHEDULE}.parameters")
    for index, trigger in enumerate(execution.triggers):
        for one in given_references(as_rule(action.name, index + 1, trigger), {action.name: action}):
            if one.kind != action.kind:  # it names itself
                field = one.field.removeprefix(_OF_RESPONSE)
                yield one._replace(field=f"{_TRIGGERS}.{index}.{field}")


def execution_warnings(action: ActionDefinition, saved_at: datetime) -> Iterator[FieldWarning]:
    """What its author may have taken otherwise of when it runs."""
    schedule = action.execution.schedule
    if action.mode == "scheduled" and schedule is not None:
        for warning in schedule_warnings(schedule, saved_at):
            yield FieldWarning(field=f"{_SCHEDULE}.{warning.field}", message=warning.message)


def _under(field: str, errors: Iterable[FieldError]) -> Iterator[FieldError]:
    for error in errors:
        yield error.model_copy(update={"field": f"{field}.{error.field.removeprefix(_OF_RESPONSE)}"})
