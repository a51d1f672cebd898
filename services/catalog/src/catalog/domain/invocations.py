"""The invocations of one step: on each of its providers, how far it has come. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field

from catalog.domain.run_views import attempt_view
from catalog.domain.views import AttemptView, View
from shared.contracts.attempt import Attempt, attempt_id
from shared.contracts.run import Run
from shared.contracts.step import INVOCATION_STATES, STEP_ENDED, PlannedStep, StepState
from shared.contracts.values import Instant

_STATE_OF = {letter: state for state, letter in INVOCATION_STATES.items()}
_BASE = 36


class InvocationView(View):
    """A step of a run on one provider."""

    invocation: int = Field(examples=[0])
    """Counts the providers of the step, from 0."""
    provider: str = Field(examples=["web-1"])
    pool: str = Field(examples=["default"])
    state: StepState
    attempts: int = Field(examples=[1])
    """How many were made so far."""
    due_at: Instant | None
    """When the next attempt is to begin, while it waits for one."""
    attempt: AttemptView | None
    """The newest; none where it has not begun."""


@dataclass(frozen=True, slots=True)
class InvocationStatus:
    """What the run knows of an invocation; whether its attempt has begun is for the attempt to say."""

    index: int
    provider: str
    pool: str
    state: StepState
    attempts: int


def invocation_statuses(run: Run, step_index: int, planned: PlannedStep | None) -> Iterator[InvocationStatus]:
    """The invocations of a step, in order; ``planned`` is the document of a step that is wide."""
    step = run.steps[step_index]
    if planned is None or step.invocations is None:
        yield InvocationStatus(0, step.provider or "", step.pool or "", step.state, step.attempts)
        return
    # The texts stand in the run while the step is under way, and have moved before the run says that it has ended.
    source = step.invocations if step.invocations.states else planned
    width = step.invocations.width
    states = source.states or INVOCATION_STATES["skipped" if step.state in STEP_ENDED else "pending"] * width
    numbers = source.numbers or "0" * width
    for index in range(width):
        state, attempts = _STATE_OF[states[index]], int(numbers[index], _BASE)
        yield InvocationStatus(index, planned.providers[index], planned.pools[index], state, attempts)


def newest_attempt(run: Run, step_index: int, status: InvocationStatus) -> str | None:
    """The id of its newest attempt."""
    return attempt_id(run.id, step_index, status.index, status.attempts) if status.attempts else None


def invocation_views(
    run: Run, step_index: int, statuses: Sequence[InvocationStatus], attempts: Mapping[str, Attempt]
) -> list[InvocationView]:
    """What is shown of these invocations; ``attempts`` are the newest of them, by their ids."""
    step = run.steps[step_index]
    due = {0: step.due_at} if step.invocations is None else {int(i): at for i, at in step.invocations.due.items()}
    views = []
    for status in statuses:
        attempt = attempts.get(newest_attempt(run, step_index, status) or "")
        has_begun = status.state == "queued" and attempt is not None and attempt.state == "running"
        views.append(
            InvocationView(
                invocation=status.index,
                provider=status.provider,
                pool=status.pool,
                state="running" if has_begun else status.state,
                attempts=status.attempts,
                due_at=due.get(status.index),
                attempt=None if attempt is None else attempt_view(attempt),
            )
        )
    return views
