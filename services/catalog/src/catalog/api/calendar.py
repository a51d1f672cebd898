"""The calendar over HTTP: what comes by itself, and when nothing does."""

import asyncio
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import Field

from catalog.api.context import PREFIX, Context, problems
from catalog.domain.calendar import MOST_OF_ONE, MOST_TIMES, CalendarView, calendar_of
from shared.access import May
from shared.contracts.definition import Strict
from shared.contracts.principal import Principal
from shared.contracts.schedule import ScheduleInstant
from shared.contracts.values import Whole
from shared.definitions import all_stored
from shared.http import invalid_field
from shared.kinds import MAINTENANCE_WINDOW, SCHEDULE
from shared.own_definitions import all_owned
from shared.time_zones import edition

router = APIRouter(prefix=f"{PREFIX}/calendar", tags=[SCHEDULE.titles])

LONGEST = timedelta(days=62)
USUAL = timedelta(days=31)


class CalendarQuery(Strict):
    """Which time is asked for."""

    begin: Annotated[
        ScheduleInstant | None, Field(alias="from", description="From this instant on; else from now.")
    ] = None
    until: Annotated[
        ScheduleInstant | None, Field(description="Before this instant, at most 62 days later; else 31 days later.")
    ] = None
    limit: Annotated[
        Whole, Field(ge=1, le=MOST_TIMES, description="The first so many times of it, and what comes with the last.")
    ] = MOST_TIMES
    of_each: Annotated[
        Whole, Field(ge=1, le=MOST_OF_ONE, description="Of each schedule and window at most its first so many.")
    ] = MOST_OF_ONE


@router.get(
    "",
    response_model=CalendarView,
    responses=problems(_422="An instant cannot be so, or the time between them is too long."),
    summary="Show what comes by itself",
    operation_id="show_calendar",
)
async def show(
    context: Context,
    _caller: Annotated[Principal, Depends(May("schedules.read"))],
    _reader_of_windows: Annotated[Principal, Depends(May("maintenance_windows.read"))],
    query: Annotated[CalendarQuery, Query()],
) -> Response:
    """Each schedule with its fire times, and each maintenance window with when it is open, by what they say now: of the
    past it shows what would have been. What a schedule did is in its `fires`.
    """
    begin = query.begin or context.clock()
    until = query.until or begin + USUAL
    if until <= begin:
        raise invalid_field("until", "has to lie after from")
    if until - begin > LONGEST:
        raise invalid_field("until", f"lies more than {LONGEST.days} days after from: ask for one part after the other")
    schedules = [one.definition for one in await all_stored(context.store, SCHEDULE)]
    schedules += [one.definition for one in await all_owned(context.store, SCHEDULE)]
    windows = [one.definition for one in await all_stored(context.store, MAINTENANCE_WINDOW)]
    # Beside everything else: a thousand schedules take their time.
    found = await asyncio.to_thread(
        calendar_of,
        schedules,
        windows,
        begin,
        until,
        edition=edition(),
        most=query.limit,
        most_of_one=query.of_each,
    )
    return Response(found.model_dump_json(), media_type="application/json")
