"""The events of a run's stream, as they travel."""

from dataclasses import dataclass

from pydantic import Field

from catalog.domain.output import OutputItem
from catalog.domain.views import AttemptView, ProgressView, View
from shared.contracts.attempt import Reason
from shared.contracts.run import RunState
from shared.contracts.step import StepState
from shared.contracts.values import Instant


class RunEvent(View):
    """``run`` and ``end``: the run's state, or its progress, is another."""

    id: str = Field(examples=["01JX3Q7W8Z5V9K2M4N6P8R0S2T"])
    state: RunState
    reason: Reason | None
    reason_text: str | None
    cancel_requested: bool
    paused: bool
    event: str = Field(examples=["run.paused"])
    """The entry of the timeline that this is told for."""
    by: str | None
    """Who told the run so, where somebody did."""
    not_before: Instant | None
    """When it is to start at the earliest."""
    started_at: Instant | None
    """When it started, once it has."""
    estimated_duration: float | None = Field(examples=[40.0])
    """How long it probably takes in all, in seconds; null where that is not known, and once it has ended."""
    remaining: float | None = Field(examples=[27.7])
    """How long from when this was sent; 0 where it takes longer than was thought, null where not known and while it
    waits."""
    progress: ProgressView


class StepEvent(View):
    """``step``: a step's state, or its newest attempt, is another."""

    name: str = Field(examples=["restart"])
    state: StepState
    reason: Reason | None
    reason_text: str | None = None
    """Of a step that runs on more than one provider and has ended: on how many it failed."""
    due_at: Instant | None
    """When the next attempt is to begin, while the step waits for one."""
    attempt: AttemptView | None
    """The newest; none for a step that never began, or that runs on more than one provider."""
    invocations: dict[str, int] | None = None
    """Of a step that runs on more than one provider: on how many of them it is in which state now."""
    output_in_events: bool | None = None
    """Of such a step: whether its output is among the events, as on 50 providers at most."""


StreamData = RunEvent | StepEvent | OutputItem


@dataclass(frozen=True)
class StreamEvent:
    """One event with the cursor after it."""

    name: str
    id: str
    data: StreamData


@dataclass(frozen=True, slots=True)
class EncodedEvent:
    """One event as it travels."""

    name: str
    id: str
    data: bytes
    """JSON."""


def encoded(event: StreamEvent) -> EncodedEvent:
    """An event with its data as JSON."""
    return EncodedEvent(event.name, event.id, event.data.model_dump_json().encode())
