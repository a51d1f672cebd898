"""Unique keys in MongoDB, and in any server that speaks its protocol.

A unique index would take two documents that lack a key for equal, and partial indexes are not to be had everywhere. So
each unique set of keys has a field of the store's own that holds their values together, or the document's id where one
is missing, and that field is the one indexed.
"""

import json
from collections.abc import Sequence
from typing import Any

from shared.store.documents import DeclaredFields, touches
from shared.store.port import Changes, Collection, Document

OWN = "_unique"
"""The object that holds the store's own fields of a document."""


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
