"""A run as it goes on, over HTTP: what its commands printed, and its events as a stream."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Coroutine
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import Response, StreamingResponse
from fastapi.routing import APIRoute
from fastapi.sse import EventSourceResponse
from pydantic import Field

from catalog.api.context import PREFIX, Context, problems
from catalog.api.requests import Page, PageQuery, RunId, cursor_after, id_of, prefers
from catalog.api.runs import RunReader
from catalog.domain.output import OutputFilter, OutputFilterError, OutputItem, from_chunk, output_ranges
from catalog.domain.output_search import Fits, FoundLine, OutputSearch, containing, fitting
from catalog.domain.stream import StreamState
from catalog.domain.stream_cursor import StreamCursor, cursor_of
from catalog.domain.stream_events import StreamData
from catalog.handlers.events import Viewer
from catalog.handlers.output import output_bytes, output_lines, output_page, search_output
from catalog.handlers.runs import existing_run
from shared.admission import is_caller_still_known
from shared.contracts.patterns import check_pattern
from shared.http import invalid_field
from shared.runs.repository import planned_steps

router = APIRouter(prefix=PREFIX, tags=["runs"])
JSON_LINES = "application/x-ndjson"


class OutputQuery(PageQuery):
    """Which part of a run's output is asked for."""

    step: Annotated[str | None, Field(max_length=200, description="Output of this step.")] = None
    attempt: Annotated[int | None, Field(ge=1, le=99, description="Output of this attempt of the step.")] = None
    provider: Annotated[str | None, Field(max_length=200, description="Output of steps on this provider.")] = None
    start: Annotated[
        str | None,
        Field(
            alias="from",
            max_length=200,
            description="What an earlier answer had in `next`, or the `id` of an item, to go on after it; "
            "or, with `step` and `attempt`, the `seq` to begin with.",
        ),
    ] = None

    def wanted(self) -> OutputFilter:
        """What is asked for; ``cursor``, which all lists take, is the same as ``from``."""
        if self.start is not None and self.cursor is not None:
            field = "cursor"
            raise OutputFilterError(field, "is another name for 'from': give one of them")
        return OutputFilter(self.step, self.attempt, self.provider, self.start or self.cursor)


@router.get(
    "/runs/{run_id}/output",
    response_model=Page[OutputItem],
    responses=problems(_404="There is no such run.", _422="The run has no such step, provider or place.")
    | {
        200: {
            "description": "A page of output; with `Accept: text/plain` all of it, byte for byte; with "
            "`Accept: application/x-ndjson` all items, one a line.",
            "content": {"text/plain": {"schema": {"type": "string", "format": "binary"}}, JSON_LINES: {}},
        }
    },
    summary="Read a run's output",
    operation_id="read_output",
)
async def output(
    context: Context,
    _caller: RunReader,
    request: Request,
    run_id: RunId,
    query: Annotated[OutputQuery, Query()],
) -> Response:
    """What the commands printed so far, in order. As plain text it is all of it, and `limit` means nothing.

    `next` is null where nothing more is stored now; of a run under way, ask again with the last item's `id` as `from`.
    """
    run = await existing_run(context.store, run_id)
    ranges = output_ranges(run, query.wanted(), await planned_steps(context.store, run))
    accept = ",".join(request.headers.getlist("accept"))
    if prefers(accept, JSON_LINES, "application/json"):
        return StreamingResponse(output_lines(context.store, ranges), media_type=JSON_LINES)
    if prefers(accept, "text/plain", "application/json"):
        return StreamingResponse(output_bytes(context.store, ranges), media_type="text/plain; charset=utf-8")
    items, following = await output_page(context.store, ranges, query.limit)
    page = Page[OutputItem](items=items, next=following)
    return Response(page.model_dump_json(), media_type="application/json")


class SearchQuery(PageQuery):
    """Which lines of a run's output are looked for."""

    text: Annotated[
        str | None, Field(min_length=1, max_length=500, description="Lines that hold this, in capitals or not.")
    ] = None
    regex: Annotated[
        str | None,
        Field(min_length=1, max_length=500, description="Lines that this fits; without look-around, back-references."),
    ] = None
    step: Annotated[str | None, Field(max_length=200, description="Output of this step.")] = None
    attempt: Annotated[int | None, Field(ge=1, le=99, description="Output of this attempt of the step.")] = None
    provider: Annotated[str | None, Field(max_length=200, description="Output of steps on this provider.")] = None

    def fits(self) -> Fits:
        """Whether a line is one of those."""
        if (self.text is None) == (self.regex is None):
            raise invalid_field("text", "give a text or a regex, and not both")
        if self.text is not None:
            return containing(self.text)
        try:
            check_pattern(str(self.regex))
        except ValueError as error:
            raise invalid_field("regex", str(error)) from error
        return fitting(str(self.regex))


@router.get(
    "/runs/{run_id}/output/search",
    response_model=Page[FoundLine],
    responses=problems(_404="There is no such run.", _422="There is no such step or provider, or the regex is none."),
    summary="Search a run's output",
    operation_id="search_output",
)
async def search(
    context: Context, _caller: RunReader, run_id: RunId, query: Annotated[SearchQuery, Query()]
) -> Response:
    """Lines that hold a text or fit a regular expression, in the order of the output, each with its number.

    One answer looks through 16 MiB: it may hold few lines, or none, and yet have a `next` to go on from.
    """
    fits, run = query.fits(), await existing_run(context.store, run_id)
    wanted = OutputFilter(query.step, query.attempt, query.provider)
    ranges, after = output_ranges(run, wanted, await planned_steps(context.store, run)), 0
    if (place := id_of(query.cursor)) is not None:
        chunk, _, line = place.partition(":")
        if not chunk.startswith(f"{run_id}.") or not line.isdecimal():
            raise invalid_field("cursor", "is not what an earlier page had in 'next'")
        ranges, after = from_chunk(ranges, chunk), int(line)
    found, following = await search_output(context.store, ranges, OutputSearch(fits, after), query.limit)
    page = Page[FoundLine](items=found, next=cursor_after(following))
    return Response(page.model_dump_json(), media_type="application/json")


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


async def permission_of(request: Request, _caller: RunReader) -> Callable[[], Awaitable[bool]]:
    """Says whether the caller may still watch."""
    return partial(is_caller_still_known, request)


async def viewer(
    context: Context,
    is_allowed: Annotated[Callable[[], Awaitable[bool]], Depends(permission_of)],
    run_id: RunId,
    header: LastEventId = None,
    query: SameInQuery = None,
) -> Viewer:
    """A viewer of the run, from where the client left off."""
    last = header or query
    state = StreamState(await existing_run(context.store, run_id), cursor_of(last) if last else StreamCursor())
    return Viewer(context.store, context.subscribers, state, is_allowed, context.estimates)


async def to_viewer(request: Request, found: Annotated[Viewer, Depends(viewer)]) -> None:
    """Have the request answered with what the viewer is sent."""
    request.state.viewer = found


class _StreamRoute(APIRoute):
    """Sends what the endpoint's viewer is sent, as it comes.

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


stream_router = APIRouter(prefix=PREFIX, tags=["runs"], route_class=_StreamRoute)


@stream_router.get(
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
    async for batch in viewer.events():
        if batch:
            # No line end within: JSON has none, and the names and ids are ours.
            yield b"".join(
                part
                for event in batch
                for part in (f"event: {event.name}\ndata: ".encode(), event.data, f"\nid: {event.id}\n\n".encode())
            )
            sent_at = now()
        elif now() - sent_at >= PING_EVERY:
            yield b": ping\n\n"
            sent_at = now()
