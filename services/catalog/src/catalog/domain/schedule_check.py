"""Whether schedules and maintenance windows can be saved: they come at times that there are, and a schedule's action
takes what it is given.
"""

from collections.abc import Iterator
from datetime import datetime

from catalog.domain.given_values import secrets_in_clear
from shared.contracts.action import ActionDefinition
from shared.contracts.maintenance_window import MaintenanceWindowDefinition
from shared.contracts.problem import FieldError, FieldWarning
from shared.contracts.schedule import DEFAULT_MISFIRES, FireAt, ScheduleSettings, ScheduleTimes
from shared.fire_times import FireTimes, FireTimesError, notes_on
from shared.runs.binding import bind


def check_schedule(schedule: ScheduleSettings) -> Iterator[FieldError]:
    """What is wrong with when it fires."""
    try:
        FireTimes.of(schedule)
    except FireTimesError as error:
        yield FieldError(field=error.field, message=str(error))
    if schedule.misfire_limit != DEFAULT_MISFIRES and schedule.misfire != "run_all":
        message = f"limits how many runs misfire: run_all asks for, and misfire is {schedule.misfire}: leave it out"
        yield FieldError(field="misfire_limit", message=message)


def check_window(window: MaintenanceWindowDefinition) -> Iterator[FieldError]:
    """What is wrong with when it begins, and with its time zone, by which it is shown also where it comes once."""
    try:
        FireTimes.of(window.times or ScheduleTimes(at=FireAt(once=window.begin), time_zone=window.time_zone))
    except FireTimesError as error:
        yield FieldError(field=error.field, message=str(error))


def window_warnings(window: MaintenanceWindowDefinition, saved_at: datetime) -> Iterator[FieldWarning]:
    """That it will hold nothing any more, and what its author may have taken otherwise."""
    if window.enabled and window.until is not None and window.until <= saved_at:
        yield FieldWarning(field="until", message="has passed, so the window holds nothing any more")
    if (times := window.times) is None:
        return
    for note in notes_on(times.at):
        yield FieldWarning(field="at.cron", message=note)
    if window.enabled and FireTimes.of(times).first_after(saved_at - window.length) is None:
        message = "does not come any more, so the window holds nothing: its time has passed, or there is none such"
        yield FieldWarning(field="at", message=message)


def check_given(schedule: ScheduleSettings, action: ActionDefinition) -> list[FieldError]:
    """What is wrong with the values that it gives its action."""
    return [*bind(action, schedule.parameters).errors, *secrets_in_clear(action, schedule.parameters, "a schedule")]


def schedule_warnings(schedule: ScheduleSettings, saved_at: datetime) -> Iterator[FieldWarning]:
    """What its author may have taken otherwise."""
    for note in notes_on(schedule.at):
        yield FieldWarning(field="at.cron", message=note)
    if schedule.enabled and FireTimes.of(schedule).first_after(saved_at) is None:
        message = "will not fire any more: all of its fire times have passed, or its period has none"
        yield FieldWarning(field="at", message=message)
