"""How a run goes on: given what is known, which step is next, and how does the run end? Pure.

``advance`` is asked again and again, whatever happened: a message, a due time, a lost lease. It takes the run as
it is stored and all ends that are known, and moves the run as far as it can be moved.
"""

from collections.abc import Sequence
from datetime import timedelta

from scheduler.domain.approvals import ApprovalTurn
from scheduler.domain.conditions import NO_ANSWERS, WHY_STOPPED, Answers, Decision, decision
from scheduler.domain.gates import Arrival, Gate, Passage, Verdict, approval_waited_for, passage
from scheduler.domain.invocation import Finished, InvocationTable, Tick
from scheduler.domain.states import RunEvent, next_state
from scheduler.domain.steps import Move, StepTurn
from scheduler.domain.verdicts import halts, has_failed, pairs, verdict
from shared.contracts.action import ActionDefinition, Step
from shared.contracts.attempt import Reason
from shared.contracts.run import ENDED, Run, RunProgress, StopRequest, TimelineEventName, WaitingFor
from shared.contracts.step import STEP_ENDED, StepProgress

_BY_CONDITION: Verdict = "skip", "condition", None


def advance(
    run: Run, action: ActionDefinition, finished: Sequence[Finished], tick: Tick, answers: Answers = NO_ANSWERS
) -> Move:
    """Move a run on as far as it can be moved now, or until something has to be asked for: then the move ``asks``, is
    not to be stored, and is made anew with the answer. The run that is handed in is not touched.
    """
    if run.state in ENDED:
        return Move(run)
    steps = [_copied(step) for step in run.steps]
    move = Move(run.model_copy(update={"steps": steps, "timeline": list(run.timeline)}))
    _Advance(move, action, tick, answers).go(finished)
    return move


def _copied(step: StepProgress) -> StepProgress:
    if step.state in STEP_ENDED:
        return step
    wide = step.invocations
    return step.model_copy(update=None if wide is None else {"invocations": wide.model_copy()})


def _check_of(step: StepProgress) -> int | None:
    return None if step.invocations is None else step.invocations.rollout.check


def _progress(run: Run, done: int, current_step: str | None = None) -> RunProgress:
    ended: dict[str, int] = {}
    for step in run.steps[:done]:
        ended[step.state] = ended.get(step.state, 0) + 1
    return RunProgress(done=done, total=len(run.steps), current_step=current_step, ended=ended)


