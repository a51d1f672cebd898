"""Names of stored definitions: which of those wanted exist, and all of them where one has to be suggested."""

from collections.abc import Iterable

from catalog.handlers.errors import UnknownError
from shared.store.port import Collection, Document, DocumentStore, OneOf, Range

PAGE = 200
MOST_SUGGESTIONS = 2_000
"""Names read to find the nearest one."""
LAST = "\x7f"
"""Sorts after everything that a name is made of."""


async def known_names(store: DocumentStore, collection: Collection, wanted: Iterable[str]) -> frozenset[str]:
    """Those of the wanted names that exist; where one does not, all names, to find the nearest among them."""
    asked = frozenset(wanted)
    if not asked:
        return frozenset()
    found = await store.find(collection, {"id": OneOf(tuple(sorted(asked)))}, limit=len(asked))
    if len(found) == len(asked):
        return asked
    # Beyond the number of suggestions the wanted ones still have to be among them.
    return frozenset(document["id"] for document in found) | await _all_names(store, collection)


async def _all_names(store: DocumentStore, collection: Collection) -> frozenset[str]:
    names: list[str] = []
    while len(names) < MOST_SUGGESTIONS:
        after = (names[-1], names[-1]) if names else None
        page = await store.find(collection, {}, after=after, limit=PAGE)
        names += [document["id"] for document in page]
        if len(page) < PAGE:
            break
    return frozenset(names)


async def unknown(store: DocumentStore, collection: Collection, word: str, name: str) -> UnknownError:
    """The error for a name that is not there, with the nearest one that is.

    Somebody who applies a thousand new definitions asks for each of them first, so little is read: where there are
    many names, only those that begin as this one does.
    """
    page = await store.find(collection, {}, limit=PAGE)
    if len(page) == PAGE and name:
        page = await store.find(collection, {"id": Range(at_least=name[0], below=name[0] + LAST)}, limit=PAGE)
    return UnknownError(word, name, [document["id"] for document in page])


async def users_in(
    store: DocumentStore, collection: Collection, word: str, list_name: str, name: str, *, most: int = 5
) -> list[str]:
    """The definitions of a collection that list the name, as words for people: a few, and how many more."""
    found: list[Document] = await store.find(collection, {list_name: name}, limit=most + 1)
    users = [f"{word} '{document['id']}'" for document in found[:most]]
    return [*users, f"more {word}s"] if len(found) > most else users
