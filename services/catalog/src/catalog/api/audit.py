"""The audit over HTTP: entries found, the end of the chain, and all of it in order."""

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response, StreamingResponse
from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from catalog.api.context import PREFIX, Context, problems
from catalog.api.definition_views import json_response
from catalog.api.requests import Page, PageQuery, cursor_after, id_of
from catalog.domain.views import View
from catalog.handlers.audit import ENTRY_KINDS, TOLD_OF, AuditFilter, check_part, list_entries
from shared.access import May
from shared.audit import audit_head, entries_from
from shared.contracts.audit import AuditEntry, AuditHead
from shared.contracts.definition import Strict
from shared.contracts.principal import Principal
from shared.contracts.problem import nearest
from shared.contracts.values import WrittenInstant
from shared.http import invalid_field
from shared.store.port import DocumentStore

router = APIRouter(prefix=f"{PREFIX}/audit", tags=["audit"])


def _place(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return AuditHead.written(value)
    except ValueError as error:
        message = "is written NUMBER:HASH, as an earlier check answered it"
        raise ValueError(message) from error


AuditReader = Annotated[Principal, Depends(May("audit.read"))]
JSON_LINES = "application/x-ndjson"
Place = Annotated[
    AuditHead,
    BeforeValidator(_place),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,15}:[0-9a-f]{64}$"}),
]
Text = Annotated[str, Field(min_length=1, max_length=200)]


def _told_of(kind: str) -> str:
    """A slip would find nothing, and look as if nothing had been done."""
    known = ENTRY_KINDS if "." in kind else TOLD_OF
    if kind not in known:
        message = f"is nothing that entries tell of{nearest(kind, known)}: give one of {', '.join(sorted(TOLD_OF))}"
        raise ValueError(f"{message}, or what was done to it, as in action.changed")
    return kind


class AuditQuery(PageQuery):
    """Which entries are asked for: all that is given has to hold."""

    principal: Annotated[
        Text | None,
        Field(description="What this one did: a token by its name or its `uid`, an alert rule, or a schedule."),
    ] = None
    kind: Annotated[
        Annotated[
            str,
            Field(max_length=100, json_schema_extra={"pattern": r"^[a-z_]+(\.[a-z_]+)?$"}),
            AfterValidator(_told_of),
        ]
        | None,
        Field(description="What was done, `action.changed`; or what it was done to, `action`, `run`, `token`."),
    ] = None
    name: Annotated[Text | None, Field(description="What was done to this definition, token, or runs of it.")] = None
    run: Annotated[Text | None, Field(description="What was asked of the run with this id.")] = None
    since: Annotated[WrittenInstant | None, Field(description="Done at this instant or later.")] = None
    until: Annotated[WrittenInstant | None, Field(description="Done at this instant or earlier.")] = None

    def wanted(self) -> AuditFilter:
        """The filter without the page."""
        return AuditFilter(self.principal, self.kind, self.name, self.run, self.since, self.until)


class CheckQuery(Strict):
    """Which part of the chain is walked."""

    after: Annotated[Place, Field(description="The last entry that holds, `NUMBER:HASH`; none: from the first on.")] = (
        AuditHead()
    )
    expect: Annotated[Place | None, Field(description="A place in the chain that somebody has kept.")] = None


class ChainBreakView(View):
    """Where the chain does not hold."""

    number: int
    """Of the first entry that is not as it was written, or is not there."""
    meaning: str
    """In a sentence, what has become of it."""


class AuditCheckView(View):
    """What a walk along a part of the chain has found."""

    last: AuditHead
    """The last entry that holds."""
    broken: ChainBreakView | None
    is_end: bool
    """Whether the chain ends there; else ask on behind `last`."""


class ExportQuery(Strict):
    """From where on the chain is read."""

    begin: Annotated[int, Field(alias="from", ge=1, le=10**12, description="The number of the first entry.")] = 1


@router.get(
    "",
    response_model=Page[AuditEntry],
    responses=problems(_422="A filter, the limit or the cursor cannot be so."),
    summary="List entries of the audit",
    operation_id="list_audit",
)
async def entries(context: Context, _caller: AuditReader, query: Annotated[AuditQuery, Query()]) -> Response:
    """Who did what, when and from where; what was done last first.

    A change of a definition is here within a moment, what was asked of a run within about two seconds.
    """
    found = await list_entries(context.store, query.wanted(), _place_in(query.cursor), query.limit + 1)
    shown = [_shown(entry) for entry in found[: query.limit]]
    last = f"{shown[-1]['at']}_{shown[-1]['id']}" if len(found) > query.limit else None
    return json_response({"items": shown, "next": cursor_after(last)})


@router.get("/head", responses=problems(), summary="Show where the audit's chain ends", operation_id="show_audit_head")
async def head(context: Context, _caller: AuditReader) -> AuditHead:
    """The number and the hash of the newest entry. Whoever keeps them elsewhere can tell later whether all entries up
    to there are still those that they were.
    """
    return await audit_head(context.store)


@router.get(
    "/check",
    responses=problems(_422="A place in the chain cannot be so."),
    summary="Check a part of the audit",
    operation_id="check_audit",
)
async def check(context: Context, _caller: AuditReader, query: Annotated[CheckQuery, Query()]) -> AuditCheckView:
    """Walk the chain on from `after`, some thousand entries at a time, and say the first one that does not hold. Ask on
    with what is answered until the end; without a server that is to be believed, `opsimate audit verify` does the same.
    """
    found = await check_part(context.store, query.after, query.expect)
    return AuditCheckView.model_validate(found)


@router.get(
    "/export",
    responses=problems() | {200: {"description": "An entry a line.", "content": {JSON_LINES: {}}}},
    summary="Export the audit",
    operation_id="export_audit",
)
async def export(context: Context, _caller: AuditReader, query: Annotated[ExportQuery, Query()]) -> Response:
    """The chain in its order as JSON lines, each entry as it was hashed."""
    await audit_head(context.store)  # so that entries of a process that died are there
    return StreamingResponse(_lines(context.store, query.begin), media_type=JSON_LINES)


async def _lines(store: DocumentStore, begin: int) -> AsyncIterator[bytes]:
    async for page in entries_from(store, begin):
        yield "".join(f"{json.dumps(entry)}\n" for entry in page).encode()


def _shown(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != "version"}


def _place_in(cursor: str | None) -> tuple[str, str] | None:
    text = id_of(cursor)
    if text is None:
        return None
    at, _, id_ = text.partition("_")
    if not id_.isdecimal():
        raise invalid_field("cursor", "is not what an earlier page had in 'next'")
    return at, id_
