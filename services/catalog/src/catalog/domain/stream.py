"""A run's events in one order, and the cursor of a viewer among them. Pure.

1. The run's timeline is the spine: every entry is sent once, in order. An entry about a step is sent as ``step``,
   and then as ``run`` where it moved the run's progress.
2. Between the entry that queues an attempt and the one that finishes it lies what the attempt alone knows:
   that it runs, and its output, chunk by chunk. A step on several providers has no entries of its attempts: between its
   beginning and its end lies the output of all of them, where they are not more than anybody reads.
3. A cursor is the number of the last entry that was sent, and how much of each attempt, or invocation, that is still
   open then. It follows from what was sent alone, and all that is sent is in the store: so any catalog goes on exactly
   there.

Two viewers may see an attempt's output and a request to cancel it in different orders; each sees both once.
"""

from collections.abc import Mapping

from catalog.domain.estimates import remaining_time
from catalog.domain.output import OutputItem
from catalog.domain.run_views import attempt_view, progress_view, run_progress
from catalog.domain.stream_cursor import OutputPosition, StreamCursor, StreamCursorError
from catalog.domain.stream_events import RunEvent, StepEvent, StreamEvent
from catalog.domain.views import AttemptView, ProgressView
from shared.contracts.attempt import Attempt, invocation_id
from shared.contracts.run import ENDED, Run, RunState, TimelineEvent
from shared.contracts.step import MOST_FOLLOWED, STEP_ENDED, StepState


