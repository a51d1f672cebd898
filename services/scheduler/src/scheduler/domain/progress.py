"""How a run goes on: given what is known, which step is next, and how does the run end? Pure.

``advance`` is asked again and again, whatever happened: a message, a due time, a lost lease. It takes the run as
it is stored and all ends that are known, and moves the run as far as it can be moved.
"""

from collections.abc import Sequence
from datetime import timedelta

from scheduler.domain.gates import passage
from scheduler.domain.invocation import Finished, InvocationTable, Tick
from scheduler.domain.states import RunEvent, next_state
from scheduler.domain.steps import Move, StepTurn
from shared.contracts.action import ActionDefinition, Step
from shared.contracts.attempt import Reason
from shared.contracts.run import ENDED, Control, Run, RunProgress, StopRequest, TimelineEventName, WaitingFor
from shared.contracts.step import STEP_ENDED, StepProgress
from shared.contracts.values import duration_text

Verdict = tuple[RunEvent, Reason | None, str | None]
"""What a run comes to, why, and the reason in a sentence."""


def advance(run: Run, action: ActionDefinition, finished: Sequence[Finished], tick: Tick) -> Move:
    """Move a run on as far as it can be moved now. The run that is handed in is not touched."""
    if run.state in ENDED:
        return Move(run)
    steps = [_copied(step) for step in run.steps]
    move = Move(run.model_copy(update={"steps": steps, "timeline": list(run.timeline)}))
    _Advance(move, action, tick).go(finished)
    return move


def _copied(step: StepProgress) -> StepProgress:
    if step.state in STEP_ENDED:
        return step
    wide = step.invocations
    return step.model_copy(update=None if wide is None else {"invocations": wide.model_copy()})


def _progress(run: Run, done: int, current_step: str | None = None) -> RunProgress:
    ended: dict[str, int] = {}
    for step in run.steps[:done]:
        ended[step.state] = ended.get(step.state, 0) + 1
    return RunProgress(done=done, total=len(run.steps), current_step=current_step, ended=ended)


