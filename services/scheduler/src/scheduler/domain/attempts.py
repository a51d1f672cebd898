"""Making attempts: what an executor needs to know to carry a step out. Pure."""

from collections.abc import Sequence
from datetime import datetime

from shared.commands import command_to_run, command_to_show
from shared.contracts.attempt import NEVER_BEGAN, Attempt, AttemptKey, AttemptStatus, Outcome, attempt_id
from shared.contracts.run import Run
from shared.definitions import ActionVersion
from shared.runs.binding import are_short, plain_values, secret_sources, shown_values


def new_attempt(
    run: Run,
    version: ActionVersion,
    key: AttemptKey,
    *,
    provider: str,
    pool: str,
    pin: str | None = None,
    earlier: Sequence[AttemptStatus],
    now: datetime,
) -> Attempt:
    """An attempt of a step on a provider, ready to be claimed; or one that has ended, where its command may not be run
    any more. ``earlier`` are those of the same invocation.
    """
    action, compiled = version.definition, version.compiled
    if compiled is None:
        message = f"version {run.action.version} of the action '{action.name}' was never analysed"
        raise ValueError(message)
    step = action.steps[key.step_index]
    begun = [attempt for attempt in earlier if _may_have_begun(attempt)]
    parts = compiled.commands[key.step_index] if not compiled.refusal else []
    values, secrets = plain_values(run.parameters), secret_sources(run.parameters)
    return Attempt(
        id=attempt_id(run.id, *key),
        run_id=run.id,
        step=step.name,
        step_index=key.step_index,
        invocation=key.invocation,
        number=key.number,
        provider=provider,
        pool=pool,
        pin=pin,
        action=action.name,
        command=command_to_run(parts, values),
        display_command=command_to_show(parts, shown_values(run.parameters)),
        shell=step.shell,
        parameters=values if are_short(values) else None,
        secrets=secrets,
        timeout=step.timeout,
        on_lost=step.on_lost,
        lost_attempts=[attempt.id for attempt in begun if _may_still_run(attempt)],
        earlier_attempts=[attempt.id for attempt in begun],
        limits=[limit for limit in compiled.limits if limit.parameter in secrets],
        created_at=now,
        state="failed" if compiled.refusal else "queued",
        outcome=_refused(compiled.refusal, now) if compiled.refusal else None,
    )


def _refused(why: str, now: datetime) -> Outcome:
    text = f"the action is not run as it stands, for {why}. Save it again as this says. Nothing was run."
    return Outcome(reason="misconfigured", reason_text=text, ended_at=now)


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
