"""How a run goes on: given what is known, which step is next, and how does the run end? Pure.

``advance`` is asked again and again, whatever happened: a message, a due time, a lost lease. It takes the run as
it is stored and all ends that are known, and moves the run as far as it can be moved.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scheduler.domain.invocation import Finished, Invocation, InvocationTable, Tick, text_of
from scheduler.domain.rollout import MOST_AT_ONCE, counts_of, has_failed, next_invocations, rollout_of
from scheduler.domain.states import next_state
from scheduler.domain.verdict import halts, pairs, verdict
from scheduler.domain.verdict import has_failed as step_has_failed
from shared.contracts.action import ActionDefinition, Step
from shared.contracts.attempt import AttemptPlace, Reason, attempt_id, place_of_attempt
from shared.contracts.run import (
    ENDED,
    STEP_ENDED,
    Run,
    RunProgress,
    StepProgress,
    StepState,
    StopRequest,
    TimelineEvent,
    TimelineEventName,
)

SOONEST_WAKE, LATEST_WAKE = timedelta(seconds=15), timedelta(seconds=120)
"""A run of which nothing is heard is reconciled again after as long as its attempt has been under way, but within
these bounds: soon after a message was lost, and seldom while ten thousand wait for a free executor."""


@dataclass
class Move:
    """What follows from reconciling a run once."""

    run: Run
    """The run as it is to be stored."""
    changed: bool = False
    dispatch: list[AttemptPlace] = field(default_factory=list)
    """Attempts to be made."""
    cancel: list[str] = field(default_factory=list)
    """Attempts to be ended."""
    ended_wide: list[int] = field(default_factory=list)
    """Wide steps that end with this turn, by index: their texts move into their own documents."""
    has_more: bool = False
    """Whether more attempts could be made at once than one turn makes."""


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
    ended = Counter[str](step.state for step in run.steps[:done])
    return RunProgress.model_construct(done=done, total=len(run.steps), current_step=current_step, ended=dict(ended))


class _Advance:
    """One turn of one run."""

    def __init__(self, move: Move, action: ActionDefinition, tick: Tick) -> None:
        self._move = move
        self._run = move.run
        self._action = action
        self._tick = tick

    def go(self, finished: Sequence[Finished]) -> None:
        self._note_stop()
        if self._run.state == "queued":
            self._start()
        for index, (progress, step) in enumerate(pairs(self._run, self._action)):
            if progress.state == "pending":
                self._begin_or_skip(index, progress, step)
            elif progress.state not in STEP_ENDED:
                self._follow(InvocationTable(self._run.id, index, progress), step, finished)
            if progress.state not in STEP_ENDED:
                self._run.progress = _progress(self._run, index, step.name)
                return
        self._end()

    def _note_stop(self) -> None:
        """Write down, once, that the run is to end before its time."""
        run, now = self._run, self._tick.now
        if run.cancel_requested is not None and not run.is_cancel_noted:
            run.is_cancel_noted = True
            self._note("run.cancel_requested", text=run.cancel_requested.reason or None, reason="cancelled")
            self._stop("cancelled")
        if run.deadline is not None and now >= run.deadline and not run.is_timed_out:
            run.is_timed_out = True
            self._note("run.timed_out", reason="timeout")
            self._stop("timeout")

    def _stop(self, reason: Reason) -> None:
        if self._run.stop is None:
            had_failed = any(step_has_failed(progress, step) for progress, step in pairs(self._run, self._action))
            stop = {"reason": reason, "at": self._tick.now, "after_failure": had_failed}
            self._run.stop = StopRequest.model_validate(stop)

    def _start(self) -> None:
        if self._run.stop is not None:
            return
        self._run.state = next_state(self._run.state, "start")
        self._run.started_at = self._tick.now
        self._run.deadline = self._tick.now + timedelta(seconds=self._action.execution.timeout)
        self._note("run.started", state=self._run.state)

    def _begin_or_skip(self, index: int, progress: StepProgress, step: Step) -> None:
        if not self._is_wanted(step):
            progress.state = "skipped"
            progress.reason = self._stop_reason or "condition"
            self._note("step.skipped", step=step.name, state="skipped", reason=progress.reason)
            return
        progress.started_at = self._tick.now
        progress.is_cleanup = self._run.stop is not None
        if progress.invocations is not None:
            progress.state = "running"
            self._note("step.queued", step=step.name, state="queued")
        self._follow(InvocationTable(self._run.id, index, progress), step, ())

    def _is_wanted(self, step: Step) -> bool:
        """Whether a step's condition holds, after what came before it."""
        if self._run.state == "queued":
            return False
        match step.when:
            case "always":
                return True
            case "previous_failure":
                return self._run.stop is None and any(earlier.state == "failed" for earlier in self._run.steps)
            case "previous_success":
                return self._run.stop is None and not self._is_halted

    def _follow(self, table: InvocationTable, step: Step, finished: Sequence[Finished]) -> None:
        """Move the step under way on: attempts that ended, that are due, and those that may begin."""
        may_go_on = self._run.stop is None or table.progress.is_cleanup
        self._move_waiting(table, may_go_on=may_go_on)
        for end in finished:
            place = place_of_attempt(end.attempt_id)
            if table.is_waited_for(place):
                self._take_end(table, table[place.invocation], step, end, may_go_on=may_go_on)
        self._begin_invocations(table, may_go_on=may_go_on)
        if not may_go_on:
            self._move.cancel += table.attempts_under_way()
        table.store()
        if table.is_wide and table.has_ended():
            self._end_wide_step(table)
        if table.progress.state not in STEP_ENDED:
            self._wake_at(self._next_wake(table))

    def _move_waiting(self, table: InvocationTable, *, may_go_on: bool) -> None:
        """Of those that wait for their next attempt, dispatch what is due, or end all where the run stops."""
        for place, due in table.waiting().items():
            invocation = table[place]
            if not may_go_on:
                invocation.due_at = None
                self._end_invocation(table, invocation, "cancelled", self._stop_reason)
            elif due > self._tick.now:
                continue
            elif self._room:
                self._dispatch(table, invocation)
            else:
                self._move.has_more = True

    def _begin_invocations(self, table: InvocationTable, *, may_go_on: bool) -> None:
        rollout, counts = rollout_of(table.progress), counts_of(table)
        if not may_go_on or has_failed(rollout, counts):
            for place in table.pending():
                self._end_invocation(table, table[place], "skipped", self._stop_reason)
            return
        following = next_invocations(rollout, counts, most=self._room + 1)
        self._move.has_more |= len(following) > self._room
        for place in following[: self._room]:
            self._dispatch(table, table[place])

    @property
    def _room(self) -> int:
        return MOST_AT_ONCE - len(self._move.dispatch)

    def _dispatch(self, table: InvocationTable, invocation: Invocation) -> None:
        invocation.dispatch()
        table.put(invocation)
        table.progress.dispatched_at = self._tick.now
        place = AttemptPlace(table.step_index, invocation.index, invocation.attempts)
        self._move.dispatch.append(place)
        self._move.changed = True
        if not table.is_wide:
            about = {"attempt": invocation.attempts, "attempt_id": attempt_id(self._run.id, *place)}
            self._note("step.queued", step=table.progress.name, state="queued", **about)

    def _take_end(
        self, table: InvocationTable, invocation: Invocation, step: Step, end: Finished, *, may_go_on: bool
    ) -> None:
        text = text_of(step, end, invocation.attempts)
        if not table.is_wide:
            table.progress.reason_text = text or table.progress.reason_text
            outcome = {"reason": end.outcome.reason, "ending": end.outcome.ending, "text": text}
            about = {"attempt": invocation.attempts, "attempt_id": end.attempt_id, **outcome}
            self._note("step.finished", step=step.name, state=end.state, **about)
        invocation.take_end(step, end, self._tick, may_retry=may_go_on)
        if invocation.due_at is None:
            reason = self._stop_reason if end.state == "cancelled" else invocation.reason
            self._end_invocation(table, invocation, invocation.state, reason)
            return
        table.put(invocation)
        self._move.changed = True
        if not table.is_wide:
            self._note("step.retrying", step=step.name, state="queued", due_at=invocation.due_at)

    def _end_invocation(
        self, table: InvocationTable, invocation: Invocation, state: StepState, reason: Reason | None
    ) -> None:
        invocation.state = state
        table.put(invocation)
        table.progress.reason = table.progress.reason or reason
        if not table.is_wide:
            table.progress.ended_at = self._tick.now
        self._move.changed = True

    def _end_wide_step(self, table: InvocationTable) -> None:
        """What its invocations make of a wide step."""
        progress, counts = table.progress, counts_of(table)
        if table.count("unknown"):
            progress.state = "unknown"
        elif has_failed(rollout_of(progress), counts):
            progress.state = "failed"
        elif table.count("cancelled") or table.count("skipped"):
            progress.state = "cancelled"
        else:
            progress.state, progress.reason = "succeeded", None
        if counts.failed:
            progress.reason_text = f"it failed on {counts.failed} of {counts.width} providers"
        progress.ended_at = self._tick.now
        self._move.ended_wide.append(table.step_index)
        about = {"reason": progress.reason, "text": progress.reason_text}
        self._note("step.finished", step=progress.name, state=progress.state, **about)

    @property
    def _stop_reason(self) -> Reason | None:
        return None if self._run.stop is None else self._run.stop.reason

    @property
    def _is_halted(self) -> bool:
        """Whether a step so far failed, or ended nobody knows how, and was not to be passed over."""
        return any(halts(progress, step) for progress, step in pairs(self._run, self._action))

    def _end(self) -> None:
        run = self._run
        event, reason, text = verdict(run, self._action)
        run.state = next_state(run.state, event)
        run.reason, run.reason_text = reason, text
        run.ended_at = self._tick.now
        run.wake_at = None
        run.progress = _progress(run, len(run.steps))
        self._note("run.ended", state=run.state, reason=reason, text=text)

    def _note(self, event: TimelineEventName, **details: object) -> None:
        self._run.seq += 1
        entry = {"seq": self._run.seq, "at": self._tick.now, "event": event, **details}
        self._run.timeline.append(TimelineEvent.model_validate(entry))
        self._move.changed = True

    def _next_wake(self, table: InvocationTable) -> datetime:
        """When something is due, or an attempt under way has not been heard of for long."""
        due = list(table.waiting().values())
        if table.count("queued") > len(due):
            since = self._tick.now - (table.progress.dispatched_at or self._tick.now)
            due.append(self._tick.now + min(max(since, SOONEST_WAKE), LATEST_WAKE))
        return min(due)

    def _wake_at(self, instant: datetime) -> None:
        deadline, planned, now = self._run.deadline, self._run.wake_at, self._tick.now
        wake_at = deadline if deadline is not None and now < deadline < instant else instant
        # A turn that finds nothing new and is planned again in time anyway is not worth a write.
        self._move.changed |= planned is None or planned <= now or planned > wake_at
        self._run.wake_at = wake_at
