"""Statistics: what became of runs, added up from the numbers that the scheduler keeps for each action and day."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from pydantic import Field

from catalog.domain.views import View
from shared.collections import RUNS, SCHEDULE_STATES, STATISTICS
from shared.contracts.run import RunState
from shared.contracts.statistics import ALL_ACTIONS, RollUp, percentile, success_rate_of
from shared.runs.repository import NOT_ENDED
from shared.store.port import Condition, DocumentStore, OneOf, Range, pages

PAGE = 500
USUAL_DAYS, MOST_DAYS = 30, 366
MOST_COUNTED = 100_000
"""Of the runs that are in a state now: beyond that, how many more there are says little and takes long to count."""


class DurationView(View):
    """How long runs took, from their first step's start to their end, in seconds."""

    p50: float | None = Field(examples=[3.2])
    """What half of them did not exceed; null where none of them started."""
    p95: float | None = Field(examples=[17.8])
    """What 95 of 100 did not exceed."""


class OutcomesView(View):
    """What became of runs."""

    outcomes: dict[RunState, int] = Field(examples=[{"succeeded": 98, "failed": 2}])
    """How many ended in which state; a state that none ended in is missing."""
    runs: int = Field(examples=[100])
    success_rate: float | None = Field(examples=[0.98])
    """Which part succeeded of those that succeeded, failed or ended nobody knows how; null where there are none."""
    duration: DurationView


class DayStatisticsView(OutcomesView):
    """What became of the runs that ended on one day, in UTC."""

    day: date


class StatisticsView(OutcomesView):
    """What became of the runs that ended from one day to another, and how many have not ended by now."""

    since: date
    until: date
    """Included."""
    running: int = Field(examples=[2])
    """How many are running now. Of each of these numbers of now at most 100000 are counted."""
    queued: int = Field(examples=[0])
    """How many are about to begin, now."""
    delayed: int = Field(examples=[1])
    """How many are to start later."""
    awaiting_approval: int = Field(examples=[0])
    """How many wait for an approval before they start, now."""
    waiting_for_approval: int = Field(examples=[1])
    """How many wait for an approval now: before they start, or with one of their steps."""
    scheduled: int = Field(examples=[2])
    """How many schedules are to fire again, those that actions own among them."""
    days: list[DayStatisticsView] | None = None
    """Each day by itself, also those without runs; only where it was asked for."""


async def statistics(
    store: DocumentStore, since: date, until: date, *, action: str | None, by_day: bool
) -> StatisticsView:
    """What became of the runs that ended from one day to another, both included, in UTC."""
    now = await _counts_now(store, action)
    if action is None:
        found = await _of_all(store, since, until)
    else:
        found = await _roll_ups(store, action, Range(at_least=since.isoformat(), at_most=until.isoformat()))
    days = None
    if by_day:
        days = [_of_day(day, [one for one in found if one.day == day]) for day in _days(since, until)]
    return StatisticsView(since=since, until=until, **now, **vars(_outcomes(found)), days=days)


async def _counts_now(store: DocumentStore, action: str | None) -> dict[str, int]:
    """How many runs are in each of the states in which they have not ended, how many of them wait for people, and how
    many schedules are to fire.
    """
    of_runs: dict[str, Condition] = {} if action is None else {"action.name": action}
    of_schedules: dict[str, Condition] = {} if action is None else {"action": action}
    *in_states, with_a_step, scheduled = await asyncio.gather(
        *(store.count(RUNS, {**of_runs, "state": state}, limit=MOST_COUNTED) for state in NOT_ENDED.values),
        store.count(RUNS, {**of_runs, "state": "running", "approval.asked_at": Range()}, limit=MOST_COUNTED),
        store.count(SCHEDULE_STATES, {**of_schedules, "next_fire_time": Range()}, limit=MOST_COUNTED),
    )
    now = dict(zip(map(str, NOT_ENDED.values), in_states, strict=True))
    return {**now, "waiting_for_approval": now["awaiting_approval"] + with_a_step, "scheduled": scheduled}


def _of_day(day: date, roll_ups: list[RollUp]) -> DayStatisticsView:
    return DayStatisticsView(day=day, **vars(_outcomes(roll_ups)))


def _outcomes(roll_ups: Iterable[RollUp]) -> OutcomesView:
    outcomes: Counter[RunState] = Counter()
    durations: Counter[str] = Counter()
    for roll_up in roll_ups:
        outcomes.update(roll_up.outcomes)
        durations.update(roll_up.durations)
    return OutcomesView(
        outcomes=dict(sorted(outcomes.items())),
        runs=outcomes.total(),
        success_rate=success_rate_of(outcomes),
        duration=DurationView(p50=percentile(durations, 0.5), p95=percentile(durations, 0.95)),
    )


async def _of_all(store: DocumentStore, since: date, until: date) -> list[RollUp]:
    """The roll-ups of all actions together; for days that an earlier release has counted, those of each action."""
    found = await _roll_ups(store, ALL_ACTIONS, Range(at_least=since.isoformat(), at_most=until.isoformat()))
    whole = [roll_up for roll_up in found if roll_up.is_whole]
    left = sorted({*_days(since, until)} - {roll_up.day for roll_up in whole})
    parts = await _roll_ups(store, None, OneOf(tuple(day.isoformat() for day in left))) if left else []
    return whole + [roll_up for roll_up in parts if roll_up.action != ALL_ACTIONS]


async def _roll_ups(store: DocumentStore, action: str | None, days: Condition) -> list[RollUp]:
    where: dict[str, Condition] = {"day": days, **({} if action is None else {"action": action})}
    fields = ("action", "day", "outcomes", "durations", "is_whole")
    found = pages(store, STATISTICS, where, order_by="day", size=PAGE, fields=fields)
    return [RollUp.model_validate(document) async for page in found for document in page]


def _days(since: date, until: date) -> Iterator[date]:
    return (since + timedelta(days=number) for number in range((until - since).days + 1))
