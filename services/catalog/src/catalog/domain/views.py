"""What is shown of runs: the shapes of the API's answers, and a run with its attempts in them, secrets masked. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from pydantic import ConfigDict, Field, JsonValue

from shared.contracts.attempt import Attempt, AttemptState, Ending, Reason
from shared.contracts.model import Documented
from shared.contracts.run import Control, GateName, Run, RunState, RunSummary, TimelineEvent, TriggerKind, WaitingFor
from shared.contracts.step import StepProgress, StepState
from shared.contracts.step_settings import Capture
from shared.contracts.values import Instant
from shared.runs.binding import MASK
from shared.runs.repository import is_cancel_requested, paused_by

MOST_SHOWN_OF_CAPTURE = 1_000
"""Characters; a run may have thousands of captures of 64 KiB."""


class View(Documented):
    """Something that is shown."""

    model_config = ConfigDict(from_attributes=True)


class RunActionView(View):
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
    principal_id: str | None
    """The ``uid`` of that token, which tells it from others of its name; none for a rule or a schedule."""
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

    id: str = Field(examples=["01JX3Q7W8Z5V9K2M4N6P8R0S2T.000.0000.01"])
    invocation: int = Field(examples=[0])
    """The place of its provider among those of the step, from 0."""
    number: int = Field(examples=[1])
    """From 1 within its step and provider."""
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
    """Where the command was ended before its time: whether it was seen that no process of it is left."""
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
    run_as: str | None = Field(examples=["postgres"])
    """The user as whom it ran by sudo, where that is not the one who logged in."""
    captured: dict[Capture, str]
    """What was captured of its output, secrets masked; of long ones the beginning."""


class RunStepView(View):
    """How far one step of a run has come."""

    name: str = Field(examples=["restart"])
    provider: str | None = Field(examples=["web-1"])
    """None where the step runs on more than one."""
    state: StepState
    reason: Reason | None
    reason_text: str | None = Field(examples=["its condition does not hold: params.env == 'prod'"])
    """Why it failed or was not run, in a sentence."""
    due_at: Instant | None
    """When the next attempt is to begin, while the step waits for one."""
    started_at: Instant | None
    ended_at: Instant | None
    carried_from: str | None
    """The earlier run in which it ended as it stands here, where this run goes on after it."""
    invocations: dict[str, int] | None
    """Of a step that runs on more than one provider: on how many of them it is in which state."""
    failed_providers: list[str]
    """Of such a step that has ended the first providers on which it failed."""
    attempts: list[AttemptView]
    """In the order in which they were made, where the step runs on one provider."""


class PausedView(View):
    """Who keeps a run from going on, and why."""

    by: str = Field(examples=["admin"])
    at: Instant
    comment: str


class TimelineEntryView(View):
    """One entry of a run's timeline."""

    seq: int = Field(examples=[1])
    """Counts the entries from 1."""
    at: Instant
    event: str = Field(examples=["run.queued"])
    state: str | None
    gate: GateName | None
    """What the run waits at since."""
    step: str | None
    attempt: int | None
    reason: Reason | None
    text: str | None
    by: str | None
    """Who told the run so, where somebody did."""
    due_at: Instant | None


class RunView(View):
    """One execution of one version of an action."""

    id: str = Field(examples=["01JX3Q7W8Z5V9K2M4N6P8R0S2T"])
    action: RunActionView
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
    estimated_duration: float | None = Field(None, examples=[40.0])
    """How long it probably takes in all, in seconds; null where that is not known, and once it has ended."""
    remaining: float | None = Field(None, examples=[27.7])
    """How long from now on; 0 where it takes longer than was thought, null where not known and while it waits."""
    not_before: Instant | None
    """When it is to start at the earliest."""
    rerun_of: str | None
    """The run that this one does again."""
    plan_digest: str | None
    """Of the plan that it carries out, where it was asked to carry out one."""
    waiting_for: WaitingFor | None
    """What keeps it from going on, where nothing of it is under way."""
    cancel_requested: bool
    """That somebody asked for its end."""
    paused: PausedView | None
    """By whom it is paused: what is under way comes to its end, and nothing new begins."""
    progress: ProgressView
    ended_steps: dict[str, int] = Field(examples=[{"succeeded": 1}])
    """How many of its steps ended in which state."""
    steps: list[RunStepView]
    """Empty in lists of runs."""
    timeline: list[TimelineEntryView]
    """What happened so far, in order; empty in lists of runs."""


