"""Approvals over HTTP: what waits for people to decide, and their decisions."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import Field

from catalog.api.context import PREFIX, Context, problems
from catalog.api.requests import Comment, Page, PageQuery, RunId, cursor_after, id_of
from catalog.api.run_requests import PlanDigest, shown_run
from catalog.domain.approvals import ApprovalItemView, RunDecision
from catalog.domain.views import RunView
from catalog.handlers.approvals import Approvals
from shared.access import May
from shared.bodies import StrictJsonRoute
from shared.contracts.definition import Strict
from shared.contracts.principal import Principal
from shared.contracts.values import Name

router = APIRouter(prefix=PREFIX, tags=["approvals"], route_class=StrictJsonRoute)

Approver = Annotated[Principal, Depends(May("runs.approve"))]


class DecisionBody(Strict):
    """What is decided about a run."""

    comment: Annotated[Comment, Field(description="Why, for whoever reads it later.", examples=["checked"])] = ""
    digest: Annotated[
        PlanDigest | None,
        Field(description="The `digest` of what you looked at: 409 where it is not what the run executes."),
    ] = None
    step: Annotated[
        Name | None, Field(description="The step that you decide about: 409 where it is not the one that waits.")
    ] = None

    def as_decision(self, kind: Literal["approve", "reject"]) -> RunDecision:
        """The decision, of this kind."""
        return RunDecision(kind, self.comment, self.digest, self.step)


class ApprovalsQuery(PageQuery):
    """Which approvals are asked for."""

    state: Annotated[Literal["pending"], Field(description="Those that are still to be decided.")] = "pending"
    run: Annotated[RunId | None, Field(description="What this run waits for.")] = None


_DECISION: dict[str, Any] = {"status_code": 202, "response_model": RunView}
_DECISION["responses"] = problems(
    _403="You may not approve runs, or not this one: you asked for it yourself, or are none of its approvers.",
    _404="There is no such run.",
    _409="Nothing is to be decided, or something else; you have decided already; or its plan does not hold any more.",
)


@router.get(
    "/approvals",
    response_model=Page[ApprovalItemView],
    responses=problems(_422="The state, the limit or the cursor cannot be so."),
    summary="List approvals",
    operation_id="list_approvals",
)
async def approvals(
    context: Context,
    caller: Annotated[Principal, Depends(May("runs.read"))],
    query: Annotated[ApprovalsQuery, Query()],
) -> Response:
    """What waits for people to decide, the newest runs first. A page may have fewer items than `limit`, although `next`
    says that there are more.
    """
    found, following = await _approvals(context).pending(caller, id_of(query.cursor), query.limit, run_id=query.run)
    page = Page[ApprovalItemView](items=list(found), next=cursor_after(following))
    return Response(page.model_dump_json(), media_type="application/json")


@router.post(
    "/runs/{run_id}/approve",
    summary="Approve a run",
    operation_id="approve_run",
    **_DECISION,
)
async def approve(
    context: Context,
    caller: Approver,
    run_id: RunId,
    body: DecisionBody = DecisionBody(),  # noqa: B008 - a default that nothing changes
) -> Response:
    """Let a run, or the step that it waits with, go on as soon as enough people have approved.

    What is approved is the run's plan, which nothing changes: its version, parameters and providers.
    """
    return await _decided(context, run_id, caller, body.as_decision("approve"))


@router.post(
    "/runs/{run_id}/reject",
    summary="Reject a run",
    operation_id="reject_run",
    **_DECISION,
)
async def reject(
    context: Context,
    caller: Approver,
    run_id: RunId,
    body: DecisionBody = DecisionBody(),  # noqa: B008 - a default that nothing changes
) -> Response:
    """Have a run that waits for approval end as `rejected`. Of one that waits with a step, the steps that always run
    still do.
    """
    return await _decided(context, run_id, caller, body.as_decision("reject"))


async def _decided(context: Context, run_id: str, caller: Principal, decision: RunDecision) -> Response:
    run = await _approvals(context).decide(run_id, caller, decision)
    return shown_run(context.estimates.remembered_in(run), 202)


def _approvals(context: Context) -> Approvals:
    return Approvals(context.store, context.bus, context.clock)
