"""Runs: executions of one action version, and the commands and events that move them."""

from datetime import timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from shared.contracts.action import ActionReference
from shared.contracts.attempt import AttemptState, Ending, Outcome, Reason
from shared.contracts.message import Message
from shared.contracts.values import Instant, Name

RunState = Literal[
    "awaiting_approval",
    "delayed",
    "queued",
    "running",
    "succeeded",
    "failed",
    "cancelled",
    "rejected",
    "expired",
    "skipped",
    "unknown",
]
ENDED: frozenset[RunState] = frozenset(
    {"succeeded", "failed", "cancelled", "rejected", "expired", "skipped", "unknown"}
)
"""The states that a run never leaves."""

StepState = Literal["pending", "queued", "running", "succeeded", "failed", "cancelled", "skipped", "unknown"]
STEP_ENDED: frozenset[StepState] = frozenset({"succeeded", "failed", "cancelled", "skipped", "unknown"})

TriggerKind = Literal["manual", "schedule", "alert", "api"]


class Trigger(BaseModel):
    """Why a run exists."""

    kind: TriggerKind
    by: str
    """The name of the token, the alert rule or the schedule that asked for it."""
    principal_id: Annotated[str | None, Field(exclude_if=lambda value: value is None)] = None
    """The principal that asked: its id tells it from others that had or will have its name. A rule is none."""
    note: str = ""
    alert_id: str | None = None


class CancelRequest(BaseModel):
    """That somebody wants a run to end."""

    by: str
    principal_id: str | None = None
    at: Instant
    reason: str = ""


class Rollout(BaseModel):
    """In which order and how many at a time the invocations of a step begin; percentages are worked out already."""

    max_parallel: int | None = None
    """How many at most are under way at the same time; none: all of them."""
    batches: list[int] = []
    """The sizes of the batches, the last of which repeats; each begins when the one before has ended."""
    max_failures: int = 0
    """More failures than these stop what has not begun, and fail the step."""


class StepInvocations(BaseModel):
    """How far the invocations of a wide step have come: one that runs on more than one provider.

    The providers stand in the step's own document (``PlannedStep``), and so do the two texts once the step has ended.
    """

    width: int
    """How many invocations the step has."""
    rollout: Rollout = Rollout()
    states: str = ""
    """The state of each invocation, a character each (``INVOCATION_STATES``), while the step is under way."""
    numbers: str = ""
    """How many attempts each invocation has had, a digit of base 36 each, while the step is under way."""
    due: dict[str, Instant] = {}
    """When the next attempt begins, by the index of each invocation that waits for one."""
    counts: dict[str, int] = {}
    """How many invocations are in which state."""
    failed_providers: list[str] = []
    """The first of those that failed, at most ``MOST_FAILED_NAMES``; known once the step has ended."""


MOST_INVOCATIONS = 10_000
"""Of one step."""
MOST_FAILED_NAMES = 20

INVOCATION_STATES: dict[StepState, str] = {
    "pending": "p",
    "queued": "q",
    "running": "r",
    "succeeded": "s",
    "failed": "f",
    "cancelled": "c",
    "skipped": "k",
    "unknown": "u",
}
"""The character of each state in the text of a wide step."""


class StepProgress(BaseModel):
    """How far one step of a run has come."""

    name: str
    provider: str | None = None
    """Of a step that runs on one provider."""
    pool: str | None = None
    """The pool of that provider."""
    state: StepState = "pending"
    attempts: int = 0
    """How many attempts were made so far; of a wide step none are counted here."""
    due_at: Instant | None = None
    """When the next attempt is to begin, while the step waits for one."""
    dispatched_at: Instant | None = None
    """When the newest attempt was dispatched."""
    started_at: Instant | None = None
    ended_at: Instant | None = None
    reason: Reason | None = None
    reason_text: str | None = None
    """Why its newest attempt that failed did, in a sentence; of a wide step how many did."""
    is_cleanup: bool = False
    """Whether it began after the run was to stop, and so is left to end, retries and all."""
    invocations: StepInvocations | None = None
    """Of a wide step."""


class PlannedStep(BaseModel):
    """The providers of a wide step, written once when it is planned; and how its invocations ended."""

    id: str
    """``RUN.STEP``."""
    version: int = 1
    run_id: str
    step_index: int
    providers: list[str]
    pools: list[str]
    """The pool of each provider."""
    states: str = ""
    numbers: str = ""
    """As in ``StepInvocations``, once the step has ended."""


TimelineEventName = Literal[
    "run.queued",
    "run.started",
    "run.cancel_requested",
    "run.timed_out",
    "run.ended",
    "step.queued",
    "step.finished",
    "step.retrying",
    "step.skipped",
]


