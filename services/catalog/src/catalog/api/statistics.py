"""Statistics over HTTP: what became of runs."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError

from catalog.api.context import PREFIX, Context, problems
from catalog.handlers.statistics import MOST_DAYS, USUAL_DAYS, StatisticsView, statistics
from shared.access import May
from shared.collections import RETENTION
from shared.contracts.definition import Strict
from shared.contracts.principal import Principal
from shared.contracts.retention import RetentionView
from shared.contracts.schedule import within_reason
from shared.contracts.values import Name, WrittenInstant
from shared.http import invalid_field

router = APIRouter(prefix=PREFIX, tags=["statistics"])

_INSTANT: TypeAdapter[datetime] = TypeAdapter(WrittenInstant)


def _day(value: object) -> object:
    """The UTC day of an instant, or the day that is written."""
    if not isinstance(value, str):
        return value
    try:
        if "T" in value.upper() or " " in value.strip():
            return _INSTANT.validate_python(value).astimezone(UTC).date()
        return datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except (ValueError, ValidationError) as error:
        message = "a day is written as 2026-01-31, or as an instant of it such as 2026-01-31T12:00:00Z"
        raise ValueError(message) from error


WrittenDay = Annotated[date, BeforeValidator(_day), AfterValidator(within_reason)]


class StatisticsQuery(Strict):
    """Which runs are added up."""

    action: Annotated[Name | None, Field(description="Runs of this action.")] = None
    since: Annotated[
        WrittenDay | None,
        Field(description="Runs that ended on this day or later, in UTC; 30 days up to `until` where it is missing."),
    ] = None
    until: Annotated[WrittenDay | None, Field(description="Runs that ended on this day or earlier; else today.")] = None
    by: Annotated[Literal["day"] | None, Field(description="Also add up each day by itself.")] = None


@router.get("/retention", responses=problems(), summary="Show what is kept for how long", operation_id="show_retention")
async def show_retention(
    context: Context, _caller: Annotated[Principal, Depends(May("runs.read"))]
) -> RetentionView | None:
    """For how long runs, their output and alerts are kept, as the scheduler has it, and what it deleted so far; null
    where no scheduler has looked yet.
    """
    state = await context.store.get(RETENTION, "state")
    return None if state is None else RetentionView.model_validate(state)


@router.get(
    "/statistics",
    response_model=StatisticsView,
    responses=problems(_422="A day cannot be so, or there are more than 366 of them."),
    summary="Show statistics of runs",
    operation_id="show_statistics",
)
async def show_statistics(
    context: Context,
    _caller: Annotated[Principal, Depends(May("runs.read"))],
    query: Annotated[StatisticsQuery, Query()],
) -> Response:
    """How many runs ended how, how many of those that were carried out succeeded, and how long they took.

    Every run is counted once, under the day of its end in UTC, within seconds after it. Durations are exact within
    2.5 %.
    """
    until = query.until or context.clock().date()
    since = query.since or until - timedelta(days=USUAL_DAYS - 1)
    if since > until:
        raise invalid_field("since", f"is later than until, which is {until}")
    if (until - since).days >= MOST_DAYS:
        raise invalid_field("since", f"lies more than {MOST_DAYS} days before until, which is {until}")
    shown = await statistics(context.store, since, until, action=query.action, by_day=query.by is not None)
    hidden = None if shown.days is not None else {"days"}
    return Response(shown.model_dump_json(exclude=hidden), media_type="application/json")
