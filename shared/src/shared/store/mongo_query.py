"""Filters, changes, unique keys and indexes in MongoDB's words, of which every compatible server has these; its errors.

A unique index would take two documents that lack a key for equal, and partial indexes are not to be had everywhere. So
each unique set of keys has a field of the store's own that holds their values together, or the document's id where one
is missing, and that field is the one indexed.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import pymongo
from bson.errors import BSONError
from pymongo import ASCENDING, DESCENDING, IndexModel, errors

from shared.store.documents import (
    DeclaredFields,
    check_fields,
    check_filter,
    check_json,
    id_of,
    lone_keys,
    touches,
)
from shared.store.port import (
    Absent,
    AllOf,
    Changes,
    Collection,
    Condition,
    Document,
    DuplicateKeyError,
    OneOf,
    Range,
    Scalar,
    StoreError,
    StoreUnavailableError,
    Where,
)

WRITTEN_BY = "_write"
"""The field of the store's own that names the command that wrote the document, where several writes shared one."""


_PASSING_CODES = frozenset(
    {
        6,  # HostUnreachable
        7,  # HostNotFound
        24,  # LockTimeout
        43,  # CursorNotFound
        46,  # LockBusy
        89,  # NetworkTimeout
        91,  # ShutdownInProgress
        112,  # WriteConflict
        134,  # ReadConcernMajorityNotAvailableYet
        175,  # QueryPlanKilled
        189,  # PrimarySteppedDown
        202,  # NetworkInterfaceExceededTimeLimit
        262,  # ExceededTimeLimit
        317,  # ConnectionPoolExpired
        384,  # ConnectionError
        9001,  # SocketException
        10107,  # NotWritablePrimary
        11600,  # InterruptedAtShutdown
        11602,  # InterruptedDueToReplStateChange
        13435,  # NotPrimaryNoSecondaryOk
        13436,  # NotPrimaryOrSecondary
    }
)
"""Codes of what passes by itself: the same command may succeed when it is asked again."""
_PASSING_LABELS = ("RetryableWriteError", "TransientTransactionError", "RetryableError", "SystemOverloadedError")
"""Labels by which a server says the same of any code."""
_DEADLOCK = "deadlock detected"
"""How servers on PostgreSQL answer a write conflict, with a code that says nothing."""
FAILURES = (TimeoutError, errors.PyMongoError, BSONError, OverflowError, UnicodeError)
"""What the driver raises, and what ends a call that takes too long."""
OWN = "_unique"
"""The object that holds the store's own fields of a document."""


def field_of(key: str) -> str:
    """MongoDB's name of a key."""
    return "_id" if key == "id" else key


def stored(fields: DeclaredFields, document: Document, version: int) -> tuple[dict[str, Any], int]:
    """The document as it is kept, and about its length in characters; ``StoreError`` where it cannot be kept."""
    collection = fields.collection
    id_ = id_of(collection, document)
    size = check_json(collection, document)
    fields.key_values(document)
    fields.list_values(document)
    plain = {key: value for key, value in document.items() if key != "id"}
    return {"_id": id_, **plain, "version": version, **own_fields(fields, document)}, size


def document_of(kept: Mapping[str, Any] | None) -> Document | None:
    """The document that this one in MongoDB stands for."""
    if kept is None:
        return None
    document = dict(kept)
    document["id"] = document.pop("_id")
    document.pop(OWN, None)
    document.pop(WRITTEN_BY, None)
    return document


def matching(collection: Collection, where: Where) -> dict[str, Any]:
    """The filter; ``UndeclaredKeyError`` where it names anything but declared keys."""
    check_filter(collection, where)
    found = {field_of(key): _condition(one) for key, one in where.items() if not isinstance(one, AllOf)}
    lists = [(field_of(key), one.values) for key, one in where.items() if isinstance(one, AllOf)]
    # Not every server knows $all.
    return {**found, "$and": [{key: text} for key, texts in lists for text in texts]} if lists else found


def projection(collection: Collection, fields: Sequence[str] | None) -> dict[str, int] | None:
    """Which fields are to be read; ``UndeclaredKeyError`` where one is not in the summary."""
    if fields is None:
        return None
    check_fields(collection, fields)
    return {**dict.fromkeys((field_of(name) for name in fields), 1), "version": 1}


def order(key: str, *, descending: bool = False) -> list[tuple[str, int]]:
    """By the key and then by id."""
    way = DESCENDING if descending else ASCENDING
    return [("_id", way)] if key == "id" else [(field_of(key), way), ("_id", way)]


