"""How a run ended, once all its steps have. Pure."""

from scheduler.domain.states import RunEvent
from shared.contracts.action import ActionDefinition, Step
from shared.contracts.attempt import Reason
from shared.contracts.run import Run, StepProgress
from shared.contracts.values import duration_text

Verdict = tuple[RunEvent, Reason | None, str | None]
"""What it comes to, why, and the reason in a sentence."""


def verdict(run: Run, action: ActionDefinition, wish: int | None) -> Verdict:
    """How the run ended; ``wish`` is where in its timeline it was asked to end before its time, if it was.

    What nobody knows comes first, then what had failed before anybody wished for an end, then the wish.
    """
    states = {progress.state for progress in run.steps}
    if "unknown" in states:
        return "lose", "lost", _text_of_step(run, action, "unknown")
    if wish is not None and _had_failed(run, action, wish):
        return _failure(run, action)
    if wish is not None and _was_cut_short(run, run.timeline[wish].reason):
        return _cut_short(run, action, run.timeline[wish].reason)
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


def _was_cut_short(run: Run, why: Reason | None) -> bool:
    """Whether the wish came in time to change anything."""
    return any(progress.reason == why and progress.state in {"skipped", "cancelled"} for progress in run.steps)


def _cut_short(run: Run, action: ActionDefinition, why: Reason | None) -> Verdict:
    if why == "timeout":
        limit = duration_text(action.execution.timeout)
        return "fail", "timeout", f"the run took longer than the {limit} that execution.timeout allows"
    asked = run.cancel_requested
    by = f" by {asked.by}" if asked else ""
    because = f": {asked.reason}" if asked and asked.reason else ""
    return "cancel", "cancelled", f"cancelled{by}{because}"


def _had_failed(run: Run, action: ActionDefinition, wish: int) -> bool:
    """Whether the run had failed before the wish, so that what was cut short was its cleanup."""
    before = [entry for entry in run.timeline[:wish] if entry.event == "step.finished" and entry.state == "failed"]
    ended = {entry.step for entry in before}
    return any(progress.name in ended and _failed(progress, step) for progress, step in pairs(run, action))


def _failed(progress: StepProgress, step: Step) -> bool:
    return progress.state == "failed" and halts(progress, step)


def _failure(run: Run, action: ActionDefinition) -> Verdict:
    reason = next(progress.reason for progress, step in pairs(run, action) if _failed(progress, step))
    return "fail", reason, _text_of_step(run, action, "failed")


def _text_of_step(run: Run, action: ActionDefinition, state: str) -> str:
    decisive = (progress for progress, step in pairs(run, action) if progress.state == state and halts(progress, step))
    name = next(decisive).name
    texts = [e.text for e in run.timeline if e.event == "step.finished" and e.step == name and e.text]
    return f"step '{name}': {texts[-1]}" if texts else f"step '{name}' ended as {state}"
