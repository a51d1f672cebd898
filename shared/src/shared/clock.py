"""The time, as something that can be handed in, so that tests need not wait for it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The present instant, in UTC, to the millisecond that the store keeps."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


_NEVER_SET = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Goes on while the machine sleeps, where the system has such a clock."""


def seconds_passed() -> float:
    """Seconds on a clock that nobody sets; only the difference between two of its readings means anything."""
    return time.clock_gettime(_NEVER_SET)
