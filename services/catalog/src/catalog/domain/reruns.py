"""Doing a run again: which of its steps are done, and what it was given. Pure."""

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import JsonValue

from shared.contracts.action import ActionDefinition, Step
from shared.contracts.run import Run
from shared.contracts.step import StepProgress

RerunMode = Literal["same", "from_failed"]


def carried_steps(run: Run, action: ActionDefinition) -> Sequence[StepProgress] | None:
    """The steps before the first one that has to be done again, as they ended; None where there is no such step."""
    carried: list[StepProgress] = []
    for progress, step in zip(run.steps, action.steps, strict=True):
        if not _is_done(progress, step):
            return carried
        carried.append(progress.model_copy(update={"carried_from": progress.carried_from or run.id}))
    return None


def _is_done(progress: StepProgress, step: Step) -> bool:
    """Whether a step is not in the way of success: it succeeded, was not to run, or was to be passed over."""
    passed_over = progress.state == "failed" and step.on_failure == "continue"
    not_to_run = progress.state == "skipped" and progress.reason == "condition"
    return progress.state == "succeeded" or passed_over or not_to_run


def given_again(
    bound: Mapping[str, JsonValue], changed: Mapping[str, JsonValue], action: ActionDefinition
) -> dict[str, JsonValue]:
    """What the parameters are given when a run is done again: as they were bound, but for those that are changed.

    An optional text that nobody gave was bound as the empty text, which its pattern may not allow; it is left out then.
    """
    left_out = {one.name for one in action.parameters if not one.required and one.default is None}
    kept = {name: value for name, value in bound.items() if not (value == "" and name in left_out)}
    return {**kept, **changed}
