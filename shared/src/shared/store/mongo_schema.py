"""Makes the indexes of collections in MongoDB, and gives older documents what those need."""

from typing import Any

import pymongo
from pymongo import ASCENDING, IndexModel

from shared.store.documents import DeclaredFields, lone_keys
from shared.store.mongo_query import OWN, field_of, own_field, own_fields
from shared.store.port import Collection


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
        if models := _indexes(collection):  # MongoDB refuses an empty list
            await documents.create_indexes(models)


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
