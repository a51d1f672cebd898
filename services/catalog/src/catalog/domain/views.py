"""What is shown of runs: the shapes of the API's answers. Pure."""

from typing import Literal

from pydantic import ConfigDict, Field, JsonValue

from shared.contracts.attempt import AttemptState, Ending, Reason
from shared.contracts.model import Documented
from shared.contracts.run import GateName, RunState, WaitingFor
from shared.contracts.step import StepState
from shared.contracts.step_settings import Capture
from shared.contracts.trigger import TriggerKind
from shared.contracts.values import Instant
from shared.own_definitions import owner_of


class View(Documented):
    """Something that is shown."""

    model_config = ConfigDict(from_attributes=True)


class OwnerView(View):
    """What a definition belongs to: with that it changes and goes."""

    kind: Literal["action"]
    name: str = Field(examples=["disk-cleanup"])


def owner_view(name: str) -> OwnerView | None:
    """What the schedule or rule of this name belongs to."""
    action = owner_of(name)
    return None if action is None else OwnerView(kind="action", name=action)


class RunActionView(View):
    """Which version of which action a run executes."""

    name: str = Field(examples=["restart-service"])
    version: int = Field(examples=[3])
    title: str = Field(examples=["Restart a service"])


class TriggerView(View):
    """Why a run exists."""

    kind: TriggerKind
    """``manual`` for a person's token, ``api`` for a service's."""
    by: str = Field(examples=["admin"])
    """The name of the token, the alert rule or the schedule that asked for the run."""
    principal_id: str | None
    """The ``uid`` of that token, which tells it from others of its name; none for a rule or a schedule."""
    note: str
    alert_id: str | None
    """The alert that it answers, where it answers one."""
    fire_time: Instant | None = Field(default=None, examples=["2026-02-01T01:30:00.000Z"])
    """Of the schedule, where one asked."""
    missed: int = 0
    """How many of its fire times before this one led to no run of their own, as nothing was there to notice them."""
    joined: int = 0
    """How often the same was asked for while a maintenance window held the run, which stands for all of them."""
    joined_at: Instant | None = None
    """When it was last."""


class ProgressView(View):
    """How far a run has come."""

    done: int = Field(examples=[1])
    """Steps that have ended, those passed over included."""
    total: int = Field(examples=[3])
    percent: int = Field(examples=[33])
    current_step: str | None = Field(examples=["verify"])
    """The step under way, or waiting for its next attempt."""


class AttemptView(View):
    """One try of a step on its provider."""

    id: str = Field(examples=["01JX3Q7W8Z5V9K2M4N6P8R0S2T.000.0000.01"])
    invocation: int = Field(examples=[0])
    """The place of its provider among those of the step, from 0."""
    number: int = Field(examples=[1])
    """From 1 within its step and provider."""
    provider: str = Field(examples=["web-1"])
    command: str = Field(examples=["systemctl restart nginx"])
    """The command with the values of its parameters in place, secrets masked."""
    state: AttemptState
    exit_status: int | None = Field(examples=[0])
    signal: str | None
    """The signal that ended the command, without SIG, such as ``TERM``."""
    reason: Reason | None
    """Why it did not succeed; none for a success."""
    reason_text: str | None
    """The reason in a sentence with the next thing to do."""
    ending: Ending | None
    """Where the command was ended before its time: whether it was seen that no process of it is left."""
    executor: str | None
    """The instance that holds or held it."""
    created_at: Instant
    started_at: Instant | None
    """When an executor claimed it."""
    command_started_at: Instant | None
    """When the provider was asked to run the command; the time before it went into connecting."""
    timeout: float = Field(examples=[600.0])
    """For how many seconds the command may run."""
    ended_at: Instant | None
    output_bytes: int
    """How much the command printed; known once it has ended."""
    run_as: str | None = Field(examples=["postgres"])
    """The user as whom it ran by sudo, where that is not the one who logged in."""
    captured: dict[Capture, str]
    """What was captured of its output, secrets masked; of long ones the beginning."""


class BatchView(View):
    """Which batch of its providers a step has come to."""

    number: int = Field(examples=[2])
    """From 1; 0 before the first one begins."""
    of: int = Field(examples=[5])
    """How many there are."""


