"""Runs over HTTP: asked for, shown, ended."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import AfterValidator, Field, StringConstraints

from catalog.api.context import PREFIX, Context, problems
from catalog.api.requests import Comment, Page, PageQuery, RunId, cursor_after, id_of
from catalog.api.run_requests import shown_run
from catalog.domain.explanation import ExplanationView
from catalog.domain.invocations import InvocationView
from catalog.domain.views import RunView
from catalog.handlers.runs import (
    RunFilter,
    control_run,
    explain_run,
    list_invocations,
    list_runs,
    require_held,
    show_run,
)
from shared.access import May
from shared.bodies import StrictJsonRoute
from shared.contracts.definition import Strict
from shared.contracts.principal import Principal
from shared.contracts.run import Control, ControlKind, RunState
from shared.contracts.step import StepState
from shared.contracts.trigger import TriggerKind
from shared.contracts.values import Name, WrittenInstant
from shared.contracts.words import wanted_words
from shared.http import invalid_field

router = APIRouter(prefix=PREFIX, tags=["runs"], route_class=StrictJsonRoute)

RunReader = Annotated[Principal, Depends(May("runs.read"))]
MOST_STATES = 20
"""More than there are."""
MOST_WORDS_WANTED = 8
RunPauser = Annotated[Principal, Depends(May("runs.pause"))]


class ControlBody(Strict):
    """What a run is paused or resumed with."""

    comment: Annotated[Comment, Field(description="Why, for whoever reads it later.")] = ""


def _reason(comment: str) -> str:
    """A blank would be kept as the reason, and tell nobody why."""
    if not comment.strip():
        message = "has to say why, for whoever reads it later; it is blank"
        raise ValueError(message)
    return comment


class OverrideBody(Strict):
    """Why a run is to pass maintenance windows."""

    comment: Annotated[Comment, StringConstraints(min_length=1), AfterValidator(_reason)]


class CancelBody(ControlBody):
    """What a run's end is asked for with."""

    reason: Annotated[Comment, Field(description="The same as `comment`.")] = ""


class RunsQuery(PageQuery):
    """Which runs are asked for: all that is given has to hold."""

    action: Annotated[Name | None, Field(description="Runs of this action.")] = None
    state: Annotated[
        list[RunState], Field(max_length=MOST_STATES, description="Runs in this state; several may be given.")
    ] = []
    trigger: Annotated[TriggerKind | None, Field(description="Runs that this kind of trigger asked for.")] = None
    provider: Annotated[Name | None, Field(description="Runs with a step on this provider.")] = None
    since: Annotated[WrittenInstant | None, Field(description="Runs created at this instant or later.")] = None
    until: Annotated[WrittenInstant | None, Field(description="Runs created at this instant or earlier.")] = None

    by: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=200,
            description="Runs that this one asked for: a token by its name or `uid`, an alert rule, or a schedule.",
        ),
    ] = None
    text: Annotated[
        str | None,
        Field(
            max_length=200,
            description="Runs in whose action's name or title, note, comments or parameters all these words stand.",
        ),
    ] = None

    def wanted(self) -> RunFilter:
        """The filter without the page."""
        words = wanted_words(self.text or "")
        if self.text is not None and not 1 <= len(words) <= MOST_WORDS_WANTED:
            raise invalid_field("text", f"has to hold from 1 to {MOST_WORDS_WANTED} words")
        states = tuple(dict.fromkeys(self.state))
        return RunFilter(
            self.action, states, self.trigger, self.provider, self.since, self.until, self.by, tuple(words)
        )


_CONTROL = problems(_404="There is no such run.", _409="The run has ended, or was paused too often to be paused again.")


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
    found = await context.estimates.shown_in(found)
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
    (run,) = await context.estimates.shown_in([await show_run(context.store, run_id)])
    return shown_run(run, 200)


@router.get(
    "/runs/{run_id}/explain",
    responses=problems(_404="No such run."),
    summary="Explain a run",
    operation_id="explain_run",
)
async def explain(context: Context, _caller: RunReader, run_id: RunId) -> ExplanationView:
    """A run in sentences: who or what asked for it, why it waited, why a step was not run, what it waits for now."""
    return await explain_run(context.store, run_id)


class InvocationsQuery(PageQuery):
    """Which invocations of a step are asked for."""

    state: Annotated[StepState | None, Field(description="Those in this state.")] = None

    def after(self) -> int:
        """The one that the page begins after."""
        last = id_of(self.cursor)
        if last is not None and not last.isdigit():
            raise invalid_field("cursor", "is not what an earlier page had in 'next'")
        return -1 if last is None else int(last)


@router.get(
    "/runs/{run_id}/steps/{step}/invocations",
    response_model=Page[InvocationView],
    responses=problems(_404="There is no such run, or it has no such step.", _422="The state, or the page, cannot be."),
    summary="List the invocations of a step",
    operation_id="list_invocations",
)
async def invocations(
    context: Context, _caller: RunReader, run_id: RunId, step: str, query: Annotated[InvocationsQuery, Query()]
) -> Response:
    """A step on each of its providers, in the order in which they were planned."""
    state, after, limit = query.state, query.after(), query.limit
    found, last = await list_invocations(context.store, run_id, step, state=state, after=after, limit=limit)
    page = Page[InvocationView](items=found, next=cursor_after(None if last is None else str(last)))
    return Response(page.model_dump_json(), media_type="application/json")


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


@router.post(
    "/runs/{run_id}/override",
    status_code=202,
    response_model=RunView,
    responses=problems(_404="There is no such run.", _409="It waits for no maintenance window."),
    summary="Let a run pass maintenance windows",
    operation_id="override_run",
)
async def override(
    context: Context, caller: Annotated[Principal, Depends(May("runs.override"))], run_id: RunId, body: OverrideBody
) -> Response:
    """Let a run begin that waits for a maintenance window to end; its timeline keeps who did, and why."""
    await require_held(context.store, run_id)
    return await _controlled(context, caller, run_id, "override", body.comment)


async def _controlled(context: Context, caller: Principal, run_id: str, kind: ControlKind, comment: str) -> Response:
    control = Control(
        kind=kind,
        by=caller.name,
        principal_id=caller.id,
        at=context.clock(),
        comment=comment,
        origin=caller.origin,
    )
    run = await control_run(context.store, context.bus, run_id, control)
    return shown_run(context.estimates.remembered_in(run), 202)
