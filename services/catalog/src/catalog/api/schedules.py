"""Fire times of schedules over HTTP: those to come, as the scheduler works them out, and those that were."""

from datetime import datetime
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import ConfigDict, Field, JsonValue

from catalog.api.context import PREFIX, Context, problems
from catalog.domain.views import View
from catalog.handlers.schedules import fires_of
from shared.access import May
from shared.bodies import StrictJsonRoute
from shared.contracts.definition import Strict
from shared.contracts.principal import Principal
from shared.contracts.problem import FieldError
from shared.contracts.schedule import Fire, ScheduleInstant, ScheduleTimes
from shared.contracts.values import Instant, Whole
from shared.fire_times import FireTimes, FireTimesError, notes_on
from shared.http import invalid
from shared.kinds import SCHEDULE
from shared.time_zones import edition

router = APIRouter(prefix=f"{PREFIX}/{SCHEDULE.path}", tags=[SCHEDULE.titles], route_class=StrictJsonRoute)

USUAL_TIMES, MOST_TIMES = 10, 100

Count = Annotated[Whole, Field(ge=1, le=MOST_TIMES)]
_EXAMPLE: JsonValue = {"at": {"weekly": {"days": ["mon", "thu"], "time": "02:30"}}, "time_zone": "Europe/Berlin"}


class SchedulePreview(ScheduleTimes):
    """A schedule whose fire times are asked for; nothing is stored."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    count: Count = USUAL_TIMES
    """How many, at most."""
    begin: Annotated[ScheduleInstant | None, Field(alias="from")] = None
    """Those after this instant; none: after now."""


class NextQuery(Strict):
    """Which fire times are shown."""

    count: Annotated[Count, Field(description="How many, at most.")] = USUAL_TIMES
    begin: Annotated[ScheduleInstant | None, Field(alias="from", description="Those after it; else after now.")] = None


class FireTimesView(View):
    """Fire times, in order."""

    items: list[Instant]
    """Fewer than were asked for where there are no more, as at the end of a schedule, or while it is not enabled."""
    time_zone: str = Field(examples=["Europe/Berlin"])
    edition: str = Field(examples=["2026.6"])
    """Of the time zone database that they were worked out by."""
    notes: list[str] = []
    """What people often take otherwise in such a schedule, in sentences."""


class FiresView(View):
    """What a schedule did lately, the newest first."""

    items: list[Fire]


@router.post(
    "/preview",
    responses=problems(_422="There is no such time zone, or nothing could fire so."),
    summary="Show when a schedule would fire",
    operation_id="preview_schedule",
)
async def preview(
    context: Context, _caller: Annotated[Principal, Depends(May("schedules.read"))], body: SchedulePreview
) -> FireTimesView:
    """The next fire times of what is not saved yet, as the scheduler would have them."""
    return _view(body, body.begin or context.clock(), body.count)


@router.get(
    "/{name}/next",
    responses=problems(_404="There is none of this name."),
    summary="Show when a schedule fires next",
    operation_id="list_fire_times",
)
async def following(
    context: Context,
    _caller: Annotated[Principal, Depends(May("schedules.read"))],
    name: str,
    query: Annotated[NextQuery, Query()],
) -> FireTimesView:
    """The next fire times, as the scheduler will have them; none while it is not enabled."""
    stored = await context.definitions[SCHEDULE.word].get(name)
    count = query.count if stored.definition.enabled else 0
    return _view(stored.definition, query.begin or context.clock(), count)


@router.get(
    "/{name}/fires",
    responses=problems(_404="There is none of this name."),
    summary="Show what a schedule did lately",
    operation_id="list_fires",
)
async def fires(
    context: Context, _caller: Annotated[Principal, Depends(May("schedules.read"))], name: str
) -> FiresView:
    """Each fire time with its run, or with the reason why there is none; at most twenty, the newest first."""
    stored = await context.definitions[SCHEDULE.word].get(name)
    found = await fires_of(context.store, [stored])
    return FiresView(items=found[name][::-1])


def _view(times: ScheduleTimes, after: datetime, count: int) -> FireTimesView:
    try:
        found = FireTimes.of(times).after(after)
    except FireTimesError as error:
        raise invalid([FieldError(field=error.field, message=str(error))]) from error
    return FireTimesView(
        items=list(islice(found, count)), time_zone=times.time_zone, edition=edition(), notes=notes_on(times.at)
    )
