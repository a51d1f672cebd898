"""Runs over HTTP: asked for, shown, ended."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query
from fastapi.responses import Response
from pydantic import Field, StringConstraints

from catalog.api.context import PREFIX, Context, problems
from catalog.api.requests import Page, PageQuery, cursor_after, id_of
from catalog.domain.views import RunView
from catalog.handlers.runs import RunFilter, ask_for_run, control_run, list_runs, show_run
from shared.access import May
from shared.bodies import StrictJsonRoute
from shared.contracts.definition import Strict
from shared.contracts.parameter import GivenValue
from shared.contracts.principal import Principal
from shared.contracts.run import Control, ControlKind, RunState, Trigger, TriggerKind
from shared.contracts.values import Name, WrittenInstant
from shared.runs.request import RunRequest

router = APIRouter(prefix=PREFIX, tags=["runs"], route_class=StrictJsonRoute)

Note = Annotated[str, StringConstraints(max_length=1_000)]
IdempotencyKey = Annotated[
    str | None,
    Header(
        description="Names this request: repeated with the same key it leads to the same run, answered with 200.",
        examples=["0b5c3f1e-deploy-42"],
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
    ),
]
RunReader = Annotated[Principal, Depends(May("runs.read"))]
RunPauser = Annotated[Principal, Depends(May("runs.pause"))]
RunId = Annotated[str, Field(examples=["01JX3Q7W8Z5V9K2M4N6P8R0S2T"])]


class RunBody(Strict):
    """What a run is asked for with."""

    parameters: Annotated[
        dict[str, GivenValue],
        Field(
            max_length=100,
            description='Values by the names of the action\'s parameters. A secret is `{"secret": "name"}` or a value.',
            examples=[{"host": "web-1", "service": "nginx"}],
        ),
    ] = {}
    note: Annotated[Note, Field(description="Why, for whoever reads it later.", examples=["after the upgrade"])] = ""
    not_before: Annotated[
        WrittenInstant | None,
        Field(description="When it is to start at the earliest; until then it is `delayed`."),
    ] = None


class ControlBody(Strict):
    """What a run is paused or resumed with."""

    comment: Annotated[Note, Field(description="Why, for whoever reads it later.")] = ""


class CancelBody(ControlBody):
    """What a run's end is asked for with."""

    reason: Annotated[Note, Field(description="The same as `comment`.")] = ""


class RunsQuery(PageQuery):
    """Which runs are asked for: all that is given has to hold."""

    action: Annotated[Name | None, Field(description="Runs of this action.")] = None
    state: Annotated[RunState | None, Field(description="Runs in this state.")] = None
    trigger: Annotated[TriggerKind | None, Field(description="Runs that this kind of trigger asked for.")] = None
    provider: Annotated[Name | None, Field(description="Runs with a step on this provider.")] = None
    since: Annotated[WrittenInstant | None, Field(description="Runs created at this instant or later.")] = None
    until: Annotated[WrittenInstant | None, Field(description="Runs created at this instant or earlier.")] = None

    def wanted(self) -> RunFilter:
        """The filter without the page."""
        return RunFilter(self.action, self.state, self.trigger, self.provider, self.since, self.until)


def _shown(run: RunView, status: int) -> Response:
    headers = {"Location": f"{PREFIX}/runs/{run.id}"}
    return Response(run.model_dump_json(), status, headers, "application/json")


_CONTROL = problems(_404="There is no such run.", _409="The run has ended, or was told so much that it takes no more.")
_RUN = problems(
    _404="There is no action of this name.",
    _422="A parameter cannot be so (`parameters.NAME`), or the idempotency key was used for another request.",
) | {200: {"description": "The run that the same request led to before.", "model": RunView}}


