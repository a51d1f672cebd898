"""The writing verbs on an open transaction: each changes a document wholly or, where it fails, not at all.

Whatever can go wrong with one document goes wrong before its list entries are touched, so that no savepoint is
needed.
"""

# ruff: noqa: S608 - names come quoted from declarations, every value is bound to a mark

import sqlite3
from collections.abc import Iterable

from shared.store.documents import apply_changes, key_values, list_values
from shared.store.port import Changes, Document, Scalar
from shared.store.sqlite_query import Query
from shared.store.sqlite_table import BLOB, BODY, Row, Table

Stored = tuple[int, str, bytes | None, int]
"""Version, body, blob and row number."""


def insert(connection: sqlite3.Connection, table: Table, row: Row) -> None:
    """Add a row; ``sqlite3.IntegrityError`` where its id or a unique key is taken."""
    connection.execute(table.insert, (row.id, row.body, row.blob, *row.keys))
    _add_to_lists(connection, table, row.id, row.lists)


def replace(connection: sqlite3.Connection, table: Table, row: Row, version: int) -> bool:
    """Put a row in place of the one with its id and this version; whether there was one."""
    stored = _first(connection, table, Query("id = ? AND version = ?", (row.id, version)))
    if stored is None:
        return False
    _update(connection, table, stored, table.document(*stored[:3]), row)
    return True


def change_first(connection: sqlite3.Connection, table: Table, query: Query, changes: Changes) -> Document | None:
    """Change the first document of the query and return it."""
    stored = _first(connection, table, query)
    return None if stored is None else _change(connection, table, stored, changes)


def change_all(connection: sqlite3.Connection, table: Table, query: Query, changes: Changes) -> int:
    """Change every document of the query; how many."""
    rowids = connection.execute(f"SELECT rowid FROM {table.name} WHERE {query.sql}", query.values).fetchall()
    for rowid in rowids:
        change_first(connection, table, Query("rowid = ?", rowid), changes)
    return len(rowids)


def delete(connection: sqlite3.Connection, table: Table, query: Query) -> int:
    """Remove every document of the query; how many."""
    entries: list[tuple[str, frozenset[tuple[str, str]]]] = []
    if table.sides:  # looked up first, as the query may itself ask for them
        for stored in connection.execute(table.select + query.sql, query.values):
            document = table.document(*stored)
            entries.append((document["id"], list_values(table.collection, document)))
    count = connection.execute(f"DELETE FROM {table.name} WHERE {query.sql}", query.values).rowcount
    for id_, listed in entries:
        _take_from_lists(connection, table, id_, listed)
    return count


def _first(connection: sqlite3.Connection, table: Table, query: Query) -> Stored | None:
    found: Stored | None = connection.execute(table.select_to_change + query.sql, query.values).fetchone()
    return found


def _change(connection: sqlite3.Connection, table: Table, stored: Stored, changes: Changes) -> Document:
    version, body, blob, _ = stored
    before = table.document(version, body, blob)
    after = table.document(version, body, blob)
    apply_changes(after, changes)
    row = table.row(after)
    _update(connection, table, stored, before, row)
    return table.document(version + 1, row.body, row.blob)


def _update(connection: sqlite3.Connection, table: Table, stored: Stored, before: Document, row: Row) -> None:
    """Write the row over the stored one, naming only columns that change: an index not named costs nothing."""
    version, _, blob, rowid = stored
    columns = [f"{BODY} = ?", "version = ?"]
    values: list[Scalar | bytes] = [row.body, version + 1]
    if row.blob != blob:
        columns.append(f"{BLOB} = ?")
        values.append(row.blob)
    old_keys = key_values(table.collection, before)
    for key, old, new in zip(table.collection.keys, old_keys, row.keys, strict=True):
        if old != new or type(old) is not type(new):
            columns.append(f"{table.columns[key]} = ?")
            values.append(new)
    connection.execute(f"UPDATE {table.name} SET {', '.join(columns)} WHERE rowid = ?", (*values, rowid))
    if table.sides:
        old_lists = list_values(table.collection, before)
        _take_from_lists(connection, table, row.id, old_lists - row.lists)
        _add_to_lists(connection, table, row.id, row.lists - old_lists)


def _add_to_lists(connection: sqlite3.Connection, table: Table, id_: str, entries: Iterable[tuple[str, str]]) -> None:
    for key, value in entries:
        connection.execute(f"INSERT INTO {table.sides[key]} VALUES (?, ?)", (value, id_))


def _take_from_lists(
    connection: sqlite3.Connection, table: Table, id_: str, entries: Iterable[tuple[str, str]]
) -> None:
    for key, value in entries:
        connection.execute(f"DELETE FROM {table.sides[key]} WHERE value = ? AND id = ?", (value, id_))


def probe(connection: sqlite3.Connection) -> None:
    """Write something of no meaning, to see whether writing works."""
    connection.execute("CREATE TABLE IF NOT EXISTS _probe (at TEXT)")
    connection.execute("DELETE FROM _probe")
    connection.execute("INSERT INTO _probe VALUES (datetime('now'))")
