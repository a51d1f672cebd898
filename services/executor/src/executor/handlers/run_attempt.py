"""An attempt from its claim to its stored outcome."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import structlog

from executor.domain import outcomes
from executor.domain.command import Ended, command_request
from executor.domain.kept_output import KeptOutput
from executor.domain.masking import Masker
from executor.domain.output import OutputAssembler
from executor.handlers.context import ExecutorContext
from executor.handlers.leases import Lease, earlier_attempts, what_keeps_from_beginning, with_regard_to
from executor.handlers.persistence import OutputWriter, retry_until_available
from executor.handlers.provider_resolution import MisconfiguredError
from executor.handlers.restarts import Restart
from executor.ports import Host
from shared.bus.port import publish_or_leave
from shared.clock import Clock
from shared.commands import broken_limits
from shared.connections import OnceInAWhile
from shared.contracts.attempt import NEVER_BEGAN, Attempt, Outcome
from shared.contracts.run import ExecuteStep, StepFinished
from shared.contracts.step_settings import Capture
from shared.descriptors import is_shortage
from shared.metrics import PlainCounter
from shared.runs.plan import pins_of

ATTEMPTS_ENDED = PlainCounter("opsimate_attempts_ended", "Attempts carried out, by how they ended", ["state", "reason"])


FIRST_PAUSE = 0.5
LONGEST_PAUSE = 10.0
"""Seconds, twice as many with every claim, before somebody else may claim the attempt."""
MOST_CLAIMS = 6
"""Of an attempt that a mistake of ours keeps from beginning. What is short is waited for until the run ends."""

log = structlog.get_logger()
_shortage = OnceInAWhile()


class _NotBegunError(Exception):
    """Something failed before the provider was asked, so nothing was run. Its cause says what.

    Nothing is wrong with the attempt itself, so it is tried again later.
    """


class PreparedAttempt:
    """An attempt that is being claimed, with the task that will carry it out: that looks up meanwhile where it runs."""

    def __init__(self, context: ExecutorContext, call: ExecuteStep) -> None:
        self._context, self._call = context, call
        self._claimed: asyncio.Future[Lease | None] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._carry_out(), name=f"attempt {call.attempt_id}")

    def begin(self, attempt: Attempt) -> None:
        """Carry it out, now that it is claimed, beside everything else; its slot is free again when its outcome is
        stored.
        """
        lease = self._context.leases.take(attempt)
        lease.task = self._task
        self._claimed.set_result(lease)
        self._context.progress_publisher.note(attempt.run_id)

    def drop(self) -> None:
        """It is not this executor's to carry out."""
        self._claimed.set_result(None)

    async def _carry_out(self) -> None:
        host = await self._host_meanwhile()
        lease = await self._claimed
        if lease is not None:
            await _run_attempt(self._context, lease, host)

    async def _host_meanwhile(self) -> Host | None:
        """The host, where it can be known at once; where not, that is asked again and told when the attempt is ours."""
        if self._call.provider is None:
            return None
        try:
            return self._context.hosts.at(await self._context.resolver.provider(self._call.provider))
        except Exception as error:  # noqa: BLE001 - whatever it is, it happens again then
            log.debug("attempt.not_prepared", attempt_id=self._call.attempt_id, error=str(error))
            return None


async def host_of(context: ExecutorContext, provider: str) -> Host:
    """The host that a provider is, read anew; waited for while the store is away, since nothing has begun yet."""
    resolved = await retry_until_available(lambda: context.resolver.provider(provider), "a provider")
    return context.hosts.at(resolved)


async def _run_attempt(context: ExecutorContext, lease: Lease, host: Host | None) -> None:
    attempt = lease.attempt
    structlog.contextvars.bind_contextvars(
        run_id=attempt.run_id, step=attempt.step, attempt=attempt.number, provider=attempt.provider
    )  # of this task alone
    try:
        await _run_and_report(context, lease, host)
    except Exception as error:
        # A mistake of ours. The lease of the attempt runs out now, and the scheduler calls it unknown.
        log.exception("attempt.failed_here", error=str(error))
        context.abandoned.add(attempt.id)
    finally:
        context.leases.drop(lease)
        context.slots.free()
        await context.slots.adjust()


