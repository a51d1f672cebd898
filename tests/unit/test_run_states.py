"""The state table, exhaustively."""

from itertools import product
from typing import get_args

import pytest

from scheduler.domain.states import TRANSITIONS, IllegalEventError, RunEvent, next_state
from shared.contracts.run import ENDED, RunState

STATES: tuple[RunState, ...] = get_args(RunState)
EVENTS: tuple[RunEvent, ...] = get_args(RunEvent)


def test_every_state_either_has_a_row_or_is_an_end() -> None:
    assert set(TRANSITIONS) | ENDED == set(STATES)
    assert not set(TRANSITIONS) & ENDED


@pytest.mark.parametrize(("state", "event"), list(product(STATES, EVENTS)))
def test_an_event_leads_where_the_table_says_or_is_loud(state: RunState, event: RunEvent) -> None:
    expected = TRANSITIONS.get(state, {}).get(event)
    if expected is None:
        with pytest.raises(IllegalEventError, match=f"{state} cannot {event}"):
            next_state(state, event)
    else:
        assert next_state(state, event) == expected


@pytest.mark.parametrize("state", [state for state in STATES if state not in ENDED])
def test_every_run_can_come_to_an_end(state: RunState) -> None:
    reached, to_look_at = {state}, [state]
    while to_look_at:
        for following in TRANSITIONS.get(to_look_at.pop(), {}).values():
            if following not in reached:
                reached.add(following)
                to_look_at.append(following)
    assert reached & ENDED


@pytest.mark.parametrize("state", [state for state in STATES if state not in ENDED])
def test_every_run_can_be_cancelled(state: RunState) -> None:
    assert next_state(state, "cancel") == "cancelled"


def test_nothing_goes_back_to_waiting_but_what_a_maintenance_window_holds() -> None:
    waiting = {"awaiting_approval", "delayed"}
    back = {(state, event) for state, row in TRANSITIONS.items() for event, to in row.items() if to in waiting}
    assert back == {("queued", "hold"), ("awaiting_approval", "hold")}
