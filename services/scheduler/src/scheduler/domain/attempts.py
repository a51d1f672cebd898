"""Making attempts: what an executor needs to know to carry a step out. Pure."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from shared.contracts.action import ActionDefinition
from shared.contracts.attempt import NEVER_BEGAN, Attempt, AttemptPlace, AttemptStatus, Outcome, attempt_id
from shared.contracts.run import Run
from shared.runs.rendering import plain_values, secret_sources, shown_command
from shared.templating import compile_command


@lru_cache(maxsize=4_096)
def _compiled(command: str, names: frozenset[str]) -> str:
    return compile_command(command, names)


def new_attempt(
    run: Run,
    action: ActionDefinition,
    place: AttemptPlace,
    *,
    provider: str,
    pool: str,
    earlier: Sequence[AttemptStatus],
    now: datetime,
) -> Attempt:
    """An attempt of a step on a provider, ready to be claimed; ``earlier`` are those of the same invocation."""
    step = action.steps[place.step_index]
    begun = [attempt for attempt in earlier if _may_have_begun(attempt)]
    names = frozenset(parameter.name for parameter in action.parameters)
    return Attempt(
        id=attempt_id(run.id, *place),
        run_id=run.id,
        step=step.name,
        step_index=place.step_index,
        invocation=place.invocation,
        number=place.number,
        provider=provider,
        pool=pool,
        action=action.name,
        command=_compiled(step.command, names),
        display_command=shown_command(step, run.parameters),
        shell=step.shell,
        parameters=plain_values(run.parameters),
        secrets=secret_sources(run.parameters),
        timeout=step.timeout,
        on_lost=step.on_lost,
        lost_attempts=[attempt.id for attempt in begun if _may_still_run(attempt)],
        earlier_attempts=[attempt.id for attempt in begun],
        created_at=now,
    )


def _may_have_begun(attempt: AttemptStatus) -> bool:
    return attempt.outcome is None or attempt.outcome.reason not in NEVER_BEGAN


def _may_still_run(attempt: AttemptStatus) -> bool:
    return attempt.state == "unknown" or (attempt.outcome is not None and attempt.outcome.ending == "unconfirmed")


def lost_outcome(attempt: AttemptStatus, now: datetime) -> Outcome:
    """The outcome of an attempt whose executor gave no sign of life until its lease ran out."""
    return Outcome(
        reason="lost",
        reason_text=(
            f"the executor {attempt.executor} gave no sign of life while it held this attempt; whether the command "
            f"ran to its end is not known. Look on {attempt.provider} before running it again"
        ),
        ended_at=now,
    )


def unclaimed_outcome(now: datetime) -> Outcome:
    """The outcome of an attempt that was cancelled before any executor had claimed it."""
    return Outcome(reason="cancelled", reason_text="cancelled before it began", ended_at=now)
