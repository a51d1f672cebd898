"""Which maintenance window holds a run, and until when. Pure."""

from collections.abc import Iterable
from datetime import datetime

from shared.contracts.action import ActionDefinition
from shared.contracts.maintenance_window import MaintenanceWindowDefinition
from shared.contracts.run import Run, WaitingFor
from shared.contracts.values import instant_text
from shared.fire_times import FireTimes

_HELD = {"schedule": "schedules", "alert": "alerts"}
"""What a window holds, by the kind of trigger."""


def held_by(
    windows: Iterable[MaintenanceWindowDefinition], run: Run, action: ActionDefinition, now: datetime
) -> WaitingFor | None:
    """The window that holds the run longest; it is asked again then, as another one may have begun."""
    until, longest = now, None
    for window in windows:
        if window.enabled and _HELD.get(run.trigger.kind) in window.holds and _applies(window, action):
            end = _end(window, now)
            if end is not None and end > until:
                until, longest = end, window
    if longest is None:
        return None
    why = f"the maintenance window '{longest.name}' holds it until {instant_text(until)}"
    return WaitingFor(gate="window", why=why, until=until)


def _applies(window: MaintenanceWindowDefinition, action: ActionDefinition) -> bool:
    to = window.applies_to
    if not to.actions and not to.categories and not to.tags:
        return True
    return action.name in to.actions or action.category in to.categories or not set(to.tags).isdisjoint(action.tags)


def _end(window: MaintenanceWindowDefinition, now: datetime) -> datetime | None:
    """When the window that is open now ends; None where it is not open."""
    if window.begin is not None:
        return window.until if window.begin <= now else None
    if window.times is None:
        return None
    begun, _ = FireTimes.of(window.times).latest(now - window.length, now, 1)
    return begun[0] + window.length if begun else None
