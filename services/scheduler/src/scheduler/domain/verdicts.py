"""How a run ended: worked out of how its steps did, and of whether it was to stop. Pure."""

from scheduler.domain.gates import Verdict
from shared.contracts.action import ActionDefinition, Step
from shared.contracts.attempt import Reason
from shared.contracts.run import Run
from shared.contracts.step import StepProgress
from shared.contracts.values import duration_text


def verdict(run: Run, action: ActionDefinition) -> Verdict:
    """How the run ended.

    What nobody knows comes first, then what had failed before the run was to stop, then that it was to.
    """
    states, stop = {progress.state for progress in run.steps}, run.stop
    if "unknown" in states:
        return "lose", "lost", _text_of_step(run, action, "unknown")
    if stop is not None and not stop.after_failure and _was_cut_short(run, stop.reason):
        return _cut_short(run, action, stop.reason)
    if any(halts(progress, step) for progress, step in pairs(run, action)):
        return _failure(run, action)
    if states == {"skipped"}:
        return "skip", "condition", "the condition of no step held"
    return "succeed", None, None


def pairs(run: Run, action: ActionDefinition) -> list[tuple[StepProgress, Step]]:
    """The steps of a run with their definitions."""
    return list(zip(run.steps, action.steps, strict=True))


def halts(progress: StepProgress, step: Step) -> bool:
    """Whether a step failed, or ended nobody knows how, and was not to be passed over."""
    return progress.state == "unknown" or (progress.state == "failed" and step.on_failure == "stop")


def has_failed(progress: StepProgress, step: Step) -> bool:
    """Whether a step has failed, and was not to be passed over."""
    return progress.state == "failed" and halts(progress, step)


def _was_cut_short(run: Run, why: Reason) -> bool:
    """Whether the run was to stop in time to change anything."""
    return any(progress.reason == why and progress.state in {"skipped", "cancelled"} for progress in run.steps)


def _cut_short(run: Run, action: ActionDefinition, why: Reason) -> Verdict:
    if why == "timeout":
        limit = duration_text(action.execution.timeout)
        return "fail", "timeout", f"the run took longer than the {limit} that execution.timeout allows"
    by = f" by {run.stop.by}" if run.stop and run.stop.by else ""
    because = f": {run.stop.comment}" if run.stop and run.stop.comment else ""
    if why == "expired":
        return "expire", why, run.stop.comment if run.stop else None
    return "reject" if why == "rejected" else "cancel", why, f"{why}{by}{because}"


def _failure(run: Run, action: ActionDefinition) -> Verdict:
    reason = next(progress.reason for progress, step in pairs(run, action) if has_failed(progress, step))
    return "fail", reason, _text_of_step(run, action, "failed")


def _text_of_step(run: Run, action: ActionDefinition, state: str) -> str:
    decisive = (progress for progress, step in pairs(run, action) if progress.state == state and halts(progress, step))
    found = next(decisive)
    return f"step '{found.name}': {found.reason_text}" if found.reason_text else f"step '{found.name}' ended as {state}"
