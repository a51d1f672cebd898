"""A run as people and programs are shown it: what the run and its attempts say, put together, secrets masked. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import JsonValue

from catalog.domain.views import (
    AttemptView,
    PausedView,
    ProgressView,
    RunActionView,
    RunStepView,
    RunView,
    TimelineEntryView,
    TriggerView,
)
from shared.contracts.attempt import Attempt
from shared.contracts.run import Control, Run, RunSummary, TimelineEvent
from shared.contracts.step import StepProgress
from shared.runs.binding import MASK
from shared.runs.controls import is_cancel_requested, paused_by


def run_view(run: Run, attempts: Sequence[Attempt]) -> RunView:
    """Everything about one run, what it was told a moment ago included."""
    made: dict[int, list[Attempt]] = {}
    for attempt in attempts:
        made.setdefault(attempt.step_index, []).append(attempt)
    steps = [_step_view(step, made.get(index, [])) for index, step in enumerate(run.steps)]
    shown = _view(run, steps, [TimelineEntryView.model_construct(**_shown_entry(entry)) for entry in run.timeline])
    shown.cancel_requested = is_cancel_requested(run)
    shown.paused = _paused_view(paused_by(run))
    return shown


def _paused_view(control: Control | None) -> PausedView | None:
    if control is None:
        return None
    return PausedView.model_construct(by=control.by, at=control.at, comment=control.comment)


def run_summary(run: RunSummary) -> RunView:
    """A run in a list: without its steps and its timeline."""
    return _view(run, [], [])


def _view(run: RunSummary, steps: list[RunStepView], timeline: list[TimelineEntryView]) -> RunView:
    # What stands in a run was validated when it was read, so it is not validated again.
    return RunView.model_construct(
        id=run.id,
        action=RunActionView.model_construct(name=run.action.name, version=run.action.version, title=run.action.title),
        state=run.state,
        reason=run.reason,
        reason_text=run.reason_text,
        trigger=TriggerView.model_construct(**vars(run.trigger)),
        parameters=shown_parameters(run),
        created_at=run.created_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
        duration=_seconds_between(run.started_at, run.ended_at),
        not_before=run.not_before,
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
    return ProgressView.model_construct(
        done=done, total=total, percent=100 * done // total if total else 100, current_step=current_step
    )


def _seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else round((end - start).total_seconds(), 3)


def _step_view(step: StepProgress, attempts: Sequence[Attempt]) -> RunStepView:
    # That an attempt has begun is for its executor to say; the run hears of its end only.
    begun = step.state == "queued" and step.due_at is None and bool(attempts) and attempts[-1].state == "running"
    return RunStepView.model_construct(
        name=step.name,
        provider=step.provider,
        state="running" if begun else step.state,
        reason=step.reason,
        due_at=step.due_at,
        started_at=step.started_at,
        ended_at=step.ended_at,
        invocations=None if step.invocations is None else step.invocations.counts,
        failed_providers=[] if step.invocations is None else step.invocations.failed_providers,
        attempts=[attempt_view(attempt) for attempt in attempts],
    )


def attempt_view(attempt: Attempt) -> AttemptView:
    """An attempt as it is."""
    outcome = attempt.outcome
    return AttemptView.model_construct(
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
    )


def _shown_entry(entry: TimelineEvent) -> Any:
    return {name: value for name, value in vars(entry).items() if name != "attempt_id"}
