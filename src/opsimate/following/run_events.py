"""Following a run: its events, each once and in order, however often the connection breaks, and how far it has come."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol

from opsimate.client import PAUSES, ApiClient, ServerSentEvent
from opsimate.errors import OpsimateError, RefusedError, UnreachableError
from opsimate.terminal_text import moment, one_line

UNSUCCESSFUL = frozenset({"failed", "cancelled", "rejected", "expired", "skipped", "unknown"})
"""States in which a run ends, all but the one in which all went well."""
_UNDER_WAY = ("running", "queued", "pending")
_OF_INVOCATIONS = ("succeeded", "failed", "unknown", "cancelled", "skipped", *_UNDER_WAY)
"""States of a step on its providers, in the order in which they are told."""
_TOLD = ("failed", "unknown", "cancelled", "skipped")
"""States of steps that are told beside the number of those that are done, and not among them, in this order."""


def progress_text(run: Mapping[str, Any], states: Iterable[str]) -> str:
    """``2 of 4 steps done, 1 failed, 1 skipped``, which add up; ``states`` are those of the run's steps."""
    done, total, besides = _counted(run, states)
    return f"{done} of {total} steps done{besides}"


def progress_fraction(run: Mapping[str, Any], states: Iterable[str]) -> str:
    """The same where there is little room: ``2/4 done, 1 failed, 1 skipped``."""
    done, total, besides = _counted(run, states)
    return f"{done}/{total} done{besides}"


def _counted(run: Mapping[str, Any], states: Iterable[str]) -> tuple[int, int, str]:
    count, progress = Counter(states), run["progress"]
    return max(0, progress["done"] - sum(count[state] for state in _TOLD)), progress["total"], _besides(count)


def _besides(count: Mapping[str, int]) -> str:
    return "".join(f", {count[state]:,} {state}" for state in _TOLD if count.get(state))


def ended_states(run: Mapping[str, Any]) -> Iterable[str]:
    """The states of the steps that have ended, of a run as a list shows it."""
    return Counter(run["ended_steps"]).elements()


def states_of(run: Mapping[str, Any]) -> list[str]:
    """The states of the steps of a run as the API shows it."""
    return [step["state"] for step in run["steps"]]


def counts_text(invocations: Mapping[str, int]) -> str:
    """``17 succeeded, 2 failed, 1 running``: on how many providers a step is in which state."""
    return ", ".join(f"{invocations[state]:,} {state}" for state in _OF_INVOCATIONS if invocations.get(state))


def far_text(invocations: Mapping[str, int]) -> str:
    """``117 of 1,000 done, 3 failed``: how far a step on many providers has come."""
    return f"{invocations.get('succeeded', 0):,} of {sum(invocations.values()):,} done{_besides(invocations)}"


def ended_invocations(invocations: Mapping[str, int]) -> int:
    """On how many providers a step has ended."""
    return sum(count for state, count in invocations.items() if state not in _UNDER_WAY)


def state_text(run: Mapping[str, Any]) -> str:
    """``running``, or ``running, paused`` of a run of which nothing new begins, or ``running, being cancelled`` of one
    that was told to end and has not yet.
    """
    if run.get("cancel_requested") and run["state"] not in STATUS_OF_STATE:
        return f"{run['state']}, being cancelled"
    return f"{run['state']}, paused" if run.get("paused") else str(run["state"])


def state_until(run: Mapping[str, Any]) -> str:
    """The same, of a run that is delayed with the instant until which it is: ``delayed until 2026-01-31 12:00:00Z``."""
    until = f"delayed until {moment(run.get('not_before'))}"
    return state_text({**run, "state": until} if run["state"] == "delayed" and run.get("not_before") else run)


def told_by(run: Mapping[str, Any]) -> str | None:
    """``paused by admin: a moment``, or who has to approve the run, where that is the event that told of the run."""
    event = run.get("event", "")
    if event in _WAITS and run["reason_text"]:
        return f"{one_line(run['reason_text'])}{_WAITS[event].format(id=run['id'])}"
    word = _CONTROLS.get(event)
    comment = f": {one_line(run['reason_text'])}" if word and run["reason_text"] else ""
    return f"{word} by {one_line(run['by'])}{comment}" if word else None


