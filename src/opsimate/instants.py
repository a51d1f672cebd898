"""Instants and lengths of time for people."""

from datetime import datetime


def moment(instant: str | None) -> str:
    """An instant of the API for people: to the second, in UTC."""
    return "" if not instant else f"{datetime.fromisoformat(instant):%Y-%m-%d %H:%M:%S}Z"


def short_moment(instant: str | None, *, day_of: str | None = None) -> str:
    """The same without its year, for where there is little room; on the day of another instant without its day."""
    if not instant:
        return ""
    same_day = day_of is not None and instant[:10] == day_of[:10]
    return f"{datetime.fromisoformat(instant):{'%H:%M:%S' if same_day else '%m-%d %H:%M:%S'}}"


def length(seconds: float | None) -> str:
    """A duration for people: ``0.25s``, ``45s``, ``1h 03m``."""
    if seconds is None:
        return ""
    if seconds < 10:  # noqa: PLR2004 - below that, tenths tell something
        return f"{seconds:.2f}s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h {minutes:02d}m"
    return f"{minutes}m {rest:02d}s" if minutes else f"{rest}s"


def length_between(start: str | None, end: str | None) -> str:
    """How long something took that began and ended at these instants."""
    if not start or not end:
        return ""
    return length((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())
