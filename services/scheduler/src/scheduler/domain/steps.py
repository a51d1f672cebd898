"""How the step under way goes on: its invocations begin, are followed and end. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scheduler.domain.conditions import Question
from scheduler.domain.invocation import Finished, Invocation, InvocationTable, Tick, counts_of, rollout_of, text_of
from scheduler.domain.rollout import (
    MOST_AT_ONCE,
    Counts,
    has_failed,
    next_invocations,
    state_of_check,
    state_of_step,
    text_of_failures,
    why_unchecked,
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
    check: "StepTurn | None" = None
    """The same turn of the step that is run after each batch, where there is one."""

    def __post_init__(self) -> None:
        stop = self.move.run.stop
        self._stop_reason: Reason | None = None if stop is None else stop.reason
        self._parts = (self,) if self.check is None else (self, self.check)

    @property
    def may_go_on(self) -> bool:
        """Whether the run has not to stop, or this is its cleanup."""
        return self._stop_reason is None or self.table.progress.is_cleanup

    def begin(self) -> None:
        """Begin the step: its first invocations, and all else that comes with a turn."""
        for part in self._parts:
            part.table.progress.is_cleanup = self._stop_reason is not None
        self._note_beginning()
        self.go(())

    def go(self, finished: Sequence[Finished]) -> None:
        """Move the step on: attempts that ended, that are due, and those that may begin."""
        for part in self._parts:
            part.follow(finished)
        self._begin_invocations()
        for part in self._parts:
            if not part.may_go_on:
                self.move.cancel += part.table.attempts_under_way()
            part.table.store()
        if self.table.is_wide and all(part.table.has_ended() for part in self._parts):
            self._end_wide_step()
        if self.table.progress.state not in STEP_ENDED:
            self._plan_wake()

    def _note_beginning(self) -> None:
        progress = self.table.progress
        progress.started_at = self.tick.now
        if self.table.is_wide:
            progress.state = "running"
            self._note("step.queued", state="queued")

    def follow(self, finished: Sequence[Finished]) -> None:
        """Take note of ends, and make the further attempts that are due."""
        table = self.table
        self._move_waiting()
        for end in finished:
            key = attempt_key(end.attempt_id)
            if table.is_waited_for(key):
                self._take_end(table[key.invocation], end)

    def _move_waiting(self) -> None:
        """Of those that wait for their next attempt, dispatch what is due, or end all where the run stops."""
        for index, due in self.table.waiting().items():
            invocation = self.table[index]
            if not self.may_go_on:
                invocation.due_at = None
                self._end(invocation, "cancelled", self._stop_reason)
            elif due > self.tick.now or self.held is not None:
                continue
            elif self._room:
                self._dispatch(invocation)
            else:
                self.move.has_more = True

    def _begin_invocations(self) -> None:
        if not any(part.table.count("pending") for part in self._parts):
            return
        rollout = rollout_of(self.table.progress)
        has_to_stop = not self.may_go_on or has_failed(rollout, counts_of(self.table), self._counts_of_check())
        for part in self._parts if has_to_stop else ():
            part.skip_pending()
        while self.held is None:
            most = self._room + 1
            found = next_invocations(rollout, counts_of(self.table), self._counts_of_check(), most=most)
            self.move.has_more |= len(found.invocations) + len(found.checks) == most
            if not self._room or not (found.invocations or found.checks):
                return
            for index in found.invocations[: self._room]:
                self._dispatch(self.table[index])
            if self.check is not None and found.checks:
                self.check.begin_checks(found.checks[: self._room], None if rollout.checks_of_batch else self.table)

    def skip_pending(self) -> None:
        """Leave out what has not begun."""
        for index in self.table.pending():
            self._end(self.table[index], "skipped", self._stop_reason)

    def begin_checks(self, indices: range, checked: InvocationTable | None) -> None:
        """Begin invocations of a check; of one on the providers that it checks those where the step succeeded."""
        if self.table.progress.started_at is None:
            self._note_beginning()
        for index in indices:
            if checked is not None and checked[index].state != "succeeded":
                self._end(self.table[index], "skipped", None)
            else:
                self._dispatch(self.table[index])

    def _counts_of_check(self) -> Counts | None:
        return None if self.check is None else counts_of(self.check.table)

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
        invocation.take_end(self.step, end, self.tick, may_retry=self.may_go_on)
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
        """What its invocations make of a wide step, and of its check."""
        progress, tally, check = self.table.progress, self.table.tally(), self.check
        rollout, checks = rollout_of(progress), self._counts_of_check()
        progress.state = state_of_step(rollout, tally, checks)
        progress.reason_text = text_of_failures(rollout, tally, checks, "" if check is None else check.step.name)
        if check is not None and state_of_check(check.table.tally()) != "skipped":
            check.end_check()
        if progress.state == "succeeded":
            progress.reason = None
        elif progress.state == "failed" and check is not None:
            progress.reason = progress.reason or check.table.progress.reason
        self._note_end()
        if check is not None and check.table.progress.state not in STEP_ENDED:  # the step's end is why, so it is first
            check.end_check(why_unchecked(self.step.name, progress.state))

    def end_check(self, why_skipped: str | None = None) -> None:
        """What its invocations make of a check."""
        progress, tally = self.table.progress, self.table.tally()
        progress.state = state_of_check(tally)
        progress.reason_text = text_of_failures(rollout_of(progress), tally)
        if progress.state == "succeeded":
            progress.reason = None
        elif progress.state == "skipped":
            progress.reason_text = why_skipped if progress.reason is None else None
            progress.reason = progress.reason or "condition"
        self._note_end()

    def _note_end(self) -> None:
        progress = self.table.progress
        self.move.ended_wide.append(self.table.step_index)
        event: TimelineEventName = "step.skipped" if progress.state == "skipped" else "step.finished"
        progress.ended_at = None if progress.state == "skipped" else self.tick.now
        self._note(event, state=progress.state, reason=progress.reason, text=progress.reason_text)

    def _plan_wake(self) -> None:
        """Wake when something is due, or an attempt under way has not been heard of for long; or wait at the gate."""
        now, due = self.tick.now, [instant for part in self._parts for instant in part.table.waiting().values()]
        is_under_way = sum(part.table.count("queued") for part in self._parts) > len(due)
        if self.held is not None:
            due = []
        if is_under_way:
            dispatched = [at for part in self._parts if (at := part.table.progress.dispatched_at) is not None]
            since = now - max(dispatched, default=now)
            due.append(now + min(max(since, SOONEST_WAKE), LATEST_WAKE))
        if self.held is not None and not is_under_way:
            self.move.wait(now, self.held)
            return
        self.move.end_wait(now)
        self.move.wake_at(now, min(due))

    def _note(self, event: TimelineEventName, **details: object) -> None:
        self.move.note(self.tick.now, event, step=self.step.name, **details)
