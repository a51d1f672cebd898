"""The small values: durations and instants, as people write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.contracts.values import Instant, WrittenInstant, seconds_of

INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)
WRITTEN: TypeAdapter[datetime] = TypeAdapter(WrittenInstant)


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [(0, 0.0), (1.5, 1.5), ("30s", 30.0), ("1h30m", 5400.0), ("2d", 172_800.0), ("0.25s", 0.25)],
)
def test_a_duration_is_a_number_of_seconds_or_sums_of_units(duration: object, seconds: float) -> None:
    assert seconds_of(duration) == seconds


@pytest.mark.parametrize(
    "duration", [-1, 10**400, float("inf"), float("nan"), "9" * 400 + "s", "", "30", "1w", "-5s", True, None, []]
)
def test_what_is_no_duration_is_refused_in_a_sentence(duration: object) -> None:
    with pytest.raises(ValueError, match="a duration"):
        seconds_of(duration)


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"])
def test_an_instant_that_no_calendar_has_in_utc_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="between the years 1 and 9999"):
        INSTANT.validate_python(text)


@pytest.mark.parametrize("text", ["1", "-5", "1.5", "20260131", "2026-01-31", "yesterday"])
def test_a_bare_number_is_no_written_instant(text: str) -> None:
    with pytest.raises(ValidationError, match="RFC 3339"):
        WRITTEN.validate_python(text)


def test_an_instant_that_nobody_wrote_is_missing() -> None:
    with pytest.raises(ValidationError, match="is missing: write an instant, as in 2026-01-31T12:00:00Z"):
        WRITTEN.validate_python("")


@pytest.mark.parametrize(
    "text", ["2026-01-31T12:00:00Z", "2026-01-31t14:00:00.000+02:00", "2026-01-31 12:00:00Z", "2026-01-31T12:00Z"]
)
def test_an_instant_is_known_by_its_offset(text: str) -> None:
    assert WRITTEN.validate_python(text) == datetime(2026, 1, 31, 12, tzinfo=UTC)


def test_an_instant_is_kept_in_utc() -> None:
    east = timezone(timedelta(hours=2))
    assert INSTANT.validate_python(datetime(2026, 1, 31, 14, tzinfo=east)).tzinfo is UTC
