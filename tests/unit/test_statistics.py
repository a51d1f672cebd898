"""Durations as a histogram: counts that add up, and percentiles that are right within 2.5 %."""

import statistics
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.statistics import duration_step, percentile

SECONDS = st.floats(0.002, 7 * 86_400)


@given(SECONDS)
def test_a_duration_is_told_within_two_and_a_half_percent(seconds: float) -> None:
    told = percentile({duration_step(seconds): 1}, 0.5)
    assert told is not None
    assert abs(told - seconds) <= max(seconds * 0.0255, 0.0006)


@given(st.lists(SECONDS, min_size=1, max_size=50))
def test_a_percentile_is_that_of_the_durations(durations: list[float]) -> None:
    counts = Counter(duration_step(seconds) for seconds in durations)
    told, whole = percentile(counts, 0.5), sorted(durations)
    assert told is not None
    lower = statistics.median_low(whole)
    assert abs(told - lower) <= max(lower * 0.0255, 0.0006)


def test_what_took_no_time_or_less_has_a_step_of_its_own() -> None:
    assert duration_step(0) == duration_step(-3) == duration_step(0.001)


def test_without_runs_there_is_no_percentile() -> None:
    assert percentile({}, 0.5) is None


def test_histograms_add_up() -> None:
    one, other = Counter({duration_step(1.0): 98}), Counter({duration_step(60.0): 2})
    assert round(percentile(one + other, 0.95) or 0) == 1
    assert round(percentile(one + other, 0.99) or 0) in {59, 60, 61}
