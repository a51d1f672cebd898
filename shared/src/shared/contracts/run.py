"""Runs: executions of one action version, and the commands and events that move them."""

from datetime import timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field, JsonValue

from shared.contracts.action import ActionReference
from shared.contracts.approval import PendingApproval
from shared.contracts.attempt import AttemptState, Ending, Outcome, Reason
from shared.contracts.model import Message, Model
from shared.contracts.origin import Origin
from shared.contracts.step import StepProgress
from shared.contracts.trigger import Trigger
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

ControlKind = Literal["cancel", "pause", "resume", "override", "approve", "reject"]
DECISIONS: frozenset[ControlKind] = frozenset({"approve", "reject"})
"""What people decide about a run that waits for their approval."""
MOST_PAUSES = 100
"""Of one run. Whatever else it is told comes once: of a run, of a pause, or of each person."""


class Control(Model):
    """Something that a run was told."""

    kind: ControlKind
    by: str
    """The name of whoever told it."""
    principal_id: str | None = None
    at: Instant
    comment: str = ""
    step: Annotated[str | None, Field(exclude_if=lambda value: value is None)] = None
    """Of an approval or a rejection the step that it is about; none: the run itself."""
    digest: Annotated[str | None, Field(exclude_if=lambda value: value is None)] = None
    """Likewise the digest of the plan that it is about."""
    origin: Annotated[Origin | None, Field(exclude_if=lambda value: value is None)] = None
    """From where; for the audit."""


GateName = Literal["approval", "not_before", "window", "condition", "slot", "pause", "pool"]


class WaitingFor(Model):
    """What keeps a run from going on."""

    gate: GateName
    why: str
    until: Instant | None = None
    """At the latest; None where nobody knows."""


TimelineEventName = Literal[
    "run.awaiting_approval",
    "run.approval_given",
    "run.approval_ignored",
    "run.approval_expired",
    "run.rejected",
    "run.delayed",
    "run.queued",
    "run.waiting",
    "run.started",
    "run.cancel_requested",
    "run.paused",
    "run.pause_too_late",
    "run.resumed",
    "run.overridden",
    "run.timed_out",
    "run.ended",
    "step.queued",
    "step.finished",
    "step.retrying",
    "step.skipped",
]


class TimelineEvent(Model):
    """One entry of a run's timeline: a change of the run, of a step, or of an attempt of a step on one provider."""

    seq: int = 0
    """Counts the entries of the run from 1: event streams and whoever is told of changes go on after one."""
    at: Instant
    event: TimelineEventName
    state: str | None = None
    """The state that the run, the step or the attempt is in since."""
    gate: GateName | None = None
    """What the run waits at since."""
    step: str | None = None
    attempt: int | None = None
    attempt_id: str | None = None
    reason: Reason | None = None
    ending: Ending | None = None
    """Of an attempt that was ended before its time: whether it was seen that no process of it is left."""
    text: str | None = None
    by: str | None = None
    """Who told the run so, where somebody did."""
    due_at: Instant | None = None


class StopRequest(Model):
    """That a run ends before its time: what is under way is ended, and only cleanup still begins."""

    reason: Literal["cancelled", "timeout", "rejected", "expired"]
    at: Instant
    by: str | None = None
    """Who asked for it, where somebody did."""
    comment: str = ""
    after_failure: bool = False
    """Whether the run had failed before, so that what was cut short was its cleanup."""


class RunProgress(Model):
    """How many of a run's steps have ended, those passed over included."""

    done: int = 0
    total: int = 0
    current_step: str | None = None
    """The step under way, or waiting for its next attempt."""
    ended: dict[str, int] = Field(default_factory=dict)
    """How many of those that have ended are in which state."""


