"""Runs asked for over HTTP: an action run, planned, and a run done again."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header
from fastapi.responses import Response
from pydantic import Field, StringConstraints

from catalog.api.context import PREFIX, CatalogContext, Context, problems
from catalog.api.requests import Comment, RunId
from catalog.domain.plans import PlanView
from catalog.domain.reruns import RerunMode
from catalog.domain.views import RunView
from catalog.handlers.reruns import again_with_what_is_given, rerun_request
from catalog.handlers.runs import ask_for_run
from shared.access import May
from shared.bodies import StrictJsonRoute
from shared.contracts.definition import Strict
from shared.contracts.parameter import GivenValue
from shared.contracts.principal import Principal
from shared.contracts.trigger import Trigger, TriggerKind
from shared.contracts.values import Flag, WrittenInstant, in_words
from shared.http import ProblemError
from shared.runs.composing import RunRequest

router = APIRouter(prefix=PREFIX, tags=["runs"], route_class=StrictJsonRoute)

IdempotencyKey = Annotated[
    str | None,
    Header(
        description="Names this request: repeated with the same key it leads to the same run, answered with 200.",
        examples=["0b5c3f1e-deploy-42"],
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
    ),
    in_words("is made of visible ASCII characters, without blanks"),
]
Parameters = Annotated[
    dict[str, GivenValue],
    Field(
        max_length=100,
        description='Values by the names of the action\'s parameters. A secret is `{"secret": "name"}` or a value.',
        examples=[{"host": "web-1", "service": "nginx"}],
    ),
]
PlanDigest = Annotated[
    str,
    StringConstraints(max_length=200, pattern=r"^[0-9a-f.]+$"),
    in_words("is no digest of a plan: plan the run, and give the digest as it stands there"),
]
EarlierRun = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9A-HJKMNP-TV-Z]{26}$"),
    in_words("is no id of a run: name one of `GET /api/v1/runs?action=NAME`, or leave it out"),
    Field(examples=["01JX3Q7W8Z5V9K2M4N6P8R0S2T"]),
]


class PlanBody(Strict):
    """What a plan is asked for with."""

    parameters: Parameters = {}
    check_reachable: Annotated[
        Flag, Field(description="Let executors log in to the providers, 50 at most, and say how that went.")
    ] = False


class RunBody(Strict):
    """What a run is asked for with."""

    parameters: Parameters = {}
    note: Annotated[Comment, Field(description="Why, for whoever reads it later.", examples=["after the upgrade"])] = ""
    not_before: Annotated[
        WrittenInstant | None,
        Field(description="When it is to start at the earliest; until then it is `delayed`."),
    ] = None
    plan_digest: Annotated[
        PlanDigest | None,
        Field(description="The `digest` of a plan: exactly that is run, or nothing where it would be another by now."),
    ] = None
    rerun_of: Annotated[
        EarlierRun | None,
        Field(description="An ended run of the action that this one does again, with what is given here alone."),
    ] = None


class RerunBody(Strict):
    """What doing a run again is asked for with."""

    mode: Annotated[
        RerunMode,
        Field(
            description="`same`: all of it, by the newest version of the action. By the version that it had: "
            "`from_failed`, from the first step on that did not succeed, of a run on failed providers alone on "
            "these; `failed_providers`, each step on the providers on which it did not succeed."
        ),
    ] = "same"
    parameters: Annotated[Parameters, Field(description="Those that are to change; the others are as they were.")] = {}
    note: Annotated[Comment, Field(description="Why, for whoever reads it later.", examples=["the disk is back"])] = ""


def shown_run(run: RunView, status: int) -> Response:
    """The answer that shows a run, and says where it is."""
    headers = {"Location": f"{PREFIX}/runs/{run.id}"}
    return Response(run.model_dump_json(), status, headers, "application/json")


_RUN = problems(
    _404="There is no action of this name.",
    _409="What would be run is not what was planned: the detail says what has changed. Or as many runs wait as may.",
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
    earlier = body.rerun_of
    request = RunRequest(
        action=name,
        parameters=body.parameters,
        trigger=_trigger(caller, body.note),
        principal=caller,
        not_before=body.not_before,
        plan_digest=body.plan_digest,
        again=None if earlier is None else await again_with_what_is_given(context.store, earlier, name),
        request_id=_request_id(caller, idempotency_key),
    )
    return await _asked_for(context, request)


@router.post(
    "/actions/{name}/plan",
    responses=problems(
        _404="There is no action of this name.",
        _409="Its commands may not be run as they stand.",
        _422="A parameter cannot be so (`parameters.NAME`).",
    ),
    summary="Plan a run",
    operation_id="plan_run",
)
async def plan(
    context: Context,
    caller: Annotated[Principal, Depends(May("actions.read"))],
    name: str,
    body: PlanBody = PlanBody(),  # noqa: B008 - a default that nothing changes
) -> PlanView:
    """Show what a run would do now, and do nothing: the exact commands, the providers, what can be decided already.

    A run that is asked for with the plan's digest does exactly that, or is refused. To have the providers tried takes
    the right to test them.
    """
    if body.check_reachable and not caller.may("providers.test"):
        raise ProblemError(403, "the token may plan, and not test providers: leave out check_reachable")
    request = RunRequest(action=name, parameters=body.parameters, trigger=_trigger(caller, ""), principal=caller)
    return await context.planner.plan(request, check_reachable=body.check_reachable)


@router.get(
    "/runs/{run_id}/plan",
    responses=problems(_404="There is no such run.", _409="Its commands may not be run as they stand."),
    summary="Show what a run executes",
    operation_id="show_run_plan",
)
async def run_plan(
    context: Context, _caller: Annotated[Principal, Depends(May("runs.read"))], run_id: RunId
) -> PlanView:
    """The plan of a run that there is: the commands of the version that it executes, on the providers that were fixed
    when it was asked for. Its `digest` is empty where the run was held to none.
    """
    return await context.planner.plan_of(run_id)


def _trigger(caller: Principal, note: str) -> Trigger:
    kind: TriggerKind = "manual" if caller.kind == "person" else "api"
    return Trigger(kind=kind, by=caller.name, principal_id=caller.id, note=note)


def _request_id(caller: Principal, idempotency_key: str | None) -> str | None:
    """A key is the caller's own: another token may use the same one for something else, also one of the same name."""
    return None if idempotency_key is None else f"api/{caller.id}/{idempotency_key}"


