"""How a collection lies in SQLite, and is asked: one table, its declared keys as columns beside the JSON text.

    "runs"         id, version, " summary", " body", " blob", then a column for every declared key
    "runs labels"  value, id: one row for every text in the declared list ``labels``

A document is the fields of its summary and of its body together, each as JSON; a collection that declares no summary
has none. The body begins after the summary, so that a summary is read without it however long it is.

Columns have no type, so that values are compared as what they are. The spaces keep the store's own names apart
from every field's.
"""

# ruff: noqa: S608 - names come quoted from declarations, every value is bound to a mark

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from shared.store.documents import KEPT, DeclaredFields, check_filter, check_order, id_of, json_text, json_value
from shared.store.port import (
    Absent,
    AllOf,
    Collection,
    Condition,
    Document,
    Dumped,
    OneOf,
    Range,
    Scalar,
    StoreError,
    Where,
)

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
        self.fields = DeclaredFields(collection)
        self.columns = {key: quoted(key) for key in ("id", "version", *collection.keys)}
        self.side_tables = {key: quoted(f"{collection.name} {key}") for key in collection.lists}
        keys = [self.columns[key] for key in collection.keys]
        self.changeable = (SUMMARY, BODY, BLOB, *keys)
        parts, all_parts = f"{SUMMARY}, {BODY}, {BLOB}", ", ".join(self.changeable)
        marks = ", ".join("?" * (1 + len(self.changeable)))
        self.insert = f"INSERT INTO {self.name} (id, {all_parts}, version) VALUES ({marks}, 1)"
        self.select = f"SELECT version, {parts} FROM {self.name} WHERE "
        self.select_summary = f"SELECT id, version, {SUMMARY} FROM {self.name} WHERE "
        self.select_to_change = f"SELECT rowid, version, {all_parts} FROM {self.name} WHERE "
        self._summary = frozenset(collection.summary)
        self._lists_are_in_summary = all(key.partition(".")[0] in self._summary for key in collection.lists)

    def row(self, document: Document, *, is_json: bool = False) -> Row:
        """The document in columns; ``StoreError`` where it cannot be kept. ``is_json``: nothing else is in it."""
        collection, is_json = self.collection, is_json or type(document) is Dumped
        blob, plain = self._without_blob(document)
        summary = None
        if self._summary:
            inside = {name: value for name, value in plain.items() if name in self._summary}
            summary = json_text(collection, inside, is_json=is_json)
            plain = {name: value for name, value in plain.items() if name not in self._summary}
        return Row(
            id_of(collection, document),
            summary,
            json_text(collection, plain, is_json=is_json),
            self.fields.key_values(document),
            self.fields.list_values(document) if self.side_tables else frozenset(),
            blob,
        )

    def document(self, version: int, summary: str | None, body: str, blob: bytes | None) -> Document:
        """The document that these columns hold."""
        document: Document = json_value(body)
        if summary is not None:
            document |= json_value(summary)
        document["version"] = version
        if blob is not None and self.collection.blob:
            document[self.collection.blob] = blob
        return document

    def listed(self, summary: str | None, body: str) -> frozenset[tuple[str, str]]:
        """What the declared lists of a document hold that is stored as these texts."""
        if not self.side_tables:
            return frozenset()
        if summary is not None and self._lists_are_in_summary:
            return self.fields.list_values(json_value(summary))
        return self.fields.list_values(self.document(0, summary, body, None))

    def short(self, fields: Sequence[str], id_: str, version: int, summary: str | None) -> Document:
        """Only these fields of the document that these columns belong to."""
        there = json_value(summary) if summary is not None else {}
        return {"id": id_, "version": version, **{name: there[name] for name in fields if name in there}}

    def _without_blob(self, document: Document) -> tuple[bytes | None, dict[str, Any]]:
        name = self.collection.blob
        if name is None or document.get(name) is None:
            return None, document
        blob = document[name]
        if not isinstance(blob, bytes):
            raise StoreError(f"{self.collection.name}.{name}: must be bytes, not {type(blob).__name__}")
        return blob, {key: value for key, value in document.items() if key != name}


@dataclass(frozen=True, slots=True)
class Query:
    """What follows WHERE, and the values for its marks."""

    sql: str
    values: Sequence[Any]


SELDOM = 5_000
"""Documents: a text that fewer of them hold in a list leads to these; of one that more hold each document is asked."""