def run_view(run: Run, attempts: Sequence[Attempt], running: Mapping[str, int] = MappingProxyType({})) -> RunView:
    """Everything about one run, what it was told a moment ago included; ``running`` says on how many providers the
    command of a wide step has begun, by the step's name.
    """
    made: dict[int, list[Attempt]] = {}
    for attempt in attempts:
        made.setdefault(attempt.step_index, []).append(attempt)
    steps = [_step_view(step, made.get(index, []), running.get(step.name, 0)) for index, step in enumerate(run.steps)]
    shown = _view(run, steps, run.timeline)
    waits_for_pool = run.waiting_for is not None and run.waiting_for.gate == "pool"
    if waits_for_pool and any(step.state == "running" for step in steps):
        shown.waiting_for = None  # an executor has come, and the run has not heard of it yet
    shown.cancel_requested = is_cancel_requested(run)
    shown.paused = _paused_view(paused_by(run))
    return shown


def _paused_view(control: Control | None) -> PausedView | None:
    if control is None:
        return None
    return PausedView(by=control.by, at=control.at, comment=control.comment)


def run_summary(run: RunSummary) -> RunView:
    """A run in a list: without its steps and its timeline."""
    return _view(run, [], [])


def _view(run: RunSummary, steps: list[RunStepView], timeline: Sequence[TimelineEvent]) -> RunView:
    return RunView(
        id=run.id,
        action=run.action,
        state=run.state,
        reason=run.reason,
        reason_text=run.reason_text,
        trigger=run.trigger,
        parameters=shown_parameters(run),
        created_at=run.created_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
        duration=_seconds_between(run.started_at, run.ended_at),
        not_before=run.not_before,
        rerun_of=run.rerun_of,
        plan_digest=run.plan_digest,
        waiting_for=run.waiting_for,
        cancel_requested=run.is_cancel_requested,
        paused=_paused_view(run.paused),
        progress=run_progress(run),
        ended_steps=run.progress.ended,
        steps=steps,
        timeline=timeline,
    )


def shown_parameters(run: RunSummary) -> dict[str, JsonValue]:
    """The parameters, with dots for secrets whose value was given."""
    return {
        name: MASK if isinstance(value, dict) and "secret" not in value else value
        for name, value in run.parameters.items()
    }


def run_progress(run: RunSummary) -> ProgressView:
    """How far the run has come."""
    return progress_view(run.progress.done, run.progress.total, run.progress.current_step)


def progress_view(done: int, total: int, current_step: str | None) -> ProgressView:
    """So many steps of so many."""
    return ProgressView(
        done=done, total=total, percent=100 * done // total if total else 100, current_step=current_step
    )


def _seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else round((end - start).total_seconds(), 3)


def _step_view(step: StepProgress, attempts: Sequence[Attempt], running: int) -> RunStepView:
    # That an attempt has begun is for its executor to say; the run hears of its end only.
    begun = step.state == "queued" and step.due_at is None and bool(attempts) and attempts[-1].state == "running"
    return RunStepView(
        name=step.name,
        provider=step.provider,
        state="running" if begun else step.state,
        reason=step.reason,
        reason_text=step.reason_text,
        due_at=step.due_at,
        started_at=step.started_at,
        ended_at=step.ended_at,
        carried_from=step.carried_from,
        invocations=None if step.invocations is None else step.invocations.tally(running),
        failed_providers=[] if step.invocations is None else step.invocations.failed_providers,
        attempts=[attempt_view(attempt) for attempt in attempts],
    )


def attempt_view(attempt: Attempt) -> AttemptView:
    """An attempt as it is."""
    outcome = attempt.outcome
    return AttemptView(
        id=attempt.id,
        invocation=attempt.invocation,
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
        run_as=None if attempt.run_as is None else attempt.run_as.user,
        captured=_shown_captures(attempt.captured or {}),
    )


def _shown_captures(captured: Mapping[Capture, str]) -> dict[Capture, str]:
    """What was captured, as far as it is shown."""
    most = MOST_SHOWN_OF_CAPTURE
    return {how: text if len(text) <= most else f"{text[:most]}…" for how, text in captured.items()}