class TimelineEvent(BaseModel):
    """One entry of a run's timeline: a change of the run, of a step, or of an attempt of a step on one provider."""

    seq: int = 0
    """Counts the entries of the run from 1: event streams and whoever is told of changes go on after one."""
    at: Instant
    event: TimelineEventName
    state: str | None = None
    """The state that the run, the step or the attempt is in since."""
    step: str | None = None
    attempt: int | None = None
    attempt_id: str | None = None
    reason: Reason | None = None
    ending: Ending | None = None
    """Of an attempt that was ended before its time: whether it was seen that no process of it is left."""
    text: str | None = None
    due_at: Instant | None = None


class StopRequest(BaseModel):
    """That a run ends before its time: what is under way is ended, and only cleanup still begins."""

    reason: Literal["cancelled", "timeout"]
    at: Instant
    after_failure: bool = False
    """Whether the run had failed before, so that what was cut short was its cleanup."""


class RunProgress(BaseModel):
    """How many of a run's steps have ended, those passed over included."""

    done: int = 0
    total: int = 0
    current_step: str | None = None
    """The step under way, or waiting for its next attempt."""
    ended: dict[str, int] = {}
    """How many of those that have ended are in which state."""


class RunSummary(BaseModel):
    """What lists show of a run: the part of its document that stays small however long the run becomes."""

    id: str
    """A ULID: sorts by the time of creation."""
    version: int = 1
    action: ActionReference
    state: RunState
    reason: Reason | None = None
    reason_text: str | None = None
    trigger: Trigger
    parameters: dict[str, JsonValue]
    """As bound. A secret is ``{"secret": name}`` where it is a stored one, ``{"sealed": ciphertext}`` where given."""
    created_at: Instant
    started_at: Instant | None = None
    ended_at: Instant | None = None
    progress: RunProgress = RunProgress()
    cancel_requested: CancelRequest | None = None


SUMMARY_FIELDS = tuple(name for name in RunSummary.model_fields if name not in {"id", "version"})
"""The fields that a list reads, beside those that every document has."""


class Run(RunSummary):
    """A run as it is stored. Its creator and the scheduler write it; a request to cancel is the one exception."""

    request_id: str
    """What asked for this run, so that asking again finds it."""
    request_digest: str = ""
    """SHA-256 of what was asked, in hex, so that another question under the same id is noticed."""
    deadline: Instant | None = None
    """When the run's own time-out ends it."""
    steps: list[StepProgress]
    providers: list[str]
    """Of the steps that run on one provider, by which runs are found."""
    seq: int = 1
    """The number of the newest entry of the timeline."""
    timeline: list[TimelineEvent]
    """Bounded by what may be written: an entry for each change of state, never by dropping."""
    is_cancel_noted: bool = False
    """Whether the timeline says that the run's end was asked for."""
    is_timed_out: bool = False
    """Whether the run's own time-out was noticed."""
    stop: StopRequest | None = None
    """The first of the two that came."""
    wake_at: Instant | None = None
    """When the scheduler looks at this run again if it has heard nothing; none once it has ended."""
    announced: int = 0
    """The number of the newest entry of the timeline that is known to have been told of (``RunChanged``)."""
    unannounced: Instant | None = None
    """By when whoever stored later entries tells of them; after that anybody does. None where there are none."""
    counted: bool = False
    """Whether the statistics are known to have counted this run, which has ended."""


DUE_FIELDS = ("wake_at", "seq", "announced", "unannounced", "counted")
"""The fields that say what is still to be done about a run."""
TELL_WITHIN = timedelta(seconds=20)
"""How long whoever stored a change has to tell of it before anybody else does: longer than a run under way usually goes
without another write, with which the mark that it was told of travels."""


class AdvanceRun(Message):
    """Command: move this run on, as far as it can be moved now."""

    kind: ClassVar[str] = "advance_run"
    run_id: str
    run: Run | None = None
    """The run as it was stored a moment ago, to save a read; compare-and-set notices if it is not so any more."""


class ExecuteStep(Message):
    """Command: claim this attempt and carry it out."""

    kind: ClassVar[str] = "execute_step"
    attempt_id: str
    run_id: str
    pool: Name


class CancelAttempts(Message):
    """Event: these attempts, whoever holds them, are to be ended."""

    kind: ClassVar[str] = "cancel_attempts"
    attempt_ids: list[str]


class StepFinished(Message):
    """Event: an attempt ended, and its outcome is stored."""

    kind: ClassVar[str] = "step_finished"
    run_id: str
    attempt_id: str
    state: AttemptState
    outcome: Outcome


class RunChanged(Message):
    """Event: a run has new entries in its timeline. It is told at least once of every entry, and an entry may be told
    of again: consumers know what they have heard by ``run_id`` and ``seq``.
    """

    kind: ClassVar[str] = "run_changed"
    run_id: str
    seq: int
    """The number of its newest entry."""
    since: int = 0
    """Entries up to this number were told of before, surely."""
    action: str
    """The action's name."""
    state: RunState
    started_at: Instant | None = None
    ended_at: Instant | None = None


class RunsProgressed(Message):
    """Event: something about these runs changed (state, attempts, output); whoever shows them looks again."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    kind: ClassVar[str] = "runs_progressed"
    run_ids: list[str]