def matching(table: Table, where: Where, often: frozenset[Scalar] = frozenset()) -> Query:
    """The filter; ``UndeclaredKeyError`` where it names anything but declared keys.

    ``often`` are those of the texts wanted of lists that many documents hold: to gather all of these would take longer
    than to ask one document after the other, in their order, until there are enough.
    """
    check_filter(table.collection, where)
    terms: list[str] = []
    values: list[Any] = []
    for key, condition in where.items():
        if key in table.side_tables and isinstance(condition, AllOf):
            side = table.side_tables[key]
            each = f"EXISTS (SELECT 1 FROM {side} WHERE value = ? AND id = {table.name}.id)"
            gathered = f"id IN (SELECT id FROM {side} WHERE value = ?)"
            terms += [each if text in often else gathered for text in condition.values]
            values += condition.values
        elif key in table.side_tables:
            side, wanted = table.side_tables[key], texts_of(condition)
            chosen = f"FROM {side} WHERE {_among('value', wanted)}"
            is_each = not often.isdisjoint(wanted)
            terms.append(
                f"EXISTS (SELECT 1 {chosen} AND id = {table.name}.id)" if is_each else f"id IN (SELECT id {chosen})"
            )
            values += wanted
        else:
            terms.append(_term(table.columns[key], condition, values))
    return Query(" AND ".join(terms) or "TRUE", values)


def texts_of(condition: Condition) -> Sequence[Any]:
    """The texts that a condition asks for in a list."""
    return condition.values if isinstance(condition, AllOf | OneOf) else (condition,)


def ordered(table: Table, query: Query, order_by: str, *, descending: bool = False, limit: int) -> Query:
    """The filter with an order by a key and then by id; absent keys come first ascending."""
    check_order(table.collection, order_by)
    way = " DESC" if descending else ""
    order = f"id{way}" if order_by == "id" else f"{table.columns[order_by]}{way}, id{way}"
    return Query(f"{query.sql} ORDER BY {order} LIMIT ?", [*query.values, limit])


def counted(table: Table, query: Query, limit: int | None) -> Query:
    """How many rows the filter holds for: no more than the limit are looked at."""
    if limit is None:
        return Query(f"SELECT count(*) FROM {table.name} WHERE {query.sql}", query.values)
    some = f"SELECT 1 FROM {table.name} WHERE {query.sql} LIMIT ?"
    return Query(f"SELECT count(*) FROM ({some})", [*query.values, limit])


def counted_by(table: Table, query: Query, key: str) -> Query:
    """The values of a key, each with how many of the rows that the filter holds for have it."""
    check_order(table.collection, key)
    column = table.columns[key]
    return Query(f"SELECT {column}, count(*) FROM {table.name} WHERE {query.sql} GROUP BY {column}", query.values)


def after_cursor(
    table: Table, query: Query, order_by: str, after: tuple[Scalar, str], *, descending: bool
) -> Iterator[Query]:
    """The filter, narrowed to what comes after a cursor.

    Documents with the key and those without it are two spans of the index, so they are two queries: the
    second is to be asked only where the first does not fill the page.
    """
    check_order(table.collection, order_by)
    value, id_ = after
    column = table.columns[order_by]
    beyond = "<" if descending else ">"
    if order_by == "id":
        yield _narrowed(query, f"id {beyond} ?", id_)
    elif value is None:
        yield _narrowed(query, f"{column} IS NULL AND id {beyond} ?", id_)
        if not descending:
            yield _narrowed(query, f"{column} IS NOT NULL")
    else:
        yield _narrowed(query, f"({column}, id) {beyond} (?, ?)", value, id_)
        if descending and order_by not in KEPT:
            yield _narrowed(query, f"{column} IS NULL")


def _narrowed(query: Query, term: str, *values: Scalar) -> Query:
    return Query(f"{query.sql} AND {term}", [*query.values, *values])


def _among(column: str, wanted: Sequence[Any]) -> str:
    return f"{column} IN ({', '.join('?' * len(wanted))})"


def _term(column: str, condition: Condition, values: list[Any]) -> str:
    """The SQL of one condition; the values for its marks are added to ``values``."""
    match condition:
        case Absent() | None:
            return f"{column} IS NULL"
        case OneOf(wanted):
            present = [value for value in wanted if value is not None]
            values += present
            among = _among(column, present)
            return among if len(present) == len(wanted) else f"({among} OR {column} IS NULL)"
        case Range():
            return _between(column, condition, values)
        case _:
            values.append(condition)
            return f"{column} = ?"


def _between(column: str, bounds: Range, values: list[Any]) -> str:
    signs = {">=": bounds.at_least, ">": bounds.above, "<=": bounds.at_most, "<": bounds.below}
    given = {sign: bound for sign, bound in signs.items() if bound is not None}
    values += given.values()
    return " AND ".join(f"{column} {sign} ?" for sign in given) or f"{column} IS NOT NULL"