_WAITS = {"run.awaiting_approval": ": opsimate runs approve {id}, or reject", "run.approval_expired": ""}
"""By the event of the timeline: what stands behind its text, to follow it up."""
_CONTROLS = {
    "run.paused": "paused",
    "run.resumed": "resumed",
    "run.approval_given": "approved",
    "run.rejected": "rejected",
}
"""By the event of the timeline: what somebody did to the run."""
GIVES_UP_AFTER = 300.0
"""Seconds without a connection."""
STATUS_OF_STATE = {
    "succeeded": 0,
    "failed": 1,
    "cancelled": 3,
    "rejected": 3,
    "expired": 3,
    "skipped": 3,
    "unknown": 4,
}
"""The exit status of whoever follows a run to its end."""
STATUS_UNKNOWN = 4
_PASSES = frozenset({429, 502, 503, 504})


class LostSightError(OpsimateError):
    """The connection did not come back, so how the run ends is not known here."""


class Screen(Protocol):
    """What shows a run while it is followed."""

    def run(self, run: dict[str, Any]) -> None:
        """The run's state or progress is another."""

    def step(self, step: dict[str, Any]) -> None:
        """A step's state, or its newest attempt, is another."""

    def output(self, item: dict[str, Any]) -> None:
        """A command printed something."""

    def notice(self, text: str) -> None:
        """Something about the following itself."""

    def close(self) -> None:
        """Take down what is not output; nothing is shown after that."""


def run_events(
    api: ApiClient,
    run_id: str,
    *,
    interrupted: Callable[[OpsimateError], None],
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], float] = time.monotonic,
) -> Iterator[ServerSentEvent]:
    """Every event of a run until its ``end``; after an interruption exactly what comes after the last one seen."""
    last, alive, tries = "", now(), 0
    while True:
        try:
            for event in api.events(run_id, after=last):
                last, alive, tries = event.id or last, now(), 0
                yield event
                if event.name == "end":
                    return
            failure = OpsimateError("The server ended the stream.")
        except (UnreachableError, RefusedError) as error:
            if isinstance(error, RefusedError) and error.status not in _PASSES:
                raise
            failure = error
        if now() - alive > GIVES_UP_AFTER:
            message = f"{failure.message} It did not come back within {GIVES_UP_AFTER:.0f} seconds."
            raise LostSightError(message, hint=how_to_follow(run_id)) from failure
        interrupted(failure)
        sleep(PAUSES[min(tries, len(PAUSES) - 1)])
        tries += 1


def follow(api: ApiClient, run_id: str, screen: Screen, *, sleep: Callable[[float], None] = time.sleep) -> str:
    """Show a run until it ends; the state it ended in."""
    connected, unshown = True, set[str]()

    def interrupted(failure: OpsimateError) -> None:
        nonlocal connected
        if connected:
            screen.notice(f"{failure.message} Trying again.")
        connected = False

    for event in run_events(api, run_id, interrupted=interrupted, sleep=sleep):
        if not connected:
            connected = True
            screen.notice("Connected again.")
        data = json.loads(event.data)
        if event.name == "output":
            screen.output(data)
        elif event.name == "step":
            screen.step(data)
            if data.get("output_in_events") is False and data["name"] not in unshown:
                unshown.add(data["name"])
                screen.notice(_unshown(run_id, data))
        elif event.name in {"run", "end"}:
            screen.run(data)
        if event.name == "end":
            return str(data["state"])
    raise AssertionError  # run_events ends with the event `end` or raises


def _unshown(run_id: str, step: Mapping[str, Any]) -> str:
    """That a step runs on so many providers that what they print is not shown as it comes."""
    count, name = sum(step["invocations"].values()), one_line(step["name"])
    show = f"opsimate runs output {run_id} --step {step['name']} --provider NAME"
    return f"{name} runs on {count:,} providers, too many to show what they print. Of one of them: {show}"


def how_to_follow(run_id: str) -> str:
    """What to type to follow a run again."""
    return f"Follow it again with: opsimate runs follow {run_id}"


def how_to_cancel(run_id: str) -> str:
    """What to type to end a run."""
    return f"End it with: opsimate runs cancel {run_id}"
