"""How a collection lies in SQLite: one table, its declared keys as columns beside the JSON text.

    "runs"         id, version, " summary", " body", " blob", then a column for every declared key
    "runs labels"  value, id: one row for every text in the declared list ``labels``

A document is the fields of its summary and of its body together, each as JSON; a collection that declares no summary
has none. The body begins after the summary, so that a summary is read without it however long it is.

Columns have no type, so that values are compared as what they are. The spaces keep the store's own names apart
from every field's.
"""

# ruff: noqa: S608 - names come quoted from declarations, every value is bound to a mark

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared.store.documents import id_of, json_text, key_values, list_values
from shared.store.port import Collection, Document, Scalar, StoreError

SUMMARY = '" summary"'
BODY = '" body"'
BLOB = '" blob"'


def quoted(name: str) -> str:
    """The name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class Row:
    """A document, laid out in columns."""

    id: str
    summary: str | None
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
        keys = [self.columns[key] for key in collection.keys]
        parts = f"{SUMMARY}, {BODY}, {BLOB}"
        marks = ", ".join("?" * (4 + len(keys)))
        self.insert = f"INSERT INTO {self.name} ({', '.join(['id', parts, *keys])}, version) VALUES ({marks}, 1)"
        self.select = f"SELECT version, {parts} FROM {self.name} WHERE "
        self.select_summary = f"SELECT id, version, {SUMMARY} FROM {self.name} WHERE "
        self.count = f"SELECT count(*) FROM {self.name} WHERE "
        self.select_to_change = f"SELECT {', '.join(['rowid', 'version', parts, *keys])} FROM {self.name} WHERE "
        self._summary = frozenset(collection.summary)

    def row(self, document: Document) -> Row:
        """The document in columns; ``StoreError`` where it cannot be kept."""
        collection = self.collection
        blob, plain = self._without_blob(document)
        summary = None
        if self._summary:
            summary = json_text(collection, {name: value for name, value in plain.items() if name in self._summary})
            plain = {name: value for name, value in plain.items() if name not in self._summary}
        return Row(
            id_of(collection, document),
            summary,
            json_text(collection, plain),
            key_values(collection, document),
            list_values(collection, document) if collection.lists else frozenset(),
            blob,
        )

    def document(self, version: int, summary: str | None, body: str, blob: bytes | None) -> Document:
        """The document that these columns hold."""
        document: Document = json.loads(body)
        if summary is not None:
            document |= json.loads(summary)
        document["version"] = version
        if blob is not None and self.collection.blob:
            document[self.collection.blob] = blob
        return document

    def short(self, fields: Sequence[str], id_: str, version: int, summary: str | None) -> Document:
        """Only these fields of the document that these columns belong to."""
        there = json.loads(summary) if summary is not None else {}
        return {"id": id_, "version": version, **{name: there[name] for name in fields if name in there}}

    def _without_blob(self, document: Document) -> tuple[bytes | None, dict[str, Any]]:
        name = self.collection.blob
        if name is None or document.get(name) is None:
            return None, document
        blob = document[name]
        if not isinstance(blob, bytes):
            raise StoreError(f"{self.collection.name}.{name}: must be bytes, not {type(blob).__name__}")
        return blob, {key: value for key, value in document.items() if key != name}
