"""The commands to MongoDB that what is asked of one collection shares.

Writes and look-ups by id are sent as the commands that they are, whether of one document or of many: what the driver's
own verbs make of them costs more than the commands do, and each write has to be told its own result anyway.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

import bson
from bson import ObjectId
from bson.errors import BSONError
from pymongo import ReturnDocument, errors

from shared.store.documents import DeclaredFields, apply_changes
from shared.store.mongo_lane import Answer, Asked, Lane, Send
from shared.store.mongo_query import WRITTEN_BY, document_of, own_fields, update
from shared.store.port import Changes, Document, StoreUnavailableError

_UNWRITABLE = (BSONError, OverflowError, UnicodeError)
"""What the driver raises, before it sends anything, for a value that it cannot write down."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """A document to get."""

    id: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class Insertion:
    """A document to add, as it is kept."""

    id: str
    document: dict[str, Any]
    size: int
    """In characters."""


@dataclass(frozen=True, slots=True)
class Update:
    """What becomes of the one document that the condition may hold for."""

    id: str
    condition: Mapping[str, Any]
    update: dict[str, Any]
    """Operators, or the whole document where it ``replaces``."""
    size: int
    """In characters."""
    replaces: bool = False


class Batches:
    """The lanes of one collection."""

    def __init__(self, documents: Any, fields: DeclaredFields) -> None:
        """``documents`` is the driver's collection. Deadlines are by the event loop's clock."""
        self.documents = documents
        self.fields = fields
        self._name = documents.name
        self._command = documents.database.command
        self._concern = documents.write_concern.document
        self._turns = WeakValueDictionary[str, asyncio.Lock]()
        collection = fields.collection
        self._lookups = Lane(self._get, collection, is_distinct=False)
        self._insertions = Lane(self._insert, collection)
        self._updates = Lane(self._update, collection)
        self._claims = Lane(self._claim, collection)

    def get(self, id_: str, deadline: float) -> Awaitable[Mapping[str, Any] | None]:
        """The document as it is kept."""
        return self._lookups.ask(Lookup(id_), deadline)

    def insert(self, insertion: Insertion, deadline: float) -> Awaitable[None]:
        """Add a document."""
        return self._insertions.ask(insertion, deadline)

    def update(self, update: Update, deadline: float) -> Awaitable[bool]:
        """Change or replace a document; whether the condition held for it."""
        return self._updates.ask(update, deadline)

    def claim(self, update: Update, deadline: float) -> Awaitable[Mapping[str, Any] | None]:
        """Change a document and return it as it is kept; none where the condition did not hold for it."""
        return self._claims.ask(update, deadline)

    async def change_unique(
        self, condition: Mapping[str, Any], changes: Changes, order: list[tuple[str, int]] | None = None
    ) -> Document | None:
        """Change the first document that the condition holds for, unique keys too, and return it.

        The store's own field needs the values of all keys of a set, also of those that do not change. So the document
        is read to work them out, and changed if it is still that one, all again where somebody else was faster. Those
        of one process take turns at a document, as many who race for it would read it once for each who is faster.
        """
        id_ = condition.get("_id")
        async with self._turns.setdefault(id_, asyncio.Lock()) if isinstance(id_, str) else asyncio.Lock():
            while read := document_of(await self.documents.find_one(condition, sort=order)):
                same = {"_id": read["id"], "version": read["version"]}
                apply_changes(read, changes)
                operators = update(changes)
                operators["$set"] = {**operators.get("$set", {}), **own_fields(self.fields, read)}
                kept = await self.documents.find_one_and_update(same, operators, return_document=ReturnDocument.AFTER)
                if kept is not None:
                    return document_of(kept)
            return None

    async def find(
        self,
        condition: Mapping[str, Any],
        *,
        limit: int,
        order: Sequence[tuple[str, int]] = (),
        shown: Mapping[str, int] | None = None,
    ) -> list[Mapping[str, Any]]:
        """The first documents that the condition holds for, as they are kept."""
        parts = {"filter": condition, "sort": dict(order), "projection": shown, "limit": limit, "batchSize": limit}
        try:
            reply = await self._command({"find": self._name, **{name: part for name, part in parts.items() if part}})
            cursor = reply["cursor"]
        except errors.AutoReconnect as error:
            if error.timeout:
                raise
            cursor = None  # the connection broke: the driver asks again what its own verbs read, but no command
        if cursor is None or cursor["id"]:  # or they are more than one answer can hold
            found = self.documents.find(condition, shown, sort=list(order), limit=limit, batch_size=limit)
            return list(await found.to_list(limit))
        return list(cursor["firstBatch"])

    async def _get(self, lookups: Sequence[Lookup]) -> Sequence[Mapping[str, Any] | None]:
        ids = list({lookup.id for lookup in lookups})
        condition = {"_id": ids[0]} if len(ids) == 1 else {"_id": {"$in": ids}}
        by_id = {kept["_id"]: kept for kept in await self.find(condition, limit=len(ids))}
        if len(ids) == len(lookups):
            return [by_id.get(lookup.id) for lookup in lookups]
        # Each has a document of its own, to do with it what it likes.
        encoded = {id_: bson.encode(kept) for id_, kept in by_id.items()}
        return [bson.decode(encoded[one.id]) if one.id in encoded else None for one in lookups]

    async def _insert(self, insertions: Sequence[Insertion]) -> Sequence[BaseException | None]:
        try:
            reply = await self._write("insert", documents=[insertion.document for insertion in insertions])
        except _UNWRITABLE:
            if len(insertions) == 1:
                raise
            return await _one_by_one(self._insert, insertions)
        failures = _failures(reply)
        return [failures.get(index) for index in range(len(insertions))]

    async def _update(self, updates: Sequence[Update]) -> Sequence[bool | BaseException]:
        command = ObjectId() if len(updates) > 1 else None
        try:
            reply = await self._write("update", updates=[_statement(update, command) for update in updates])
        except _UNWRITABLE:
            if len(updates) == 1:
                raise
            return await _one_by_one(self._update, updates)
        failures = _failures(reply)
        taken = [update.id for index, update in enumerate(updates) if index not in failures]
        made = await self._made(taken, reply["n"], command)
        return [failures.get(index) or made[update.id] for index, update in enumerate(updates)]

    async def _claim(self, updates: Sequence[Update]) -> Sequence[Mapping[str, Any] | BaseException | None]:
        if len(updates) == 1:
            after, [one] = ReturnDocument.AFTER, updates
            return [await self.documents.find_one_and_update(one.condition, one.update, return_document=after)]
        made = await self._update(updates)
        taken = [Lookup(update.id) for update, is_made in zip(updates, made, strict=True) if is_made is True]
        claimed = iter(await self._get(taken) if taken else ())
        return [next(claimed) if is_made is True else is_made or None for is_made in made]

    async def _write(self, verb: str, **what: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        """The server's answer to a write of several documents in any order; raises what went wrong with all."""
        reply: Mapping[str, Any] = await self._command(
            {verb: self._name, **what, "ordered": False, "writeConcern": self._concern}
        )
        if unsure := reply.get("writeConcernError"):
            raise errors.WriteConcernError(unsure.get("errmsg"), unsure.get("code"), unsure)
        return reply

    async def _made(
        self, ids: Sequence[str], number: int, command: ObjectId | None
    ) -> Mapping[str, bool | BaseException]:
        """Which of these updates were made, of which the server says how many but not which.

        Where it was some of them, the documents are asked: each keeps the command that wrote it. One that does not
        name this command was not updated, unless somebody has written it since; and whether that can be follows from
        the number.
        """
        if number in (0, len(ids)):
            return dict.fromkeys(ids, number > 0)
        written = {"_id": {"$in": ids}, WRITTEN_BY: command}
        made = {kept["_id"] for kept in await self.find(written, limit=len(ids), shown={"_id": 1})}
        if len(made) == number:
            return {id_: id_ in made for id_ in ids}
        unclear = StoreUnavailableError("MongoDB: others wrote the document before its answer was understood")
        return {id_: True if id_ in made else unclear for id_ in ids}


