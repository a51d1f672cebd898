"""Retention: for how long runs, their output, alerts and notifications are kept, and what became of that."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, get_args

from pydantic import Field

from shared.contracts.model import Documented, Model
from shared.contracts.run import ENDED, RunState
from shared.contracts.values import Instant, duration_text, seconds_of

Ages = Mapping[RunState, float | None]
"""For each outcome after how many seconds; none: never."""
FOREVER = "forever"
SHORTEST_KEPT = 1.0
"""In seconds."""
LONGEST_KEPT = 36_500 * 86_400.0
"""In seconds: no calendar goes back for much longer, and who wants that wants all."""
MOST_COUNTED = 1_000_000
"""Of each kind of what is stored: beyond that the number says little more, and takes long to count."""
GONE_REQUESTS_FOR = timedelta(days=365)
"""For how long it is known after a run was deleted that its request had a run."""
OUTCOMES: tuple[RunState, ...] = tuple(state for state in get_args(RunState) if state in ENDED)


def ages_of(value: Any) -> Any:
    """The ages that a setting such as ``365d succeeded=90d`` says: one for all outcomes, then others for some."""
    if not isinstance(value, str):
        return value
    first, *others = value.replace(",", " ").split() or [""]
    ages: dict[RunState, float | None] = dict.fromkeys(OUTCOMES, age_of(first))
    for other in others:
        outcome, equals, age = other.partition("=")
        if not equals or outcome not in OUTCOMES:
            raise ValueError(f"an age, then others for outcomes, such as: 365d succeeded=90d ({', '.join(OUTCOMES)})")
        ages[outcome] = age_of(age)
    return ages


def age_of(value: Any) -> float | None:
    """The age that a text says, in seconds; none for ``forever``."""
    if value is None or value == FOREVER:
        return None
    seconds: float = seconds_of(value)
    if not SHORTEST_KEPT <= seconds <= LONGEST_KEPT:
        raise ValueError(f"from {duration_text(SHORTEST_KEPT)} to {duration_text(LONGEST_KEPT)}, or {FOREVER}")
    return seconds


KEEP_RUNS: dict[RunState, float | None] = ages_of("365d succeeded=90d skipped=90d")
KEEP_OUTPUT: dict[RunState, float | None] = ages_of("90d succeeded=30d skipped=30d")


class GoneRequest(Model):
    """That a request had a run, which is deleted: asked again, it gets no other."""

    id: str
    """The request's."""
    version: int = 1
    run_id: str
    deleted_at: Instant


class StoredAmounts(Documented):
    """How much there is, counted every ten minutes; but for the audit, no more than a million of each are counted."""

    runs: int = Field(examples=[123456])
    pieces_of_output: int = Field(examples=[345678])
    """Of what commands printed, each of 64 KiB at most."""
    alerts: int = Field(examples=[1234])
    deliveries: int = Field(examples=[1000])
    """What was posted to the webhooks."""
    notifications: int = Field(examples=[2345])
    audit_entries: int = Field(examples=[234567])
    """Which are never deleted."""
    counted_at: Instant


class RetentionView(Documented):
    """For how long what is kept, and what was deleted so far."""

    runs: dict[RunState, str | None] = Field(examples=[{"succeeded": "90d", "failed": "365d"}])
    """For each outcome how long after its end a run is deleted; null: never."""
    output: dict[RunState, str | None] = Field(examples=[{"succeeded": "30d", "failed": "90d"}])
    """The same of what its commands printed."""
    alerts: str | None = Field(examples=["90d"])
    """How long after the last report of an alert that is resolved it is deleted."""
    deliveries: str | None = Field(default=None, examples=["7d"])
    """How long what was posted to the webhooks is kept."""
    notifications: str | None = Field(default=None, examples=["30d"])
    """How long after it was made a notification is deleted that was delivered or given up."""
    deleted_runs: int = 0
    deleted_outputs: int = 0
    """Of how many runs the output was deleted before the run."""
    deleted_alerts: int = 0
    deleted_notifications: int = 0
    longest_bite: float = Field(default=0.0, examples=[0.012])
    """Seconds that the longest deletion of the last round took, its wait for the disk and the CPU included: for so long
    other writers wait, at most."""
    stored: StoredAmounts | None = None
    """How much there is; null where no scheduler has counted yet."""
    last_at: Instant | None = None
    """When a scheduler last looked; null where none has yet."""
