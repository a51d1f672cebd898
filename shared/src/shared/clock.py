"""The time, as something that can be handed in, so that tests need not wait for it; and ids that sort by it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from ulid import ULID

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The present instant, in UTC, to the millisecond that the store keeps."""
    return datetime.fromtimestamp(time.time_ns() // 1_000_000 / 1_000, UTC)


_NEVER_SET = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Goes on while the machine sleeps, where the system has such a clock."""


def seconds_passed() -> float:
    """Seconds on a clock that nobody sets; only the difference between two of its readings means anything."""
    return time.clock_gettime(_NEVER_SET)


_TIME_CHARACTERS = 10
_LATEST = 2**48 - 1
_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00Z")


def new_id() -> str:
    """A ULID: 26 characters, the first ten of them the time in milliseconds."""
    return str(ULID())


def first_id(instant: datetime, *, later: timedelta = timedelta()) -> str:
    """What sorts before every id made at an instant (or so much later) or after it, and after all made before."""
    milliseconds = (instant - _EPOCH) // _MILLISECOND + later // _MILLISECOND
    return str(ULID.from_timestamp(min(max(milliseconds, 0), _LATEST)))[:_TIME_CHARACTERS]