async def _asked_for(context: CatalogContext, request: RunRequest) -> Response:
    run, created = await ask_for_run(context.store, context.bus, context.sealer, request, clock=context.clock)
    return shown_run(context.estimates.remembered_in(run), 202 if created else 200)


@router.post(
    "/runs/{run_id}/rerun",
    status_code=202,
    response_model=RunView,
    responses=problems(
        _404="There is no such run, or its action is gone.",
        _409="The run has not ended, or nothing of it is left to be done.",
        _422="A parameter cannot be so (`parameters.NAME`), or the idempotency key was used for another request.",
    )
    | {200: {"description": "The run that the same request led to before.", "model": RunView}},
    summary="Do a run again",
    operation_id="rerun_run",
)
async def rerun(
    context: Context,
    caller: Annotated[Principal, Depends(May("runs.write"))],
    run_id: RunId,
    body: RerunBody = RerunBody(),  # noqa: B008 - a default that nothing changes
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Ask for a new run that does an ended one again, with the same parameters or changed ones."""
    request = RunRequest(
        action="",
        parameters=body.parameters,
        trigger=_trigger(caller, body.note),
        principal=caller,
        request_id=_request_id(caller, idempotency_key),
    )
    return await _asked_for(context, await rerun_request(context.store, context.sealer, run_id, body.mode, request))