@router.post("/actions/{name}/runs", status_code=202, response_model=RunView, responses=_RUN, summary="Run an action")
async def run_action(
    context: Context,
    caller: Annotated[Principal, Depends(May("runs.write"))],
    name: str,
    body: RunBody = RunBody(),  # noqa: B008 - a default that nothing changes
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Ask for a run of the action's newest version. Once this is answered the run is stored and will be done."""
    request = RunRequest(
        action=name,
        parameters=body.parameters,
        trigger=Trigger(
            kind="manual" if caller.kind == "person" else "api",
            by=caller.name,
            principal_id=caller.id,
            note=body.note,
        ),
        principal=caller,
        not_before=body.not_before,
        # A key is the caller's own: another token may use the same one for something else, also one of the same name.
        request_id=None if idempotency_key is None else f"api/{caller.id}/{idempotency_key}",
    )
    run, created = await ask_for_run(context.store, context.bus, context.sealer, request, clock=context.clock)
    return _shown(run, 202 if created else 200)


@router.get(
    "/runs",
    response_model=Page[RunView],
    responses=problems(_422="A filter, the limit or the cursor cannot be so."),
    summary="List runs",
    operation_id="list_runs",
)
async def runs(context: Context, _caller: RunReader, query: Annotated[RunsQuery, Query()]) -> Response:
    """Runs, the newest first. Their steps and timelines are left out: a single run shows them."""
    found, following = await list_runs(context.store, query.wanted(), id_of(query.cursor), query.limit)
    page = Page[RunView](items=list(found), next=cursor_after(following))
    return Response(page.model_dump_json(), media_type="application/json")


@router.get(
    "/runs/{run_id}",
    response_model=RunView,
    responses=problems(_404="No such run."),
    summary="Show a run",
    operation_id="show_run",
)
async def show(context: Context, _caller: RunReader, run_id: RunId) -> Response:
    """One run, step by step and attempt by attempt, with its timeline."""
    return _shown(await show_run(context.store, run_id), 200)


@router.post(
    "/runs/{run_id}/cancel",
    status_code=202,
    response_model=RunView,
    responses=_CONTROL,
    summary="Cancel a run",
    operation_id="cancel_run",
)
async def cancel(
    context: Context,
    caller: Annotated[Principal, Depends(May("runs.cancel"))],
    run_id: RunId,
    body: CancelBody = CancelBody(),  # noqa: B008 - a default that nothing changes
) -> Response:
    """Ask for the end of a run: what it runs now is ended on its provider, steps that always run still do.

    Asking again is the same answer.
    """
    return await _controlled(context, caller, run_id, "cancel", body.reason or body.comment)


@router.post(
    "/runs/{run_id}/pause",
    status_code=202,
    response_model=RunView,
    responses=_CONTROL,
    summary="Pause a run",
    operation_id="pause_run",
)
async def pause(
    context: Context,
    caller: RunPauser,
    run_id: RunId,
    body: ControlBody = ControlBody(),  # noqa: B008 - a default that nothing changes
) -> Response:
    """Let nothing new of a run begin: what it runs now comes to its end, and its time-out does not count the wait.

    Asking again is the same answer. A pause that comes too late to hold anything is noted on the timeline as that.
    """
    return await _controlled(context, caller, run_id, "pause", body.comment)


@router.post(
    "/runs/{run_id}/resume",
    status_code=202,
    response_model=RunView,
    responses=_CONTROL,
    summary="Resume a run",
    operation_id="resume_run",
)
async def resume(
    context: Context,
    caller: RunPauser,
    run_id: RunId,
    body: ControlBody = ControlBody(),  # noqa: B008 - a default that nothing changes
) -> Response:
    """Let a paused run go on. Asking again is the same answer."""
    return await _controlled(context, caller, run_id, "resume", body.comment)


async def _controlled(context: Context, caller: Principal, run_id: str, kind: ControlKind, comment: str) -> Response:
    control = Control(kind=kind, by=caller.name, principal_id=caller.id, at=context.clock(), comment=comment)
    return _shown(await control_run(context.store, context.bus, run_id, control), 202)
