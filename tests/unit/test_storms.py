"""The storm breaker: so many runs of a rule begin by themselves within a time, and the rest waits for people."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from alert_bridge.domain.storms import StormState, admitted, why_held
from shared.contracts.alert_rule import Storm
from tests.builders import NOON

TWO = Storm.model_validate({"runs": 2, "within": "10m"})


def told(*asked: tuple[str, float]) -> list[str]:
    """What becomes of these requests, each so many minutes after noon."""
    state, found = StormState(), list[str]()
    for request, minutes in asked:
        admission, state = admitted(state, TWO, request, NOON + timedelta(minutes=minutes))
        found.append(admission)
    return found


def test_what_is_too_much_is_held_and_the_first_of_it_is_to_be_told_of() -> None:
    assert told(("a", 0), ("b", 1), ("c", 2), ("d", 3)) == ["let_through", "let_through", "held_first", "held"]


def test_a_request_that_is_made_again_counts_once_and_stays_what_it_was() -> None:
    assert told(("a", 0), ("a", 1), ("b", 1), ("c", 2), ("c", 3), ("d", 3), ("a", 4)) == [
        *("let_through", "let_through", "let_through", "held_first", "held_first", "held", "let_through")
    ]


def test_there_is_room_again_once_the_time_is_over_and_the_next_storm_is_told_of() -> None:
    assert told(("a", 0), ("b", 5), ("c", 9.9), ("d", 10), ("e", 10.1)) == [
        *("let_through", "let_through", "held_first", "let_through", "held_first")
    ]


@given(st.lists(st.tuples(st.integers(0, 20), st.floats(0, 5)), max_size=40))
def test_within_no_time_more_than_so_many_requests_are_let_through(asked: list[tuple[int, float]]) -> None:
    state, minutes, let_through = StormState(), 0.0, dict[str, float]()
    for request, pause in asked:
        minutes += pause
        admission, state = admitted(state, TWO, f"r{request}", NOON + timedelta(minutes=minutes))
        if admission == "let_through" and let_through.get(f"r{request}", -99) <= minutes - 10:
            let_through[f"r{request}"] = minutes
        assert sum(at > minutes - 9.99 for at in let_through.values()) <= TWO.runs
        assert StormState.of(state.stored("rule")) == state


def test_what_is_held_is_told_in_words() -> None:
    assert why_held(TWO) == ", which waits for approval: its rule had 2 runs within 10m already"
    assert "had one run within 1h already" in why_held(Storm.model_validate({"runs": 1, "within": "1h"}))
