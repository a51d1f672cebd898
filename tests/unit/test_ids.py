"""Ids sort by the time they were made; the present is told as the store keeps it."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ulid import ULID

from shared.clock import first_id, new_id, utc_now

INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda instant: instant.replace(microsecond=instant.microsecond // 1000 * 1000)
)


@given(INSTANTS, INSTANTS)
def test_the_first_id_of_an_instant_parts_what_was_made_before_from_what_was_made_since(
    made: datetime, instant: datetime
) -> None:
    milliseconds = (made - datetime.fromtimestamp(0, UTC)) // timedelta(milliseconds=1)
    assert (str(ULID.from_timestamp(milliseconds)) >= first_id(instant)) == (made >= instant)


@pytest.mark.parametrize("instant", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)])
def test_any_instant_has_a_first_id(instant: datetime) -> None:
    assert first_id(instant, later=timedelta(days=-400)) <= first_id(instant, later=timedelta(days=400))


def test_ids_are_never_the_same() -> None:
    assert len({new_id() for _ in range(1_000)}) == 1_000


@pytest.mark.parametrize("nanoseconds", [0, 999_999, 1_000_000, 1_769_860_800_123_999_999, 4_102_444_799_999_999_999])
def test_the_present_is_told_to_the_millisecond(monkeypatch: pytest.MonkeyPatch, nanoseconds: int) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: nanoseconds)
    milliseconds = timedelta(milliseconds=nanoseconds // 1_000_000)
    assert utc_now() == datetime(1970, 1, 1, tzinfo=UTC) + milliseconds
