"""Definitions as they are shown over HTTP: what holds for every kind."""

import json
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi.responses import Response
from pydantic import BaseModel, Field, JsonValue, create_model

from catalog.api.context import PREFIX, CatalogContext
from catalog.api.definition_additions import ADDITIONS
from catalog.api.requests import cursor_after
from catalog.domain.views import View
from catalog.handlers.checks import warnings_of
from catalog.handlers.definitions import Write
from catalog.handlers.versions import Version
from shared.contracts.definition import Definition
from shared.contracts.problem import FieldWarning
from shared.contracts.values import Instant, instant_text
from shared.definitions import Change, Stored
from shared.kinds import Kind

_IGNORED = Annotated[JsonValue, Field(exclude=True, description="Ignored: only answers say it.")]


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
    file_set: str = ""
    """The set of files that made it; left out where something else did."""
    gone: list[str] = []
    """What it names that is not there any more, in sentences; left out where there is nothing."""
    warnings: list[FieldWarning] = []
    """Only in the answer to a write: what is saved and may not do what is meant."""


class VersionView(View):
    """One version of a definition."""

    version: int = Field(examples=[3])
    change: Change
    at: Instant
    by: str = Field(examples=["admin"])
    """The name of whoever wrote it."""
    principal_id: str
    """Names the writer among all that ever had the name."""
    note: str = Field(examples=["after the upgrade"])
    """What the writer said of it."""


class WholeVersionView(VersionView):
    """One version of a definition, with what it says."""

    definition: dict[str, JsonValue] | None
    """As it was stored; null for a deletion. Of a secret it has no value."""
    diff: str | None = None
    """Only with ``against``: what this version changes of that one, as a unified diff of their YAML."""


def view_of(kind: Kind[Any]) -> type[BaseModel]:
    """What is shown of one."""
    bases = (ADDITIONS[kind.word].fields,) if kind.word in ADDITIONS else ()
    return create_model(
        f"{_camel(kind)}View",
        __base__=(About, *bases, kind.kept),
        __doc__=kind.kept.__doc__,
        __cls_kwargs__={"json_schema_extra": None},
    )


def body_of(kind: Kind[Any]) -> type[BaseModel]:
    """What is sent to store one. What an answer shows besides may come back with it, and means nothing then."""
    added = {**About.model_fields, **(ADDITIONS[kind.word].fields.model_fields if kind.word in ADDITIONS else {})}
    ignored: Any = {name: (_IGNORED, None) for name in added if name not in kind.model.model_fields}
    return create_model(f"{_camel(kind)}Body", __base__=kind.model, __doc__=kind.model.__doc__, **ignored)


def _camel(kind: Kind[Any]) -> str:
    return kind.title.title().replace(" ", "")


def definition_in(body: Any, kind: Kind[Any]) -> Definition:
    """The definition itself, without what only came back with it."""
    return kind.model.model_construct(**{name: getattr(body, name) for name in kind.model.model_fields})


async def _views(
    context: CatalogContext, kind: Kind[Any], definitions: Sequence[Stored[Any]], caller_id: str
) -> list[dict[str, Any]]:
    added: list[dict[str, Any]] = [{} for _ in definitions]
    if kind.word in ADDITIONS:
        added = await ADDITIONS[kind.word].of(context, definitions, caller_id)
    return [
        {
            **stored.definition.model_dump(mode="json"),
            "version": stored.version,
            "uid": stored.uid,
            "created_at": instant_text(stored.created_at),
            "updated_at": instant_text(stored.updated_at),
            "updated_by": stored.updated_by,
            **({"file_set": stored.file_set} if stored.file_set else {}),
            **more,
        }
        for stored, more in zip(definitions, added, strict=True)
    ]


async def with_gone(
    context: CatalogContext, kind: Kind[Any], definitions: Sequence[Stored[Any]], caller_id: str
) -> list[dict[str, Any]]:
    """What is shown of them to a principal, with what they name that is not there any more."""
    views = await _views(context, kind, definitions, caller_id)
    for view, sentences in zip(views, await context.definitions[kind.word].gone(definitions), strict=True):
        if sentences:
            view["gone"] = sentences
    return views


async def written(
    context: CatalogContext,
    kind: Kind[Any],
    stored: Stored[Any],
    write: Write,
    *,
    created: bool = False,
    of: Definition | None = None,
) -> Response:
    """What this write has stored just now, with what the author of the definition is warned of."""
    (view,) = await _views(context, kind, [stored], write.principal_id)
    warnings = [] if of is None else await warnings_of(of, stored, context.check_context)
    if said := [warning.model_dump(mode="json") for warning in warnings]:
        view["warnings"] = said
    return versioned(kind, stored, view, created=created)


def versioned(kind: Kind[Any], stored: Stored[Any], view: dict[str, Any], *, created: bool = False) -> Response:
    """The view with its version as ETag, and where it is, if it was just made."""
    location = {"Location": f"{PREFIX}/{kind.path}/{stored.name}"} if created else {}
    return json_response(view, 201 if created else 200, {"ETag": f'"{stored.version}"', **location})


def version_view(version: Version) -> dict[str, Any]:
    return {
        "version": version.number,
        "change": version.change,
        "at": instant_text(version.at),
        "by": version.by,
        "principal_id": version.principal_id,
        "note": version.note,
    }


def page_of(items: list[dict[str, Any]], last: str | None) -> Response:
    """A page whose last item has this id, where another one follows."""
    return json_response({"items": items, "next": cursor_after(last)})


def json_response(content: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """The content as it is."""
    return Response(json.dumps(content, ensure_ascii=False), status, headers, "application/json")
