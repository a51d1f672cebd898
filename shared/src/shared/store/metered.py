"""A DocumentStore that counts and times what is asked of another one, and writes only while it may."""

from collections.abc import Coroutine, Sequence
from time import perf_counter
from typing import Any, Protocol, TypeVar

from prometheus_client import Counter, Histogram

from shared.store.port import Changes, Collection, Document, DocumentStore, Scalar, Where

OPERATIONS = Counter(
    "opsimate_store_operations_total", "Operations asked of the store, failed ones too", ["verb", "collection"]
)
SECONDS = Histogram(
    "opsimate_store_seconds",
    "How long operations of the store took",
    ["verb"],
    buckets=(0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5),
)
_READS = frozenset({"ping", "get", "find", "count"})
_Answer = TypeVar("_Answer")


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
        self._counters: dict[tuple[str, str], Counter] = {}
        self._timers: dict[str, Histogram] = {}

    async def open(self, collections: Sequence[Collection]) -> None:
        await self._store.open(collections)

    async def close(self) -> None:
        await self._store.close()

    async def ping(self) -> None:
        await self._measured("ping", "", self._store.ping())

    async def get(
        self,
        collection: Collection,
        id: str,  # noqa: A002 - the field's own name
        *,
        fields: Sequence[str] | None = None,
    ) -> Document | None:
        return await self._measured("get", collection.name, self._store.get(collection, id, fields=fields))

    async def insert(self, collection: Collection, document: Document) -> None:
        await self._measured("insert", collection.name, self._store.insert(collection, document))

    async def replace(self, collection: Collection, document: Document, *, version: int) -> bool:
        replacing = self._store.replace(collection, document, version=version)
        return await self._measured("replace", collection.name, replacing)

    async def change(self, collection: Collection, where: Where, changes: Changes) -> bool:
        return await self._measured("change", collection.name, self._store.change(collection, where, changes))

    async def change_all(self, collection: Collection, where: Where, changes: Changes) -> int:
        changing = self._store.change_all(collection, where, changes)
        return await self._measured("change_all", collection.name, changing)

    async def claim(
        self, collection: Collection, where: Where, changes: Changes, *, order_by: str = "id"
    ) -> Document | None:
        claiming = self._store.claim(collection, where, changes, order_by=order_by)
        return await self._measured("claim", collection.name, claiming)

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
        finding = self._store.find(
            collection, where, order_by=order_by, descending=descending, after=after, limit=limit, fields=fields
        )
        return await self._measured("find", collection.name, finding)

    async def count(self, collection: Collection, where: Where) -> int:
        return await self._measured("count", collection.name, self._store.count(collection, where))

    async def delete(self, collection: Collection, where: Where, *, limit: int | None = None) -> int:
        return await self._measured("delete", collection.name, self._store.delete(collection, where, limit=limit))

    async def _measured(self, verb: str, collection: str, asked: Coroutine[Any, Any, _Answer]) -> _Answer:
        if self._guard is not None and not self._guard.is_trusted and verb not in _READS:
            await self._permitted(self._guard, asked)
        began = perf_counter()
        try:
            return await asked
        finally:
            self._timer(verb).observe(perf_counter() - began)
            self._counter(verb, collection).inc()

    @staticmethod
    async def _permitted(guard: WriteGuard, asked: Coroutine[Any, Any, Any]) -> None:
        try:
            await guard.check()
        except BaseException:
            asked.close()  # it was never begun, and never will be
            raise

    def _counter(self, verb: str, collection: str) -> Counter:
        """The labelled counter, looked up once: ``labels`` costs more than counting."""
        if (verb, collection) not in self._counters:
            self._counters[verb, collection] = OPERATIONS.labels(verb, collection)
        return self._counters[verb, collection]

    def _timer(self, verb: str) -> Histogram:
        if verb not in self._timers:
            self._timers[verb] = SECONDS.labels(verb)
        return self._timers[verb]
