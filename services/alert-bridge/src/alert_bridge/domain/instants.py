"""Instants as senders write them."""

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

EPOCH_UNITS = ((1e11, 1), (1e14, 1e3), (1e17, 1e6), (math.inf, 1e9))
"""Numbers below each bound count seconds, milliseconds, microseconds, nanoseconds since 1970."""
_NUMBER = re.compile(r"\d{9,}(\.\d+)?|0")
ZERO_YEAR = 1
"""Go writes an instant that is not set as the first moment of this year."""

EXPECTED = "an instant is expected, as RFC 3339 (2026-01-31T12:00:00Z) or as seconds or milliseconds since 1970"

_GO = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?) ([+-]\d{4})(?: [A-Z+-][A-Z0-9+-]*)?(?: m=[+-][\d.]+)?")
"""How Go prints a time: ``2026-11-28 15:05:39.754 +0000 UTC``."""
_DOTTED = re.compile(r"(\d{4})\.(\d\d)\.(\d\d)[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)")
"""How Zabbix writes date and time: ``2026.11.28 15:05:39``."""
_WITH_WEEKDAY = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{1,2} [A-Z][a-z]{2} \d{4} .*")
"""RFC 2822: ``Sat, 31 Jan 2026 12:00:00 GMT``."""


class ReadInstant(NamedTuple):
    """What a sender's text or number means."""

    at: datetime | None
    """In UTC to the millisecond; none where it means none."""
    zone_named: bool = True
    """Whether it said its offset from UTC; where it did not, it was taken as UTC."""


def instant_of(value: object) -> ReadInstant:
    """The instant that a sender means.

    Texts are RFC 3339, RFC 2822, written as Go or Zabbix do, or hold a number; numbers count from 1970 in the unit
    that their size shows. ``ValueError`` for anything else.
    """
    if isinstance(value, str):
        value = value.strip()
        value = float(value) if _NUMBER.fullmatch(value) else value
    if value is None or value in ("", 0):
        return ReadInstant(None)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return ReadInstant(_to_millisecond(_of_epoch(value)))
    if not isinstance(value, str):
        raise ValueError(EXPECTED)  # noqa: TRY004 - what somebody sent is wrong, not our program
    try:
        return _of_text(value)
    except (ValueError, OverflowError, IndexError) as error:
        raise ValueError(EXPECTED) from error


def _of_epoch(number: float) -> datetime:
    try:
        unit = next(unit for bound, unit in EPOCH_UNITS if 0 < number < bound)
        return datetime.fromtimestamp(number / unit, UTC)
    except (StopIteration, ValueError, OverflowError, OSError) as error:
        raise ValueError(EXPECTED) from error


def _of_text(text: str) -> ReadInstant:
    read: Callable[[str], datetime] = datetime.fromisoformat
    if go := _GO.fullmatch(text):
        text = f"{go[1]}{go[2]}"
    elif dotted := _DOTTED.fullmatch(text):
        text = "{}-{}-{} {}".format(*dotted.groups())
    elif _WITH_WEEKDAY.fullmatch(text):
        read = parsedate_to_datetime
    instant = read(text)
    if instant.year == ZERO_YEAR:
        return ReadInstant(None)
    if instant.tzinfo is None:
        return ReadInstant(_to_millisecond(instant.replace(tzinfo=UTC)), zone_named=False)
    return ReadInstant(_to_millisecond(instant.astimezone(UTC)))


def _to_millisecond(instant: datetime) -> datetime:
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)
