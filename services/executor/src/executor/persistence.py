"""Going on until the store has what it must have."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from shared.store.port import StoreUnavailableError

PAUSE = 0.5
LONGEST_PAUSE = 5.0

T = TypeVar("T")
log = structlog.get_logger()


async def until_stored(operation: Callable[[], Awaitable[T]], what: str) -> T:
    """Do an operation that is safe to repeat, again and again while the store is away.

    What a command printed and how it ended is known here and nowhere else, so giving up would lose it.
    """
    pause = PAUSE
    while True:
        try:
            return await operation()
        except StoreUnavailableError as error:
            log.warning("store.waiting", what=what, error=str(error))
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
