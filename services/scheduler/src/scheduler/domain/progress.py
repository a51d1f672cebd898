"""How a run goes on: given what is known, which step is next, and how does the run end? Pure.

``advance`` is asked again and again, whatever happened: a message, a due time, a lost lease. It takes the run as
it is stored and what is known of the attempt under way, and moves the run as far as it can be moved.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scheduler.domain.retries import may_retry, pause_before, text_of
from scheduler.domain.states import next_state
from scheduler.domain.verdict import halts, pairs, verdict
from shared.contracts.action import ActionDefinition, Step
from shared.contracts.attempt import AttemptState, Outcome, Reason, attempt_id
from shared.contracts.run import ENDED, STEP_ENDED, Run, StepProgress, TimelineEvent, TimelineEventName

SOONEST_LOOK, LATEST_LOOK = timedelta(seconds=15), timedelta(seconds=120)
"""A run of which nothing is heard is looked at again after as long as its attempt has been under way, but within
these bounds: soon after a message was lost, and seldom while ten thousand wait for a free executor."""


@dataclass(frozen=True)
class Finished:
    """How the attempt under way ended."""

    attempt_id: str
    state: AttemptState
    outcome: Outcome


@dataclass
class Move:
    """What follows from one look at a run."""

    run: Run
    """The run as it is to be stored."""
    changed: bool = False
    dispatch: list[tuple[int, int]] = field(default_factory=list)
    """Attempts to be made, each as (index of the step, number of the attempt)."""
    cancel: list[str] = field(default_factory=list)
    """Attempts to be ended."""


@dataclass(frozen=True)
class Circumstances:
    """What ``advance`` cannot know by itself."""

    now: datetime
    chance: float
    """A random number from 0 to 1."""


def attempt_under_way(run: Run) -> str | None:
    """The id of the attempt whose end the run waits for."""
    for index, step in enumerate(run.steps):
        if step.state in {"queued", "running"} and step.due_at is None:
            return attempt_id(run.id, index, step.attempts)
    return None


def advance(run: Run, action: ActionDefinition, finished: Finished | None, around: Circumstances) -> Move:
    """Move a run on as far as it can be moved now. The run that is handed in is not touched."""
    if run.state in ENDED:
        return Move(run)
    own = {"steps": [step.model_copy() for step in run.steps], "timeline": list(run.timeline)}
    move = Move(run.model_copy(update=own))
    _Advance(move, action, around).go(finished)
    return move


class _Advance:
    """One look at one run."""

    def __init__(self, move: Move, action: ActionDefinition, around: Circumstances) -> None:
        self._move = move
        self._run = move.run
        self._action = action
        self._around = around
        self._wish: int | None = None
        """Where in the timeline stands that the run is to end before its time."""

    def go(self, finished: Finished | None) -> None:
        self._note_wishes()
        if self._run.state == "queued":
            self._start()
        for index, (progress, step) in enumerate(zip(self._run.steps, self._action.steps, strict=True)):
            if not self._passes(index, progress, step, finished):
                return
        self._end()

    def _note_wishes(self) -> None:
        """Write down, once, that the run is to end before its time."""
        if self._run.cancel_requested is not None and not self._noted("run.cancel_requested"):
            self._note("run.cancel_requested", text=self._run.cancel_requested.reason or None, reason="cancelled")
        deadline = self._run.deadline
        if deadline is not None and self._around.now >= deadline and not self._noted("run.timed_out"):
            self._note("run.timed_out", reason="timeout")
        wishes = (place for place, entry in enumerate(self._run.timeline) if entry.event in _WISHES)
        self._wish = next(wishes, None)

    def _start(self) -> None:
        if self._stopping:
            return
        self._run.state = next_state(self._run.state, "start")
        self._run.started_at = self._around.now
        self._run.deadline = self._around.now + timedelta(seconds=self._action.execution.timeout)
        self._note("run.started", state=self._run.state)

    def _passes(self, index: int, progress: StepProgress, step: Step, finished: Finished | None) -> bool:
        """Whether the run can look at the step after this one."""
        if progress.state == "pending":
            self._begin_or_skip(index, progress, step)
        elif progress.due_at is not None:
            self._retry_or_wait(index, progress)
        elif progress.state in {"queued", "running"}:
            self._follow(index, progress, step, finished)
        return progress.state in STEP_ENDED

    def _begin_or_skip(self, index: int, progress: StepProgress, step: Step) -> None:
        if self._is_wanted(step):
            progress.started_at = self._around.now
            self._dispatch(index, progress)
            return
        progress.state = "skipped"
        progress.reason = self._stop_reason or "condition"
        self._note("step.skipped", step=step.name, state="skipped", reason=progress.reason)

    def _is_wanted(self, step: Step) -> bool:
        """Whether a step's condition holds, after what came before it."""
        if self._run.state == "queued":
            return False
        match step.when:
            case "always":
                return True
            case "previous_failure":
                return not self._stopping and any(earlier.state == "failed" for earlier in self._run.steps)
            case "previous_success":
                return not self._stopping and not self._halted

    def _dispatch(self, index: int, progress: StepProgress) -> None:
        progress.state = "queued"
        progress.due_at = None
        progress.attempts += 1
        self._move.dispatch.append((index, progress.attempts))
        self._note(
            "step.queued",
            step=progress.name,
            state="queued",
            attempt=progress.attempts,
            attempt_id=attempt_id(self._run.id, index, progress.attempts),
        )
        self._wake_at(self._around.now + SOONEST_LOOK)

    def _retry_or_wait(self, index: int, progress: StepProgress) -> None:
        due = progress.due_at or self._around.now
        if self._stopping and not self._is_cleanup(progress):
            progress.due_at = None
            self._end_step(progress, "cancelled", self._stop_reason)
        elif due <= self._around.now:
            self._dispatch(index, progress)
        else:
            self._wake_at(due)

    def _follow(self, index: int, progress: StepProgress, step: Step, finished: Finished | None) -> None:
        current = attempt_id(self._run.id, index, progress.attempts)
        if finished is None or finished.attempt_id != current:
            if self._stopping and not self._is_cleanup(progress):
                self._move.cancel.append(current)
            self._wake_at(self._around.now + self._patience(current))
            return
        self._note(
            "step.finished",
            step=step.name,
            state=finished.state,
            attempt=progress.attempts,
            attempt_id=current,
            reason=finished.outcome.reason,
            ending=finished.outcome.ending,
            text=text_of(step, finished.state, finished.outcome, progress.attempts),
        )
        may_go_on = not self._stopping or self._is_cleanup(progress)
        if may_go_on and may_retry(step, finished.state, finished.outcome, progress.attempts):
            self._schedule_retry(progress, step)
        else:
            cut_short = finished.state == "cancelled"
            reason = self._stop_reason if cut_short else finished.outcome.reason
            self._end_step(progress, _step_state(step, finished.state), reason)

    def _schedule_retry(self, progress: StepProgress, step: Step) -> None:
        pause = pause_before(step.retries, progress.attempts, self._around.chance)
        progress.state = "queued"
        progress.due_at = self._around.now + pause
        self._note("step.retrying", step=step.name, state="queued", due_at=progress.due_at)
        self._wake_at(progress.due_at)

    def _end_step(self, progress: StepProgress, state: AttemptState, reason: Reason | None) -> None:
        progress.state = state
        progress.reason = reason
        progress.ended_at = self._around.now
        self._move.changed = True

    def _is_cleanup(self, progress: StepProgress) -> bool:
        """Whether a step began after a cancel or a time-out, and so is left to end, retries and all."""
        since = self._run.timeline[self._wish :]
        return any(entry.step == progress.name and entry.event == "step.queued" for entry in since)

    @property
    def _stopping(self) -> bool:
        return self._wish is not None

    @property
    def _stop_reason(self) -> Reason | None:
        return None if self._wish is None else self._run.timeline[self._wish].reason

    @property
    def _halted(self) -> bool:
        """Whether a step so far failed, or ended nobody knows how, and was not to be passed over."""
        return any(halts(progress, step) for progress, step in pairs(self._run, self._action))

    def _end(self) -> None:
        event, reason, text = verdict(self._run, self._action, self._wish)
        self._run.state = next_state(self._run.state, event)
        self._run.reason, self._run.reason_text = reason, text
        self._run.ended_at = self._around.now
        self._run.wake_at = None
        self._note("run.ended", state=self._run.state, reason=reason, text=text)

    def _noted(self, event: TimelineEventName) -> bool:
        return any(entry.event == event for entry in self._run.timeline)

    def _note(self, event: TimelineEventName, **details: object) -> None:
        self._run.timeline.append(TimelineEvent.model_validate({"at": self._around.now, "event": event, **details}))
        self._move.changed = True

    def _patience(self, attempt: str) -> timedelta:
        made = (e.at for e in reversed(self._run.timeline) if e.attempt_id == attempt and e.event == "step.queued")
        return min(max(self._around.now - next(made), SOONEST_LOOK), LATEST_LOOK)

    def _wake_at(self, instant: datetime) -> None:
        deadline, planned, now = self._run.deadline, self._run.wake_at, self._around.now
        wake_at = deadline if deadline is not None and now < deadline < instant else instant
        # A look that finds nothing new and is planned again in time anyway is not worth a write.
        self._move.changed |= planned is None or planned <= now or planned > wake_at
        self._run.wake_at = wake_at


_WISHES = frozenset({"run.cancel_requested", "run.timed_out"})


def _step_state(step: Step, state: AttemptState) -> AttemptState:
    return "failed" if state == "unknown" and step.on_lost == "fail" else state
