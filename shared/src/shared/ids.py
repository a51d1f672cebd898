"""Identifiers that sort by the time they were made."""

from datetime import datetime, timedelta

from ulid import ULID

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
