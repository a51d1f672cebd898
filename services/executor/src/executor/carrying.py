"""An attempt from its claim to its stored outcome."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from executor.attempts import Attempts
from executor.domain.command import Ended
from executor.domain.masking import Masker
from executor.domain.output import OutputAssembler
from executor.domain.script import command_request
from executor.earlier import earlier_attempts, what_keeps_from_beginning, with_regard_to
from executor.held import Held, HeldAttempts
from executor.metrics import ATTEMPTS_ENDED
from executor.not_begun import NotBegunError, wait_before_handing_back
from executor.output_writer import OutputWriter
from executor.persistence import until_stored
from executor.places import Places
from executor.port import Host, Hosts
from executor.resolution import MisconfiguredError, Resolver
from shared.bus.port import Bus, publish_or_leave
from shared.clock import Clock
from shared.commands import broken_limits
from shared.contracts.attempt import Attempt, Outcome
from shared.contracts.run import ExecuteStep, StepFinished
from shared.progress import ProgressNotices
from shared.store.port import DocumentStore

log = structlog.get_logger()


@dataclass
class Bench:
    """What attempts are carried out with."""

    store: DocumentStore
    bus: Bus
    clock: Clock
    attempts: Attempts
    held: HeldAttempts
    places: Places
    resolver: Resolver
    hosts: Hosts
    notices: ProgressNotices
    claiming: set[str] = field(default_factory=set)
    """Attempts whose claim is under way."""
    abandoned: set[str] = field(default_factory=set)
    """Attempts that a mistake of ours ended here, while the store has them as this executor's until their lease is
    over: called for once more, they must not begin again."""


def begin(bench: Bench, attempt: Attempt) -> None:
    """Carry a claimed attempt out, beside everything else; its place is free again when its outcome is stored."""
    held = bench.held.take(attempt)
    held.task = asyncio.create_task(_carry_out(bench, held), name=f"attempt {attempt.id}")
    bench.notices.note(attempt.run_id)


async def host_of(bench: Bench, provider: str) -> Host:
    """The host that a provider is, read anew; waited for while the store is away, since nothing has begun yet."""
    target = await until_stored(lambda: bench.resolver.target(provider), "a provider")
    return bench.hosts.at(target)


async def _carry_out(bench: Bench, held: Held) -> None:
    attempt = held.attempt
    with structlog.contextvars.bound_contextvars(
        run_id=attempt.run_id, step=attempt.step, attempt=attempt.number, provider=attempt.provider
    ):
        try:
            await _run_and_report(bench, held)
        except Exception as error:
            # A mistake of ours. The lease of the attempt runs out now, and the scheduler calls it unknown.
            log.exception("attempt.failed_here", error=str(error))
            bench.abandoned.add(attempt.id)
        finally:
            bench.held.drop(held)
            bench.places.free()
            await bench.places.adjust()


@dataclass
class _Work:
    """What carrying an attempt out comes to."""

    ended: Ended
    assembler: OutputAssembler
    started_at: datetime | None


async def _run_and_report(bench: Bench, held: Held) -> None:
    attempt = held.attempt
    try:
        work = await _run(bench, held)
    except NotBegunError as error:
        instead = await wait_before_handing_back(held, error)
        if instead is None:
            held.is_over = True
            await _hand_back(bench, held)
            return
        work = _Work(instead, OutputAssembler(attempt), None)
    held.is_over = True
    if held.why in {"stopping", "given_up"} and work.ended.state == "cancelled" and work.started_at is None:
        await _hand_back(bench, held)
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
        ended_at=bench.clock(),
    )
    state = work.ended.state
    stored = await until_stored(
        lambda: bench.attempts.end(attempt, state, outcome, work.started_at), "the outcome of an attempt"
    )
    if not stored:
        log.warning("attempt.outcome_refused", state=state, reason=outcome.reason)
        return
    ATTEMPTS_ENDED.labels(state, outcome.reason or "").inc()
    log.info("step.finished", state=state, reason=outcome.reason, exit_status=outcome.exit_status)
    await publish_or_leave(
        bench.bus, StepFinished(run_id=attempt.run_id, attempt_id=attempt.id, state=state, outcome=outcome)
    )


async def _hand_back(bench: Bench, held: Held) -> None:
    """Nothing of it was run, so any executor may claim it as if this one had not, unless it was called lost."""
    attempt = held.attempt
    if await until_stored(lambda: bench.attempts.hand_back(attempt), "an attempt that is handed back"):
        log.info("step.handed_back")
        bench.held.drop(held)  # else this executor would take the call for one of those it knows
        await publish_or_leave(bench.bus, ExecuteStep(attempt_id=attempt.id, run_id=attempt.run_id, pool=attempt.pool))


async def _run(bench: Bench, held: Held) -> _Work:
    attempt = held.attempt
    assembler = OutputAssembler(attempt)
    started: list[datetime] = []
    try:
        host = await host_of(bench, attempt.provider)
        resolved = await until_stored(lambda: bench.resolver.values(attempt), "values")
        earlier = await earlier_attempts(bench.attempts, attempt)
        if earlier and (kept_from := await what_keeps_from_beginning(host, attempt, earlier, bench.clock())):
            return _Work(kept_from, assembler, None)
        values = {**resolved.plain, **resolved.secret}
        if broken := next(broken_limits(attempt.limits, values), None):
            return _Work(_not_allowed(*broken), assembler, None)
        writer = OutputWriter(bench.store, bench.notices, bench.clock, assembler, Masker(resolved.secret.values()))
        how = await host.run(
            command_request(
                attempt.id,
                attempt.command,
                values,
                run_id=attempt.run_id,
                action=attempt.action,
                step=attempt.step,
                timeout=attempt.timeout,
                shell=attempt.shell,
            ),
            writer,
            on_started=_noting(started, bench.clock),
            cancelled=held.end,
            may_begin=lambda: bench.held.may_begin(held),
        )
        how = with_regard_to(earlier, how)
        if how.left_in_background:
            assembler.note_background()
        await writer.finish()
    except MisconfiguredError as error:
        how = Ended(state="failed", reason="misconfigured", reason_text=f"{error}. Nothing was run.")
    except Exception as error:
        if started:
            raise
        raise NotBegunError from error
    return _Work(_as_seen_from_here(how, held), assembler, started[0] if started else None)


def _noting(started: list[datetime], clock: Clock) -> Callable[[], None]:
    return lambda: started.append(clock())


def _not_allowed(parameter: str, problem: str) -> Ended:
    text = f"The value of the parameter '{parameter}' {problem}. Nothing was run."
    return Ended(state="failed", reason="not_allowed", reason_text=text)


def _as_seen_from_here(how: Ended, held: Held) -> Ended:
    """A command that was ended because this executor stops was not cancelled by anybody."""
    if held.why != "stopping" or how.state != "cancelled":
        return how
    return replace(
        how,
        state="unknown",
        reason="lost",
        reason_text="The executor was stopped while the command ran, and ended it before its time. "
        "How far it came is not known: see on the provider what it did before running it again.",
    )
