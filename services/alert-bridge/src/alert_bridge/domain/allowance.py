"""How often something may be told, so that a flood of it fills neither log nor store."""

from dataclasses import dataclass
from datetime import datetime, timedelta

AT_ONCE = 20
REFILL = timedelta(seconds=6)
"""After which one more may be told."""


@dataclass
class _Left:
    amount: float
    since: datetime
    passed_over: int = 0


class Allowance:
    """For each kind ``AT_ONCE`` at once, and from then on one every ``REFILL``."""

    def __init__(self) -> None:
        self._left: dict[str, _Left] = {}

    def take(self, kind: str, now: datetime) -> int | None:
        """How many of this kind were passed over since the last that was told; None where this one is, too."""
        left = self._left.setdefault(kind, _Left(AT_ONCE, now))
        left.amount = min(AT_ONCE, left.amount + max(timedelta(), now - left.since) / REFILL)
        left.since = now
        if left.amount < 1:
            left.passed_over += 1
            return None
        left.amount -= 1
        passed_over, left.passed_over = left.passed_over, 0
        return passed_over
