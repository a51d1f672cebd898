"""The writing verbs in SQL, on an open transaction: each changes a document wholly or, where it fails, not at all.

Whatever can go wrong with one document goes wrong before its list entries are touched, so that no savepoint is needed.
"""

# ruff: noqa: S608 - names come quoted from declarations, every value is bound to a mark

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from shared.store.documents import apply_changes
from shared.store.port import Changes, Document
from shared.store.sqlite_table import Query, Row, Table

Stored = tuple[Any, ...]
"""Row number, version, summary, body, blob, and the values of the declared keys."""
_Entries = frozenset[tuple[str, str]]
Statements = Callable[[sqlite3.Connection], Any]
"""Works on an open transaction. It must leave nothing half done where it raises."""


def insert(connection: sqlite3.Connection, table: Table, row: Row) -> None:
    """Add a row; ``sqlite3.IntegrityError`` where its id or a unique key is taken."""
    connection.execute(table.insert, (row.id, row.summary, row.body, row.blob, *row.keys))
    _add_to_lists(connection, table, row.id, row.lists)


def insert_where_free(connection: sqlite3.Connection, table: Table, row: Row) -> bool:
    """Add a row; whether its id and its unique keys were free."""
    try:
        insert(connection, table, row)
    except sqlite3.IntegrityError:
        return False
    return True


def replace(connection: sqlite3.Connection, table: Table, row: Row, version: int) -> bool:
    """Put a row in place of the one with its id and this version; whether there was one."""
    stored = _first(connection, table, Query("id = ? AND version = ?", (row.id, version)))
    if stored is None:
        return False
    _, _, summary, body, *_ = stored
    _update(connection, table, stored, table.listed(summary, body), row)
    return True


def change_first(connection: sqlite3.Connection, table: Table, query: Query, changes: Changes) -> bool:
    """Change the first document of the query; whether there was one."""
    stored = _first(connection, table, query)
    if stored is not None:
        _change(connection, table, stored, changes)
    return stored is not None


def claim(connection: sqlite3.Connection, table: Table, query: Query, changes: Changes) -> Document | None:
    """Change the first document of the query and return it."""
    stored = _first(connection, table, query)
    if stored is None:
        return None
    row = _change(connection, table, stored, changes)
    return table.document(stored[1] + 1, row.summary, row.body, row.blob)


def change_all(connection: sqlite3.Connection, table: Table, query: Query, changes: Changes) -> int:
    """Change every document of the query; how many."""
    rowids = connection.execute(f"SELECT rowid FROM {table.name} WHERE {query.sql}", query.values).fetchall()
    for rowid in rowids:
        change_first(connection, table, Query("rowid = ?", rowid), changes)
    return len(rowids)


def delete(connection: sqlite3.Connection, table: Table, query: Query) -> int:
    """Remove every document of the query; how many."""
    entries: list[tuple[str, _Entries]] = []
    if table.side_tables:  # looked up first, as the query may itself ask for them
        for stored in connection.execute(table.select + query.sql, query.values):
            document = table.document(*stored)
            entries.append((document["id"], table.fields.list_values(document)))
    chosen = f"SELECT rowid FROM {table.name} WHERE {query.sql}"
    count = connection.execute(f"DELETE FROM {table.name} WHERE rowid IN ({chosen})", query.values).rowcount
    for id_, listed in entries:
        _take_from_lists(connection, table, id_, listed)
    return count


def in_order(connection: sqlite3.Connection, writes: Sequence[tuple[Statements, bool]]) -> list[bool]:
    """Make these one after the other; which were made.

    With each stands whether those after it depend on it: where it changes nothing, they are not made.
    """
    made: list[bool] = []
    for write, decides in writes:
        made.append(write(connection))
        if decides and not made[-1]:
            break
    return made + [False] * (len(writes) - len(made))


def _first(connection: sqlite3.Connection, table: Table, query: Query) -> Stored | None:
    found: Stored | None = connection.execute(table.select_to_change + query.sql, query.values).fetchone()
    return found


def _change(connection: sqlite3.Connection, table: Table, stored: Stored, changes: Changes) -> Row:
    document = table.document(*stored[1:5])
    listed = table.fields.list_values(document) if table.side_tables else frozenset()
    apply_changes(document, changes)
    row = table.row(document, is_json=True)
    _update(connection, table, stored, listed, row)
    return row


def _update(connection: sqlite3.Connection, table: Table, stored: Stored, listed: _Entries, row: Row) -> None:
    """Write the row over the stored one, naming only columns that change: an index not named costs nothing."""
    rowid, version, *old = stored
    columns, values = ["version = ?"], [version + 1]
    for name, before, now in zip(table.changeable, old, (row.summary, row.body, row.blob, *row.keys), strict=True):
        if before != now or (type(before) is float) != (type(now) is float):
            columns.append(f"{name} = ?")
            values.append(now)
    connection.execute(f"UPDATE {table.name} SET {', '.join(columns)} WHERE rowid = ?", (*values, rowid))
    _take_from_lists(connection, table, row.id, listed - row.lists)
    _add_to_lists(connection, table, row.id, row.lists - listed)


def _add_to_lists(connection: sqlite3.Connection, table: Table, id_: str, entries: Iterable[tuple[str, str]]) -> None:
    for key, value in entries:
        connection.execute(f"INSERT INTO {table.side_tables[key]} VALUES (?, ?)", (value, id_))


def _take_from_lists(
    connection: sqlite3.Connection, table: Table, id_: str, entries: Iterable[tuple[str, str]]
) -> None:
    for key, value in entries:
        connection.execute(f"DELETE FROM {table.side_tables[key]} WHERE value = ? AND id = ?", (value, id_))


def probe(connection: sqlite3.Connection) -> None:
    """Write something of no meaning, to see whether writing works."""
    connection.execute("CREATE TABLE IF NOT EXISTS _probe (at TEXT)")
    connection.execute("DELETE FROM _probe")
    connection.execute("INSERT INTO _probe VALUES (datetime('now'))")
