"""What an executor does about each command and event."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from executor.attempts import Attempts
from executor.domain.command import Ended
from executor.domain.masking import Masker
from executor.domain.output import OutputAssembler
from executor.domain.script import command_request
from executor.held import Held, HeldAttempts
from executor.metrics import ATTEMPTS_ENDED
from executor.output_writer import OutputWriter
from executor.persistence import until_stored
from executor.port import Host, Hosts
from executor.resolution import MisconfiguredError, Resolver
from shared.bus.port import Bus, BusUnavailableError, Subscription
from shared.clock import Clock
from shared.contracts.attempt import Attempt, Outcome
from shared.contracts.message import Message
from shared.contracts.provider import ProviderTested, ProviderTestReport, TestProvider
from shared.contracts.run import CancelAttempts, ExecuteStep, StepFinished
from shared.progress import ProgressNotices
from shared.store.port import DocumentStore

log = structlog.get_logger()


@dataclass
class Bench:
    """What the handlers work with."""

    store: DocumentStore
    bus: Bus
    clock: Clock
    attempts: Attempts
    held: HeldAttempts
    resolver: Resolver
    hosts: Hosts
    notices: ProgressNotices
    concurrency: int
    """How many attempts may be under way at once."""
    claiming: int = 0
    is_stopping: bool = False
    steps: list[Subscription] = field(default_factory=list)
    """The subscriptions to steps, which pause while every place is taken."""


async def execute_step(bench: Bench, command: Message) -> None:
    """Claim an attempt and begin it. Returns, and so acknowledges, once it is claimed: a step may take hours."""
    if not isinstance(command, ExecuteStep):
        raise TypeError(f"the executor's steps queue brought {command.kind}")
    if bench.is_stopping or len(bench.held) + bench.claiming >= bench.concurrency:
        await _hand_on(bench, command)
        return
    bench.claiming += 1
    try:
        attempt = await bench.attempts.claim(command.attempt_id)
    finally:
        bench.claiming -= 1
    if attempt is None:
        # Redelivered, or cancelled before it began: whoever has it has it.
        log.debug("step.claimed_elsewhere", run_id=command.run_id, attempt_id=command.attempt_id)
        return
    held = bench.held.take(attempt)
    held.task = asyncio.create_task(_carry_out(bench, held), name=f"attempt {attempt.id}")
    bench.notices.note(attempt.run_id)


async def _hand_on(bench: Bench, command: ExecuteStep) -> None:
    """Every place is taken: take nothing more, and leave this one to whoever has a place first."""
    for subscription in bench.steps:
        await subscription.pause()
    await bench.bus.publish(command)


async def cancel_attempts(bench: Bench, event: Message) -> None:
    """End those of the attempts that are held here."""
    if not isinstance(event, CancelAttempts):
        raise TypeError(f"the executor's own queue brought {event.kind}")
    for attempt_id in event.attempt_ids:
        bench.held.end(attempt_id)


async def test_provider(bench: Bench, command: Message) -> None:
    """Connect to a provider, and tell the one who asked how it went."""
    if not isinstance(command, TestProvider):
        raise TypeError(f"the executor's tests queue brought {command.kind}")
    try:
        host = await _host(bench, command.provider)
        report = await host.test()
    except MisconfiguredError as error:
        report = ProviderTestReport(ok=False, reason="misconfigured", message=str(error))
    await bench.bus.publish(ProviderTested(request_id=command.request_id, reply_to=command.reply_to, report=report))


async def _host(bench: Bench, provider: str) -> Host:
    return bench.hosts.at(await bench.resolver.target(provider))


async def _carry_out(bench: Bench, held: Held) -> None:
    """An attempt from its claim to its stored outcome. Whatever goes wrong, it gets an outcome."""
    attempt = held.attempt
    with structlog.contextvars.bound_contextvars(
        run_id=attempt.run_id, step=attempt.step, attempt=attempt.number, provider=attempt.provider
    ):
        try:
            await _run_and_report(bench, held)
        except Exception as error:
            # A mistake of ours. The lease of the attempt runs out now, and the scheduler calls it unknown.
            log.exception("attempt.failed_here", error=str(error))
        finally:
            bench.held.drop(attempt.id)
            await _take_more(bench)


async def _take_more(bench: Bench) -> None:
    if not bench.is_stopping:
        for subscription in bench.steps:
            await subscription.resume()


@dataclass
class _Work:
    """What carrying an attempt out comes to."""

    ended: Ended
    assembler: OutputAssembler
    started_at: datetime | None


async def _run_and_report(bench: Bench, held: Held) -> None:
    attempt = held.attempt
    work = await _run(bench, held)
    held.is_over = True
    outcome = Outcome(
        exit_status=work.ended.exit_status,
        signal=work.ended.signal,
        reason=work.ended.reason,
        reason_text=work.ended.reason_text,
        ending=work.ended.ending,
        output_bytes=work.assembler.bytes_seen,
        output_chunks=work.assembler.chunks_made,
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
    finished = StepFinished(run_id=attempt.run_id, attempt_id=attempt.id, state=state, outcome=outcome)
    try:
        await bench.bus.publish(finished)
    except BusUnavailableError as error:
        log.warning("bus.message_left_to_sweep", kind=finished.kind, error=str(error))


async def _run(bench: Bench, held: Held) -> _Work:
    attempt = held.attempt
    assembler = OutputAssembler(attempt)
    started: list[datetime] = []
    try:
        host = await _host(bench, attempt.provider)
        secrets = await bench.resolver.values(attempt)
        if attempt.lost_attempts and await host.end_leftovers(attempt.lost_attempts) != "confirmed":
            return _Work(_not_again(attempt), assembler, None)
        writer = OutputWriter(bench.store, bench.notices, bench.clock, assembler, Masker(secrets.values()))
        ended = await host.run(
            command_request(
                attempt.id,
                attempt.command,
                {**attempt.parameters, **secrets},
                run_id=attempt.run_id,
                action=attempt.action,
                step=attempt.step,
                timeout=attempt.timeout,
                shell=attempt.shell,
            ),
            writer,
            on_started=_noting(started, bench.clock),
            cancelled=held.end,
        )
        await writer.finish()
    except MisconfiguredError as error:
        ended = Ended(state="failed", reason="misconfigured", reason_text=f"{error}. Nothing was run.")
    return _Work(_as_seen_from_here(ended, bench), assembler, started[0] if started else None)


def _noting(started: list[datetime], clock: Clock) -> Callable[[], None]:
    return lambda: started.append(clock())


def _not_again(attempt: Attempt) -> Ended:
    text = (
        f"An earlier attempt of this step was lost, and it could not be made sure that its command is gone from "
        f"{attempt.provider}; so it was not run again. Look there, then run the action again."
    )
    return Ended(state="unknown", reason="lost", reason_text=text, ending="unconfirmed")


def _as_seen_from_here(ended: Ended, bench: Bench) -> Ended:
    """A command that was ended because this executor stops was not cancelled by anybody."""
    if not (bench.is_stopping and ended.state == "cancelled"):
        return ended
    return Ended(
        state="unknown",
        exit_status=ended.exit_status,
        signal=ended.signal,
        reason="lost",
        reason_text="The executor was stopped while the command ran, and ended it before its time.",
        ending=ended.ending,
    )
