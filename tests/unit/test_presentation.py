"""How lengths of time and names are shown to people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.presentation import length_text, natural_order


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (0.042, "42ms"),
        (0.42, "0.4s"),
        (0.97, "1.0s"),
        (9.96, "10s"),
        (59.4, "59s"),
        (59.6, "1m"),
        (200, "3m 20s"),
        (3599.7, "1h"),
        (7500, "2h 5m"),
        (86_399, "1d"),
        (273_600, "3d 4h"),
    ],
)
def test_a_length_of_time_reads_as_in_the_console(seconds: float, text: str) -> None:
    assert length_text(seconds) == text


def test_names_stand_in_the_order_in_which_people_count() -> None:
    names = ["web-10", "web-9", "web", "10", "9", "web-02", "web-2", "web-2a", "db-1", "web-1"]
    ordered = ["9", "10", "db-1", "web", "web-1", "web-02", "web-2", "web-2a", "web-9", "web-10"]
    assert sorted(names, key=natural_order) == ordered


@given(st.lists(st.integers(min_value=0, max_value=10**30), min_size=2))
def test_numbers_stand_in_the_order_of_numbers(numbers: list[int]) -> None:
    names = [f"n{number}x" for number in numbers]
    assert sorted(names, key=natural_order) == [f"n{number}x" for number in sorted(numbers)]
