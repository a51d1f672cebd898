"""Templates over HTTP: ready-made actions, listed, shown in full, and copied into actions of one's own."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, Query
from fastapi.responses import Response
from pydantic import Field

from catalog.api.context import PREFIX, Context, problems
from catalog.api.definition_views import view_of, written
from catalog.api.definitions import YAML, writing
from catalog.api.requests import Page, PageQuery, id_of, page_by_id, prefers
from catalog.domain.definition_text import exported, yaml_text
from catalog.domain.templates import NAMES, Template, TemplateUse
from catalog.domain.views import View
from catalog.handlers.definitions import Write
from catalog.handlers.templates import show_template, templates_after, use_template
from shared.access import May
from shared.bodies import StrictJsonRoute
from shared.contracts.action import Concurrency, Confirmation, Execution, Step
from shared.contracts.parameter import Parameter
from shared.contracts.principal import Principal
from shared.http import invalid_field
from shared.kinds import ACTION

router = APIRouter(prefix=f"{PREFIX}/templates", tags=["templates"], route_class=StrictJsonRoute)

Reader = Annotated[Principal, Depends(May(ACTION.permission("read")))]
_WRITER: Any = writing(Depends(May(ACTION.permission("write"))), ACTION)
_UNKNOWN = "There is no template of this name."


class TemplateSummaryView(View):
    """What a list of templates shows of each."""

    name: str = Field(examples=["service-restart"])
    title: str = Field(examples=["Service Restart"])
    group: str = Field(examples=["Service Management"])
    """Templates of one group belong together."""
    description: str
    category: str = Field(examples=["Recovery"])
    """Of the actions that are made of it."""
    tags: list[str]
    estimated_duration: float | None
    """In seconds, for people."""


class TemplateView(TemplateSummaryView):
    """A template in full: what an action that is made of it has."""

    confirm: Confirmation
    parameters: list[Parameter]
    condition: str | None
    concurrency: Concurrency | None
    steps: list[Step]
    execution: Execution


def _fields(found: Template) -> dict[str, object]:
    return {"group": found.group, **found.action.model_dump()}


@router.get("", responses=problems(), summary="List templates")
async def list_templates(_caller: Reader, query: Annotated[PageQuery, Query()]) -> Page[TemplateSummaryView]:
    """All ready-made actions, group by group."""
    after = id_of(query.cursor)
    if after is not None and after not in NAMES:
        raise invalid_field("cursor", "is not what an earlier page had in 'next'")
    found = await templates_after(after, query.limit + 1)
    views = [TemplateSummaryView.model_validate(_fields(one)) for one in found]
    return page_by_id(views, [one.name for one in found], query.limit)


@router.get(
    "/{name}",
    responses=problems(_404=_UNKNOWN) | {200: {"content": {YAML: {}}}},
    summary="Show a template",
    response_model=TemplateView,
)
async def show_one_template(
    _caller: Reader,
    name: str,
    accept: Annotated[str, Header(description="`application/yaml` for the action as `opsimate apply` takes it.")] = "",
) -> TemplateView | Response:
    """A ready-made action with its parameters and its steps, each with what it does."""
    found = await show_template(name)
    if prefers(accept, YAML, "application/json"):
        return Response(yaml_text(exported(found.action.model_dump(mode="json"))), 200, {"Vary": "Accept"}, YAML)
    return TemplateView.model_validate(_fields(found))


@router.post(
    "/{name}/use",
    status_code=201,
    response_model=view_of(ACTION),
    responses=problems(
        _404=_UNKNOWN,
        _409="There is an action of this name already.",
        _422="A new default cannot be: `errors` has each on `parameters.NAME`.",
    ),
    summary="Make an action of a template",
)
async def use_one_template(
    context: Context,
    name: str,
    use: Annotated[TemplateUse, Body(examples=[{"name": "restart-nginx", "parameters": {"service": "nginx"}}])],
    write: Write = _WRITER,
) -> Response:
    """Copy a template into a new action, which is then like any other: it can be run, changed and deleted.

    What stands in `parameters` becomes the defaults of the new action.
    """
    action, stored = await use_template(context.definitions[ACTION.word], name, use, write)
    return await written(context, ACTION, stored, write, created=True, of=action)
