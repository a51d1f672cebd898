"""How a collection lies in SQLite: one table, its declared keys as columns beside the JSON text.

    "runs"         id, version, " body", " blob", then a column for every declared key
    "runs labels"  value, id: one row for every text in the declared list ``labels``

Columns have no type, so that values are compared as what they are. The spaces keep the store's own names apart
from every field's.
"""

# ruff: noqa: S608 - names come quoted from declarations, every value is bound to a mark

import json
from dataclasses import dataclass
from typing import Any

from shared.store.documents import id_of, json_text, key_values, list_values
from shared.store.port import Collection, Document, Scalar, StoreError

BODY = '" body"'
BLOB = '" blob"'


def quoted(name: str) -> str:
    """The name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class Row:
    """A document, laid out in columns."""

    id: str
    body: str
    keys: tuple[Scalar | bytes, ...]
    lists: frozenset[tuple[str, str]]
    blob: bytes | None


class Table:
    """A collection with the SQL that is the same for every call."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection
        self.name = quoted(collection.name)
        self.columns = {key: quoted(key) for key in ("id", "version", *collection.keys)}
        self.sides = {key: quoted(f"{collection.name} {key}") for key in collection.lists}
        columns = ", ".join(["id", "version", BODY, BLOB, *[self.columns[key] for key in collection.keys]])
        marks = ", ".join("?" * len(collection.keys))
        self.insert = f"INSERT INTO {self.name} ({columns}) VALUES (?, 1, ?, ?{', ' if marks else ''}{marks})"
        self.select = f"SELECT version, {BODY}, {BLOB} FROM {self.name} WHERE "
        self.count = f"SELECT count(*) FROM {self.name} WHERE "
        self.select_to_change = f"SELECT version, {BODY}, {BLOB}, rowid FROM {self.name} WHERE "

    def row(self, document: Document) -> Row:
        """The document in columns; ``StoreError`` where it cannot be kept."""
        collection = self.collection
        blob, plain = self._without_blob(document)
        return Row(
            id_of(collection, document),
            json_text(collection, plain),
            key_values(collection, document),
            list_values(collection, document) if collection.lists else frozenset(),
            blob,
        )

    def document(self, version: int, body: str, blob: bytes | None) -> Document:
        """The document that these columns hold."""
        document: Document = json.loads(body)
        document["version"] = version
        if blob is not None and self.collection.blob:
            document[self.collection.blob] = blob
        return document

    def _without_blob(self, document: Document) -> tuple[bytes | None, dict[str, Any]]:
        name = self.collection.blob
        if name is None or document.get(name) is None:
            return None, document
        blob = document[name]
        if not isinstance(blob, bytes):
            raise StoreError(f"{self.collection.name}.{name}: must be bytes, not {type(blob).__name__}")
        return blob, {key: value for key, value in document.items() if key != name}
