"""The states of a run, and what leads from one to another.

1. The table below is the whole truth: an event that a state does not list is illegal there, and loud.
2. A run that has ended stays as it ended; ``ENDED`` in the contracts are the states without a row.
3. ``lose`` is for an outcome that nobody knows: the run says ``unknown`` and never guesses.
4. Waiting for people comes before waiting for a time, and both come before ``queued``. Nothing goes back but a run that
   a maintenance window holds, which may begin while the run waits for a slot.
"""

from typing import Literal

from shared.contracts.run import RunState

RunEvent = Literal[
    "become_due",
    "hold",
    "approve",
    "reject",
    "expire",
    "start",
    "succeed",
    "fail",
    "cancel",
    "lose",
    "skip",
]

TRANSITIONS: dict[RunState, dict[RunEvent, RunState]] = {
    "awaiting_approval": {
        "approve": "queued",
        "hold": "delayed",
        "cancel": "cancelled",
        "reject": "rejected",
        "expire": "expired",
    },
    "delayed": {
        "become_due": "queued",
        "cancel": "cancelled",
        "skip": "skipped",
        "reject": "rejected",
        "expire": "expired",
    },
    "queued": {
        "start": "running",
        "hold": "delayed",
        "fail": "failed",
        "cancel": "cancelled",
        "skip": "skipped",
        "reject": "rejected",
        "expire": "expired",
    },
    "running": {
        "succeed": "succeeded",
        "fail": "failed",
        "cancel": "cancelled",
        "lose": "unknown",
        "skip": "skipped",
        "reject": "rejected",
        "expire": "expired",
    },
}


class IllegalEventError(Exception):
    """An event came that means nothing in the state the run is in."""


def next_state(state: RunState, event: RunEvent) -> RunState:
    """The state that follows; ``IllegalEventError`` where the table has none."""
    try:
        return TRANSITIONS[state][event]
    except KeyError:
        message = f"a run that is {state} cannot {event}"
        raise IllegalEventError(message) from None
