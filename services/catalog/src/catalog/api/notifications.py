"""Notifications over HTTP: what channels were told and how that went, another try, and tests of channels."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import Field

from catalog.api.context import PREFIX, Context, problems
from catalog.api.requests import Page, PageQuery, id_of, page_by_id
from catalog.handlers.notifications import (
    NotificationFilter,
    existing_notification,
    list_notifications,
    retry_notification,
)
from shared.access import May
from shared.bodies import StrictJsonRoute
from shared.contracts.channel import ChannelTestReport
from shared.contracts.notification import Notification, NotificationState
from shared.contracts.principal import Principal
from shared.contracts.values import Name
from shared.kinds import CHANNEL

router = APIRouter(prefix=f"{PREFIX}/notifications", tags=["notifications"])
channel_router = APIRouter(prefix=f"{PREFIX}/{CHANNEL.path}", tags=[CHANNEL.titles], route_class=StrictJsonRoute)

Reader = Annotated[Principal, Depends(May("notifications.read"))]
NotificationId = Annotated[str, Field(examples=["01JX3Q7W8Z5V9K2M4N6P8R0S2T"])]


class NotificationsQuery(PageQuery):
    """Which notifications are asked for: all that is given has to hold."""

    channel: Annotated[Name | None, Field(description="Those of this channel.")] = None
    run: Annotated[str | None, Field(max_length=100, description="What was told of the run with this id.")] = None
    state: Annotated[
        NotificationState | None,
        Field(description="`pending`: to be tried, or tried again; `delivered`; `failed`: given up."),
    ] = None


@router.get(
    "",
    response_model=Page[Notification],
    responses=problems(_422="A filter, the limit or the cursor cannot be so."),
    summary="List notifications",
    operation_id="list_notifications",
)
async def notifications(context: Context, _caller: Reader, query: Annotated[NotificationsQuery, Query()]) -> Response:
    """What channels were told of runs, the newest first, each with what came of every attempt."""
    asked = NotificationFilter(query.channel, query.run, query.state)
    found = await list_notifications(context.store, asked, id_of(query.cursor), query.limit + 1)
    page = page_by_id(found, [one.id for one in found], query.limit)
    return Response(page.model_dump_json(), media_type="application/json")


@router.get(
    "/{notification_id}",
    responses=problems(_404="No such notification, or it is not kept any more."),
    summary="Show a notification",
    operation_id="show_notification",
)
async def notification(context: Context, _caller: Reader, notification_id: NotificationId) -> Notification:
    """One notification with what came of every attempt."""
    return await existing_notification(context.store, notification_id)


@router.post(
    "/{notification_id}/retry",
    status_code=202,
    responses=problems(_404="No such notification.", _409="It was delivered."),
    summary="Try a notification again",
    operation_id="retry_notification",
)
async def retry(
    context: Context,
    _caller: Annotated[Principal, Depends(May("notifications.retry"))],
    notification_id: NotificationId,
) -> Notification:
    """Have one that was not delivered tried again now, and for a day from now on. It keeps its id, by which a receiver
    that has had it all the same can tell.
    """
    return await retry_notification(context.store, context.bus, notification_id, context.clock)


@channel_router.post(
    "/{name}/test",
    responses=problems(_404="There is none of this name."),
    summary="Send a test to a channel",
    operation_id="test_channel",
)
async def channel_test(
    context: Context, caller: Annotated[Principal, Depends(May("channels.test"))], name: str
) -> ChannelTestReport:
    """Let an alert-bridge send a test notification now, once.

    The answer is 200 whichever way it went; `ok` says which.
    """
    channel = await context.definitions[CHANNEL.word].get(name)
    return await context.channel_tests.test(channel.name, caller.name)
