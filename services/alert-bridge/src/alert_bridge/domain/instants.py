"""Instants as senders write them."""

import math
import re
from datetime import UTC, datetime

EPOCH_UNITS = ((1e11, 1), (1e14, 1e3), (1e17, 1e6), (math.inf, 1e9))
"""Numbers below each bound count seconds, milliseconds, microseconds, nanoseconds since 1970."""
_NUMBER = re.compile(r"\d{9,}(\.\d+)?|0")
ZERO_YEAR = 1
"""Go writes an instant that is not set as the first moment of this year."""

EXPECTED = "an instant is expected, as RFC 3339 (2026-01-31T12:00:00Z) or as seconds or milliseconds since 1970"


def instant_of(value: object) -> datetime | None:
    """The instant that a sender means, in UTC to the millisecond; none where it means none.

    Texts are RFC 3339 (UTC where they name no offset) or hold a number; numbers count from 1970 in the unit that
    their size shows. ``ValueError`` for anything else.
    """
    if isinstance(value, str):
        value = value.strip()
        value = float(value) if _NUMBER.fullmatch(value) else value
    if value is None or value in ("", 0):
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _to_millisecond(_of_epoch(value))
    return _of_text(value)


def _of_epoch(number: float) -> datetime:
    try:
        unit = next(unit for bound, unit in EPOCH_UNITS if 0 < number < bound)
        return datetime.fromtimestamp(number / unit, UTC)
    except (StopIteration, ValueError, OverflowError, OSError) as error:
        raise ValueError(EXPECTED) from error


def _of_text(text: object) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)  # type: ignore[arg-type] # anything else is a TypeError
        if instant.year == ZERO_YEAR:
            return None
        return _to_millisecond(instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC))
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(EXPECTED) from error


def _to_millisecond(instant: datetime) -> datetime:
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)
