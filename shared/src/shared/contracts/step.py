"""Steps of a run: how far each has come, and each of its invocations."""

from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.attempt import Reason
from shared.contracts.model import Model
from shared.contracts.values import Instant

StepState = Literal["pending", "queued", "running", "succeeded", "failed", "cancelled", "skipped", "unknown"]
STEP_ENDED: frozenset[StepState] = frozenset({"succeeded", "failed", "cancelled", "skipped", "unknown"})


class PlannedRollout(Model):
    """In which order and how many at a time the invocations of a step begin; percentages are worked out already."""

    max_parallel: int | None = None
    """How many at most are under way at the same time; none: all of them."""
    batches: list[int] = []
    """The sizes of the batches, the last of which repeats; each begins when the one before has ended."""
    max_failures: int = 0
    """More failures than these stop what has not begun, and fail the step."""
    check: int | None = None
    """The place among the run's steps of the one that is run after each batch, which is a wide step of its own."""
    checks_of_batch: int | None = None
    """How many invocations of that step follow each batch; none: one for each of the batch, on the same provider."""


class StepInvocations(Model):
    """How far the invocations of a wide step have come: one that runs on more than one provider, or in batches.

    The providers stand in the step's own document (``PlannedStep``), and so do the two texts once the step has ended.
    """

    width: int
    """How many invocations the step has."""
    rollout: PlannedRollout = PlannedRollout()
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

    def tally(self, running: int) -> dict[str, int]:
        """How many are in which state, where of so many of those that are queued the command has begun."""
        queued = self.counts.get("queued", 0)
        begun = {"queued": max(0, queued - running), "running": min(queued, running)}
        counts = {**self.counts, **begun}
        return {state: count for state in INVOCATION_STATES if (count := counts.get(state))}


MOST_FAILED_NAMES = 20
MOST_FOLLOWED = 50
"""Invocations of a step whose output is among the events of its run: of more nobody could read it as it comes."""

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


class StepProgress(Model):
    """How far one step of a run has come."""

    name: str
    provider: str | None = None
    """Of a step that runs on one provider."""
    pool: str | None = None
    """The pool of that provider."""
    pin: str | None = None
    """The versions of that provider and of its jump hosts, where the run may meet no others: see `shared.runs.plan`."""
    carried_from: str | None = None
    """The earlier run in which it ended as it stands, where this one goes on after it."""
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
    is_approved: Annotated[bool, Field(exclude_if=lambda value: not value)] = False
    """Whether the approval that the step needs was given, or is needed no more."""
    is_cleanup: bool = False
    """Whether it began after the run was to stop, and so is left to end, retries and all."""
    invocations: StepInvocations | None = None
    """Of a wide step."""


class PlannedStep(Model):
    """The providers of a wide step, written once when it is planned; and how its invocations ended.

    The check of a rollout may have a provider several times, once after each batch.
    """

    id: str
    """``RUN.STEP``."""
    version: int = 1
    run_id: str
    step_index: int
    providers: list[str]
    pools: list[str]
    """The pool of each provider."""
    pins: list[str] = []
    """As in ``StepProgress``, of each provider; none where the run was not planned."""
    states: str = ""
    numbers: str = ""
    """As in ``StepInvocations``, once the step has ended."""

    def failed(self, states: str) -> list[str]:
        """The providers on which the step failed, or ended nobody knows how, as a text of states says."""
        letters = {INVOCATION_STATES["failed"], INVOCATION_STATES["unknown"]}
        return [provider for provider, state in zip(self.providers, states, strict=True) if state in letters]
