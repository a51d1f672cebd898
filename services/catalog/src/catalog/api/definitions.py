"""Definitions over HTTP: the same calls for every kind, made from its entry among the kinds."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field, JsonValue, create_model

from catalog.api.body import StrictJsonRoute
from catalog.api.context import PREFIX, Catalog, Parts, problems
from catalog.api.kinds import ADDITIONS
from catalog.api.paging import Page, PageQuery, id_of
from catalog.api.versions import Number, add_versions, json_response, page_of, writing
from catalog.domain.checks import WARNINGS
from catalog.domain.views import View
from catalog.handlers.definitions import Write
from shared.access import May
from shared.contracts.definition import Definition
from shared.contracts.principal import Principal
from shared.contracts.problem import FieldWarning
from shared.contracts.values import Instant, instant_text
from shared.definitions import Stored
from shared.http import invalid_field
from shared.kinds import Kind


class About(View):
    """What the catalog knows about a stored definition."""

    version: int = Field(examples=[3])
    """From 1; one more with every change and with a deletion. Also the ETag."""
    uid: str
    """Names this thing among all that ever had its name."""
    created_at: Instant
    updated_at: Instant
    updated_by: str = Field(examples=["admin"])
    """The name of the token that wrote this version."""
    gone: list[str] = []
    """What it names that is not there any more, in sentences; left out where there is nothing."""
    warnings: list[FieldWarning] = []
    """Only in the answer to a write: what is saved and may not do what is meant."""


_INVALID = "The body is understood, but something in it cannot be: `errors` has every field with its fix."
_UNKNOWN = "There is none of this name."
_CHANGED = "`If-Match` names another version."
_IGNORED = Annotated[JsonValue, Field(exclude=True, description="Ignored: only answers say it.")]


@cache
def definitions_router(kind: Kind[Any]) -> APIRouter:
    """The calls of a kind: the five of every stored thing, and its versions listed, shown, compared and restored."""
    view: Any = _view_of(kind)
    body_model = _body_of(kind)
    router = APIRouter(prefix=f"{PREFIX}/{kind.path}", tags=[kind.titles], route_class=StrictJsonRoute)
    # The one place that says who may read definitions of this kind, and who may write them.
    reader = Depends(May(kind.permission("read")))
    writer = writing(Depends(May(kind.permission("write"))))

    @router.post(
        "",
        status_code=201,
        responses=problems(_409="The name is taken.", _422=_INVALID),
        summary=f"Create {kind.a_title}",
        operation_id=f"create_{kind.word}",
        response_model=view,
    )
    async def create(
        catalog: Catalog,
        body: body_model,  # type: ignore[valid-type]
        write: Write = writer,
    ) -> Response:
        """Store a new one, once everything in it holds and everything that it names is there."""
        definition = _definition_in(body, kind)
        stored = await catalog.definitions[kind.word].create(definition, write)
        return await _written(catalog, kind, stored, created=True, of=definition)

    @router.get(
        "",
        responses=problems(),
        summary=f"List {kind.titles}",
        operation_id=f"list_{kind.plural}",
        response_model=Page[view],
    )
    async def page(catalog: Catalog, query: Annotated[PageQuery, Query()], _caller: Principal = reader) -> Response:
        """All of them in the order of their names."""
        found = await catalog.definitions[kind.word].page(id_of(query.cursor), query.limit + 1)
        last = found[query.limit - 1].name if len(found) > query.limit else None
        return page_of(await _with_gone(catalog, kind, found[: query.limit]), last)

    @router.get(
        "/{name}",
        responses=problems(_404=_UNKNOWN),
        summary=f"Show {kind.a_title}",
        operation_id=f"show_{kind.word}",
        response_model=view,
    )
    async def show(catalog: Catalog, name: str, _caller: Principal = reader) -> Response:
        """The newest version."""
        stored = await catalog.definitions[kind.word].get(name)
        (view,) = await _with_gone(catalog, kind, [stored])
        return _answer(kind, stored, view)

    @router.put(
        "/{name}",
        responses=problems(_412=_CHANGED, _422=_INVALID) | {201: {"description": "It was created."}},
        summary=f"Create or replace {kind.a_title}",
        operation_id=f"put_{kind.word}",
        response_model=view,
    )
    async def put(
        catalog: Catalog,
        name: str,
        body: body_model,  # type: ignore[valid-type]
        write: Write = writer,
    ) -> Response:
        """Store what the body has as a new version; the same content makes none. Runs under way keep what they have."""
        definition = _definition_in(body, kind)
        if definition.name != name:
            message = f"is '{definition.name}' in the body and '{name}' in the path; nothing can be renamed"
            raise invalid_field("name", message)
        stored, created = await catalog.definitions[kind.word].put(definition, write)
        return await _written(catalog, kind, stored, created=created, of=definition)

    @router.delete(
        "/{name}",
        status_code=204,
        responses=problems(_404=_UNKNOWN, _409="It is in use; the detail says by what.", _412=_CHANGED),
        summary=f"Delete {kind.a_title}",
        operation_id=f"delete_{kind.word}",
    )
    async def delete(catalog: Catalog, name: str, write: Write = writer) -> None:
        """Delete one that nothing uses: no other definition, and no run that has not ended. Its versions stay."""
        await catalog.definitions[kind.word].delete(name, write)

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
    async def restore(catalog: Catalog, name: str, number: Number, write: Write = writer) -> Response:
        """Store what a version says as a new one, also where the name was deleted."""
        stored = await catalog.definitions[kind.word].restore(name, number, write)
        return await _written(catalog, kind, stored)

    add_versions(router, kind, reader)
    return router


def _view_of(kind: Kind[Any]) -> type[BaseModel]:
    """What is shown of one."""
    bases = (ADDITIONS[kind.word].fields,) if kind.word in ADDITIONS else ()
    return create_model(
        f"{_camel(kind)}View",
        __base__=(About, *bases, kind.kept),
        __doc__=kind.kept.__doc__,
        __cls_kwargs__={"json_schema_extra": None},
    )


def _body_of(kind: Kind[Any]) -> type[BaseModel]:
    """What is sent to store one. What an answer shows besides may come back with it, and means nothing then."""
    added = {**About.model_fields, **(ADDITIONS[kind.word].fields.model_fields if kind.word in ADDITIONS else {})}
    ignored: Any = dict.fromkeys(added, (_IGNORED, None))
    return create_model(f"{_camel(kind)}Body", __base__=kind.model, __doc__=kind.model.__doc__, **ignored)


def _camel(kind: Kind[Any]) -> str:
    return kind.title.title().replace(" ", "")


def _definition_in(body: Any, kind: Kind[Any]) -> Definition:
    """The definition itself, without what only came back with it."""
    return kind.model.model_construct(**{name: getattr(body, name) for name in kind.model.model_fields})


async def _views(catalog: Parts, kind: Kind[Any], definitions: Sequence[Stored[Any]]) -> list[dict[str, Any]]:
    added: list[dict[str, Any]] = [{} for _ in definitions]
    if kind.word in ADDITIONS:
        added = await ADDITIONS[kind.word].of(catalog, definitions)
    return [
        {
            **stored.definition.model_dump(mode="json"),
            "version": stored.version,
            "uid": stored.uid,
            "created_at": instant_text(stored.created_at),
            "updated_at": instant_text(stored.updated_at),
            "updated_by": stored.updated_by,
            **more,
        }
        for stored, more in zip(definitions, added, strict=True)
    ]


async def _with_gone(catalog: Parts, kind: Kind[Any], definitions: Sequence[Stored[Any]]) -> list[dict[str, Any]]:
    """The same, with what they name that is not there any more."""
    views = await _views(catalog, kind, definitions)
    for view, sentences in zip(views, await catalog.definitions[kind.word].gone(definitions), strict=True):
        if sentences:
            view["gone"] = sentences
    return views


async def _written(
    catalog: Parts, kind: Kind[Any], stored: Stored[Any], *, created: bool = False, of: Definition | None = None
) -> Response:
    """What was stored just now, with what the author of the definition is warned of."""
    (view,) = await _views(catalog, kind, [stored])
    warn = WARNINGS.get(kind.word)
    warnings: Iterable[FieldWarning] = warn(of, stored) if of is not None and warn is not None else ()
    if said := [warning.model_dump(mode="json") for warning in warnings]:
        view["warnings"] = said
    return _answer(kind, stored, view, created=created)


def _answer(kind: Kind[Any], stored: Stored[Any], view: dict[str, Any], *, created: bool = False) -> Response:
    """The view with its version as ETag, and where it is, if it was just made."""
    location = {"Location": f"{PREFIX}/{kind.path}/{stored.name}"} if created else {}
    return json_response(view, 201 if created else 200, {"ETag": f'"{stored.version}"', **location})
