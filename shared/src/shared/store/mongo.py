"""The DocumentStore in MongoDB, or in any server that speaks its protocol."""

import asyncio
import contextlib
import inspect
from collections.abc import Awaitable, Mapping, Sequence
from itertools import groupby
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import ReturnDocument, errors

from shared.store.documents import (
    DeclaredFields,
    check_changes,
    check_declaration,
    check_one,
    check_order,
)
from shared.store.mongo_batches import Batches, Insertion, Update
from shared.store.mongo_query import (
    after_cursor,
    alters_unique,
    asking,
    counting_by,
    document_of,
    ensure_indexes,
    matching,
    order,
    projection,
    stored,
    update,
)
from shared.store.port import (
    Change,
    Changes,
    Collection,
    Document,
    DuplicateKeyError,
    Insert,
    OrderedWrite,
    Replace,
    Scalar,
    StoreError,
    Where,
)

_SERVER_MILLISECONDS = 2_500
"""How long to look for a server that answers."""
_CALL_MILLISECONDS = 3_000
"""How long the driver may take for one call, retries included: it is to give up by itself, before it is interrupted."""
_VERB_SECONDS = 4.0
"""How long a verb may take, by the promise of five seconds: motor's calls may also wait for a thread."""
_INDEX_SECONDS = 600
"""How long the server may build the indexes of collections that are large already."""
_DATABASE = "opsimate"
"""Where the address names no database."""


