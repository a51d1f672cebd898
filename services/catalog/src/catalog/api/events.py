"""A run's events as a stream over HTTP."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import Response, StreamingResponse
from fastapi.routing import APIRoute
from fastapi.sse import EventSourceResponse

from catalog.api.context import PREFIX, Catalog, problems
from catalog.api.runs import RunId, RunReader
from catalog.domain.stream import Place, StreamData, Telling, place_of
from catalog.handlers.events import Viewer
from catalog.handlers.runs import existing_run
from shared.access import Authenticator

PING_EVERY = 15.0
"""Seconds without an event after which a comment says that the stream is there, for proxies on the way."""

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
    return Viewer(catalog.store, catalog.subscribers, telling, is_welcome)


async def to_viewer(request: Request, found: Annotated[Viewer, Depends(viewer)]) -> None:
    """Have the request answered with what the viewer is told."""
    request.state.viewer = found


class _StreamRoute(APIRoute):
    """Sends what the endpoint's viewer is told, as it comes.

    FastAPI documents the events of an endpoint that yields them; sending them its way takes two tasks and three streams
    an event. So the endpoint yields none, and its answer is given another body.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own handler, whose answer streams the viewer's events."""
        handle = super().get_route_handler()

        async def handle_and_stream(request: Request) -> Response:
            response = await handle(request)
            if isinstance(response, StreamingResponse):
                response.body_iterator = _sent(request.state.viewer)
            return response

        return handle_and_stream


router = APIRouter(prefix=PREFIX, tags=["runs"], route_class=_StreamRoute)


@router.get(
    "/runs/{run_id}/events",  # noqa: FAST003 - `viewer` takes the id
    response_class=EventSourceResponse,
    responses=problems(_404="There is no such run.", _422="`Last-Event-ID` is no event of this run."),
    dependencies=[Depends(to_viewer)],
    summary="Follow a run",
    operation_id="follow_run",
)
async def events() -> AsyncIterable[StreamData]:
    """A run's state, progress and output in one ordered stream, as server-sent events.

    `run` (state or progress), `step` (a step's state or attempt), `output` (a piece of output) and `end`, the last
    one. Each has an `id`, and the stream goes on exactly after the one given as `Last-Event-ID`, on any catalog. It
    begins with the run's beginning, so a run that has ended is told from start to end. It closes after `end`,
    and within five seconds where the token that opened it is removed.
    """
    return
    yield  # it is the route that sends the events


async def _sent(viewer: Viewer) -> AsyncIterator[bytes]:
    """The events as they travel, with a comment from time to time where there are none."""
    now = asyncio.get_running_loop().time
    sent_at = now()
    async for told in viewer.events():
        if told:
            # No line end within: JSON has none, and the names and ids are ours.
            yield b"".join(
                part
                for event in told
                for part in (f"event: {event.name}\ndata: ".encode(), event.data, f"\nid: {event.id}\n\n".encode())
            )
            sent_at = now()
        elif now() - sent_at >= PING_EVERY:
            yield b": ping\n\n"
            sent_at = now()
