"""How long a run that is under way probably takes from now on. Pure."""

from datetime import datetime

from shared.contracts.run import RunState


def remaining_time(
    estimate: float | None, state: RunState, started_at: datetime | None, *, is_waiting: bool, now: datetime
) -> float | None:
    """Seconds that are left of a run that takes ``estimate`` seconds in all: 0 where it takes longer; None where nobody
    knows, and while the run waits for something or is not under way.
    """
    if estimate is None or is_waiting or state not in {"queued", "running"}:
        return None
    passed = 0.0 if started_at is None else (now - started_at).total_seconds()
    return round(max(estimate - passed, 0.0), 3)
