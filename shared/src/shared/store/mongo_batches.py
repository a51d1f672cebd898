"""What is asked of MongoDB at the same time shares one command, since a command costs more than what it asks for.

The first goes out at once. Those that come while it is under way wait for its answer and go out together with the
next: nobody waits for company, and the busier a process is, the fewer commands it sends. Each is told its own result,
as if it had been alone.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import Context
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from bson import ObjectId
from bson.errors import BSONError
from pymongo import ReplaceOne, ReturnDocument, UpdateOne, errors

from shared.store.documents import Fields
from shared.store.mongo_query import WRITTEN_BY
from shared.store.port import StoreUnavailableError

_MOST = 200
"""How many share a command at most."""
_LARGEST, _LARGEST_TOGETHER = 64 * 1024, 1024 * 1024
"""Characters. What is larger goes by itself, and holds up nobody. Together they stay far below what one command can
hold, so that the driver never makes two of it."""
_UNWRITABLE = (BSONError, OverflowError, UnicodeError)
"""What the driver raises, before it sends anything, for a value that it cannot write down."""


class _Ask(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def size(self) -> int: ...


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


_Asked = TypeVar("_Asked", bound=_Ask)
_Answer = TypeVar("_Answer")
_Send = Callable[[Sequence[_Asked]], Awaitable[Sequence[_Answer | BaseException]]]


@dataclass
class _Lane(Generic[_Asked, _Answer]):
    """Sends one command at a time."""

    send: _Send[_Asked, _Answer]
    """Answers each in its place, or raises what happened to all."""
    within: float
    """Seconds that a command may take."""
    is_distinct: bool = True
    """Whether those that share a command must be about different documents."""
    waiting: list[tuple[_Asked, "asyncio.Future[_Answer]"]] = field(default_factory=list)
    sending: asyncio.Task[None] | None = None
    is_busy: bool = False

    async def ask(self, asked: _Asked) -> _Answer:
        """The answer to this one; raises what the driver would, had it been alone."""
        if asked.size > _LARGEST:
            return _answer((await self.send([asked]))[0])
        if self.is_busy:
            future: asyncio.Future[_Answer] = asyncio.get_running_loop().create_future()
            self.waiting.append((asked, future))
            return await future
        self.is_busy = True
        try:
            answers = await self.send([asked])
        finally:
            self._go_on()
        return _answer(answers[0])

    def _go_on(self) -> None:
        """Send what has gathered, without what nobody waits for any more."""
        batch: list[tuple[_Asked, asyncio.Future[_Answer]]] = []
        later, ids, size = [], set[str](), 0
        for waiter in self.waiting:
            asked, future = waiter
            if future.done():
                continue
            if (self.is_distinct and asked.id in ids) or len(batch) == _MOST or size + asked.size > _LARGEST_TOGETHER:
                later.append(waiter)
            else:
                batch.append(waiter)
                ids.add(asked.id)
                size += asked.size
        self.waiting = later
        self.is_busy = bool(batch)
        if batch:
            self.sending = asyncio.get_running_loop().create_task(self._send_batch(batch), context=Context())

    async def _send_batch(self, batch: Sequence[tuple[_Asked, "asyncio.Future[_Answer]"]]) -> None:
        answers: Sequence[_Answer | BaseException]
        try:
            async with asyncio.timeout(self.within):
                answers = await self.send([asked for asked, _ in batch])
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait are told
            answers = [error] * len(batch)
        for (_, future), answer in zip(batch, answers, strict=True):
            if future.done():  # whoever waited was cancelled
                continue
            if isinstance(answer, BaseException):
                future.set_exception(answer)
            else:
                future.set_result(answer)
        self._go_on()


class Batches:
    """The lanes of one collection."""

    def __init__(self, documents: Any, fields: Fields, *, within: float) -> None:
        """``documents`` is the driver's collection; a command may take ``within`` seconds."""
        self.documents = documents
        self.fields = fields
        self._lookups = _Lane(self._get, within, is_distinct=False)
        self._insertions = _Lane(self._insert, within)
        self._updates = _Lane(self._update, within)
        self._claims = _Lane(self._claim, within)

    async def get(self, id_: str) -> Mapping[str, Any] | None:
        """The document as it is kept."""
        return await self._lookups.ask(Lookup(id_))

    async def insert(self, insertion: Insertion) -> None:
        """Add a document."""
        await self._insertions.ask(insertion)

    async def update(self, update: Update) -> bool:
        """Change or replace a document; whether the condition held for it."""
        return await self._updates.ask(update)

    async def claim(self, update: Update) -> Mapping[str, Any] | None:
        """Change a document and return it as it is kept; none where the condition did not hold for it."""
        return await self._claims.ask(update)

    async def _get(self, lookups: Sequence[Lookup]) -> Sequence[Mapping[str, Any] | BaseException | None]:
        if len(lookups) == 1:
            return [await self.documents.find_one({"_id": lookups[0].id})]
        ids = [lookup.id for lookup in lookups]
        found = self.documents.find({"_id": {"$in": list(set(ids))}}, batch_size=len(ids))
        by_id = {kept["_id"]: kept for kept in await found.to_list(None)}
        # Each has a document of its own, to do with it what it likes.
        return [deepcopy(by_id.get(id_)) if id_ in ids[:index] else by_id.get(id_) for index, id_ in enumerate(ids)]

    async def _insert(self, insertions: Sequence[Insertion]) -> Sequence[BaseException | None]:
        if len(insertions) == 1:
            await self.documents.insert_one(insertions[0].document)
            return [None]
        try:
            await self.documents.insert_many([insertion.document for insertion in insertions], ordered=False)
        except errors.BulkWriteError as error:
            failures = _failures(error)
            return [failures.get(index) for index in range(len(insertions))]
        except _UNWRITABLE:
            return await _one_by_one(self._insert, insertions)
        return [None] * len(insertions)

    async def _update(self, updates: Sequence[Update]) -> Sequence[bool | BaseException]:
        if len(updates) == 1:
            return [await self._update_one(updates[0])]
        command = ObjectId()
        failures: Mapping[int, BaseException] = {}
        try:
            matched = (
                await self.documents.bulk_write([_signed(one, command) for one in updates], ordered=False)
            ).matched_count
        except errors.BulkWriteError as error:
            failures, matched = _failures(error), error.details["nMatched"]
        except _UNWRITABLE:
            return await _one_by_one(self._update, updates)
        taken = [update.id for index, update in enumerate(updates) if index not in failures]
        made = await self._made(taken, matched, command)
        return [failures.get(index) or made[update.id] for index, update in enumerate(updates)]

    async def _claim(self, updates: Sequence[Update]) -> Sequence[Mapping[str, Any] | BaseException | None]:
        if len(updates) == 1:
            after, [one] = ReturnDocument.AFTER, updates
            return [await self.documents.find_one_and_update(one.condition, one.update, return_document=after)]
        made = await self._update(updates)
        claimed = await self._get([Lookup(update.id) for update in updates])
        return [kept if is_made is True else is_made or None for kept, is_made in zip(claimed, made, strict=True)]

    async def _update_one(self, update: Update) -> bool:
        if update.replaces:
            result = await self.documents.replace_one(update.condition, update.update)
        else:
            result = await self.documents.update_one(update.condition, update.update)
        return bool(result.matched_count)

    async def _made(self, ids: Sequence[str], number: int, command: ObjectId) -> Mapping[str, bool | BaseException]:
        """Which of these updates were made, of which the server says how many but not which.

        Where it was some of them, the documents are asked: each keeps the command that wrote it. One that does not
        name this command was not updated, unless somebody has written it since; and whether that can be follows from
        the number.
        """
        if number in (0, len(ids)):
            return dict.fromkeys(ids, number > 0)
        written = self.documents.find({"_id": {"$in": ids}, WRITTEN_BY: command}, {"_id": 1}, batch_size=len(ids))
        made = {kept["_id"] for kept in await written.to_list(None)}
        if len(made) == number:
            return {id_: id_ in made for id_ in ids}
        unclear = StoreUnavailableError("MongoDB: others wrote the document before its answer was understood")
        return {id_: True if id_ in made else unclear for id_ in ids}