@dataclass
class _Work:
    """What carrying an attempt out comes to."""

    ended: Ended
    assembler: OutputAssembler
    started_at: datetime | None
    captured: Mapping[Capture, str] | None = None


async def _run_and_report(context: ExecutorContext, lease: Lease, host: Host | None) -> None:
    attempt = lease.attempt
    try:
        work = await _run(context, lease, host)
    except _NotBegunError as error:
        instead = await _wait_before_handing_back(lease, error)
        if instead is None:
            lease.is_over = True
            await _hand_back(context, lease)
            return
        work = _Work(instead, OutputAssembler(attempt), None)
    lease.is_over = True
    if lease.why in {"stopping", "given_up"} and work.ended.state == "cancelled" and work.started_at is None:
        await _hand_back(context, lease)
        return
    outcome = Outcome(
        exit_status=work.ended.exit_status,
        signal=work.ended.signal,
        reason=work.ended.reason,
        reason_text=work.ended.reason_text,
        ending=work.ended.ending,
        shell_pid=work.ended.shell_pid,
        output_bytes=work.assembler.bytes_seen,
        output_chunks=work.assembler.chunks_made,
        is_lasting=work.ended.is_lasting,
        ended_at=context.clock(),
    )
    state = work.ended.state
    stored = await retry_until_available(
        lambda: context.attempts.end(attempt, state, outcome, work.started_at, work.captured),
        "the outcome of an attempt",
    )
    if not stored:
        log.warning("attempt.outcome_refused", state=state, reason=outcome.reason)
        return
    ATTEMPTS_ENDED.inc(state, outcome.reason or "")
    log.info("step.finished", state=state, reason=outcome.reason, exit_status=outcome.exit_status)
    await publish_or_leave(
        context.bus, StepFinished(run_id=attempt.run_id, attempt_id=attempt.id, state=state, outcome=outcome)
    )


async def _hand_back(context: ExecutorContext, lease: Lease) -> None:
    """Nothing of it was run, so any executor may claim it as if this one had not, unless it was called lost."""
    attempt = lease.attempt
    if await retry_until_available(lambda: context.attempts.hand_back(attempt), "an attempt that is handed back"):
        log.info("step.handed_back")
        context.leases.drop(lease)  # else this executor would take the call for one of those it knows
        await publish_or_leave(
            context.bus,
            ExecuteStep(attempt_id=attempt.id, run_id=attempt.run_id, pool=attempt.pool, provider=attempt.provider),
        )


async def _run(context: ExecutorContext, lease: Lease, host: Host | None) -> _Work:
    attempt = lease.attempt
    assembler = OutputAssembler(attempt)
    started: list[datetime] = []
    kept = KeptOutput(attempt.captures) if attempt.captures else None
    try:
        host = host or await host_of(context, attempt.provider)
        if attempt.pin is not None and (stale := await _what_is_stale(context, attempt.provider, attempt.pin)):
            return _Work(stale, assembler, None)
        resolved = await retry_until_available(lambda: context.resolver.values(attempt), "values")
        earlier = await earlier_attempts(context.attempts, attempt)
        is_restart = attempt.back_within is not None
        if earlier and not is_restart:
            kept_from = await what_keeps_from_beginning(host, attempt, earlier, context.clock(), resolved.sudo)
            if kept_from is not None:
                return _Work(kept_from, assembler, None)
        values = {**resolved.plain, **resolved.secret}
        if broken := next(broken_limits(attempt.limits, values), None):
            return _Work(_not_allowed(*broken), assembler, None)
        writer = OutputWriter(
            context.store, context.progress_publisher, context.clock, assembler, Masker(resolved.hidden), kept=kept
        )
        request = command_request(
            attempt.id,
            attempt.command,
            values,
            run_id=attempt.run_id,
            action=attempt.action,
            step=attempt.step,
            provider=attempt.provider,
            timeout=attempt.timeout,
            shell=attempt.shell,
            success=attempt.success_exit_codes,
            sudo=resolved.sudo,
        )
        run = partial(
            host.run,
            sink=writer,
            on_started=_noting(started, context.clock),
            cancelled=lease.end,
            may_begin=lambda: context.leases.may_begin(lease),
        )
        if is_restart:
            how = await Restart(context, lease, host, earlier).carry_out(request, run)
        else:
            how = with_regard_to(earlier, await run(request))
        if how.left_in_background:
            assembler.note_background()
        await writer.finish()
    except MisconfiguredError as error:
        how = Ended(state="failed", reason="misconfigured", reason_text=f"{error}. Nothing was run.")
    except Exception as error:
        if started:
            raise
        raise _NotBegunError from error
    how, captured = _with_captures(_as_seen_from_here(how, lease), kept)
    return _Work(how, assembler, started[0] if started else None, captured)


