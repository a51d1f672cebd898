"""Making attempts: what an executor needs to know to carry a step out. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared.captures import CAPTURES_BEGIN
from shared.commands import SETUP_ENDS, broken_limits, command_to_run, command_to_show
from shared.contracts.action import ActionDefinition, Step
from shared.contracts.attempt import (
    NEVER_BEGAN,
    Attempt,
    AttemptKey,
    AttemptStatus,
    CaptureSource,
    Outcome,
    Reason,
    attempt_id,
)
from shared.contracts.compiled_action import CompiledAction
from shared.contracts.run import Run
from shared.contracts.step_settings import Capture
from shared.definitions import ActionVersion
from shared.runs.binding import are_short, plain_values, secret_sources, shown_texts, shown_values


@dataclass
class Captured:
    """What an attempt reads of earlier steps."""

    sources: list[CaptureSource] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    """Why one of them has no value, in a sentence."""


NOTHING_CAPTURED = Captured()


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
    captured: Captured = NOTHING_CAPTURED,
) -> Attempt:
    """An attempt of a step on a provider, ready to be claimed; or one that has ended, where its command may not be run.
    ``earlier`` are those of the same invocation.
    """
    action, compiled = version.definition, version.compiled
    if compiled is None:
        message = f"version {run.action.version} of the action '{action.name}' was never analysed"
        raise ValueError(message)
    step = action.steps[key.step_index]
    begun = [attempt for attempt in earlier if step.expect_disconnect is not None or _may_have_begun(attempt)]
    parts = compiled.commands[key.step_index] if not compiled.refusal else []
    values, secrets = plain_values(run.parameters), secret_sources(run.parameters)
    shown = {**shown_values(run.parameters), **shown_texts(captured.values)}
    refused = _refused(compiled, key.step_index, captured, now)
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
        command=_with_setup(compiled, key.step_index, step, command_to_run(parts, values), values),
        display_command=command_to_show(parts, shown),
        shell=step.shell,
        parameters=values if are_short(values) else None,
        secrets=secrets,
        timeout=step.timeout,
        on_lost=step.on_lost,
        lost_attempts=[attempt.id for attempt in begun if _may_still_run(attempt)],
        earlier_attempts=[attempt.id for attempt in begun],
        limits=[limit for limit in compiled.limits if limit.parameter in secrets],
        success_exit_codes=None if step.success_exit_codes == [0] else step.success_exit_codes,
        run_as=step.run_as,
        masked_secrets=_passwords_of_others(action, step),
        captures=_captures(step, is_output_read=key.step_index in compiled.outputs_read),
        capture_sources=captured.sources or None,
        back_within=None if step.expect_disconnect is None else step.expect_disconnect.back_within,
        created_at=now,
        state="queued" if refused is None else "failed",
        outcome=refused,
    )


def _with_setup(compiled: CompiledAction, step_index: int, step: Step, command: str, values: Mapping[str, str]) -> str:
    """The command behind what its step sets up for it."""
    setup = compiled.setups.get(step_index)
    if setup is None or compiled.refusal:
        return command
    return f"{command_to_run(setup, values)}{command}{SETUP_ENDS if step.stdin is not None else ''}"


def _captures(step: Step, *, is_output_read: bool) -> list[Capture] | None:
    kept = {step.capture} if step.capture is not None else set[Capture]()
    return sorted(kept | ({"output"} if is_output_read else set())) or None


def _passwords_of_others(action: ActionDefinition, step: Step) -> list[str] | None:
    """The secrets that sudo is told in other steps of the action than this one."""
    passwords = {one.run_as.password.secret for one in action.steps if one.run_as and one.run_as.password}
    own = {step.run_as.password.secret} if step.run_as and step.run_as.password else set[str]()
    return sorted(passwords - own) or None


def _refused(compiled: CompiledAction, step_index: int, captured: Captured, now: datetime) -> Outcome | None:
    """Why the command may not be run, if anything keeps it from that."""

    def outcome(reason: Reason, text: str) -> Outcome:
        return Outcome(reason=reason, reason_text=f"{text} Nothing was run.", is_lasting=True, ended_at=now)

    if why := compiled.refusal:
        return outcome("misconfigured", f"the action is not run as it stands, for {why}. Save it again as this says.")
    if captured.problem:
        return outcome("misconfigured", f"{captured.problem}.")
    limits = [one for one in compiled.limits if one.step == step_index and one.parameter.startswith(CAPTURES_BEGIN)]
    for name, problem in broken_limits(limits, captured.values) if limits else ():
        return outcome("not_allowed", f"The value of {name} {problem}.")
    return None


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
