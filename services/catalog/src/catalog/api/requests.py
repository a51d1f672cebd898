"""How requests are read: the media type that is preferred, JSON that means one thing, the versions that may be
replaced, and the page of a list.
"""

import base64
import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any, Generic, NoReturn, TypeVar

from fastapi import Depends, Header, Request
from fastapi.routing import APIRoute
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from catalog.domain.views import View
from shared.contracts.definition import Strict
from shared.http import ProblemError, invalid_field

_QUALITY = re.compile(r";\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*(?:;|$)")


def prefers(accept: str, wanted: str, usual: str) -> bool:
    """Whether the header asks for the one media type rather than for the usual one, which is had otherwise."""
    return _weight(accept, wanted) > _weight(accept, usual)


def _weight(accept: str, media_type: str) -> tuple[float, int]:
    """What a media type is worth from 0 to 1, as the range says that fits it best, and how well that fits."""
    ranges = ["*/*", media_type.partition("/")[0] + "/*", media_type]
    fit, quality = -1, 0.0
    for part in accept.lower().split(","):
        name = part.partition(";")[0].strip()
        if name in ranges and ranges.index(name) > fit:
            found = _QUALITY.search(part)
            fit, quality = ranges.index(name), float(found[1]) if found else 1.0
    return quality, fit if quality else -1


FastPath = Callable[[Request], Awaitable[Response | None]]
"""Answers a request that is as most are; none where it is not, and nothing was done."""
_Endpoint = TypeVar("_Endpoint", bound=Callable[..., Any])

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def on_fast_path(path: FastPath) -> Callable[[_Endpoint], _Endpoint]:
    """Have an endpoint's requests answered this way, where that can.

    To find what an endpoint declares takes FastAPI (0.165) as long as asking for a run takes altogether, and most
    requests of a program are alike. All else goes FastAPI's way, which also says what is wrong with a request.
    """

    def with_fast_path(endpoint: _Endpoint) -> _Endpoint:
        endpoint.__dict__["fast_path"] = path
        return endpoint

    return with_fast_path


class StrictJsonRoute(APIRoute):
    """The route of an endpoint that takes a body: JSON that readers may take for different things is refused."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own handler, given a request that reads its body strictly, unless the fast path does."""
        handle = super().get_route_handler()
        fast_path: FastPath | None = getattr(self.endpoint, "fast_path", None)

        async def handle_strictly(request: Request) -> Response:
            strict = _StrictRequest(request.scope, request.receive)
            if fast_path is not None and (response := await fast_path(strict)) is not None:
                return response
            return await handle(strict)

        return handle_strictly


class _StrictRequest(Request):
    async def json(self) -> Any:
        """The body as RFC 8259 and RFC 7493 have it; 400 for what only some readers take."""
        body = await self.body()
        value = json.loads(body, object_pairs_hook=_each_name_once, parse_constant=_refuse_constant)
        if _SURROGATE.search(body):
            _require_whole_characters(value)
        return value


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        _refuse(f"the name {json.dumps(twice)[:100]} stands twice in one object of the body; keep one of them")
    return found


def _refuse_constant(constant: str) -> NoReturn:
    _refuse(f"the body is not JSON: {constant} is no number there")


def _require_whole_characters(value: Any) -> None:
    """JSON can write half a character, but no text holds it, and no store."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        _refuse("the body holds half a character (a lone surrogate such as \\ud800), which is no text")


def _refuse(detail: str) -> NoReturn:
    # Of all that can be raised while a body is read, FastAPI lets only this through as it is.
    raise HTTPException(400, detail)


MOST_ITEMS = 200
USUAL_ITEMS = 50

ItemT = TypeVar("ItemT")
_TAG = re.compile(r'(W/)?"(\d{1,18})"')
_ID = re.compile(r"[A-Za-z0-9._-]+")


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


class PageQuery(Strict):
    """Which part of a list is asked for."""

    limit: Annotated[int, Field(ge=1, le=MOST_ITEMS, description="How many items, at most.")] = USUAL_ITEMS
    cursor: Annotated[
        str | None, Field(max_length=1_000, description="What an earlier page had in `next`, to go on from there.")
    ] = None


class Page(View, Generic[ItemT]):
    """A part of a list."""

    items: list[ItemT]
    next: str | None
    """The `cursor` of the next page; null where this is the last."""


def cursor_after(last_id: str | None) -> str | None:
    """The cursor of the page that begins after an id."""
    return None if last_id is None else base64.urlsafe_b64encode(last_id.encode()).decode().rstrip("=")


def id_of(cursor: str | None) -> str | None:
    """The id that a page begins after; 422 where the cursor is none of ours."""
    if cursor is None:
        return None
    try:
        last_id = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except ValueError as error:
        raise invalid_field("cursor", "is not what an earlier page had in 'next'") from error
    if cursor_after(last_id) != cursor or not _ID.fullmatch(last_id):
        raise invalid_field("cursor", "is not what an earlier page had in 'next'")
    return last_id


def page_by_id(items: list[ItemT], ids: list[str], limit: int) -> Page[ItemT]:
    """The page that shows the first ``limit`` of the items, of which one more than that was asked for."""
    last = ids[limit - 1] if len(items) > limit else None
    return Page[ItemT].model_construct(items=items[:limit], next=cursor_after(last))
