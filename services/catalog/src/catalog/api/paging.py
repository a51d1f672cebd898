"""Pages: how much of a list, and from where."""

import base64
import re
from typing import Annotated, Generic, TypeVar

from pydantic import Field

from catalog.domain.views import View
from shared.contracts.definition import Strict
from shared.http import invalid_field

MOST_ITEMS = 200
USUAL_ITEMS = 50

ItemT = TypeVar("ItemT")
_ID = re.compile(r"[A-Za-z0-9._-]+")


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
