"""How requests are read: what is preferred and understood, the versions that may be replaced, the page of a list."""

import base64
import re
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Header
from pydantic import AfterValidator, Field, StringConstraints

from catalog.domain.views import View
from shared.contracts.definition import Strict
from shared.contracts.values import line_feeds, readable_text
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


def takes_encoding(accept_encoding: str, encoding: str) -> bool:
    """Whether the header names an encoding as one that is understood."""
    for part in accept_encoding.lower().split(","):
        if part.partition(";")[0].strip() == encoding:
            found = _QUALITY.search(part)
            return found is None or float(found[1]) > 0
    return False


RunId = Annotated[str, Field(examples=["01JX3Q7W8Z5V9K2M4N6P8R0S2T"])]
Comment = Annotated[str, StringConstraints(max_length=1_000), AfterValidator(line_feeds), AfterValidator(readable_text)]
"""What a person says of what they ask for."""

MOST_ITEMS = 200
USUAL_ITEMS = 50

ItemT = TypeVar("ItemT")
_TAG = re.compile(r'(W/)?"(\d{1,18})"')
_ID = re.compile(r"[A-Za-z0-9._:-]+")


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
    return Page[ItemT](items=items[:limit], next=cursor_after(last))
