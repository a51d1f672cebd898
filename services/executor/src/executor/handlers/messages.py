"""What an executor does about each command and event."""

import asyncio

import structlog

from executor.handlers.context import ExecutorContext
from executor.handlers.provider_resolution import MisconfiguredError
from executor.handlers.run_attempt import PreparedAttempt, host_of
from shared.contracts.attempt import Attempt
from shared.contracts.model import Message
from shared.contracts.provider import TEST_WITHIN, ProviderTested, ProviderTestReport, TestProvider
from shared.contracts.run import CancelAttempts, ExecuteStep

PATIENCE = 0.25
"""Seconds that a step waits here for a slot. Where commands are short one is free by then, and to send the step
round through the broker would cost more; where they are long, another executor may have a slot."""

_TOO_SLOW = (
    f"The provider did not answer within {TEST_WITHIN:g} s: look at its load, at the jump hosts on the way, and at the "
    "start-up files of the user's login shell."
)

log = structlog.get_logger()


async def execute_step(context: ExecutorContext, command: Message) -> None:
    """Claim an attempt and begin it. Returns, and so acknowledges, once it is claimed: a step may take hours."""
    if not isinstance(command, ExecuteStep):
        raise TypeError(f"the executor's steps queue brought {command.kind}")
    if _is_at_hand(context, command.attempt_id):
        return
    context.claiming.add(command.attempt_id)
    try:
        if await context.slots.take(within=PATIENCE):
            await _claim_and_begin(context, command)
        else:
            # Every slot is taken: take nothing more, and leave this one to whoever has a slot first.
            await context.slots.adjust()
            await context.bus.publish(command)
    finally:
        context.claiming.discard(command.attempt_id)
        await context.slots.adjust()


async def _claim_and_begin(context: ExecutorContext, call: ExecuteStep) -> None:
    """In the slot that was taken for it, which is free again unless the attempt has begun."""
    attempt, prepared = None, PreparedAttempt(context, call)
    try:
        attempt = await _claimed(context, call.attempt_id)
        if attempt is not None:
            prepared.begin(attempt)
    finally:
        if attempt is None:
            prepared.drop()
            context.slots.free()


def _is_at_hand(context: ExecutorContext, attempt_id: str) -> bool:
    return attempt_id in context.claiming or attempt_id in context.leases or attempt_id in context.abandoned


async def _claimed(context: ExecutorContext, attempt_id: str) -> Attempt | None:
    """The attempt, if it is this executor's to carry out."""
    attempt = await context.attempts.claim(attempt_id)
    if attempt is None:
        # Redelivered, or cancelled before it began: whoever has it has it. Unless this executor claimed it a moment
        # ago and never heard that it had: then nobody has begun it, and nobody else will.
        attempt = await context.attempts.claimed_unheard(attempt_id)
    if attempt is None:
        log.debug("step.claimed_elsewhere", attempt_id=attempt_id)
    return attempt


async def cancel_attempts(context: ExecutorContext, event: Message) -> None:
    """End those of the attempts that are held here."""
    if not isinstance(event, CancelAttempts):
        raise TypeError(f"the executor's own queue brought {event.kind}")
    for attempt_id in event.attempt_ids:
        context.leases.end(attempt_id)


async def test_provider(context: ExecutorContext, command: Message) -> None:
    """Connect to a provider, and tell the one who asked how it went."""
    if not isinstance(command, TestProvider):
        raise TypeError(f"the executor's tests queue brought {command.kind}")
    try:
        async with asyncio.timeout(TEST_WITHIN):
            host = await host_of(context, command.provider)
            report = await host.test()
    except TimeoutError:
        report = ProviderTestReport(ok=False, reason="timed_out", message=_TOO_SLOW)
    except MisconfiguredError as error:
        report = ProviderTestReport(ok=False, reason="misconfigured", message=str(error))
    await context.bus.publish(ProviderTested(request_id=command.request_id, reply_to=command.reply_to, report=report))
