"""Pages: how much of a list, and from where."""

import base64
import binascii
import json
from typing import Annotated, Generic, TypeVar

from pydantic import Field

from catalog.domain.run_view import View
from shared.contracts.definition import Strict
from shared.http import invalid_field
from shared.store.port import Scalar

MOST_ITEMS = 200
USUAL_ITEMS = 50

ItemT = TypeVar("ItemT")
Place = tuple[Scalar, str]


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


def cursor_after(place: Place | None) -> str | None:
    """The cursor of the page that begins after a place."""
    if place is None:
        return None
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def place_of(cursor: str | None) -> Place | None:
    """The place that a cursor names; 422 where it is none of ours."""
    if cursor is None:
        return None
    try:
        value, last_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, TypeError, RecursionError):
        value = last_id = None
    if not isinstance(value, str) or not isinstance(last_id, str):
        raise invalid_field("cursor", "is not what an earlier page had in 'next'")
    return value, last_id


def id_of(cursor: str | None) -> str | None:
    """The id that a cursor of a list ordered by ids names; 422 where it is none of ours."""
    place = place_of(cursor)
    return None if place is None else place[1]


def page_by_id(items: list[ItemT], ids: list[str], limit: int) -> Page[ItemT]:
    """The page that shows the first ``limit`` of the items, of which one more than that was asked for."""
    last = ids[limit - 1] if len(items) > limit else None
    return Page[ItemT].model_construct(items=items[:limit], next=None if last is None else cursor_after((last, last)))
