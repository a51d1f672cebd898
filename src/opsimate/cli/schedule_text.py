"""Schedules as people read them."""

from collections.abc import Mapping, Sequence
from typing import Any

from opsimate.cli.printing import instant
from opsimate.terminal_text import length


def schedule_row(schedule: Mapping[str, Any]) -> Sequence[object]:
    """A schedule in a list."""
    following: object = "not enabled"
    if schedule["enabled"]:
        following = instant(schedule["next_fire_time"]) if schedule["next_fire_time"] else "never again"
    last = schedule["last_fire"]
    told = f"{instant(last['fire_time'])} {decision_text(last)}" if last else ""
    return (schedule["name"], schedule["action"], at_text(schedule["at"]), schedule["time_zone"], following, told)


def at_text(at: Mapping[str, Any]) -> str:
    """When it fires: ``mon, thu at 02:30``."""
    if at.get("daily"):
        return f"daily at {at['daily']}"
    if weekly := at.get("weekly"):
        return f"{', '.join(weekly['days'])} at {weekly['time']}"
    if monthly := at.get("monthly"):
        return f"{monthly['day']} of the month at {monthly['time']}"
    return f"cron {at['cron']}" if at.get("cron") else f"once, {instant(at['once'])}"


def decision_text(fire: Mapping[str, Any]) -> str:
    """What became of a fire time."""
    said = {"run_requested": "run requested", "joined": "joined a run that waits"}
    return said.get(fire["decision"], str(fire["decision"]))


def window_row(window: Mapping[str, Any]) -> Sequence[object]:
    """A maintenance window in a list."""
    if window.get("at"):
        when = f"{at_text(window['at'])} ({window['time_zone']}) for {length(window['duration'])}"
    else:
        when = f"{instant(window['from'])} to {instant(window['until'])}"
    holds = ", ".join(window["holds"])
    return (window["name"], "yes" if window["enabled"] else "no", holds, when, window["description"])
