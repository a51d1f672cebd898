"""Runs: executions of one action version, and the commands and events that move them."""

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


class StepProgress(BaseModel):
    """How far one step of a run has come."""

    name: str
    provider: str
    pool: str
    state: StepState = "pending"
    attempts: int = 0
    """How many attempts were made so far."""
    due_at: Instant | None = None
    """When the next attempt is to begin, while the step waits for one."""
    started_at: Instant | None = None
    ended_at: Instant | None = None
    reason: Reason | None = None


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
    """One entry of a run's timeline. Its place in the list is its number."""

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


class Run(BaseModel):
    """A run as it is stored. Its creator and the scheduler write it; a request to cancel is the one exception."""

    id: str
    """A ULID: sorts by the time of creation."""
    version: int = 1
    request_id: str
    """What asked for this run, so that asking again finds it."""
    request_digest: str = ""
    """SHA-256 of what was asked, in hex, so that another question under the same id is noticed."""
    action: ActionReference
    state: RunState
    reason: Reason | None = None
    reason_text: str | None = None
    trigger: Trigger
    parameters: dict[str, JsonValue]
    """As bound. A secret is ``{"secret": name}`` where it is a stored one, ``{"sealed": ciphertext}`` where given."""
    created_at: Instant
    started_at: Instant | None = None
    deadline: Instant | None = None
    """When the run's own time-out ends it."""
    ended_at: Instant | None = None
    steps: list[StepProgress]
    providers: list[str]
    timeline: list[TimelineEvent]
    cancel_requested: CancelRequest | None = None
    wake_at: Instant | None = None
    """When the scheduler looks at this run again if it has heard nothing; none once it has ended."""


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


class RunsProgressed(Message):
    """Event: something about these runs changed (state, attempts, output); whoever shows them looks again."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    kind: ClassVar[str] = "runs_progressed"
    run_ids: list[str]