def counting_by(condition: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """The stages that count what the condition holds for, by the values of a key; null stands for a missing one too."""
    return [{"$match": condition}, {"$group": {"_id": f"${field_of(key)}", "number": {"$sum": 1}}}]


def after_cursor(order_by: str, after: tuple[Scalar, str], *, descending: bool) -> dict[str, Any]:
    """Holds for what comes after a cursor, where absent keys come first ascending."""
    value, id_ = after
    beyond = "$lt" if descending else "$gt"
    further = {"_id": {beyond: id_}}
    if order_by == "id":
        return further
    field = field_of(order_by)
    if value is None:
        rest = {field: None, **further}
        return rest if descending else {"$or": [rest, {field: {"$ne": None}}]}
    spans = [{field: {beyond: value}}, {field: value, **further}]
    return {"$or": [*spans, {field: None}] if descending else spans}


def update(changes: Changes) -> dict[str, Any]:
    """The changes as one update."""
    parts = {
        "$set": dict(changes.set),
        "$push": {path: {"$each": list(values)} for path, values in changes.append.items()},
        "$inc": {**changes.increment, "version": 1},
        "$unset": dict.fromkeys(changes.unset, ""),
    }
    return {operator: paths for operator, paths in parts.items() if paths}


def _condition(condition: Condition) -> Any:
    match condition:
        case Absent():
            return None
        case OneOf(values):
            return {"$in": list(values)}
        case Range():
            bounds = {
                "$gte": condition.at_least,
                "$gt": condition.above,
                "$lte": condition.at_most,
                "$lt": condition.below,
            }
            return {sign: bound for sign, bound in bounds.items() if bound is not None} or {"$ne": None}
        case _:
            return condition


@contextlib.asynccontextmanager
async def asking(collection: Collection | None, *, within: float) -> AsyncIterator[None]:
    """Bound the time, in seconds, and turn what the driver raises into the errors of the port."""
    try:
        async with asyncio.timeout(within):
            yield
    except FAILURES as error:
        raise port_error(collection, error) from error


def port_error(collection: Collection | None, error: Exception) -> StoreError:
    """What the driver raised, in the words of the port."""
    if isinstance(error, TimeoutError):
        return StoreUnavailableError("MongoDB: no answer in time")
    if isinstance(error, errors.DuplicateKeyError) and collection is not None:
        return DuplicateKeyError(collection.name, taken(collection, str(error)))
    if isinstance(error, errors.PyMongoError):
        return (StoreUnavailableError if _passes(error) else StoreError)(f"MongoDB: {error}")
    return StoreError(f"a value that MongoDB cannot hold: {error}")


def _passes(error: errors.PyMongoError) -> bool:
    """Whether the server is away, or another operation was in the way: to ask again may help."""
    if isinstance(error, errors.ConnectionFailure | errors.WriteConcernError) or error.timeout:
        return True
    if any(error.has_error_label(label) for label in _PASSING_LABELS):
        return True
    return isinstance(error, errors.OperationFailure) and (error.code in _PASSING_CODES or _DEADLOCK in str(error))


def own_field(keys: tuple[str, ...]) -> str:
    """The path of the field, and the name of its index, that keeps a unique set of keys."""
    return f"{OWN}.{_joined(keys)}"


def own_fields(fields: DeclaredFields, document: Document) -> dict[str, dict[str, str]]:
    """What to add to a document, to keep its unique keys unique."""
    sets = fields.unique_values(document)
    return {OWN: {_joined(keys): _together(document, values) for keys, values in sets}} if sets else {}


def alters_unique(collection: Collection, changes: Changes) -> bool:
    """Whether the changes may alter a unique key, and so the store's own fields."""
    return bool(collection.unique) and touches(changes, [key for keys in collection.unique for key in keys])


def taken(collection: Collection, message: str) -> tuple[str, ...]:
    """The key that a duplicate's error message names, by the name of its index."""
    before_values, _, _ = message.partition("dup key")
    return next((keys for keys in collection.unique if own_field(keys) in before_values), ("id",))


def _joined(keys: tuple[str, ...]) -> str:
    return ",".join(keys).replace(".", "/")


def _together(document: Document, values: Sequence[Any]) -> str:
    if None in values:
        return f"lacking in {document['id']}"
    return json.dumps(values)


async def ensure_indexes(documents: Any, collection: Collection, *, within: float) -> None:
    """Make the indexes of the driver's collection, after giving older documents the fields that new unique keys need.

    The server may take ``within`` seconds to build them.
    """
    there = await documents.index_information()
    owns = {own_field(keys) for keys in collection.unique}
    for name in there:
        if name.startswith(f"{OWN}.") and name not in owns:
            await documents.drop_index(name)
    with pymongo.timeout(within):
        if not owns <= there.keys():
            await _fill(documents, collection)
        missing = [model for model in _indexes(collection) if model.document["name"] not in there]
        if missing:  # MongoDB refuses an empty list
            await documents.create_indexes(missing)


def _indexes(collection: Collection) -> list[IndexModel]:
    """The declared indexes, one for every key that leads none of them, and the unique ones."""
    lone = lone_keys(collection, leading=collection.indexes)
    plain = [*collection.indexes, *[(key,) for key in (*lone, *collection.lists)]]
    models = [IndexModel([(field_of(key), ASCENDING) for key in (*keys, "id")]) for keys in plain]
    own = [own_field(keys) for keys in collection.unique]
    return [*models, *[IndexModel([(name, ASCENDING)], name=name, unique=True) for name in own]]


async def _fill(documents: Any, collection: Collection) -> None:
    """Give every document the store's own fields, each unless somebody changes it meanwhile."""
    fields = DeclaredFields(collection)
    async for kept in documents.find({}):
        own = own_fields(fields, {**kept, "id": kept["_id"]})
        await documents.update_one({"_id": kept["_id"], "version": kept["version"]}, {"$set": own})