class _Advance:
    """One turn of one run."""

    def __init__(self, move: Move, action: ActionDefinition, tick: Tick, answers: Answers) -> None:
        self._move = move
        self._run = move.run
        self._action = action
        self._tick = tick
        self._answers = answers
        self._at_gate: Verdict | None = None
        """What a gate has made of the run, if it ends there."""
        self._held: WaitingFor | None = None
        """What keeps steps and invocations from beginning now."""
        self._approvals = ApprovalTurn(move, tick.now, answers.principals, self._stop)

    def go(self, finished: Sequence[Finished]) -> None:
        self._consume_controls()
        self._notice_time_out()
        if not self._notice_end_of_alert() or not self._approvals.settle():
            return
        if not self._may_pass_gates():
            return
        for index, (progress, step) in enumerate(pairs(self._run, self._action)):
            if progress.state not in STEP_ENDED:
                self._move_on(index, progress, step, finished)
            if self._move.asks is not None:
                return
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
                    self._stop("cancelled", control.by, control.comment)
                case "pause" if run.stop is not None:
                    self._note("run.pause_too_late", text="the run was to end already", by=control.by)
                case "pause" if run.paused is None:
                    run.paused = control
                    self._note("run.paused", **about)
                case "override" if "window" not in run.opened_gates:
                    run.opened_gates = [*run.opened_gates, "window"]
                    self._note("run.overridden", **about)
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

    def _notice_end_of_alert(self) -> bool:
        """Have a run that has not begun end with its alert; false where it has to be asked whether that is over."""
        run = self._run
        if not run.trigger.cancel_on_resolve or run.state == "running" or run.stop is not None:
            return True
        if (answer := self._answers.alert) is None:
            self._move.asks = "alert"
            return False
        if answer.is_over:
            by = f"the alert rule '{run.trigger.by}'"
            run.is_cancel_requested = True
            self._note("run.cancel_requested", reason="cancelled", text=answer.why, by=by)
            self._stop("cancelled", by, answer.why)
        return True

    def _stop(self, reason: Reason, by: str | None = None, comment: str = "") -> None:
        """Have the run end before its time, as it was told to, if it was."""
        if self._run.stop is not None:
            return
        had_failed = any(has_failed(progress, step) for progress, step in pairs(self._run, self._action))
        stop = {"reason": reason, "at": self._tick.now, "by": by, "comment": comment, "after_failure": had_failed}
        self._run.stop = StopRequest.model_validate(stop)
        self._run.paused = self._run.approval = None  # what has to stop waits for nobody, so that its cleanup can run

    def _may_pass_gates(self) -> bool:
        """Start the run where it has not, unless a gate keeps it; whether its steps can be seen to."""
        run, now = self._run, self._tick.now
        if run.stop is not None:
            self._move.end_wait(now)
            return True
        found = passage(Arrival(run, self._action, now, self._answers))
        self._move.asks, self._held = found.asks, found.waiting_for
        if found.asks is not None:
            return False
        if found.opened != run.opened_gates:
            run.opened_gates = found.opened
            self._move.changed = True
        if (held := found.waiting_for) is not None and held.gate == "window" and run.state == "queued":
            self._change_state("hold", "run.delayed", **self._what_holds(held))
        if run.state == "running" or self._waits_at(found.closed):
            return run.state == "running"
        self._move.end_wait(now)
        self._leave_waiting(found)
        if self._waits_at(found.closed):
            return False
        self._at_gate = found.verdict
        if found.verdict is None:
            self._change_state("start", "run.started")
            run.started_at = now
            run.deadline = now + timedelta(seconds=self._action.execution.timeout)
        return True

    def _waits_at(self, gate: Gate | None) -> bool:
        """Whether the run waits at this gate in the state that it is in."""
        run, waiting = self._run, self._held
        if gate is None or waiting is None or gate.state != run.state:
            return False
        if run.state == "queued" and (run.waiting_for is None or run.waiting_for.gate != gate.name):
            self._note("run.waiting", gate=gate.name, text=waiting.why, due_at=waiting.until)
        self._move.wait(self._tick.now, waiting)
        return True

    def _leave_waiting(self, found: Passage) -> None:
        """A run that waited for people, or for its time, does so no more; one for people may wait for its time now."""
        if self._run.state == "delayed":
            self._change_state("become_due", "run.queued")
        elif self._run.state == "awaiting_approval" and found.closed is not None and found.closed.state == "delayed":
            self._change_state("hold", "run.delayed", **self._what_holds(found.waiting_for))
        elif self._run.state == "awaiting_approval":
            self._change_state("approve", "run.queued")

    @staticmethod
    def _what_holds(held: WaitingFor | None) -> dict[str, object]:
        """What an entry of the timeline says of a maintenance window that holds the run from now on."""
        if held is None or held.gate != "window":
            return {}
        return {"gate": "window", "text": held.why, "due_at": held.until}

    def _change_state(self, event: RunEvent, entry: TimelineEventName, **details: object) -> None:
        self._run.state = next_state(self._run.state, event)
        self._note(entry, state=self._run.state, **details)

    def _move_on(self, index: int, progress: StepProgress, step: Step, finished: Sequence[Finished]) -> None:
        """Begin a step or pass it over, or move on the one under way."""
        if progress.state != "pending":
            self._turn(index).go(finished)
            return
        wanted = self._decision(index, progress, step)
        if wanted.kind == "ask" and self._held is None:
            self._move.asks = index
        elif wanted.kind in {"skip", "fail"}:
            progress.state = "skipped" if wanted.kind == "skip" else "failed"
            if progress.invocations is not None:
                progress.invocations.counts = {"skipped": progress.invocations.width}
            progress.reason = self._run.stop.reason if self._run.stop else (self._at_gate or _BY_CONDITION)[1]
            progress.reason_text = wanted.why or None
            progress.ended_at = self._tick.now if wanted.kind == "fail" else None
            about = {"state": progress.state, "reason": progress.reason, "text": progress.reason_text}
            self._note("step.skipped" if wanted.kind == "skip" else "step.finished", step=step.name, **about)
        elif (wanted.kind != "ask" or self._run.approval is not None) and (
            pending := self._approvals.of_step(step, progress)
        ) is not None:
            self._move.wait(self._tick.now, approval_waited_for(pending))
        elif self._held is not None:
            self._move.wait(self._tick.now, self._held)
        else:
            self._turn(index).begin()

    def _turn(self, index: int) -> StepTurn:
        """The turn of a step, and of the check of its rollout with it."""
        progress, step = self._run.steps[index], self._action.steps[index]
        wide = progress.invocations
        check = None if wide is None or wide.rollout.check is None else self._turn(wide.rollout.check)
        table = InvocationTable(self._run.id, index, progress)
        return StepTurn(self._move, table, step, self._tick, self._held, check)

    def _checked_by(self, index: int) -> StepProgress | None:
        """The step after whose batches this one is run, and so never by itself."""
        checked = (step for step in self._run.steps if _check_of(step) == index)
        return next(checked, None) if self._run.steps[index].invocations is not None else None

    def _decision(self, index: int, progress: StepProgress, step: Step) -> Decision:
        """Whether a step is to run, after what came before it."""
        if self._run.state != "running":
            return Decision("skip", WHY_STOPPED[self._run.stop.reason] if self._run.stop else "the run did not start")
        if (checked := self._checked_by(index)) is not None:
            return Decision("skip", f"step '{checked.name}' {'failed' if checked.state == 'failed' else 'was not run'}")
        found = decision(self._run, index, step, self._answers, halted_by=self._halted_by())
        if found.kind == "run" and self._run.stop is not None and self._approvals.is_needed(step, progress):
            why = f"it needs an approval, which nobody is asked for any more, as {WHY_STOPPED[self._run.stop.reason]}"
            return Decision("skip", why)
        return found

    def _halted_by(self) -> str:
        """Which step failed, or ended nobody knows how, and was not to be passed over; nothing where none was so."""
        for progress, step in pairs(self._run, self._action):
            if halts(progress, step):
                failed = progress.state == "failed"
                return f"step '{step.name}' failed" if failed else f"how step '{step.name}' ended is unknown"
        return ""

    def _end(self) -> None:
        run = self._run
        if run.paused is not None:
            self._note("run.pause_too_late", text="nothing was left to begin", by=run.paused.by)
            run.paused = None
        self._move.end_wait(self._tick.now)
        event, reason, text = self._at_gate or verdict(run, self._action)
        run.state = next_state(run.state, event)
        run.reason, run.reason_text = reason, text
        run.ended_at = self._tick.now
        run.wake_at = None
        run.progress = _progress(run, len(run.steps))
        self._note("run.ended", state=run.state, reason=reason, text=text)

    def _note(self, event: TimelineEventName, **details: object) -> None:
        self._move.note(self._tick.now, event, **details)
