"""Favourites: the actions that a person, or a program, marked as its own, by the id of the principal.

They are of names: one whose action is deleted is shown no more, and is there again once an action has the name again.
"""

from contextlib import suppress

from catalog.handlers.refusals import ConflictError, unknown
from shared.collections import ACTIONS, FAVOURITES
from shared.kinds import ACTION
from shared.store.port import DocumentStore, DuplicateKeyError

MOST_FAVOURITES = 200
"""Of one principal."""


async def favourites_of(store: DocumentStore, principal_id: str) -> frozenset[str]:
    """The names of the actions that it marked, whether they are there or not."""
    limit = 2 * MOST_FAVOURITES  # as two that are marked at the same time may both be the last one
    found = await store.find(FAVOURITES, {"principal_id": principal_id}, limit=limit, fields=("action",))
    return frozenset(one["action"] for one in found)


async def mark(store: DocumentStore, principal_id: str, action: str) -> None:
    """Mark an action, which may be marked already; ``UnknownError``, ``ConflictError`` where it has too many."""
    if await store.get(ACTIONS, action, fields=()) is None:
        raise await unknown(store, ACTION, action)
    marked = await favourites_of(store, principal_id)
    if action in marked:
        return
    if len(marked) >= MOST_FAVOURITES:
        message = f"{MOST_FAVOURITES} favourites are the most that anybody can have; remove one first"
        raise ConflictError(message)
    with suppress(DuplicateKeyError):  # somebody with the same token was faster
        mine = {"id": _id(principal_id, action), "principal_id": principal_id, "action": action}
        await store.insert(FAVOURITES, mine)


async def unmark(store: DocumentStore, principal_id: str, action: str) -> None:
    """Have an action marked no more, whether it was or not."""
    await store.delete(FAVOURITES, {"id": _id(principal_id, action)})


async def forget_favourites(store: DocumentStore, principal_id: str) -> None:
    """Of a principal that is gone for good."""
    await store.delete(FAVOURITES, {"principal_id": principal_id})


def _id(principal_id: str, action: str) -> str:
    return f"{principal_id} {action}"
