"""Where documents are kept: one port, an adapter for a file of this machine and one for a server; and how often and how
fast each was.
"""

from collections.abc import Coroutine, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol, TypeVar

from shared.metrics import PlainCounter, PlainHistogram
from shared.store.port import (
    Absent,
    AllOf,
    Change,
    Changes,
    Collection,
    Condition,
    Document,
    DocumentStore,
    DuplicateKeyError,
    Insert,
    OneOf,
    OrderedWrite,
    Range,
    Replace,
    Scalar,
    StoreError,
    StoreUnavailableError,
    UndeclaredKeyError,
    Where,
)
from shared.store.sqlite import SqliteDocumentStore

__all__ = [
    "Absent",
    "AllOf",
    "Change",
    "Changes",
    "Collection",
    "Condition",
    "Document",
    "DocumentStore",
    "DuplicateKeyError",
    "Insert",
    "MeteredDocumentStore",
    "OneOf",
    "OrderedWrite",
    "Range",
    "Replace",
    "Scalar",
    "StoreError",
    "StoreUnavailableError",
    "UndeclaredKeyError",
    "Where",
    "document_store",
]


OPERATIONS = PlainCounter(
    "opsimate_store_operations_total", "Operations asked of the store, failed ones too", ["verb", "collection"]
)
SECONDS = PlainHistogram(
    "opsimate_store_seconds",
    "How long operations of the store took",
    ["verb"],
    buckets=(0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5),
)
_Answer = TypeVar("_Answer")
_Asked = Coroutine[Any, Any, _Answer]


def document_store(url: str) -> DocumentStore:
    """The store at ``sqlite:PATH`` or ``mongodb://…``, not opened yet; ``ValueError`` for any other address."""
    scheme, _, rest = url.partition(":")
    if scheme == "sqlite" and rest:
        return SqliteDocumentStore(Path(rest))
    if scheme in ("mongodb", "mongodb+srv") and rest.startswith("//"):
        # Imported only here and now: motor costs the embedded form start-up time and memory for nothing.
        from shared.store.mongo import MongoDocumentStore

        return MongoDocumentStore(url)
    raise ValueError(
        f"a store's address is sqlite:PATH, mongodb://HOST/DATABASE or mongodb+srv://HOST/DATABASE, not {scheme}:…"
    )


class WriteGuard(Protocol):
    """Says whether this process may write."""

    @property
    def is_trusted(self) -> bool:
        """Whether a write may begin without asking anew."""

    async def check(self) -> None:
        """Return if a write may begin, and else raise ``StoreUnavailableError``."""


class MeteredDocumentStore:
    """Does what the store it is given does, and says how often and how fast on the metrics page."""

    def __init__(self, store: DocumentStore, guard: WriteGuard | None = None) -> None:
        """``guard`` is asked before every write."""
        self._store = store
        self._guard = guard
        self._is_open = False
        """Until it is, and after it was, whoever asks is told that the store is away: a service answers meanwhile."""

    async def open(self, collections: Sequence[Collection]) -> None:
        await self._store.open(collections)
        self._is_open = True

    async def close(self) -> None:
        self._is_open = False
        await self._store.close()

    async def ping(self) -> None:
        await self._measured("ping", "", self._store.ping())

    def get(
        self,
        collection: Collection,
        id: str,  # noqa: A002 - the field's own name
        *,
        fields: Sequence[str] | None = None,
    ) -> _Asked[Document | None]:
        return self._measured("get", collection.name, self._store.get(collection, id, fields=fields))

    def insert(self, collection: Collection, document: Document) -> _Asked[None]:
        return self._measured("insert", collection.name, self._store.insert(collection, document), self._guard)

    def replace(self, collection: Collection, document: Document, *, version: int) -> _Asked[bool]:
        replacing = self._store.replace(collection, document, version=version)
        return self._measured("replace", collection.name, replacing, self._guard)

    def change(self, collection: Collection, where: Where, changes: Changes) -> _Asked[bool]:
        return self._measured("change", collection.name, self._store.change(collection, where, changes), self._guard)

    def change_all(self, collection: Collection, where: Where, changes: Changes) -> _Asked[int]:
        changing = self._store.change_all(collection, where, changes)
        return self._measured("change_all", collection.name, changing, self._guard)

    def claim(
        self, collection: Collection, where: Where, changes: Changes, *, order_by: str = "id"
    ) -> _Asked[Document | None]:
        claiming = self._store.claim(collection, where, changes, order_by=order_by)
        return self._measured("claim", collection.name, claiming, self._guard)

    async def write_in_order(self, writes: Sequence[OrderedWrite]) -> list[bool]:
        """Counted as the verbs that it stands for, and timed as one."""
        self._insist_on_open()
        if self._guard is not None and not self._guard.is_trusted:
            await self._guard.check()
        began = perf_counter()
        try:
            return await self._store.write_in_order(writes)
        finally:
            SECONDS.observe(perf_counter() - began, "write_in_order")
            for write in writes:
                OPERATIONS.inc(write.verb, write.collection.name)

    def find(
        self,
        collection: Collection,
        where: Where,
        *,
        order_by: str = "id",
        descending: bool = False,
        after: tuple[Scalar, str] | None = None,
        limit: int = 100,
        fields: Sequence[str] | None = None,
    ) -> _Asked[list[Document]]:
        finding = self._store.find(
            collection, where, order_by=order_by, descending=descending, after=after, limit=limit, fields=fields
        )
        return self._measured("find", collection.name, finding)

    def count(self, collection: Collection, where: Where, *, limit: int | None = None) -> _Asked[int]:
        return self._measured("count", collection.name, self._store.count(collection, where, limit=limit))

    def count_by(self, collection: Collection, where: Where, key: str) -> _Asked[dict[Scalar, int]]:
        return self._measured("count_by", collection.name, self._store.count_by(collection, where, key))

    def delete(self, collection: Collection, where: Where, *, limit: int | None = None) -> _Asked[int]:
        return self._measured(
            "delete", collection.name, self._store.delete(collection, where, limit=limit), self._guard
        )

    async def _measured(
        self, verb: str, collection: str, asked: _Asked[_Answer], guard: WriteGuard | None = None
    ) -> _Answer:
        try:
            self._insist_on_open()
            if guard is not None and not guard.is_trusted:
                await guard.check()
        except BaseException:
            asked.close()  # it was never begun, and never will be
            raise
        began = perf_counter()
        try:
            return await asked
        finally:
            SECONDS.observe(perf_counter() - began, verb)
            OPERATIONS.inc(verb, collection)

    def _insist_on_open(self) -> None:
        if not self._is_open:
            raise StoreUnavailableError("the store is not open: it is being reached, moved to this release, or closed")
