"""A run with its attempts as it is shown, secrets masked. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from pydantic import JsonValue

from catalog.domain.views import (
    AttemptView,
    BatchView,
    PausedView,
    PendingApprovalView,
    PlannedApprovalView,
    ProgressView,
    RunStepView,
    RunView,
)
from shared.contracts.approval import Approval, GivenApproval
from shared.contracts.attempt import Attempt
from shared.contracts.run import Control, Run, RunSummary, TimelineEvent
from shared.contracts.step import StepInvocations, StepProgress
from shared.contracts.step_settings import Capture
from shared.runs.approvals import decided_so_far, given_of
from shared.runs.batches import RolloutBatches
from shared.runs.binding import MASK
from shared.runs.repository import is_cancel_requested, paused_by

MOST_SHOWN_OF_CAPTURE = 1_000
"""Characters; a run may have thousands of captures of 64 KiB."""


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
    if waits_for_pool and any(step.state == "running" and step.invocations is None for step in steps):
        shown.waiting_for = None  # an executor has come, and the run has not heard of it yet
    shown.output_deleted_at = run.output_deleted_at
    shown.cancel_requested = is_cancel_requested(run)
    shown.paused = _paused_view(paused_by(run))
    if (found := decided_so_far(run)) is not None:
        shown.approval = approval_view(run, given_of(found.given))
    return shown


def _paused_view(control: Control | None) -> PausedView | None:
    if control is None:
        return None
    return PausedView(by=control.by, at=control.at, comment=control.comment)


def approval_view(run: RunSummary, given: Sequence[GivenApproval]) -> PendingApprovalView | None:
    """What a run waits for people to decide, with these approvals; none where it waits for nobody."""
    if run.approval is None:
        return None
    shown = run.approval.model_copy(update={"given": given}).model_dump()
    more = {"digest": run.plan_digest or "", "following": planned_approval(run.approval.following)}
    return PendingApprovalView.model_validate({**shown, **more})


def planned_approval(approval: Approval | None) -> PlannedApprovalView | None:
    """Whose approval would be waited for; none where nobody's."""
    if approval is None:
        return None
    return PlannedApprovalView(
        approvers=approval.approvers,
        needed=approval.count,
        allow_requester=approval.allow_requester,
        on_expiry=approval.on_expiry,
        expires_after=approval.expires,
    )


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
        approval=approval_view(run, run.approval.given if run.approval else ()),
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


def _batch(wide: StepInvocations | None) -> BatchView | None:
    if wide is None or not wide.rollout.batches:
        return None
    batches = RolloutBatches(wide.rollout, wide.width)
    begun = wide.width - wide.counts.get("pending", 0) - wide.counts.get("skipped", 0)
    return BatchView(number=batches.number_of(begun - 1) + 1 if begun > 0 else 0, of=len(batches))


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
        batch=_batch(step.invocations),
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
        timeout=attempt.timeout,
        ended_at=outcome.ended_at if outcome else None,
        output_bytes=outcome.output_bytes if outcome else 0,
        run_as=None if attempt.run_as is None else attempt.run_as.user,
        captured=_shown_captures(attempt.captured or {}),
    )


def _shown_captures(captured: Mapping[Capture, str]) -> dict[Capture, str]:
    """What was captured, as far as it is shown."""
    most = MOST_SHOWN_OF_CAPTURE
    return {how: text if len(text) <= most else f"{text[:most]}…" for how, text in captured.items()}
