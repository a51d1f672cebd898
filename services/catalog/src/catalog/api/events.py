"""A run's events as a stream over HTTP."""

from collections.abc import AsyncIterable, Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from catalog.api.context import PREFIX, Catalog, problems
from catalog.api.runs import RunId, RunReader
from catalog.domain.place import Place, place_of
from catalog.domain.stream import StreamData, StreamEvent, Telling
from catalog.handlers.events import Viewer
from catalog.handlers.runs import existing_run
from shared.access import Authenticator

router = APIRouter(prefix=PREFIX, tags=["runs"])

LastEventId = Annotated[
    str | None,
    Header(
        alias="Last-Event-ID",
        description="The `id` of the last event that was seen: the stream goes on exactly after it.",
    ),
]
SameInQuery = Annotated[str | None, Query(alias="last_event_id", description="The same, where no header can be set.")]


async def permission_of(request: Request, caller: RunReader) -> Callable[[], Awaitable[bool]]:
    """Says whether the caller may still look."""
    authenticator: Authenticator = request.app.state.authenticator
    return lambda: authenticator.is_still_known(caller)


async def viewer(
    catalog: Catalog,
    is_welcome: Annotated[Callable[[], Awaitable[bool]], Depends(permission_of)],
    run_id: RunId,
    header: LastEventId = None,
    query: SameInQuery = None,
) -> Viewer:
    """A viewer of the run, at the place where the client left off."""
    last = header or query
    telling = Telling(await existing_run(catalog.store, run_id), place_of(last) if last else Place())
    return Viewer(catalog.store, catalog.watches, telling, is_welcome)


@router.get(
    "/runs/{run_id}/events",
    response_class=EventSourceResponse,
    responses=problems(_404="There is no such run.", _422="`Last-Event-ID` is no event of this run."),
    summary="Follow a run",
    operation_id="follow_run",
)
async def events(found: Annotated[Viewer, Depends(viewer)]) -> AsyncIterable[StreamData]:
    """A run's state, progress and output in one ordered stream, as server-sent events.

    `run` (state or progress), `step` (a step's state or attempt), `output` (a piece of output) and `end`, the last
    one. Each has an `id`, and the stream goes on exactly after the one given as `Last-Event-ID`, on any catalog. It
    begins with the run's beginning, so a run that has ended is told from start to end. It closes after `end`,
    and within five seconds where the token that opened it is removed.
    """
    async for event in found.events():
        yield _sent(event)


def _sent(event: StreamEvent) -> Any:
    # The documentation speaks of the data; what goes out is the data with its event's name and id.
    return ServerSentEvent(data=event.data, event=event.name, id=event.id)
