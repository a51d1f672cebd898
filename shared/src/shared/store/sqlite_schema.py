"""Makes the tables of collections, and brings those of an older declaration up to date."""

# ruff: noqa: S608 - names come quoted from declarations, every value is bound to a mark

import json
import sqlite3
from collections.abc import Iterable, Sequence

from shared.store.documents import DeclaredFields, lone_keys
from shared.store.port import Collection, StoreError
from shared.store.sqlite_table import BLOB, BODY, SUMMARY, Table, quoted

_REGISTER = '" declared"'
"""Which keys and lists of each collection are filled, so that a start with nothing new costs one look."""


def ensure_tables(connection: sqlite3.Connection, tables: Sequence[Table]) -> None:
    """Make every table fit its declaration, all or none, within the open transaction."""
    connection.execute("SAVEPOINT declaring")
    try:
        connection.execute(f"CREATE TABLE IF NOT EXISTS {_REGISTER} (name PRIMARY KEY, declaration TEXT)")
        for table in tables:
            _ensure(connection, table)
    except BaseException:
        connection.execute("ROLLBACK TO declaring")
        raise
    finally:
        connection.execute("RELEASE declaring")


def _ensure(connection: sqlite3.Connection, table: Table) -> None:
    collection = table.collection
    wanted = {part: getattr(collection, part) for part in ("keys", "lists", "unique", "indexes", "summary")}
    declaration = json.dumps(wanted)
    known = connection.execute(f"SELECT declaration FROM {_REGISTER} WHERE name = ?", (collection.name,)).fetchone()
    if known == (declaration,):
        return
    before = json.loads(known[0]) if known else {"keys": [], "lists": []}
    _add_columns(connection, table)
    _add_sides(connection, table, gone=set(before["lists"]) - set(collection.lists))
    if set(before.get("summary", ())) != set(collection.summary):
        _divide(connection, table)
    _fill(
        connection,
        table,
        keys=[key for key in collection.keys if key not in before["keys"]],
        lists=[key for key in collection.lists if key not in before["lists"]],
    )
    _fit_indexes(connection, table)
    connection.execute(f"INSERT OR REPLACE INTO {_REGISTER} VALUES (?, ?)", (collection.name, declaration))


def _add_columns(connection: sqlite3.Connection, table: Table) -> None:
    connection.execute(
        f"CREATE TABLE IF NOT EXISTS {table.name}"
        f" (id PRIMARY KEY NOT NULL, version INTEGER NOT NULL, {SUMMARY} TEXT, {BODY} TEXT NOT NULL, {BLOB} BLOB)"
    )
    there = {quoted(row[1]) for row in connection.execute(f"PRAGMA table_info({table.name})")}
    for column in (SUMMARY, *map(quoted, table.collection.keys)):  # of an older release, a table may lack any of them
        if column not in there:
            connection.execute(f"ALTER TABLE {table.name} ADD COLUMN {column}")


def _add_sides(connection: sqlite3.Connection, table: Table, gone: Iterable[str]) -> None:
    for key in gone:
        connection.execute(f"DROP TABLE {quoted(f'{table.collection.name} {key}')}")
    for side in table.side_tables.values():
        connection.execute(f"CREATE TABLE IF NOT EXISTS {side} (value, id, PRIMARY KEY (value, id)) WITHOUT ROWID")


def _divide(connection: sqlite3.Connection, table: Table) -> None:
    """Have every document keep apart what the summary declares now, whatever it declared before."""
    for rowid, *columns in connection.execute(f"SELECT rowid, version, {SUMMARY}, {BODY}, NULL FROM {table.name}"):
        row = table.row(table.document(*columns))
        connection.execute(
            f"UPDATE {table.name} SET {SUMMARY} = ?, {BODY} = ? WHERE rowid = ?", (row.summary, row.body, rowid)
        )


def _fill(connection: sqlite3.Connection, table: Table, keys: Sequence[str], lists: Sequence[str]) -> None:
    """Fill the columns and side tables of newly declared fields from the bodies."""
    if not keys and not lists:
        return
    new = DeclaredFields(Collection(table.collection.name, keys=tuple(keys), lists=tuple(lists)))
    assignments = ", ".join(f"{quoted(key)} = ?" for key in keys)
    for rowid, *columns in connection.execute(f"SELECT rowid, version, {SUMMARY}, {BODY}, NULL FROM {table.name}"):
        document = table.document(*columns)
        if keys:
            values = (*new.key_values(document), rowid)
            connection.execute(f"UPDATE {table.name} SET {assignments} WHERE rowid = ?", values)
        for key, value in new.list_values(document):
            connection.execute(f"INSERT INTO {table.side_tables[key]} VALUES (?, ?)", (value, document["id"]))


def _fit_indexes(connection: sqlite3.Connection, table: Table) -> None:
    """Drop what is declared no more, so that no write pays for it, and make what is new."""
    wanted = _index_statements(table)
    made_here = "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL"
    there = {name for (name,) in connection.execute(made_here, (table.collection.name,))}
    for name in there - wanted.keys():
        connection.execute(f"DROP INDEX {quoted(name)}")
    for name in wanted.keys() - there:
        try:
            connection.execute(wanted[name])
        except sqlite3.IntegrityError as error:
            raise StoreError(f"cannot make the index {name!r}: stored documents share its values") from error


def _index_statements(table: Table) -> dict[str, str]:
    """By name, the statement that makes each index; a key that leads no index gets one of its own."""
    collection = table.collection
    lone = lone_keys(collection, leading=(*collection.indexes, *collection.unique))
    statements = {}
    for keys in (*collection.indexes, *[(key,) for key in lone]):
        name = " ".join((collection.name, "by", *keys))
        columns = ", ".join(quoted(key) for key in (*keys, "id"))
        statements[name] = f"CREATE INDEX {quoted(name)} ON {table.name} ({columns})"
    for keys in collection.unique:
        name = " ".join((collection.name, "one", *keys))
        columns = ", ".join(quoted(key) for key in keys)
        statements[name] = f"CREATE UNIQUE INDEX {quoted(name)} ON {table.name} ({columns})"
    return statements
