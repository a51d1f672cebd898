"""Making attempts: what an executor needs to know to carry a step out. Pure."""

from datetime import datetime
from functools import lru_cache

from shared.contracts.action import ActionDefinition
from shared.contracts.attempt import NEVER_BEGAN, Attempt, Outcome, attempt_id
from shared.contracts.run import Run, TimelineEvent
from shared.runs.rendering import plain_values, secret_sources, shown_command
from shared.templating import compile_command


@lru_cache(maxsize=4_096)
def _compiled(command: str, names: frozenset[str]) -> str:
    return compile_command(command, names)


def new_attempt(run: Run, action: ActionDefinition, step_index: int, number: int, now: datetime) -> Attempt:
    """An attempt of a step, ready to be claimed."""
    step, progress = action.steps[step_index], run.steps[step_index]
    begun = _ends_of_begun(run, step.name)
    names = frozenset(parameter.name for parameter in action.parameters)
    return Attempt(
        id=attempt_id(run.id, step_index, number),
        run_id=run.id,
        step=step.name,
        step_index=step_index,
        number=number,
        provider=progress.provider,
        pool=progress.pool,
        action=action.name,
        command=_compiled(step.command, names),
        display_command=shown_command(step, run.parameters),
        shell=step.shell,
        parameters=plain_values(run.parameters),
        secrets=secret_sources(run.parameters),
        timeout=step.timeout,
        on_lost=step.on_lost,
        lost_attempts=[id_ for id_, end in begun.items() if end.state == "unknown" or end.ending == "unconfirmed"],
        earlier_attempts=list(begun),
        created_at=now,
    )


def _ends_of_begun(run: Run, step: str) -> dict[str, TimelineEvent]:
    """How the attempts of a step ended whose command may have begun, by their ids."""
    return {
        entry.attempt_id: entry
        for entry in run.timeline
        if entry.event == "step.finished" and entry.step == step and entry.attempt_id
        if entry.reason not in NEVER_BEGAN
    }


def lost_outcome(attempt: Attempt, now: datetime) -> Outcome:
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
