"""A store to try writes on: it reads what another one holds, and keeps what is written to itself."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from copy import deepcopy
from typing import cast

from shared.store.documents import apply_changes
from shared.store.port import (
    Absent,
    AllOf,
    Changes,
    Collection,
    Condition,
    Document,
    DocumentStore,
    DuplicateKeyError,
    OneOf,
    Range,
    Scalar,
    Where,
)

_Pending = dict[str, Document | None]
"""What was written, by id; none stands for what was deleted."""


class TrialStore:
    """Has those verbs of a ``DocumentStore`` that definitions are read and written with."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store
        self._pending: defaultdict[str, _Pending] = defaultdict(dict)
        self._before: defaultdict[str, dict[str, Document]] = defaultdict(dict)
        """What is stored of those that were changed or deleted, by id."""
        self._ids_of_name: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        """By collection and name: the versions of a thousand definitions are not gone through for each of them."""

    @classmethod
    def over(cls, store: DocumentStore) -> DocumentStore:
        """One for whoever needs no other verbs."""
        return cast(DocumentStore, cls(store))

    async def get(
        self,
        collection: Collection,
        id: str,  # noqa: A002 - the port's own name
        *,
        fields: Sequence[str] | None = None,
    ) -> Document | None:
        """As the port has it."""
        pending = self._pending[collection.name]
        if id not in pending:
            return await self._store.get(collection, id, fields=fields)
        return deepcopy(pending[id])

    async def insert(self, collection: Collection, document: Document) -> None:
        """As the port has it."""
        if await self.get(collection, document["id"]) is not None:
            raise DuplicateKeyError(collection.name, ("id",))
        self._keep(collection, {**deepcopy(document), "version": 1})

    async def change(self, collection: Collection, where: Where, changes: Changes) -> bool:
        """As the port has it."""
        document = await self.get(collection, str(where["id"]))
        if document is None or not _holds(where, document, collection):
            return False
        self._remember(collection, document)
        apply_changes(document, changes)
        self._keep(collection, {**document, "version": document["version"] + 1})
        return True

    async def delete(self, collection: Collection, where: Where) -> int:
        """As the port has it, of the one document whose ``id`` the filter names."""
        document = await self.get(collection, str(where["id"]))
        if document is None or not _holds(where, document, collection):
            return 0
        self._remember(collection, document)
        self._pending[collection.name][document["id"]] = None
        return 1

    async def find(
        self,
        collection: Collection,
        where: Where,
        *,
        order_by: str = "id",
        descending: bool = False,
        after: tuple[Scalar, str] | None = None,
        limit: int = 100,
        fields: Sequence[str] | None = None,
    ) -> list[Document]:
        """As the port has it, by a key that every document has; also what ``fields`` does not name may be there."""
        pending = self._pending[collection.name]
        found = await self._store.find(
            collection,
            where,
            order_by=order_by,
            descending=descending,
            after=after,
            # Of these some may be deleted or others by now.
            limit=limit + sum(1 for id_ in self._ids_in(collection, where)),
            fields=fields,
        )
        merged = [one for one in found if one["id"] not in pending]
        for id_ in self._ids_in(collection, where):
            document = pending[id_]
            if document is not None and _holds(where, document, collection):
                place = (document[order_by], id_)
                if after is None or (place < after if descending else place > after):
                    merged.append(deepcopy(document))
        merged.sort(key=lambda one: (one[order_by], one["id"]), reverse=descending)
        return merged[:limit]

    async def count_by(self, collection: Collection, where: Where, key: str) -> dict[Scalar, int]:
        """As the port has it."""
        counts = Counter(await self._store.count_by(collection, where, key))
        before = self._before[collection.name]
        for id_, document in self._pending[collection.name].items():
            for one, number in ((before.get(id_), -1), (document, 1)):
                if one is not None and _holds(where, one, collection):
                    counts[one.get(key)] += number
        return dict(+counts)

    def _remember(self, collection: Collection, stored: Document) -> None:
        if stored["id"] not in self._pending[collection.name]:
            self._before[collection.name][stored["id"]] = deepcopy(stored)

    def _keep(self, collection: Collection, document: Document) -> None:
        pending, id_ = self._pending[collection.name], document["id"]
        if id_ not in pending and "name" in document:
            self._ids_of_name[collection.name, document["name"]].append(id_)
        pending[id_] = document

    def _ids_in(self, collection: Collection, where: Where) -> Iterable[str]:
        """The ids of what was written and may be asked for."""
        pending = self._pending[collection.name]
        if isinstance(wanted := where.get("id"), str | OneOf):
            ids = wanted.values if isinstance(wanted, OneOf) else (wanted,)
            return [str(one) for one in ids if one in pending]
        if isinstance(name := where.get("name"), str):
            return self._ids_of_name[collection.name, name]
        return pending


def _holds(where: Where, document: Document, collection: Collection) -> bool:
    return all(
        set(condition.values) <= set(document.get(key, ()))
        if isinstance(condition, AllOf)
        else any(_fits(condition, value) for value in document.get(key, ()))
        if key in collection.lists
        else _fits(condition, document.get(key))
        for key, condition in where.items()
    )


def _fits(condition: Condition, value: Scalar) -> bool:
    if isinstance(condition, OneOf):
        return value in condition.values
    if isinstance(condition, Absent):
        return value is None
    if isinstance(condition, Range):
        return value is not None and (
            (condition.at_least is None or value >= condition.at_least)  # type: ignore[operator]
            and (condition.above is None or value > condition.above)  # type: ignore[operator]
            and (condition.at_most is None or value <= condition.at_most)  # type: ignore[operator]
            and (condition.below is None or value < condition.below)  # type: ignore[operator]
        )
    return value == condition
