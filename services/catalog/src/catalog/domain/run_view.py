"""A run as people and programs are shown it: what the run and its attempts say, put together, secrets masked. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from shared.contracts.attempt import Attempt, AttemptState, Ending, Reason
from shared.contracts.run import ENDED, STEP_ENDED, Run, RunState, StepProgress, StepState, TimelineEvent, TriggerKind
from shared.contracts.values import Instant
from shared.runs.rendering import MASK


class View(BaseModel):
    """Something that is shown; the lines under its fields are their descriptions in the API's documentation."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class ActionView(View):
    """Which version of which action a run executes."""

    name: str = Field(examples=["restart-service"])
    version: int = Field(examples=[3])
    title: str = Field(examples=["Restart a service"])


class TriggerView(View):
    """Why a run exists."""

    kind: TriggerKind
    """``manual`` for a person's token, ``api`` for a service's."""
    by: str = Field(examples=["admin"])
    """The name of the token, the alert rule or the schedule that asked for the run."""
    note: str
    alert_id: str | None
    """The alert that it answers, where it answers one."""


class ProgressView(View):
    """How far a run has come."""

    done: int = Field(examples=[1])
    """Steps that have ended, those passed over included."""
    total: int = Field(examples=[3])
    percent: int = Field(examples=[33])
    current_step: str | None = Field(examples=["verify"])
    """The step under way, or waiting for its next attempt."""


class AttemptView(View):
    """One try of a step on its provider."""

    number: int = Field(examples=[1])
    """From 1 within its step."""
    provider: str = Field(examples=["web-1"])
    command: str = Field(examples=["systemctl restart nginx"])
    """The command with the values of its parameters in place, secrets masked."""
    state: AttemptState
    exit_status: int | None = Field(examples=[0])
    signal: str | None
    """The signal that ended the command, without SIG, such as ``TERM``."""
    reason: Reason | None
    """Why it did not succeed; none for a success."""
    reason_text: str | None
    """The reason in a sentence with the next thing to do."""
    ending: Ending | None
    """Where the command was ended before its time: whether it was seen that nothing of it runs any more."""
    executor: str | None
    """The instance that holds or held it."""
    created_at: Instant
    started_at: Instant | None
    """When an executor claimed it."""
    command_started_at: Instant | None
    """When the provider was asked to run the command; the time before it went into connecting."""
    ended_at: Instant | None
    output_bytes: int
    """How much the command printed; known once it has ended."""


class StepView(View):
    """How far one step of a run has come."""

    name: str = Field(examples=["restart"])
    provider: str = Field(examples=["web-1"])
    state: StepState
    reason: Reason | None
    due_at: Instant | None
    """When the next attempt is to begin, while the step waits for one."""
    started_at: Instant | None
    ended_at: Instant | None
    attempts: list[AttemptView]
    """In the order in which they were made; empty in lists of runs."""


class TimelineView(View):
    """One entry of a run's timeline."""

    at: Instant
    event: str = Field(examples=["run.queued"])
    state: str | None
    step: str | None
    attempt: int | None
    reason: Reason | None
    text: str | None
    due_at: Instant | None


class RunView(View):
    """One execution of one version of an action."""

    id: str = Field(examples=["01JX3Q7W8Z5V9K2M4N6P8R0S2T"])
    action: ActionView
    state: RunState
    reason: Reason | None
    """Why it ended as it did; none for a success."""
    reason_text: str | None
    """The reason in a sentence with the next thing to do."""
    trigger: TriggerView
    parameters: dict[str, JsonValue] = Field(examples=[{"host": "web-1", "service": "nginx"}])
    """As bound, defaults included. A secret shows its name, or dots where its value was given."""
    created_at: Instant
    started_at: Instant | None
    ended_at: Instant | None
    duration: float | None = Field(examples=[12.345])
    """From its first step's start to its end, in seconds."""
    cancel_requested: bool
    """That somebody asked for its end."""
    progress: ProgressView
    steps: list[StepView]
    timeline: list[TimelineView]
    """What happened so far, in order; empty in lists of runs."""


