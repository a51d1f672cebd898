"""What the commands of a run printed, over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import Field

from catalog.api.accept import prefers
from catalog.api.context import PREFIX, Catalog, problems
from catalog.api.paging import Page, PageQuery
from catalog.api.runs import RunId, RunReader
from catalog.domain.output import OutputItem, OutputWish, WishError, output_ranges
from catalog.handlers.output import output_bytes, output_page
from catalog.handlers.runs import existing_run
from shared.runs.repository import planned_steps

router = APIRouter(prefix=PREFIX, tags=["runs"])


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

    def wish(self) -> OutputWish:
        """What is asked for; ``cursor``, which all lists take, is the same as ``from``."""
        if self.start is not None and self.cursor is not None:
            field = "cursor"
            raise WishError(field, "is another name for 'from': give one of them")
        return OutputWish(self.step, self.attempt, self.provider, self.start or self.cursor)


@router.get(
    "/runs/{run_id}/output",
    response_model=Page[OutputItem],
    responses=problems(_404="There is no such run.", _422="The run has no such step, provider or place.")
    | {
        200: {
            "description": "A page of output; with `Accept: text/plain` all of it, byte for byte.",
            "content": {"text/plain": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
    summary="Read a run's output",
    operation_id="read_output",
)
async def output(
    catalog: Catalog,
    _caller: RunReader,
    request: Request,
    run_id: RunId,
    query: Annotated[OutputQuery, Query()],
) -> Response:
    """What the commands printed so far, in order. As plain text it is all of it, and `limit` means nothing.

    `next` is null where nothing more is stored now; of a run under way, ask again with the last item's `id` as `from`.
    """
    run = await existing_run(catalog.store, run_id)
    ranges = output_ranges(run, query.wish(), await planned_steps(catalog.store, run))
    if prefers(",".join(request.headers.getlist("accept")), "text/plain", "application/json"):
        return StreamingResponse(output_bytes(catalog.store, ranges), media_type="text/plain; charset=utf-8")
    items, following = await output_page(catalog.store, ranges, query.limit)
    page = Page[OutputItem].model_construct(items=items, next=following)
    return Response(page.model_dump_json(), media_type="application/json")