async def _one_by_one(send: Send[Asked, Answer], batch: Sequence[Asked]) -> Sequence[Answer | BaseException]:
    """Each by itself, so that only those that cannot be written down fail. Nothing of them has been sent before."""
    answers = await asyncio.gather(*(send([asked]) for asked in batch), return_exceptions=True)
    return [answer if isinstance(answer, BaseException) else answer[0] for answer in answers]


def _statement(update: Update, command: ObjectId | None) -> dict[str, Any]:
    """The update, made to leave word of the command in the document where that has a name."""
    written = update.update
    if command is not None and update.replaces:
        written = {**written, WRITTEN_BY: command}
    elif command is not None:
        written = {**written, "$set": {**written.get("$set", {}), WRITTEN_BY: command}}
    return {"q": update.condition, "u": written}


def _failures(reply: Mapping[str, Any]) -> Mapping[int, BaseException]:
    """What went wrong with some, by their place: the errors that the driver raises for a write by itself."""
    return {one["index"]: _write_error(one) for one in reply.get("writeErrors", ())}


def _write_error(answer: Mapping[str, Any]) -> errors.WriteError:
    kind = errors.DuplicateKeyError if answer.get("code") == 11_000 else errors.WriteError  # noqa: PLR2004
    return kind(answer["errmsg"], answer.get("code"), answer)