class MongoDocumentStore:
    """Keeps each collection as one of MongoDB's, ``id`` as ``_id``.

    ``client_class`` is the driver: motor's client, or PyMongo's own ``AsyncMongoClient``.
    """

    def __init__(self, url: str, client_class: Any = AsyncIOMotorClient) -> None:
        self._url = url
        self._client_class = client_class
        self._client: Any = None
        self._database: Any = None
        self._opened: dict[str, tuple[Collection, Batches]] = {}
        """By name: the declaration, and what sends to the driver's own object, which costs more to make than to use."""

    async def open(self, collections: Sequence[Collection]) -> None:
        for collection in collections:
            check_declaration(collection)
        if self._client is None:
            self._connect()
        await self.ping()
        for collection in collections:
            async with asking(collection, within=_INDEX_SECONDS):
                await ensure_indexes(self._database[collection.name], collection, within=_INDEX_SECONDS)
            batches = Batches(self._database[collection.name], DeclaredFields(collection))
            self._opened[collection.name] = (collection, batches)

    async def close(self) -> None:
        client, self._client, self._database = self._client, None, None
        self._opened.clear()
        if client is not None and inspect.isawaitable(closing := client.close()):
            # PyMongo's own client closes asynchronously, motor's does not. It takes leave of the server, which may be
            # silent.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_VERB_SECONDS):
                    await closing

    async def ping(self) -> None:
        database = self._still_open()
        async with asking(None, within=_VERB_SECONDS):
            await database.command("ping")

    async def get(
        self,
        collection: Collection,
        id: str,  # noqa: A002 - the field's own name
        *,
        fields: Sequence[str] | None = None,
    ) -> Document | None:
        batches = self._batches(collection)
        shown = projection(collection, fields)
        if shown is None:
            return document_of(await batches.get(id, _deadline()))
        async with asking(collection, within=_VERB_SECONDS):
            return document_of(await batches.documents.find_one({"_id": id}, shown))

    async def insert(self, collection: Collection, document: Document) -> None:
        await self._insert(Insert(collection, document), _deadline())

    async def replace(self, collection: Collection, document: Document, *, version: int) -> bool:
        return await self._replace(Replace(collection, document, version), _deadline())

    async def change(self, collection: Collection, where: Where, changes: Changes) -> bool:
        return await self._change(Change(collection, where, changes), _deadline())

    async def change_all(self, collection: Collection, where: Where, changes: Changes) -> int:
        batches = self._batches(collection)
        documents, condition = batches.documents, matching(collection, where)
        check_changes(collection, changes)
        async with asking(collection, within=_VERB_SECONDS):
            if not alters_unique(collection, changes):
                return int((await documents.update_many(condition, update(changes))).matched_count)
            ids = [kept["_id"] for kept in await documents.find(condition, {"_id": 1}).to_list(None)]
            each = [{"$and": [{"_id": id_}, condition]} for id_ in ids]
            changed = [await batches.change_unique(one, changes) for one in each]
        return len(changed) - changed.count(None)

    async def claim(
        self, collection: Collection, where: Where, changes: Changes, *, order_by: str = "id"
    ) -> Document | None:
        batches = self._batches(collection)
        check_order(collection, order_by)
        condition, by = matching(collection, where), order(order_by)
        size = check_changes(collection, changes)
        is_unique = alters_unique(collection, changes)
        if not is_unique and isinstance(where.get("id"), str):
            return document_of(
                await batches.claim(Update(condition["_id"], condition, update(changes), size), _deadline())
            )
        async with asking(collection, within=_VERB_SECONDS):
            if is_unique:
                return await batches.change_unique(condition, changes, by)
            kept = await batches.documents.find_one_and_update(
                condition, update(changes), sort=by, return_document=ReturnDocument.AFTER
            )
        return document_of(kept)

    async def write_in_order(self, writes: Sequence[OrderedWrite]) -> list[bool]:
        deadline = _deadline()
        made: list[bool] = []
        for (kind, _), group in groupby(writes, key=lambda write: (type(write), write.collection.name)):
            if kind is Insert:
                inserting = [self._make(write, deadline) for write in group]
                answers = await asyncio.gather(*inserting, return_exceptions=True)
                made += [_is_inserted(answer) for answer in answers]
                continue
            for write in group:
                made.append(await self._make(write, deadline))
                if not made[-1]:
                    return made + [False] * (len(writes) - len(made))
        return made

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
        batches = self._batches(collection)
        shown = projection(collection, fields)
        check_order(collection, order_by)
        condition = matching(collection, where)
        if after is not None:
            condition = {"$and": [condition, after_cursor(order_by, after, descending=descending)]}
        if limit < 1:
            return []
        by = order(order_by, descending=descending)
        async with asking(collection, within=_VERB_SECONDS):
            found = await batches.find(condition, limit=limit, order=by, shown=shown)
        return [document for kept in found if (document := document_of(kept)) is not None]

    async def count(self, collection: Collection, where: Where, *, limit: int | None = None) -> int:
        documents, condition = self._batches(collection).documents, matching(collection, where)
        async with asking(collection, within=_VERB_SECONDS):
            return int(await documents.count_documents(condition, **({} if limit is None else {"limit": limit})))

    async def count_by(self, collection: Collection, where: Where, key: str) -> dict[Scalar, int]:
        documents, condition = self._batches(collection).documents, matching(collection, where)
        check_order(collection, key)
        async with asking(collection, within=_VERB_SECONDS):
            found = documents.aggregate(counting_by(condition, key))
            counts = await (await found if inspect.isawaitable(found) else found).to_list(None)
        return {count["_id"]: int(count["number"]) for count in counts}

    async def delete(self, collection: Collection, where: Where, *, limit: int | None = None) -> int:
        batches = self._batches(collection)
        documents, condition = batches.documents, matching(collection, where)
        async with asking(collection, within=_VERB_SECONDS):
            if limit is None:
                return int((await documents.delete_many(condition)).deleted_count)
            if limit < 1:
                return 0
            first = await batches.find(condition, limit=limit, order=order("id"), shown={"_id": 1})
            if not (ids := [kept["_id"] for kept in first]):
                return 0
            chosen = {"$and": [{"_id": {"$in": ids}}, condition]}
            return int((await documents.delete_many(chosen)).deleted_count)

    def _make(self, write: OrderedWrite, deadline: float) -> Awaitable[Any]:
        match write:
            case Insert():
                return self._insert(write, deadline)
            case Replace():
                return self._replace(write, deadline)
            case Change():
                return self._change(write, deadline)

    def _insert(self, write: Insert, deadline: float) -> Awaitable[None]:
        batches = self._batches(write.collection)
        kept, size = stored(batches.fields, write.document, version=1)
        return batches.insert(Insertion(kept["_id"], kept, size), deadline)

    def _replace(self, write: Replace, deadline: float) -> Awaitable[bool]:
        batches = self._batches(write.collection)
        kept, size = stored(batches.fields, write.document, version=write.version + 1)
        condition = {"_id": kept["_id"], "version": write.version}
        return batches.update(Update(kept["_id"], condition, kept, size, replaces=True), deadline)

    def _change(self, write: Change, deadline: float) -> Awaitable[bool]:
        batches = self._batches(write.collection)
        check_one(write.collection, write.where)
        condition = matching(write.collection, write.where)
        size = check_changes(write.collection, write.changes)
        if alters_unique(write.collection, write.changes):
            return _change_unique(batches, condition, write.changes, deadline)
        return batches.update(Update(condition["_id"], condition, update(write.changes), size), deadline)

    def _connect(self) -> None:
        try:
            self._client = self._client_class(
                self._url,
                appname="opsimate",
                serverSelectionTimeoutMS=_SERVER_MILLISECONDS,
                connectTimeoutMS=_SERVER_MILLISECONDS,
                timeoutMS=_CALL_MILLISECONDS,
                retryWrites=False,  # compatible servers lack the sessions that retries need
                w="majority",
                journal=True,
            )
        except (errors.ConfigurationError, ValueError) as error:
            raise StoreError(f"the address of the MongoDB server is wrong: {error}") from error
        self._database = self._client.get_default_database(_DATABASE)

    def _batches(self, collection: Collection) -> Batches:
        self._still_open()
        declared, batches = self._opened.get(collection.name, (None, None))
        # Equality compares every key of a declaration, and nearly always it is the very same object.
        if batches is None or (declared is not collection and declared != collection):
            raise StoreError(f"the store was not opened with this declaration of {collection.name}")
        return batches

    def _still_open(self) -> Any:
        if self._database is None:
            raise StoreError("the store is not open")
        return self._database


async def _change_unique(batches: Batches, condition: Mapping[str, Any], changes: Changes, deadline: float) -> bool:
    async with asking(batches.fields.collection, within=deadline - asyncio.get_running_loop().time()):
        return await batches.change_unique(condition, changes) is not None


def _is_inserted(answer: BaseException | None) -> bool:
    if answer is not None and not isinstance(answer, DuplicateKeyError):
        raise answer
    return answer is None


def _deadline() -> float:
    """When a verb that is asked for now has to be answered, by the event loop's clock."""
    return asyncio.get_running_loop().time() + _VERB_SECONDS
