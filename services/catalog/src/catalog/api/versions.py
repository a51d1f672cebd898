"""Versions over HTTP: an ETag with every stored thing, If-Match on what changes one, and every version of a definition
listed, shown and compared.
"""

import json
import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query
from fastapi.responses import Response
from pydantic import Field, JsonValue

from catalog.api.context import Catalog, problems
from catalog.api.paging import Page, PageQuery, cursor_after, id_of
from catalog.domain.views import View
from catalog.handlers.definitions import Version, Write
from shared.contracts.principal import Principal
from shared.contracts.values import Instant, instant_text
from shared.definitions import Change
from shared.http import ProblemError, invalid_field
from shared.kinds import Kind

_TAG = re.compile(r'(W/)?"(\d{1,18})"')


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


async def wanted_versions(
    if_match: Annotated[
        str | None,
        Header(
            description="The ETag of the version to be changed; 412 where it is another one by now. `*` is any.",
            examples=['"3"'],
        ),
    ] = None,
) -> frozenset[int] | None:
    """The versions that ``If-Match`` names: none without it, empty for ``*``, which is whatever there is."""
    if if_match is None:
        return None
    if if_match.strip() == "*":
        return frozenset()
    found = [_TAG.fullmatch(tag.strip()) for tag in if_match.split(",")]
    if not all(found):
        raise ProblemError(400, f'the header If-Match is not an ETag such as "3", but: {if_match[:80]}')
    # A weak tag never matches where bytes count (RFC 9110), and no version is 0.
    return frozenset(0 if tag[1] else int(tag[2]) for tag in found if tag is not None)


IfMatch = Annotated[frozenset[int] | None, Depends(wanted_versions)]
Note = Annotated[str, Query(max_length=1_000, description="Why, for whoever reads the versions later.")]
Number = Annotated[int, Path(ge=1, le=10**9, description="The number of a version.")]


def writing(writer: Any) -> Any:
    """The dependency of an endpoint that writes: who, why and over what; ``writer`` is that on who may."""

    async def write(versions: IfMatch, note: Note = "", caller: Principal = writer) -> Write:
        return Write(caller.name, caller.id, note, versions)

    return Depends(write)


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
        catalog: Catalog, name: str, query: Annotated[PageQuery, Query()], _caller: Principal = reader
    ) -> Response:
        """Every change and every deletion of what has or had the name, the newest first."""
        found = await catalog.definitions[kind.word].versions(name, _number_in(query.cursor), query.limit + 1)
        last = str(found[query.limit - 1].number) if len(found) > query.limit else None
        return page_of([_version(one) for one in found[: query.limit]], last)

    @router.get(
        "/{name}/versions/{number}",
        response_model=WholeVersionView,
        responses=problems(_404="There is no such version."),
        summary=f"Show or compare a version of {kind.a_title}",
        operation_id=f"show_{kind.word}_version",
    )
    async def version(
        catalog: Catalog,
        name: str,
        number: Number,
        against: Annotated[
            int | None, Query(ge=1, le=10**9, description="The version to compare it with; the answer has `diff` then.")
        ] = None,
        _caller: Principal = reader,
    ) -> Response:
        """One version with its definition."""
        definitions = catalog.definitions[kind.word]
        found = await definitions.version(name, number)
        view = {**_version(found), "definition": found.definition}
        if against is not None:
            view["diff"] = await definitions.compare(name, number, against)
        return json_response(view)


def _version(version: Version) -> dict[str, Any]:
    return {
        "version": version.number,
        "change": version.change,
        "at": instant_text(version.at),
        "by": version.by,
        "principal_id": version.principal_id,
        "note": version.note,
    }


def _number_in(cursor: str | None) -> int | None:
    text = id_of(cursor)
    if text is not None and not text.isdecimal():
        raise invalid_field("cursor", "is not what an earlier page had in 'next'")
    return None if text is None else int(text)


def page_of(items: list[dict[str, Any]], last: str | None) -> Response:
    """A page whose last item has this id, where another one follows."""
    return json_response({"items": items, "next": cursor_after(last)})


def json_response(content: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """The content as it is."""
    return Response(json.dumps(content, ensure_ascii=False), status, headers, "application/json")