class _Advance:
    """One turn of one run."""

    def __init__(self, move: Move, action: ActionDefinition, tick: Tick) -> None:
        self._move = move
        self._run = move.run
        self._action = action
        self._tick = tick
        self._held: WaitingFor | None = None
        """What keeps steps and invocations from beginning now."""

    def go(self, finished: Sequence[Finished]) -> None:
        self._consume_controls()
        self._notice_time_out()
        if not self._may_pass_gates():
            return
        for index, (progress, step) in enumerate(pairs(self._run, self._action)):
            if progress.state not in STEP_ENDED:
                self._move_on(index, progress, step, finished)
            if progress.state not in STEP_ENDED:
                self._run.progress = _progress(self._run, index, step.name if progress.state != "pending" else None)
                return
        self._end()

    def _consume_controls(self) -> None:
        """Act upon what the run was told since the last turn."""
        run = self._run
        for control in run.controls[run.consumed :]:
            run.consumed += 1
            self._move.changed = True
            about = {"text": control.comment or None, "by": control.by}
            match control.kind:
                case "cancel" if not run.is_cancel_requested:
                    run.is_cancel_requested = True
                    self._note("run.cancel_requested", reason="cancelled", **about)
                    self._stop("cancelled", control)
                case "pause" if run.stop is not None:
                    self._note("run.pause_too_late", text="the run was to end already", by=control.by)
                case "pause" if run.paused is None:
                    run.paused = control
                    self._note("run.paused", **about)
                case "resume" if run.paused is not None:
                    run.paused = None
                    self._note("run.resumed", **about)

    def _notice_time_out(self) -> None:
        """Write down, once, that the run took too long; the time that it waited at a gate does not count."""
        run = self._run
        until = run.waits_since or self._tick.now
        if run.deadline is not None and until >= run.deadline and not run.is_timed_out:
            run.is_timed_out = True
            self._note("run.timed_out", reason="timeout")
            self._stop("timeout")

    def _stop(self, reason: Reason, control: Control | None = None) -> None:
        if self._run.stop is not None:
            return
        had_failed = any(has_failed(progress, step) for progress, step in pairs(self._run, self._action))
        stop = {"reason": reason, "at": self._tick.now, "after_failure": had_failed}
        told = {} if control is None else {"by": control.by, "comment": control.comment}
        self._run.stop = StopRequest.model_validate({**stop, **told})
        self._run.paused = None  # what has to stop is held by nothing, so that its cleanup can run

    def _may_pass_gates(self) -> bool:
        """Start the run where it has not, unless a gate keeps it; whether its steps can be seen to."""
        run, now = self._run, self._tick.now
        if run.stop is not None:
            self._move.end_wait(now)
            return True
        found = passage(run, now)
        if found.opened != run.opened_gates:
            run.opened_gates = found.opened
            self._move.changed = True
        self._held = found.waiting_for
        if run.state == "running":
            return True
        if found.closed is not None and found.waiting_for is not None and found.closed.state == run.state:
            self._move.wait(now, found.waiting_for)
            return False
        if run.state == "delayed":
            self._move.end_wait(now)
            self._change_state("become_due", "run.queued")
        self._change_state("start", "run.started")
        run.started_at = now
        run.deadline = now + timedelta(seconds=self._action.execution.timeout)
        return True

    def _change_state(self, event: RunEvent, entry: TimelineEventName) -> None:
        self._run.state = next_state(self._run.state, event)
        self._note(entry, state=self._run.state)

    def _move_on(self, index: int, progress: StepProgress, step: Step, finished: Sequence[Finished]) -> None:
        """Begin a step or pass it over, or move on the one under way."""
        table = InvocationTable(self._run.id, index, progress)
        if progress.state != "pending":
            StepTurn(self._move, table, step, self._tick, self._held).go(finished)
        elif not self._is_wanted(step):
            progress.state = "skipped"
            progress.reason = self._run.stop.reason if self._run.stop else "condition"
            self._note("step.skipped", step=step.name, state="skipped", reason=progress.reason)
        elif self._held is not None:
            self._move.wait(self._tick.now, self._held)
        else:
            progress.started_at = self._tick.now
            progress.is_cleanup = self._run.stop is not None
            if table.is_wide:
                progress.state = "running"
                self._note("step.queued", step=step.name, state="queued")
            StepTurn(self._move, table, step, self._tick, None).go(())

    def _is_wanted(self, step: Step) -> bool:
        """Whether a step's condition holds, after what came before it."""
        if self._run.state != "running":
            return False
        match step.when:
            case "always":
                return True
            case "previous_failure":
                return self._run.stop is None and any(earlier.state == "failed" for earlier in self._run.steps)
            case "previous_success":
                return self._run.stop is None and not self._is_halted

    @property
    def _is_halted(self) -> bool:
        """Whether a step so far failed, or ended nobody knows how, and was not to be passed over."""
        return any(halts(progress, step) for progress, step in pairs(self._run, self._action))

    def _end(self) -> None:
        run = self._run
        if run.paused is not None:
            self._note("run.pause_too_late", text="nothing was left to begin", by=run.paused.by)
            run.paused = None
        self._move.end_wait(self._tick.now)
        event, reason, text = verdict(run, self._action)
        run.state = next_state(run.state, event)
        run.reason, run.reason_text = reason, text
        run.ended_at = self._tick.now
        run.wake_at = None
        run.progress = _progress(run, len(run.steps))
        self._note("run.ended", state=run.state, reason=reason, text=text)

    def _note(self, event: TimelineEventName, **details: object) -> None:
        self._move.note(self._tick.now, event, **details)


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
    return "cancel", "cancelled", f"cancelled{by}{because}"


def _failure(run: Run, action: ActionDefinition) -> Verdict:
    reason = next(progress.reason for progress, step in pairs(run, action) if has_failed(progress, step))
    return "fail", reason, _text_of_step(run, action, "failed")


def _text_of_step(run: Run, action: ActionDefinition, state: str) -> str:
    decisive = (progress for progress, step in pairs(run, action) if progress.state == state and halts(progress, step))
    found = next(decisive)
    return f"step '{found.name}': {found.reason_text}" if found.reason_text else f"step '{found.name}' ended as {state}"