class RunStepView(View):
    """How far one step of a run has come."""

    name: str = Field(examples=["restart"])
    provider: str | None = Field(examples=["web-1"])
    """None where the step runs on more than one."""
    state: StepState
    reason: Reason | None
    reason_text: str | None = Field(examples=["its condition does not hold: params.env == 'prod'"])
    """Why it failed or was not run, in a sentence."""
    due_at: Instant | None
    """When the next attempt is to begin, while the step waits for one."""
    started_at: Instant | None
    ended_at: Instant | None
    carried_from: str | None
    """The earlier run in which it ended as it stands here, where this run goes on after it."""
    invocations: dict[str, int] | None
    """Of a step that runs on more than one provider: on how many of them it is in which state."""
    batch: BatchView | None
    """The newest that has begun, where the step goes through its providers in batches."""
    failed_providers: list[str]
    """Of such a step that has ended the first providers on which it failed."""
    attempts: list[AttemptView]
    """In the order in which they were made, where the step runs on one provider."""


class PausedView(View):
    """Who keeps a run from going on, and why."""

    by: str = Field(examples=["admin"])
    at: Instant
    comment: str


class GivenApprovalView(View):
    """That somebody has approved."""

    by: str = Field(examples=["ann"])
    at: Instant
    comment: str


class RequiredApprovalView(View):
    """Whose approval is needed."""

    approvers: list[str] = Field(examples=[["role:operator", "user:ann"]])
    """Whoever fits one of them may decide: a role, which those with a higher one fit, too, or a person."""
    needed: int = Field(examples=[1])
    """How many different people have to approve."""
    allow_requester: bool
    """Whether who asked for the run may decide, too."""
    on_expiry: Literal["reject", "run"]
    """What becomes of the run where too few have approved in time: it ends as expired, or goes on without them."""


class PlannedApprovalView(RequiredApprovalView):
    """Whose approval would be waited for."""

    expires_after: float = Field(examples=[3600.0])
    """How long, in seconds."""


class PendingApprovalView(RequiredApprovalView):
    """What a run waits for people to decide."""

    step: str | None = Field(examples=["restart"])
    """The step that is not to begin before; null: the run itself."""
    digest: str
    """Of the plan that is decided about: what the run executes, and nothing else."""
    given: list[GivenApprovalView]
    """The approvals so far."""
    asked_at: Instant
    expires_at: Instant
    """Who decides at this instant or later is too late."""
    following: PlannedApprovalView | None
    """What has to be approved after this, where an alert rule and its action both ask."""


class TimelineEntryView(View):
    """One entry of a run's timeline."""

    seq: int = Field(examples=[1])
    """Counts the entries from 1."""
    at: Instant
    event: str = Field(examples=["run.queued"])
    state: str | None
    gate: GateName | None
    """What the run waits at since."""
    step: str | None
    attempt: int | None
    reason: Reason | None
    text: str | None
    by: str | None
    """Who told the run so, where somebody did."""
    due_at: Instant | None


class RunView(View):
    """One execution of one version of an action."""

    id: str = Field(examples=["01JX3Q7W8Z5V9K2M4N6P8R0S2T"])
    action: RunActionView
    state: RunState
    reason: Reason | None
    """Why it ended as it did; none for a success."""
    reason_text: str | None
    """The reason in a sentence with the next thing to do."""
    trigger: TriggerView
    parameters: dict[str, JsonValue] = Field(examples=[{"host": "web-1", "service": "nginx"}])
    """As bound, defaults included. A secret shows its name, or dots where its value was given."""
    created_at: Instant
    started_at: Instant | None
    ended_at: Instant | None
    duration: float | None = Field(examples=[12.345])
    """From its first step's start to its end, in seconds."""
    estimated_duration: float | None = Field(None, examples=[40.0])
    """How long it probably takes in all, in seconds: as the last runs of its action did, whatever their parameters.
    Null where that is not known, and once it has ended."""
    remaining: float | None = Field(None, examples=[27.7])
    """How long from now on; 0 where it takes longer than was thought, null where not known and while it waits."""
    not_before: Instant | None
    """When it is to start at the earliest."""
    rerun_of: str | None
    """The run that this one does again."""
    plan_digest: str | None
    """Of the plan that it carries out, where it was asked to carry out one."""
    waiting_for: WaitingFor | None
    """What keeps it from going on, where nothing of it is under way."""
    cancel_requested: bool
    """That somebody asked for its end."""
    approval: PendingApprovalView | None
    """What it waits for people to decide."""
    paused: PausedView | None
    """By whom it is paused: what is under way comes to its end, and nothing new begins."""
    progress: ProgressView
    ended_steps: dict[str, int] = Field(examples=[{"succeeded": 1}])
    """How many of its steps ended in which state."""
    output_deleted_at: Instant | None = None
    """Since when its output is deleted, because of its age; null where it is not, and in lists of runs."""
    steps: list[RunStepView]
    """Empty in lists of runs."""
    timeline: list[TimelineEntryView]
    """What happened so far, in order; empty in lists of runs."""
