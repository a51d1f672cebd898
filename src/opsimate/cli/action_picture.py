"""How actions went lately, and what runs of them now, in words."""

from typing import Any

from opsimate.cli.printing import Short
from opsimate.following.run_events import progress_text
from opsimate.terminal_text import length, moment, short_moment


def success(rate: float | None) -> str:
    """A rate of success for people; nothing where there is none."""
    return "" if rate is None else f"{rate:.1%}"


def last_run(shown: dict[str, Any]) -> Short:
    """How the last run ended and when, and how many there are now."""
    last, running = shown["last_run"], f"{shown['running']} running" if shown["running"] else ""
    ended = [f"{last['state']} {when(last['ended_at'])}" if last else "" for when in (moment, short_moment)]
    return Short(*(", ".join(filter(None, [one, running])) for one in ended))


def lately(action: dict[str, Any]) -> list[str]:
    """What is known of an action besides its definition, each in a line."""
    last, current = action["last_run"], action["current_run"]
    ended = f"last run {last['id']} {last['state']} {moment(last['ended_at'])}" if last else "it has not been run yet"
    rate, usual = success(action["success_rate"]), length(action["usual_duration"])
    often = [rate and f"{rate} of its last runs succeeded", usual and f"usually takes {usual}"]
    return [one for one in (*_by_itself(action), ended, ", ".join(filter(None, often)), *_now(action, current)) if one]


def _by_itself(action: dict[str, Any]) -> list[str]:
    """What runs it besides whoever asks."""
    execution = action["execution"]
    match execution.get("mode"):
        case "scheduled":
            following = action.get("next_fire_time")
            return [f"runs by itself: {f'next {moment(following)}' if following else 'never again, or not enabled'}"]
        case "triggered":
            number = len(execution["triggers"])
            return [f"runs by itself: alerts run it, as {number} {'rule says' if number == 1 else 'rules say'}"]
    return []


def _now(action: dict[str, Any], current: dict[str, Any] | None) -> list[str]:
    if current is None:
        return []
    left = "" if current["remaining"] is None else f", {length(current['remaining'])} are left"
    others = f", and {action['running'] - 1:,} more" if action["running"] > 1 else ""
    return [f"running now: {current['id']}, {progress_text(current, ())}{left}{others}"]
