"""Attempts that this executor could not begin, although nothing is wrong with them: tried again later."""

import asyncio

import structlog

from executor.domain import ended
from executor.domain.command import Ended
from executor.held import Held
from shared.descriptors import is_shortage
from shared.refusals import OnceInAWhile

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 10.0
"""Seconds, twice as many with every claim, before somebody else may claim the attempt."""
MOST_CLAIMS = 6
"""Of an attempt that a mistake of ours keeps from beginning. What is short is waited for until the run ends."""

log = structlog.get_logger()
_shortage = OnceInAWhile()


class NotBegunError(Exception):
    """Something failed before the provider was asked, so nothing was run. Its cause says what."""


async def wait_before_handing_back(held: Held, error: NotBegunError) -> Ended | None:
    """Return when the attempt is to be handed back, or what it ended as instead."""
    cause = error.__cause__
    if is_shortage(cause):
        if times := _shortage.happened():
            log.warning("attempt.waits_for_descriptors", error=str(cause), times=times)
    elif held.attempt.fence < MOST_CLAIMS:
        log.error("attempt.failed_before_it_began", claims=held.attempt.fence, exc_info=cause)
    else:
        message = (
            f"It could not be begun {held.attempt.fence} times, by a mistake of ours ({type(cause).__name__}): "
            "the log of the executor says more."
        )
        return ended.never_began("misconfigured", message)
    pause = min(FIRST_PAUSE * 2 ** (held.attempt.fence - 1), LONGEST_PAUSE)
    try:
        async with asyncio.timeout(pause):
            await held.end.wait()
    except TimeoutError:
        return None
    return ended.cancelled_before_it_began() if held.why == "cancelled" else None
