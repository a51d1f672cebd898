"""Many definitions at once over HTTP: what would become of them, before anything is stored."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field, JsonValue

from catalog.api.context import PREFIX, Context, problems
from catalog.api.definitions import FileSet
from catalog.domain.views import View
from catalog.handlers.definition_sets import DefinitionSet, Planned, PlannedChange
from catalog.handlers.definitions import Write
from shared.access import May
from shared.bodies import StrictJsonRoute
from shared.contracts.definition import Strict
from shared.contracts.principal import Principal
from shared.contracts.problem import FieldError, FieldWarning
from shared.contracts.values import Flag, Name
from shared.http import invalid_field
from shared.kinds import KINDS, MOST_DEFINITIONS

router = APIRouter(prefix=f"{PREFIX}/definitions", tags=["definitions"], route_class=StrictJsonRoute)

_FIRST, *_OTHERS = [Depends(May(kind.permission("write"))) for kind in KINDS.values()]
"""A set may hold definitions of every kind. Whoever may not write one is not told what would become of it: whether a
secret is unchanged tells its value to whoever guesses."""


class NamedDefinition(Strict):
    """A definition by its kind and name."""

    kind: str = Field(examples=["action"])
    name: Name


class DefinitionSetBody(Strict):
    """What is to be there, and what is not to be there any more."""

    definitions: list[dict[str, JsonValue]] = Field(
        default=[],
        max_length=MOST_DEFINITIONS,
        examples=[[{"kind": "secret", "name": "deploy-key", "value": "…"}]],
    )
    """Each with its ``kind``, in an order in which they can be stored: what one names before it."""
    remove: list[NamedDefinition] = Field(default=[], max_length=MOST_DEFINITIONS)
    """In an order in which they can be deleted: what uses one before it."""
    file_set: FileSet = ""
    adopt: Flag = False
    """As in the writes that are to follow, see ``PUT``."""


class PlannedDefinitionView(View):
    """What would become of one definition."""

    kind: str
    name: str
    change: PlannedChange
    """``refused``: the errors say why."""
    version: int | None
    """The one that is there now, for ``If-Match``; null where there is none."""
    file_set: str
    """The set of files that made what is there now; empty where there is none, or something else made it."""
    diff: str
    """A unified diff of the YAML; the value of a secret is never in it."""
    errors: list[FieldError]
    warnings: list[FieldWarning]


class DefinitionPlanView(View):
    """What would become of each."""

    items: list[PlannedDefinitionView]
    """The definitions in their order, then those to be removed in theirs."""


@router.post(
    "/plan",
    dependencies=_OTHERS,
    responses=problems(_413="The body is larger than 16 MiB.", _422="Something in it is no definition."),
    summary="Plan many definitions",
    operation_id="plan_definitions",
)
async def plan(context: Context, body: DefinitionSetBody, caller: Annotated[Principal, _FIRST]) -> DefinitionPlanView:
    """Say what would become of each if they were stored one after the other, and store nothing.

    Each goes through all that storing it would, as if those before it were stored. The answer is 200 also where
    something would be refused.
    """
    named = [_named(index, one) for index, one in enumerate(body.definitions)]
    gone = [_known_kind(f"remove.{index}.kind", one.kind, one.name) for index, one in enumerate(body.remove)]
    write = Write(caller.name, caller.id, file_set=body.file_set, adopts=body.adopt)
    whole = DefinitionSet(context.check_context, context.clock, write, set(named))
    planned = [await whole.put(*key, one) for key, one in zip(named, body.definitions, strict=True)]
    planned += [await whole.delete(*key) for key in gone]
    return DefinitionPlanView(items=[_view(one) for one in planned])


def _named(index: int, definition: dict[str, JsonValue]) -> tuple[str, str]:
    return _known_kind(f"definitions.{index}.kind", definition.get("kind"), definition.get("name"))


def _known_kind(field: str, kind: object, name: object) -> tuple[str, str]:
    if not isinstance(kind, str) or kind not in KINDS:
        raise invalid_field(field, f"has to be one of: {', '.join(KINDS)}")
    return kind, name if isinstance(name, str) else ""


def _view(planned: Planned) -> PlannedDefinitionView:
    return PlannedDefinitionView.model_validate(planned, from_attributes=True)