def run_view(run: Run, attempts: Sequence[Attempt]) -> RunView:
    """Everything about one run."""
    made: dict[int, list[Attempt]] = {}
    for attempt in attempts:
        made.setdefault(attempt.step_index, []).append(attempt)
    steps = [_step_view(step, made.get(index, [])) for index, step in enumerate(run.steps)]
    return _view(run, steps, [TimelineView.model_construct(**_shown_entry(entry)) for entry in run.timeline])


def run_summary(run: Run) -> RunView:
    """A run in a list: without its attempts and its timeline."""
    return _view(run, [_step_view(step, []) for step in run.steps], [])


def _view(run: Run, steps: list[StepView], timeline: list[TimelineView]) -> RunView:
    # What stands in a run was validated when it was read, so it is not validated again.
    return RunView.model_construct(
        id=run.id,
        action=ActionView.model_construct(name=run.action.name, version=run.action.version, title=run.action.title),
        state=run.state,
        reason=run.reason,
        reason_text=run.reason_text,
        trigger=TriggerView.model_construct(**vars(run.trigger)),
        parameters=shown_parameters(run),
        created_at=run.created_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
        duration=_seconds_between(run.started_at, run.ended_at),
        cancel_requested=run.cancel_requested is not None,
        progress=run_progress(run),
        steps=steps,
        timeline=timeline,
    )


def shown_parameters(run: Run) -> dict[str, JsonValue]:
    """The parameters, with dots for secrets whose value was given."""
    return {
        name: MASK if isinstance(value, dict) and "secret" not in value else value
        for name, value in run.parameters.items()
    }


def run_progress(run: Run) -> ProgressView:
    """How far the run has come."""
    done = sum(step.state in STEP_ENDED for step in run.steps)
    under_way = (step.name for step in run.steps if step.state in {"queued", "running"})
    return progress_view(done, len(run.steps), None if run.state in ENDED else next(under_way, None))


def progress_view(done: int, total: int, current_step: str | None) -> ProgressView:
    """So many steps of so many."""
    return ProgressView.model_construct(
        done=done, total=total, percent=100 * done // total if total else 100, current_step=current_step
    )


def _seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else round((end - start).total_seconds(), 3)


def _step_view(step: StepProgress, attempts: Sequence[Attempt]) -> StepView:
    # That an attempt has begun is for its executor to say; the run hears of its end only.
    begun = step.state == "queued" and step.due_at is None and bool(attempts) and attempts[-1].state == "running"
    return StepView.model_construct(
        name=step.name,
        provider=step.provider,
        state="running" if begun else step.state,
        reason=step.reason,
        due_at=step.due_at,
        started_at=step.started_at,
        ended_at=step.ended_at,
        attempts=[attempt_view(attempt) for attempt in attempts],
    )


def attempt_view(attempt: Attempt) -> AttemptView:
    """An attempt as it is."""
    outcome = attempt.outcome
    return AttemptView.model_construct(
        number=attempt.number,
        provider=attempt.provider,
        command=attempt.display_command,
        state=attempt.state,
        exit_status=outcome.exit_status if outcome else None,
        signal=outcome.signal if outcome else None,
        reason=outcome.reason if outcome else None,
        reason_text=outcome.reason_text if outcome else None,
        ending=outcome.ending if outcome else None,
        executor=attempt.executor,
        created_at=attempt.created_at,
        started_at=attempt.started_at,
        command_started_at=attempt.command_started_at,
        ended_at=outcome.ended_at if outcome else None,
        output_bytes=outcome.output_bytes if outcome else 0,
    )


def _shown_entry(entry: TimelineEvent) -> Any:
    return {name: value for name, value in vars(entry).items() if name != "attempt_id"}
