"""Doing a run again: which of its steps are done, on which providers, and what it was given. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import JsonValue

from shared.contracts.action import ActionDefinition, Step
from shared.contracts.run import Run
from shared.contracts.step import INVOCATION_STATES, PlannedStep, StepProgress

RerunMode = Literal["same", "from_failed", "failed_providers"]
_SUCCEEDED = INVOCATION_STATES["succeeded"]


@dataclass
class Remains:
    """What is left to be done of a run."""

    carried: dict[int, StepProgress] = field(default_factory=dict)
    """The steps that are done, by their places: they stand as they ended."""
    only: dict[int, Sequence[str]] = field(default_factory=dict)
    """Of steps that are not done everywhere, by their places, the providers that are left."""


def from_failed(run: Run, action: ActionDefinition, planned: Iterable[PlannedStep]) -> Remains | None:
    """All from the first step on that is in the way of success; None where there is none.

    A run that was kept to some of its providers is gone on with on those. ``planned`` are the wide steps of such a run;
    of any other they are not looked at.
    """
    documents = {step.step_index: step for step in planned}
    done = [_is_done(progress, step) for progress, step in zip(run.steps, action.steps, strict=True)]
    if all(done):
        return None
    remains, first = Remains(), done.index(False)
    for index in range(first):
        _carry(remains, run, index)
    for index in range(first, len(run.steps)) if run.keeps_to_providers else ():
        if index not in remains.carried and index not in _checks(run):
            remains.only[index] = _providers(run.steps[index], documents.get(index))
    return remains


def _is_done(progress: StepProgress, step: Step) -> bool:
    """Whether a step is not in the way of success: it succeeded, was not to run, or was to be passed over."""
    passed_over = progress.state == "failed" and step.on_failure == "continue"
    return progress.state == "succeeded" or passed_over or _was_not_to_run(progress)


def _was_not_to_run(progress: StepProgress) -> bool:
    return progress.state == "skipped" and progress.reason == "condition"


def _carry(remains: Remains, run: Run, index: int) -> None:
    """Let a step stand as it ended, and with it the check that was run after its batches."""
    progress = run.steps[index]
    check = None if progress.invocations is None else progress.invocations.rollout.check
    for place in (index,) if check is None else (index, check):
        step = run.steps[place]
        remains.carried[place] = step.model_copy(update={"carried_from": step.carried_from or run.id})


def _checks(run: Run) -> set[int]:
    """The places of the steps that are run after batches of others, and so go with these."""
    checks = (step.invocations.rollout.check for step in run.steps if step.invocations is not None)
    return {check for check in checks if check is not None}


def on_failed_providers(run: Run, action: ActionDefinition, planned: Iterable[PlannedStep]) -> Remains | None:
    """Each step on the providers on which it has not succeeded; None where there are none.

    What runs after a failure, and what always runs, is done again on those of its providers that anything is done again
    on; where it has none of them, on all of its own.
    """
    documents = {step.step_index: step for step in planned}
    left = {index: _left(run, index, documents) for index in range(len(run.steps))}
    checks = _checks(run)
    again = {name for index, names in left.items() if index not in checks for name in names}
    if not again:
        return None
    remains = Remains()
    for index, (progress, step) in enumerate(zip(run.steps, action.steps, strict=True)):
        names = _providers(progress, documents.get(index))
        if index in checks:
            continue  # it goes with the step whose batches it checks
        if step.when in {"always", "previous_failure"}:
            remains.only[index] = [name for name in names if name in again] or names
        elif left[index]:
            remains.only[index] = left[index]
        elif _was_not_to_run(progress):
            remains.only[index] = names
        else:
            _carry(remains, run, index)
    return remains


def _providers(progress: StepProgress, planned: PlannedStep | None) -> list[str]:
    if planned is not None:
        return list(dict.fromkeys(planned.providers))
    return [] if progress.provider is None else [progress.provider]


def _left(run: Run, index: int, documents: Mapping[int, PlannedStep]) -> list[str]:
    """The providers on which a step has not succeeded, or the check behind it has not."""
    progress, planned = run.steps[index], documents.get(index)
    if progress.state == "succeeded" and planned is None:
        return []
    if planned is None or not planned.states:
        return [] if _was_not_to_run(progress) else _providers(progress, planned)
    states = [planned.states]
    wide = progress.invocations
    if wide is not None and wide.rollout.check is not None and wide.rollout.checks_of_batch is None:
        states.append(documents[wide.rollout.check].states)
    pairs = zip(planned.providers, zip(*states, strict=False), strict=False)
    return [name for name, ends in pairs if set(ends) != {_SUCCEEDED}]


def given_again(
    bound: Mapping[str, JsonValue], changed: Mapping[str, JsonValue], action: ActionDefinition
) -> dict[str, JsonValue]:
    """What the parameters are given when a run is done again: as they were bound, but for those that are changed.

    An optional text that nobody gave was bound as the empty text, which its pattern may not allow; it is left out then.
    """
    left_out = {one.name for one in action.parameters if not one.required and one.default is None}
    kept = {name: value for name, value in bound.items() if not (value == "" and name in left_out)}
    return {**kept, **changed}
