"""What is shown of runs, and how: the shapes of the API's answers."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from shared.contracts.attempt import AttemptState, Ending, Reason
from shared.contracts.run import RunState, TriggerKind, WaitingFor
from shared.contracts.step import StepState
from shared.contracts.values import Instant


class View(BaseModel):
    """Something that is shown; the lines under its fields are their descriptions in the API's documentation."""

    model_config = ConfigDict(use_attribute_docstrings=True)


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
    ended_at: Instant | None
    output_bytes: int
    """How much the command printed; known once it has ended."""


class RunStepView(View):
    """How far one step of a run has come."""

    name: str = Field(examples=["restart"])
    provider: str | None = Field(examples=["web-1"])
    """None where the step runs on more than one."""
    state: StepState
    reason: Reason | None
    due_at: Instant | None
    """When the next attempt is to begin, while the step waits for one."""
    started_at: Instant | None
    ended_at: Instant | None
    invocations: dict[str, int] | None
    """Of a step that runs on more than one provider: on how many of them it is in which state."""
    failed_providers: list[str]
    """Of such a step that has ended the first providers on which it failed."""
    attempts: list[AttemptView]
    """In the order in which they were made, where the step runs on one provider."""


class PausedView(View):
    """Who keeps a run from going on, and why."""

    by: str = Field(examples=["admin"])
    at: Instant
    comment: str


class TimelineEntryView(View):
    """One entry of a run's timeline."""

    seq: int = Field(examples=[1])
    """Counts the entries from 1."""
    at: Instant
    event: str = Field(examples=["run.queued"])
    state: str | None
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
    not_before: Instant | None
    """When it is to start at the earliest."""
    waiting_for: WaitingFor | None
    """What keeps it from going on, where nothing of it is under way."""
    cancel_requested: bool
    """That somebody asked for its end."""
    paused: PausedView | None
    """By whom it is paused: what is under way comes to its end, and nothing new begins."""
    progress: ProgressView
    ended_steps: dict[str, int] = Field(examples=[{"succeeded": 1}])
    """How many of its steps ended in which state."""
    steps: list[RunStepView]
    """Empty in lists of runs."""
    timeline: list[TimelineEntryView]
    """What happened so far, in order; empty in lists of runs."""


class DurationView(View):
    """How long runs took, from their first step's start to their end, in seconds."""

    p50: float | None = Field(examples=[3.2])
    """What half of them did not exceed; null where none of them started."""
    p95: float | None = Field(examples=[17.8])
    """What 95 of 100 did not exceed."""


class OutcomesView(View):
    """What became of runs."""

    outcomes: dict[RunState, int] = Field(examples=[{"succeeded": 98, "failed": 2}])
    """How many ended in which state; a state that none ended in is missing."""
    runs: int = Field(examples=[100])
    success_rate: float | None = Field(examples=[0.98])
    """Which part succeeded of those that succeeded, failed or ended nobody knows how; null where there are none."""
    duration: DurationView


class DayStatisticsView(OutcomesView):
    """What became of the runs that ended on one day, in UTC."""

    day: date


class StatisticsView(OutcomesView):
    """What became of the runs that ended from one day to another."""

    since: date
    until: date
    """Included."""
    days: list[DayStatisticsView] | None = None
    """Each day by itself, also those without runs; only where it was asked for."""
