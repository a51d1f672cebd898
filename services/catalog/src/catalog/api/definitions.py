"""Definitions over HTTP: the same calls for every kind, made from its entry among the kinds, and the one that only
providers have. An ETag comes with every stored thing, and If-Match guards what changes one.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.responses import Response
from pydantic import StringConstraints

from catalog.api.actions import add_action_list
from catalog.api.context import PREFIX, Context, problems
from catalog.api.definition_views import (
    VersionView,
    WholeVersionView,
    body_of,
    definition_in,
    json_response,
    page_of,
    version_view,
    versioned,
    view_of,
    with_gone,
    written,
)
from catalog.api.requests import Comment, IfMatch, Page, PageQuery, id_of, prefers
from catalog.domain.definition_text import exported, yaml_text
from catalog.handlers.definitions import Write
from catalog.handlers.owned_definitions import refuse_owned
from shared.access import May
from shared.bodies import StrictJsonRoute
from shared.contracts.principal import Principal
from shared.contracts.provider import ProviderTestReport
from shared.contracts.values import in_words
from shared.http import invalid_field
from shared.kinds import ACTION, PROVIDER, Kind
from shared.own_definitions import OWNED

Note = Annotated[Comment, Query(description="Why, for whoever reads the versions later.")]
FileSet = Annotated[
    str,
    StringConstraints(max_length=300, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$"),
    in_words("is a name on one line, without control characters"),
]
"""A name for the files that definitions stand in."""
Number = Annotated[int, Path(ge=1, le=10**9, description="The number of a version.")]

_INVALID = "The body is understood, but something in it cannot be: `errors` has every field with its fix."
_UNKNOWN = "There is none of this name."
_CHANGED = "`If-Match` names another version."
_OWNED = "It belongs to an action: what is written, or applied as YAML, is that."


def writing(writer: Any, kind: Kind[Any]) -> Any:
    """The dependency of an endpoint that writes: who, why and over what; ``writer`` is that on who may.

    What an action owns is refused before the body is looked at, in which its name could not be right.
    """

    async def write(request: Request, versions: IfMatch, note: Note = "", caller: Principal = writer) -> Write:
        if kind.word in OWNED:
            refuse_owned(kind, request.path_params.get("name", ""))
        return Write(caller.name, caller.id, note, versions, origin=caller.origin)

    return Depends(write)


def defining(writer: Any) -> Any:
    """The same for what stores a definition, with the set of files that it stands in."""

    async def write(
        file_set: Annotated[FileSet, Query(description="The set of files: what is created is marked with it.")] = "",
        adopt: Annotated[bool, Query(description="Mark also what is there already.")] = False,
        write: Write = writer,
    ) -> Write:
        return replace(write, file_set=file_set, adopts=adopt)

    return Depends(write)


YAML = "application/yaml"


@cache
def definitions_router(kind: Kind[Any]) -> APIRouter:
    """The calls of a kind: the five of every stored thing, and its versions listed, shown, compared and restored."""
    view: Any = view_of(kind)
    body_model = body_of(kind)
    router = APIRouter(prefix=f"{PREFIX}/{kind.path}", tags=[kind.titles], route_class=StrictJsonRoute)
    # The one place that says who may read definitions of this kind, and who may write them.
    reader = Depends(May(kind.permission("read")))
    writer = writing(Depends(May(kind.permission("write"))), kind)
    definer = defining(writer)
    of_action = {"_409": _OWNED} if kind.word in OWNED else {}

    @router.post(
        "",
        status_code=201,
        responses=problems(_409="The name is taken.", _422=_INVALID),
        summary=f"Create {kind.a_title}",
        operation_id=f"create_{kind.word}",
        response_model=view,
    )
    async def create(
        context: Context,
        body: body_model,  # type: ignore[valid-type]
        write: Write = definer,
    ) -> Response:
        """Store a new one, once everything in it holds and everything that it names is there."""
        definition = definition_in(body, kind)
        stored = await context.definitions[kind.word].create(definition, write)
        return await written(context, kind, stored, write, created=True, of=definition)

    LISTS.get(kind.word, add_list)(router, kind, reader)

    @router.get(
        "/{name}",
        responses=problems(_404=_UNKNOWN, **of_action) | {200: {"content": {YAML: {}}}},
        summary=f"Show {kind.a_title}",
        operation_id=f"show_{kind.word}",
        response_model=view,
    )
    async def show(
        context: Context,
        name: str,
        accept: Annotated[str, Header(description="`application/yaml` for what `opsimate apply` takes.")] = "",
        caller: Principal = reader,
    ) -> Response:
        """The newest version."""
        stored = await context.definitions[kind.word].get(name)
        if prefers(accept, YAML, "application/json"):
            if kind.word in OWNED:
                refuse_owned(kind, name)  # it could not be applied
            text = yaml_text(exported(stored.definition.model_dump(mode="json")))
            return Response(text, 200, {"ETag": f'"{stored.version}"', "Vary": "Accept"}, YAML)
        (view,) = await with_gone(context, kind, [stored], caller.id)
        return versioned(kind, stored, view)

    @router.put(
        "/{name}",
        responses=problems(_412=_CHANGED, _422=_INVALID, **of_action) | {201: {"description": "It was created."}},
        summary=f"Create or replace {kind.a_title}",
        operation_id=f"put_{kind.word}",
        response_model=view,
    )
    async def put(
        context: Context,
        name: str,
        body: body_model,  # type: ignore[valid-type]
        write: Write = definer,
    ) -> Response:
        """Store what the body has as a new version; the same content makes none. Runs under way keep what they have."""
        definition = definition_in(body, kind)
        if definition.name != name:
            message = f"is '{definition.name}' in the body and '{name}' in the path; nothing can be renamed"
            raise invalid_field("name", message)
        stored, created = await context.definitions[kind.word].put(definition, write)
        return await written(context, kind, stored, write, created=created, of=definition)

    @router.delete(
        "/{name}",
        status_code=204,
        responses=problems(_404=_UNKNOWN, _409="It is in use; the detail says by what.", _412=_CHANGED),
        summary=f"Delete {kind.a_title}",
        operation_id=f"delete_{kind.word}",
    )
    async def delete(context: Context, name: str, write: Write = writer) -> None:
        """Delete one that nothing uses: no other definition, and no run that has not ended. Its versions stay."""
        await context.definitions[kind.word].delete(name, write)

    @router.post(
        "/{name}/versions/{number}/restore",
        responses=problems(
            _404="There is no such version.",
            _409="The version holds nothing that could be restored: it is a deletion, or a secret's.",
            _412=_CHANGED,
            _422="What the version says cannot be today: `errors` has every field with its fix.",
        ),
        summary=f"Restore a version of {kind.a_title}",
        operation_id=f"restore_{kind.word}",
        response_model=view,
    )
    async def restore(context: Context, name: str, number: Number, write: Write = writer) -> Response:
        """Store what a version says as a new one, also where the name was deleted."""
        stored = await context.definitions[kind.word].restore(name, number, write)
        return await written(context, kind, stored, write)

    add_versions(router, kind, reader)
    return router


def add_list(router: APIRouter, kind: Kind[Any], reader: Any) -> None:
    """Give the router of a kind the call that lists all of it; ``reader`` is the dependency on who may."""

    @router.get(
        "",
        responses=problems(),
        summary=f"List {kind.titles}",
        operation_id=f"list_{kind.plural}",
        response_model=Page[view_of(kind)],  # type: ignore[misc]
    )
    async def page(context: Context, query: Annotated[PageQuery, Query()], caller: Principal = reader) -> Response:
        """All of them in the order of their names."""
        found = await context.definitions[kind.word].page(id_of(query.cursor), query.limit + 1)
        last = found[query.limit - 1].name if len(found) > query.limit else None
        return page_of(await with_gone(context, kind, found[: query.limit], caller.id), last)


LISTS: Mapping[str, Callable[[APIRouter, Kind[Any], Any], None]] = {ACTION.word: add_action_list}
"""What adds its list to a kind, by its word, where more can be asked for than of others."""


def add_versions(router: APIRouter, kind: Kind[Any], reader: Any) -> None:
    """Give the router of a kind the calls that read versions; ``reader`` is the dependency on who may."""

    @router.get(
        "/{name}/versions",
        response_model=Page[VersionView],
        responses=problems(_404="Nothing ever had this name."),
        summary=f"List the versions of {kind.a_title}",
        operation_id=f"list_{kind.word}_versions",
    )
    async def versions(
        context: Context, name: str, query: Annotated[PageQuery, Query()], _caller: Principal = reader
    ) -> Response:
        """Every change and every deletion of what has or had the name, the newest first."""
        found = await context.definitions[kind.word].versions(name, _number_in(query.cursor), query.limit + 1)
        last = str(found[query.limit - 1].number) if len(found) > query.limit else None
        return page_of([version_view(one) for one in found[: query.limit]], last)

    @router.get(
        "/{name}/versions/{number}",
        response_model=WholeVersionView,
        responses=problems(_404="There is no such version."),
        summary=f"Show or compare a version of {kind.a_title}",
        operation_id=f"show_{kind.word}_version",
    )
    async def version(
        context: Context,
        name: str,
        number: Number,
        against: Annotated[
            int | None,
            Query(
                ge=0,
                le=10**9,
                description="The version to compare it with, for `diff` in the answer. 0 is nothing: all of it is new.",
            ),
        ] = None,
        _caller: Principal = reader,
    ) -> Response:
        """One version with its definition."""
        definitions = context.definitions[kind.word]
        found = await definitions.version(name, number)
        view = {**version_view(found), "definition": found.definition}
        if against is not None:
            view["diff"] = await definitions.compare(name, number, against)
        return json_response(view)


def _number_in(cursor: str | None) -> int | None:
    text = id_of(cursor)
    if text is not None and not text.isdecimal():
        raise invalid_field("cursor", "is not what an earlier page had in 'next'")
    return None if text is None else int(text)


provider_router = APIRouter(prefix=f"{PREFIX}/{PROVIDER.path}", tags=[PROVIDER.titles], route_class=StrictJsonRoute)


@provider_router.post(
    "/{name}/test",
    responses=problems(_404="There is none of this name."),
    summary="Test the connection to a provider",
    operation_id="test_provider",
)
async def connection_test(
    context: Context, _caller: Annotated[Principal, Depends(May("providers.test"))], name: str
) -> ProviderTestReport:
    """Let an executor of the provider's pool connect to it and run a command that does nothing.

    The answer is 200 whichever way it went; `ok` says which. Where no host key is known yet, the one shown by a
    successful test is pinned.
    """
    return await context.provider_tests.test(await context.definitions[PROVIDER.word].get(name))