async def _one_by_one(send: _Send[_Asked, _Answer], batch: Sequence[_Asked]) -> Sequence[_Answer | BaseException]:
    """Each by itself, so that only those that cannot be written down fail. Nothing of them has been sent before."""
    answers = await asyncio.gather(*(send([asked]) for asked in batch), return_exceptions=True)
    return [answer if isinstance(answer, BaseException) else answer[0] for answer in answers]


def _signed(update: Update, command: ObjectId) -> UpdateOne | ReplaceOne[Any]:
    """The update, made to leave word of the command in the document."""
    if update.replaces:
        return ReplaceOne(update.condition, {**update.update, WRITTEN_BY: command})
    values = {**update.update.get("$set", {}), WRITTEN_BY: command}
    return UpdateOne(update.condition, {**update.update, "$set": values})


def _failures(error: errors.BulkWriteError) -> Mapping[int, BaseException]:
    """What went wrong with some, by their place; raises where it went wrong with all.

    The errors are those that the driver raises for a write by itself.
    """
    for unsure in error.details["writeConcernErrors"]:
        raise errors.WriteConcernError(unsure.get("errmsg"), unsure.get("code"), unsure) from error
    return {one["index"]: _write_error(one) for one in error.details["writeErrors"]}


def _write_error(answer: Mapping[str, Any]) -> errors.WriteError:
    kind = errors.DuplicateKeyError if answer.get("code") == 11_000 else errors.WriteError  # noqa: PLR2004
    return kind(answer["errmsg"], answer.get("code"), {key: value for key, value in answer.items() if key != "op"})


def _answer(answer: _Answer | BaseException) -> _Answer:
    if isinstance(answer, BaseException):
        raise answer
    return answer
