"""How the step under way goes on: its invocations begin, are followed and end. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scheduler.domain.conditions import Question
from scheduler.domain.invocation import (
    MOST_AT_ONCE,
    Finished,
    Invocation,
    InvocationTable,
    Tick,
    counts_of,
    has_failed,
    next_invocations,
    rollout_of,
    text_of,
)
from shared.contracts.action import Step
from shared.contracts.attempt import AttemptKey, Reason, attempt_id, attempt_key
from shared.contracts.run import ENDED, Run, TimelineEvent, TimelineEventName, WaitingFor
from shared.contracts.step import STEP_ENDED, StepState

SOONEST_WAKE, LATEST_WAKE = timedelta(seconds=15), timedelta(seconds=120)
"""A run of which nothing is heard is reconciled again after as long as its attempt has been under way, but within
these bounds: soon after a message was lost, and seldom while ten thousand wait for a free executor."""
IDLE_WAKE = timedelta(hours=1)
"""A run that waits for nobody knows what is reconciled again after so long; what it waits for wakes it."""


@dataclass
class Move:
    """What follows from reconciling a run once."""

    run: Run
    """The run as it is to be stored."""
    changed: bool = False
    dispatch: list[AttemptKey] = field(default_factory=list)
    """Attempts to be made."""
    cancel: list[str] = field(default_factory=list)
    """Attempts to be ended."""
    ended_wide: list[int] = field(default_factory=list)
    """Wide steps that end with this turn, by index: their texts move into their own documents."""
    asks: Question | None = None
    """What has to be asked for before the run can be moved on."""
    has_more: bool = False
    """Whether more attempts could be made at once than one turn makes."""

    def note(self, now: datetime, event: TimelineEventName, **details: object) -> None:
        """Write an entry of the timeline."""
        self.run.seq += 1
        entry = {"seq": self.run.seq, "at": now, "event": event, **details}
        self.run.timeline.append(TimelineEvent.model_validate(entry))
        self.changed = True

    def wake_at(self, now: datetime, instant: datetime) -> None:
        """Have the run reconciled again then, or at its time-out if that is earlier."""
        run = self.run
        deadline, planned = None if run.waits_since else run.deadline, run.wake_at
        wake_at = deadline if deadline is not None and now < deadline < instant else instant
        # A turn that finds nothing new and is planned again in time anyway is not worth a write.
        self.changed |= planned is None or planned <= now or planned > wake_at
        run.wake_at = wake_at

    def wait(self, now: datetime, waiting_for: WaitingFor) -> None:
        """The run waits at a gate with nothing under way."""
        run = self.run
        if run.state == "running" and run.waits_since is None:
            run.waits_since = now
        self.changed |= run.waiting_for != waiting_for
        run.waiting_for = waiting_for
        if waiting_for.until is not None:
            self.wake_at(now, waiting_for.until)
        elif run.wake_at is None or run.wake_at <= now or self.changed:
            self.wake_at(now, now + IDLE_WAKE)

    def explain(self, waiting_for: WaitingFor | None) -> None:
        """Say why nobody takes what was dispatched, where that is so."""
        run = self.run
        if run.state in ENDED or (run.waiting_for is not None and run.waiting_for.gate != "pool"):
            return
        self.changed |= run.waiting_for != waiting_for
        run.waiting_for = waiting_for

    def end_wait(self, now: datetime) -> None:
        """The run waits no more: the time that it did does not count."""
        run = self.run
        if run.waits_since is None and run.waiting_for is None:
            return
        if run.waits_since is not None and run.deadline is not None:
            run.deadline += now - run.waits_since
        run.waits_since = run.waiting_for = None
        self.changed = True


@dataclass
class StepTurn:
    """One turn of the step under way."""

    move: Move
    table: InvocationTable
    step: Step
    tick: Tick
    held: WaitingFor | None
    """What keeps invocations from beginning now."""

    def __post_init__(self) -> None:
        stop = self.move.run.stop
        self._stop_reason: Reason | None = None if stop is None else stop.reason
        self._may_go_on = stop is None or self.table.progress.is_cleanup

    def go(self, finished: Sequence[Finished]) -> None:
        """Move the step on: attempts that ended, that are due, and those that may begin."""
        table = self.table
        self._move_waiting()
        for end in finished:
            key = attempt_key(end.attempt_id)
            if table.is_waited_for(key):
                self._take_end(table[key.invocation], end)
        self._begin_invocations()
        if not self._may_go_on:
            self.move.cancel += table.attempts_under_way()
        table.store()
        if table.is_wide and table.has_ended():
            self._end_wide_step()
        if table.progress.state not in STEP_ENDED:
            self._plan_wake()

    def _move_waiting(self) -> None:
        """Of those that wait for their next attempt, dispatch what is due, or end all where the run stops."""
        for index, due in self.table.waiting().items():
            invocation = self.table[index]
            if not self._may_go_on:
                invocation.due_at = None
                self._end(invocation, "cancelled", self._stop_reason)
            elif due > self.tick.now or self.held is not None:
                continue
            elif self._room:
                self._dispatch(invocation)
            else:
                self.move.has_more = True

    def _begin_invocations(self) -> None:
        table = self.table
        if not table.count("pending"):
            return
        rollout, counts = rollout_of(table.progress), counts_of(table)
        if not self._may_go_on or has_failed(rollout, counts):
            for index in table.pending():
                self._end(table[index], "skipped", self._stop_reason)
        elif self.held is None:
            following = next_invocations(rollout, counts, most=self._room + 1)
            self.move.has_more |= len(following) > self._room
            for index in following[: self._room]:
                self._dispatch(table[index])

    @property
    def _room(self) -> int:
        return MOST_AT_ONCE - len(self.move.dispatch)

    def _dispatch(self, invocation: Invocation) -> None:
        table = self.table
        invocation.dispatch()
        table.put(invocation)
        table.progress.dispatched_at = self.tick.now
        key = AttemptKey(table.step_index, invocation.index, invocation.attempts)
        self.move.dispatch.append(key)
        self.move.changed = True
        if not table.is_wide:
            about = {"attempt": invocation.attempts, "attempt_id": attempt_id(self.move.run.id, *key)}
            self._note("step.queued", state="queued", **about)

    def _take_end(self, invocation: Invocation, end: Finished) -> None:
        table, text = self.table, text_of(self.step, end, invocation.attempts)
        if not table.is_wide:
            table.progress.reason_text = text or table.progress.reason_text
            outcome = {"reason": end.outcome.reason, "ending": end.outcome.ending, "text": text}
            about = {"attempt": invocation.attempts, "attempt_id": end.attempt_id, **outcome}
            self._note("step.finished", state=end.state, **about)
        invocation.take_end(self.step, end, self.tick, may_retry=self._may_go_on)
        if invocation.due_at is None:
            reason = self._stop_reason if end.state == "cancelled" else invocation.reason
            self._end(invocation, invocation.state, reason)
            return
        table.put(invocation)
        self.move.changed = True
        if not table.is_wide:
            self._note("step.retrying", state="queued", due_at=invocation.due_at)

    def _end(self, invocation: Invocation, state: StepState, reason: Reason | None) -> None:
        progress = self.table.progress
        invocation.state = state
        self.table.put(invocation)
        progress.reason = progress.reason or reason
        if not self.table.is_wide:
            progress.ended_at = self.tick.now
        self.move.changed = True

    def _end_wide_step(self) -> None:
        """What its invocations make of a wide step."""
        table, progress, counts = self.table, self.table.progress, counts_of(self.table)
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
        progress.ended_at = self.tick.now
        self.move.ended_wide.append(table.step_index)
        self._note("step.finished", state=progress.state, reason=progress.reason, text=progress.reason_text)

    def _plan_wake(self) -> None:
        """Wake when something is due, or an attempt under way has not been heard of for long; or wait at the gate."""
        now, due = self.tick.now, list(self.table.waiting().values())
        is_under_way = self.table.count("queued") > len(due)
        if self.held is not None:
            due = []
        if is_under_way:
            since = now - (self.table.progress.dispatched_at or now)
            due.append(now + min(max(since, SOONEST_WAKE), LATEST_WAKE))
        if self.held is not None and not is_under_way:
            self.move.wait(now, self.held)
            return
        self.move.end_wait(now)
        self.move.wake_at(now, min(due))

    def _note(self, event: TimelineEventName, **details: object) -> None:
        self.move.note(self.tick.now, event, step=self.step.name, **details)