class RunSummary(Model):
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
    progress: RunProgress = Field(default_factory=RunProgress)
    not_before: Instant | None = None
    """When it may start at the earliest."""
    rerun_of: str | None = None
    """The run that this one does again."""
    plan_digest: str | None = None
    """Of the plan that it carries out, where it was asked to."""
    waiting_for: WaitingFor | None = None
    """The first gate that is not open, where nothing of the run is under way."""
    approval: Annotated[PendingApproval | None, Field(exclude_if=lambda value: value is None)] = None
    """What it waits for people to decide."""
    is_cancel_requested: bool = False
    """Whether somebody asked for its end; a control that is not consumed yet is not counted."""
    paused: Control | None = None
    """The control that it is paused by; likewise."""
    wake_at: Instant | None = None
    """When the scheduler reconciles it again if it has heard nothing; a run has one until it has ended."""


SUMMARY_FIELDS = tuple(name for name in RunSummary.model_fields if name not in {"id", "version"})
"""The fields that a list reads, beside those that every document has."""


class Run(RunSummary):
    """A run as it is stored. Its creator and the scheduler write it; what it is told is the one exception."""

    origin: Annotated[Origin | None, Field(exclude_if=lambda value: value is None)] = None
    """From where it was asked for, where somebody called; for the audit."""
    request_id: str
    """What asked for this run, so that asking again finds it."""
    request_digest: str = ""
    """SHA-256 of what was asked, in hex, so that another question under the same id is noticed; none where the id is
    the run's own, under which nobody asks again."""
    deadline: Instant | None = None
    """When the run's own time-out ends it, if it waits for nothing from now on."""
    steps: list[StepProgress]
    keeps_to_providers: bool = False
    """Whether it was made to do steps on some of their providers alone, which a run that goes on from it keeps to."""
    providers: list[str]
    """Of the steps that run on one provider, by which runs are found."""
    words: list[str] = Field(default_factory=list)
    """What people wrote of it and what it was given, by which runs are found; none where an earlier release made it."""
    seq: int = 1
    """The number of the newest entry of the timeline."""
    timeline: list[TimelineEvent]
    """Bounded by what may be written: an entry for each change of state, never by dropping."""
    controls: list[Control] = Field(default_factory=list)
    """What it was told, in order; whoever tells it appends, and nobody else."""
    consumed: int = 0
    """How many of these were acted upon."""
    opened_gates: list[GateName] = Field(default_factory=list)
    """Gates that have opened and so stay open."""
    waits_since: Instant | None = None
    """Since when the running run waits at a gate with nothing under way; its time-out does not count that time."""
    is_timed_out: bool = False
    """Whether the run's own time-out was noticed."""
    stop: StopRequest | None = None
    """The first of the two that came."""
    announced: int = 0
    """The number of the newest entry of the timeline that is known to have been told of (``RunsChanged``)."""
    unannounced: Instant | None = None
    """By when whoever stored later entries tells of them; after that anybody does. None where there are none."""
    output_deleted_at: Annotated[Instant | None, Field(exclude_if=lambda value: value is None)] = None
    """Since when what its commands printed is deleted, or being deleted, because of its age."""
    counted: bool = False
    """Whether the statistics are known to have counted this run, which has ended."""


DUE_FIELDS = ("seq", "announced", "unannounced", "counted")
"""The fields that say what is still to be done about a run."""
AUDIT_FIELDS = ("origin", "controls")
"""The fields that the audit reads, beside those of a list."""
ADVANCE_WITHIN = timedelta(seconds=0.5)
"""How long whoever made a run has to have it advanced before the sweep does: longer than the message is on its way."""
TELL_WITHIN = timedelta(seconds=20)
"""How long whoever stored a change has to tell of it: longer than a run usually goes without a write, which tells."""


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
    provider: Name | None = None
    """Where it runs, so that this can be looked up while the attempt is claimed; it stands in the attempt, too."""


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


class RunChange(Model):
    """That a run has new entries in its timeline."""

    model_config = ConfigDict(frozen=True, extra="ignore")

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


class RunsChanged(Message):
    """Event: these runs have new entries in their timelines, each told of at least once; ``seq`` tells what is new."""

    kind: ClassVar[str] = "runs_changed"
    changes: list[RunChange]


class RunsProgressed(Message):
    """Event: something about these runs changed (state, attempts, output); whoever shows them looks again."""

    kind: ClassVar[str] = "runs_progressed"
    run_ids: list[str]
