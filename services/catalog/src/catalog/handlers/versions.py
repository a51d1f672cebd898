"""The versions of definitions: every change is one, a deletion too, and the head follows them.

To insert ``name@number`` is the compare-and-set: of all who saw the same head one inserts the next version, and only
then the head moves on to it. A crash between the two leaves a version that is newer than the head; whoever meets one
moves the head on to it and begins anew, so that it blocks nobody.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.definitions import Change, version_id, version_of
from shared.kinds import Kind
from shared.store.port import Changes, Document, DocumentStore, DuplicateKeyError


@dataclass(frozen=True)
class Version:
    """One version of a definition."""

    number: int
    change: Change
    at: datetime
    by: str
    principal_id: str
    note: str
    text: str | None
    """The definition as it was stored, in JSON, even where no model of today would take it; none for a deletion."""

    @property
    def definition(self) -> dict[str, Any] | None:
        """The same as it is shown."""
        return None if self.text is None else json.loads(self.text)


class Versions:
    """The versions of one kind's definitions, and their heads."""

    def __init__(self, store: DocumentStore, kind: Kind[Any]) -> None:
        self._store = store
        self._kind = kind

    async def present(self, name: str) -> tuple[Document | None, int]:
        """The head, where there is one, and the number of the next version."""
        while True:
            head = await self._store.get(self._kind.collection, name)
            if head is not None:
                return head, head["number"] + 1
            newest = await self.newest(name)
            if newest is None or newest["change"] == "deleted":
                return None, 1 if newest is None else newest["number"] + 1
            await self._begin(newest)
            if self._kind.sealed:
                await self._forget_values(newest)

    async def newest(self, name: str) -> Document | None:
        """The newest version of whatever has or had this name."""
        found = await self.page(name, None, 1)
        return found[0] if found else None

    async def page(
        self, name: str, after: int | None, limit: int, *, fields: Sequence[str] | None = None
    ) -> list[Document]:
        """Versions of a name, the newest first, those that come after a number; all of each, or these fields."""
        last = None if after is None else (after, version_id(name, after))
        return await self._store.find(
            self._kind.versions,
            {"name": name},
            order_by="number",
            descending=True,
            after=last,
            limit=limit,
            fields=fields,
        )

    async def of(self, name: str, number: int) -> Document | None:
        """One version."""
        return await self._store.get(self._kind.versions, version_id(name, number))

    async def add(self, head: Document) -> bool:
        """Store what is to be the head as the version that it says it is, and make it the head.

        Not where somebody else was faster: the head is at that one's version then.
        """
        version = version_of(head)
        try:
            await self._store.insert(self._kind.versions, version)
        except DuplicateKeyError:
            await self.follow(head["name"], head["number"] - 1)
            return False
        await self._move(version)
        return True

    async def follow(self, name: str, number: int) -> None:
        """Move the head on from this version to the newest."""
        while (version := await self.of(name, number + 1)) is not None:
            await self._move(version)
            number += 1

    async def _move(self, version: Document) -> None:
        """Move the head on to the version after the one that it is at; if it is at another, somebody else did that."""
        at_the_one_before = {"id": version["name"], "number": version["number"] - 1}
        match version["change"]:
            case "deleted":
                await self._store.delete(self._kind.collection, at_the_one_before)
            case "changed":
                await self._store.change(self._kind.collection, at_the_one_before, Changes(set=_content(version)))
            case "created":
                await self._begin(version)
        if self._kind.sealed:
            await self._forget_values(version)

    async def _begin(self, version: Document) -> None:
        name, number = version["name"], version["number"]
        try:
            await self._store.insert(self._kind.collection, {"id": name, **_content(version)})
        except DuplicateKeyError:
            there = await self._store.get(self._kind.collection, name)
            number = number if there is None else there["number"]
        # Whoever is slow may have put back what was deleted since, or may yet find that somebody did.
        await self.follow(name, number)

    async def _forget_values(self, version: Document) -> None:
        """Take the value out of the version, where a crash would have lost it until now, and out of the one before."""
        for number in (version["number"], version["number"] - 1):
            where = {"id": version_id(version["name"], number)}
            await self._store.change(self._kind.versions, where, Changes(unset=("sealed",)))


def _content(document: Document) -> Document:
    return {key: value for key, value in document.items() if key not in {"id", "version", "unaudited"}}
