"""Statistics: what became of runs, added up from the numbers that the scheduler keeps for each action and day."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable
from datetime import date, timedelta

from pydantic import Field

from catalog.domain.views import View
from shared.collections import STATISTICS
from shared.contracts.run import RunState
from shared.contracts.statistics import RollUp, percentile
from shared.store.port import Condition, DocumentStore, Range, pages

PAGE = 500
USUAL_DAYS, MOST_DAYS = 30, 366
COUNTED_FOR_SUCCESS: tuple[RunState, ...] = ("succeeded", "failed", "unknown")
"""The outcomes of runs that were carried out; a cancelled one, say, speaks neither for nor against its action."""


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
    """What became of the runs that ended from one day to another."""

    since: date
    until: date
    """Included."""
    days: list[DayStatisticsView] | None = None
    """Each day by itself, also those without runs; only where it was asked for."""


async def statistics(
    store: DocumentStore, since: date, until: date, *, action: str | None, by_day: bool
) -> StatisticsView:
    """What became of the runs that ended from one day to another, both included, in UTC."""
    found = [roll_up async for roll_up in _roll_ups(store, since, until, action)]
    days = None
    if by_day:
        every = (since + timedelta(days=number) for number in range((until - since).days + 1))
        days = [_of_day(day, [one for one in found if one.day == day]) for day in every]
    return StatisticsView(since=since, until=until, **vars(_outcomes(found)), days=days)


def _of_day(day: date, roll_ups: list[RollUp]) -> DayStatisticsView:
    return DayStatisticsView(day=day, **vars(_outcomes(roll_ups)))


def _outcomes(roll_ups: Iterable[RollUp]) -> OutcomesView:
    outcomes: Counter[RunState] = Counter()
    durations: Counter[str] = Counter()
    for roll_up in roll_ups:
        outcomes.update(roll_up.outcomes)
        durations.update(roll_up.durations)
    carried_out = sum(outcomes[state] for state in COUNTED_FOR_SUCCESS)
    return OutcomesView(
        outcomes=dict(sorted(outcomes.items())),
        runs=outcomes.total(),
        success_rate=round(outcomes["succeeded"] / carried_out, 4) if carried_out else None,
        duration=DurationView(p50=percentile(durations, 0.5), p95=percentile(durations, 0.95)),
    )


async def _roll_ups(store: DocumentStore, since: date, until: date, action: str | None) -> AsyncIterator[RollUp]:
    where: dict[str, Condition] = {"day": Range(at_least=since.isoformat(), at_most=until.isoformat())}
    if action is not None:
        where["action"] = action
    fields = ("action", "day", "outcomes", "durations")
    async for page in pages(store, STATISTICS, where, order_by="day", size=PAGE, fields=fields):
        for document in page:
            yield RollUp.model_validate(document)