def _with_captures(how: Ended, kept: KeptOutput | None) -> tuple[Ended, Mapping[Capture, str] | None]:
    """What was captured. A success of which it cannot be is none; of anything else there is what can be."""
    if kept is None or how.reason in NEVER_BEGAN:
        return how, None
    try:
        return how, kept.captured(strict=how.state == "succeeded")
    except ValueError as error:
        return replace(how, state="failed", reason="capture", reason_text=f"{error}."), kept.captured(strict=False)


def _noting(started: list[datetime], clock: Clock) -> Callable[[], None]:
    return lambda: started.append(clock())


async def _what_is_stale(context: ExecutorContext, provider: str, pin: str) -> Ended | None:
    """What the attempt ends as where its provider, read a moment ago, is not at the version that was planned."""
    pins = await retry_until_available(lambda: pins_of(context.store, [provider]), "the versions of a provider")
    if pins[provider] == pin:
        return None
    text = f"The provider was changed since the run was planned ({pin} then, {pins[provider]} now). Nothing was run."
    return Ended(state="failed", reason="stale", reason_text=f"{text} Plan the run again.")


def _not_allowed(parameter: str, problem: str) -> Ended:
    text = f"The value of the parameter '{parameter}' {problem}. Nothing was run."
    return Ended(state="failed", reason="not_allowed", reason_text=text)


def _as_seen_from_here(how: Ended, lease: Lease) -> Ended:
    """A command that was ended because this executor stops was not cancelled by anybody."""
    if lease.why != "stopping" or how.state != "cancelled":
        return how
    return replace(
        how,
        state="unknown",
        reason="lost",
        reason_text="The executor was stopped while the command ran, and ended it before its time. "
        "How far it came is not known: see on the provider what it did before running it again.",
    )


async def _wait_before_handing_back(lease: Lease, error: _NotBegunError) -> Ended | None:
    """Return when the attempt is to be handed back, or what it ended as instead."""
    cause = error.__cause__
    if is_shortage(cause):
        if times := _shortage.happened():
            log.warning("attempt.waits_for_descriptors", error=str(cause), times=times)
    elif lease.attempt.fence < MOST_CLAIMS:
        log.error("attempt.failed_before_it_began", claims=lease.attempt.fence, exc_info=cause)
    else:
        message = (
            f"It could not be begun {lease.attempt.fence} times, by a mistake of ours ({type(cause).__name__}): "
            "the log of the executor says more."
        )
        return outcomes.never_began("misconfigured", message)
    pause = min(FIRST_PAUSE * 2 ** (lease.attempt.fence - 1), LONGEST_PAUSE)
    told_to_end = asyncio.Event()
    lease.end.call(told_to_end.set)
    try:
        async with asyncio.timeout(pause):
            await told_to_end.wait()
    except TimeoutError:
        return None
    return outcomes.cancelled_before_it_began() if lease.why == "cancelled" else None
