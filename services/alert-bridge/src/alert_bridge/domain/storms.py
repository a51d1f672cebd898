"""The storm breaker: of a rule at most so many runs begin within a time by themselves, and the rest waits for people.
Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from shared.contracts.alert_rule import Storm
from shared.contracts.values import duration_text, instant_text

Admission = Literal["let_through", "held_first", "held"]
"""``held_first``: it is the first that is held since the rule last let one through: the one to tell people of."""


@dataclass(frozen=True)
class StormState:
    """What a rule has let through lately, and whether it holds."""

    let_through: Sequence[tuple[str, str]] = ()
    """The ids of requests, each with its instant as it is stored, the oldest first."""
    first_held: str | None = None
    """The request that was held first since."""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "StormState":
        """As it is stored."""
        let_through = [(one["request"], one["at"]) for one in document["let_through"]]
        return cls(let_through, document.get("first_held"))

    def stored(self, rule: str) -> dict[str, Any]:
        """As a document."""
        let_through = [{"request": request, "at": at} for request, at in self.let_through]
        held = {} if self.first_held is None else {"first_held": self.first_held}
        return {"id": rule, "let_through": let_through, **held}


def admitted(state: StormState, storm: Storm, request_id: str, now: datetime) -> tuple[Admission, StormState]:
    """Whether a request may go on by itself, and what is to be stored; the same state where nothing is."""
    since = instant_text(now - timedelta(seconds=storm.within))
    lately = [(request, at) for request, at in state.let_through if at > since]
    if any(request == request_id for request, _ in lately):
        return "let_through", state
    if len(lately) < storm.runs:
        return "let_through", StormState([*lately, (request_id, instant_text(now))])
    if state.first_held is None:
        return "held_first", StormState(state.let_through, request_id)
    return "held_first" if state.first_held == request_id else "held", state


def why_held(storm: Storm) -> str:
    """What a sentence about a requested run says of its being held."""
    runs = "one run" if storm.runs == 1 else f"{storm.runs} runs"
    return f", which waits for approval: its rule had {runs} within {duration_text(storm.within)} already"
