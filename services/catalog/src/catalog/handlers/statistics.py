"""Statistics: what became of runs, added up from the numbers that the scheduler keeps for each action and day."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable
from datetime import date, timedelta

from catalog.domain.views import DayStatisticsView, DurationView, OutcomesView, StatisticsView
from shared.collections import STATISTICS
from shared.contracts.run import RunState
from shared.contracts.statistics import RollUp, percentile
from shared.store.port import Condition, DocumentStore, Range, pages

PAGE = 500
USUAL_DAYS, MOST_DAYS = 30, 366
COUNTED_FOR_SUCCESS: tuple[RunState, ...] = ("succeeded", "failed", "unknown")
"""The outcomes of runs that were carried out; a cancelled one, say, speaks neither for nor against its action."""


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