class StreamState:
    """What was sent to one viewer, and what comes next. The run may be given anew, later than before."""

    def __init__(self, run: Run, cursor: StreamCursor) -> None:
        self.run = run
        self.now = run.created_at
        """When what comes next is sent."""
        self.estimate: float | None = None
        """How long the run probably takes in all, in seconds, where that is known."""
        self._entries, self._seq = 0, 0
        self._step_sent = False
        self._open: dict[str, int] = {}
        self._wide: dict[str, int] = {}
        """Of each invocation that is followed, by its id, how much was sent."""
        self._done: set[str] = set()
        self._current: str | None = None
        self._state: RunState = "queued"
        self._cancel_requested = self._paused = False
        self._counts: dict[str, dict[str, int]] = {}
        if cursor.seq + cursor.step_sent > run.seq:
            message = f"the run has no event '{cursor}' yet"
            raise StreamCursorError(message)
        while self._entries < len(run.timeline) and run.timeline[self._entries].seq <= cursor.seq:
            self._pass(run.timeline[self._entries])
        self._step_sent = cursor.step_sent
        if len(cursor.sent) > len(self._open) + len(self._wide):
            message = f"'{cursor}' is not the id of an event of this run"
            raise StreamCursorError(message)
        self._open.update(zip(self._open, cursor.sent, strict=False))
        self._wide.update(zip(self._wide, cursor.sent[len(self._open) :], strict=False))

    @property
    def cursor(self) -> StreamCursor:
        """The cursor after everything that was sent."""
        sent = [*self._open.values(), *self._wide.values()]
        while sent and sent[-1] == 0:
            sent.pop()
        return StreamCursor(self._seq, self._step_sent, tuple(sent))

    def next_entries(self, most: int) -> list[TimelineEvent]:
        """Entries that were not sent, or not wholly."""
        return self.run.timeline[self._entries : self._entries + most]

    @property
    def open_attempts(self) -> list[str]:
        """The attempts that were queued and not finished, as far as was sent."""
        return list(self._open)

    @property
    def followed(self) -> dict[str, OutputPosition]:
        """The invocations of open steps on several providers, by their ids, with how much of each was sent."""
        return {invocation: OutputPosition.of(code) for invocation, code in self._wide.items()}

    def state_of(self, invocation: str) -> str:
        """The character of the state (``INVOCATION_STATES``) that a followed invocation is in; none where its step has
        ended.
        """
        _, step_index, index = invocation.split(".")
        wide = self.run.steps[int(step_index)].invocations
        return "" if wide is None or not wide.states else wide.states[int(index)]

    def pass_followed(self, invocation: str, position: OutputPosition) -> str:
        """Count the next piece of an invocation's output as sent; the cursor after it."""
        self._wide[invocation] = position.code
        return str(self.cursor)

    def chunks_sent(self, attempt_id: str) -> int:
        """How many chunks of an open attempt were sent."""
        return max(0, self._open[attempt_id] - 1)

    def emit_running(self, attempt: Attempt) -> list[StreamEvent]:
        """That an open attempt has begun, unless it has not, or that was sent."""
        if attempt.started_at is None or self._open[attempt.id] > 0:
            return []
        self._open[attempt.id] = 1
        shown = attempt_view(attempt).model_copy(update=_NOT_ENDED | {"state": "running"})
        return [self._step_event(attempt.step, "running", shown)]

    def emit_counts(self, running: Mapping[str, int]) -> list[StreamEvent]:
        """How far each wide step under way has come, where that is another than was sent; ``running`` as in
        ``run_view``. It is sent as it is now, and has no cursor of its own: whoever goes on gets it anew.
        """
        events = []
        for step in self.run.steps:
            wide = step.invocations
            counts = None if wide is None else wide.tally(running.get(step.name, 0))
            if step.state == "running" and counts is not None and counts != self._counts.get(step.name):
                self._counts[step.name] = counts
                events.append(self._step_event(step.name, "running", None, counts=counts))
        return events

    def emit_output(self, attempt_id: str, item: OutputItem) -> StreamEvent:
        """The next piece of an open attempt's output."""
        return StreamEvent("output", self.pass_output(attempt_id, item.seq), item)

    def pass_output(self, attempt_id: str, seq: int) -> str:
        """Count the next piece of an open attempt's output as sent; the cursor after it."""
        self._open[attempt_id] = seq + 1
        return str(self.cursor)

    def emit_entry(self, attempts: Mapping[str, Attempt]) -> list[StreamEvent]:
        """The next entry of the timeline, once what its attempt alone knows is sent."""
        entry = self.run.timeline[self._entries]
        if _step_of(entry) is None:
            self._pass(entry)
            return [self._run_event(entry)]
        events = []
        before = self._progress()
        if not self._step_sent:
            self._step_sent = True
            events.append(self._entry_as_step(entry, attempts))
        self._pass(entry)
        if self._progress() != before:
            events.append(self._run_event(entry))
        return events

    def _pass(self, entry: TimelineEvent) -> None:
        """Count an entry as sent, and know what follows from it."""
        self._entries += 1
        self._seq = entry.seq
        self._step_sent = False
        if entry.event in _RUN_STATES and entry.step is None:
            self._state = _RUN_STATES[entry.event]
        if entry.event in _PAUSED:
            self._paused = _PAUSED[entry.event]
        self._cancel_requested |= entry.event == "run.cancel_requested"
        if entry.step is None or _step_of(entry) is None:
            return
        self._current = entry.step if entry.event in {"step.queued", "step.retrying"} else None
        if entry.event == "step.queued" and entry.attempt_id is not None:
            self._open[entry.attempt_id] = 0
        elif entry.event == "step.finished" and entry.attempt_id is not None:
            self._open.pop(entry.attempt_id, None)
            if self._is_retried(self._entries - 1):
                self._current = entry.step
                return
        if entry.event == "step.queued" and entry.attempt_id is None:
            self._wide |= dict.fromkeys(self._followed_of(entry.step), 0)
        if entry.event in {"step.skipped", "step.finished"}:
            self._done.add(entry.step)
            self._wide = {key: sent for key, sent in self._wide.items() if key not in self._followed_of(entry.step)}

    def _followed_of(self, name: str) -> list[str]:
        """The ids of the invocations of a step on several providers, unless they are too many to be followed."""
        index = next(i for i, step in enumerate(self.run.steps) if step.name == name)
        wide = self.run.steps[index].invocations
        width = wide.width if wide is not None and wide.width <= MOST_FOLLOWED else 0
        return [invocation_id(self.run.id, index, invocation) for invocation in range(width)]

    def _is_retried(self, index: int) -> bool:
        """Whether another attempt follows the one that ended; its entry comes next, in the same update of the run."""
        following = self.run.timeline[index + 1 : index + 2]
        return any(later.event == "step.retrying" for later in following)

    def _progress(self) -> ProgressView:
        return progress_view(len(self._done), len(self.run.steps), self._current)

    def _run_event(self, entry: TimelineEvent) -> StreamEvent:
        is_end, run = entry.event == "run.ended", self.run
        estimate = None if run.state in ENDED else self.estimate
        is_waiting = run.waiting_for is not None
        data = RunEvent(
            id=self.run.id,
            state=self.run.state if is_end else self._state,
            reason=entry.reason if _step_of(entry) is None else None,
            reason_text=entry.text if _step_of(entry) is None else None,
            cancel_requested=self._cancel_requested,
            paused=self._paused,
            event=entry.event,
            by=entry.by,
            not_before=self.run.not_before,
            started_at=run.started_at if is_end or self._state == "running" else None,
            estimated_duration=estimate,
            remaining=remaining_time(estimate, self._state, run.started_at, is_waiting=is_waiting, now=self.now),
            progress=run_progress(self.run) if is_end else self._progress(),
        )
        return StreamEvent("end" if is_end else "run", str(self.cursor), data)

    def _entry_as_step(self, entry: TimelineEvent, attempts: Mapping[str, Attempt]) -> StreamEvent:
        attempt = attempts.get(entry.attempt_id or "")
        shown = None if attempt is None else attempt_view(attempt)
        if shown is not None and entry.event == "step.queued":
            shown = shown.model_copy(update=_NOT_BEGUN)
        return self._step_event(entry.step or "", self._state_of_step(entry), shown, entry)

    def _state_of_step(self, entry: TimelineEvent) -> StepState:
        """The step's state since an entry. Of its last attempt the run itself says it: what an attempt's end makes
        of its step depends on the action.
        """
        if entry.event == "step.finished" and not self._is_retried(self._entries):
            return next(step.state for step in self.run.steps if step.name == entry.step)
        return _STATES.get(entry.state or "", "queued")

    def _step_event(
        self,
        name: str,
        state: StepState,
        attempt: AttemptView | None,
        entry: TimelineEvent | None = None,
        *,
        counts: dict[str, int] | None = None,
    ) -> StreamEvent:
        wide = next(step.invocations for step in self.run.steps if step.name == name)
        if entry is not None and wide is not None:
            counts = {"pending": wide.width} if entry.event == "step.queued" else wide.tally(0)
        data = StepEvent(
            invocations=counts,
            output_in_events=None if wide is None else wide.width <= MOST_FOLLOWED,
            name=name,
            state=state,
            reason=entry.reason if entry else None,
            reason_text=entry.text if entry and attempt is None else None,
            due_at=entry.due_at if entry else None,
            attempt=attempt,
        )
        return StreamEvent("step", str(self.cursor), data)


def _step_of(entry: TimelineEvent) -> str | None:
    """The step that an entry is of. What people decide about a step is the run's own affair."""
    return entry.step if entry.event.startswith("step.") else None


_PAUSED: dict[str, bool] = {
    "run.paused": True,
    "run.resumed": False,
    "run.overridden": False,
    "run.pause_too_late": False,
    "run.cancel_requested": False,
    "run.timed_out": False,
    "run.rejected": False,
}
_RUN_STATES: dict[str, RunState] = {
    "run.awaiting_approval": "awaiting_approval",
    "run.delayed": "delayed",
    "run.queued": "queued",
    "run.started": "running",
}
_STATES: dict[str, StepState] = {
    "pending": "pending",
    "queued": "queued",
    "running": "running",
    **{state: state for state in STEP_ENDED},
}
_NOT_ENDED = {
    "command_started_at": None,
    "exit_status": None,
    "signal": None,
    "reason": None,
    "reason_text": None,
    "ending": None,
    "ended_at": None,
    "output_bytes": 0,
}
_NOT_BEGUN = _NOT_ENDED | {"state": "queued", "started_at": None, "executor": None}
