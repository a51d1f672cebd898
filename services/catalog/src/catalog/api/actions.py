"""What is asked of actions besides what holds for every kind: lists by more than the name, categories, favourites."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import Response
from pydantic import AfterValidator, Field, StringConstraints

from catalog.api.context import PREFIX, Context, problems
from catalog.api.definition_additions import CurrentRunView, LastRunView
from catalog.api.definition_views import json_response, page_of, view_of, with_gone
from catalog.api.requests import Page, PageQuery, id_of
from catalog.domain.views import View
from catalog.handlers.actions import ActionFilter, ActionOrder, Position, categories, list_actions, what_runs_tell
from catalog.handlers.favourites import favourites_of, mark, unmark
from shared.access import May
from shared.contracts.category import Tag, category_of
from shared.contracts.principal import Principal
from shared.definitions import stored_by_name
from shared.http import invalid_field
from shared.kinds import ACTION, Kind

router = APIRouter(prefix=PREFIX, tags=["actions"])

Reader = Annotated[Principal, Depends(May("actions.read"))]
NamedCategory = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(category_of)]
ActionName = Annotated[str, Path(description="The name of an action.", examples=["restart-service"])]


class ActionsQuery(PageQuery):
    """Which actions are asked for: all that is given has to hold."""

    category: Annotated[NamedCategory | None, Field(description="Actions of this category.")] = None
    tag: Annotated[Tag | None, Field(description="Actions with this tag.")] = None
    favourite: Annotated[
        bool | None, Field(description="Actions that you marked, or with `false` those you did not.")
    ] = None
    text: Annotated[
        str,
        Field(
            max_length=200,
            description="Words, all of which are in the name, the title, the tags or the description, in any case.",
        ),
    ] = ""
    last_outcome: Annotated[
        Literal["succeeded", "failed", "cancelled", "rejected", "expired", "skipped", "unknown"] | None,
        Field(description="Actions of which the run that ended last ended so."),
    ] = None
    sort: Annotated[
        ActionOrder,
        Field(description="By name, or by when the last run ended; an action that never ran comes before all others."),
    ] = "name"

    def wanted(self) -> ActionFilter:
        """The filter without order and page."""
        return ActionFilter(self.category, self.tag, self.text, self.favourite, self.last_outcome)


def add_action_list(router: APIRouter, kind: Kind[Any], reader: Any) -> None:
    """Give the router of actions the call that lists them; ``reader`` is the dependency on who may."""

    @router.get(
        "",
        responses=problems(_422="A filter, the order, the limit or the cursor cannot be so."),
        summary=f"List {kind.titles}",
        operation_id=f"list_{kind.plural}",
        response_model=Page[view_of(kind)],  # type: ignore[misc]
    )
    async def page(context: Context, query: Annotated[ActionsQuery, Query()], caller: Principal = reader) -> Response:
        """Actions, each with what its last runs tell of it.

        A page may have fewer items than `limit`, or none, although `next` says that there are more: where many have to
        be looked at to find few.
        """
        names, following = await list_actions(
            context.store,
            query.wanted(),
            query.sort,
            _position_in(query),
            query.limit,
            caller_id=caller.id,
        )
        found = await stored_by_name(context.store, kind, names)
        items = await with_gone(context, kind, [found[name] for name in names if name in found], caller.id)
        return page_of(items, None if following is None else _text_of(following, query.sort))


def _text_of(position: Position, order: ActionOrder) -> str:
    return position.name if order.endswith("name") else f"{position.ended_at or ''}:{position.name}"


def _position_in(query: ActionsQuery) -> Position | None:
    text = id_of(query.cursor)
    if text is None:
        return None
    ended_at, colon, name = text.rpartition(":")
    if bool(colon) == query.sort.endswith("name"):
        raise invalid_field("cursor", "is of a list in another order: it goes with the 'sort' that it was answered to")
    return Position(name, ended_at or None)


class CategoryView(View):
    """A category of actions."""

    name: str = Field(examples=["Recovery"])
    count: int = Field(examples=[12])
    """How many actions are in it."""


@router.get("/categories", responses=problems(), summary="List categories")
async def list_categories(context: Context, _caller: Reader) -> Page[CategoryView]:
    """The categories of actions, all on one page, and how many actions are in each: Maintenance, Recovery, Diagnostics,
    Security and Custom, and then those that people made by naming them.
    """
    found = await categories(context.store)
    return Page[CategoryView](items=[CategoryView(name=name, count=count) for name, count in found.items()], next=None)


@router.put(
    "/favourites/{action}",
    status_code=204,
    responses=problems(_404="There is no action of this name.", _409="You have 200 favourites already."),
    summary="Mark an action as a favourite",
)
async def mark_favourite(context: Context, caller: Reader, action: ActionName) -> None:
    """Have the action among your own favourites, nobody else's. Asking again is the same answer."""
    await mark(context.store, caller.id, action)


@router.delete(
    "/favourites/{action}", status_code=204, responses=problems(), summary="Have an action as a favourite no more"
)
async def unmark_favourite(context: Context, caller: Reader, action: ActionName) -> None:
    """Take the action out of your favourites, whether it was there or not."""
    await unmark(context.store, caller.id, action)


class QuickAccessView(View):
    """A favourite, with its last run."""

    action: str = Field(examples=["restart-service"])
    """The action's name."""
    title: str = Field(examples=["Restart a service"])
    running: int = Field(examples=[0])
    """How many runs of it are running."""
    current_run: CurrentRunView | None
    """The newest of these; null where none is running."""
    last_run: LastRunView | None
    """The run that ended last; null where none has."""


@router.get("/quick-access", response_model=Page[QuickAccessView], responses=problems(), summary="List your favourites")
async def quick_access(context: Context, caller: Reader) -> Response:
    """The actions that you marked, by name, each with its last run; a deleted one is left out until it is back."""
    marked = await favourites_of(context.store, caller.id)
    found = await stored_by_name(context.store, ACTION, marked)
    actions = [found[name] for name in sorted(found)]
    told = await what_runs_tell(context.store, actions, caller_id=caller.id, now=context.clock())
    items = [
        {
            "action": action.name,
            "title": action.definition.title,
            "running": activity["running"],
            "current_run": activity["current_run"],
            "last_run": activity["last_run"],
        }
        for action, activity in zip(actions, told, strict=True)
    ]
    return json_response({"items": items, "next": None})
