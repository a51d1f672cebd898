"""Writes to SQLite: one thread makes them all, and what gathers while it commits shares its next commit.

The writing verbs work on an open transaction: each changes a document wholly or, where it fails, not at all. Whatever
can go wrong with one document goes wrong before its list entries are touched, so that no savepoint is needed.
"""

# ruff: noqa: S608 - names come quoted from declarations, every value is bound to a mark

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from shared.store.documents import apply_changes, list_values
from shared.store.port import Changes, Document
from shared.store.sqlite_table import BLOB, BODY, SUMMARY, Query, Row, Table

Stored = tuple[Any, ...]
"""Row number, version, summary, body, blob, and the values of the declared keys."""
_Entries = frozenset[tuple[str, str]]


def insert(connection: sqlite3.Connection, table: Table, row: Row) -> None:
    """Add a row; ``sqlite3.IntegrityError`` where its id or a unique key is taken."""
    connection.execute(table.insert, (row.id, row.summary, row.body, row.blob, *row.keys))
    _add_to_lists(connection, table, row.id, row.lists)


def replace(connection: sqlite3.Connection, table: Table, row: Row, version: int) -> bool:
    """Put a row in place of the one with its id and this version; whether there was one."""
    stored = _first(connection, table, Query("id = ? AND version = ?", (row.id, version)))
    if stored is None:
        return False
    listed = list_values(table.collection, table.document(*stored[1:5])) if table.side_tables else frozenset()
    _update(connection, table, stored, listed, row)
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
            entries.append((document["id"], list_values(table.collection, document)))
    chosen = f"SELECT rowid FROM {table.name} WHERE {query.sql}"
    count = connection.execute(f"DELETE FROM {table.name} WHERE rowid IN ({chosen})", query.values).rowcount
    for id_, listed in entries:
        _take_from_lists(connection, table, id_, listed)
    return count


def _first(connection: sqlite3.Connection, table: Table, query: Query) -> Stored | None:
    found: Stored | None = connection.execute(table.select_to_change + query.sql, query.values).fetchone()
    return found


def _change(connection: sqlite3.Connection, table: Table, stored: Stored, changes: Changes) -> Row:
    document = table.document(*stored[1:5])
    listed = list_values(table.collection, document) if table.side_tables else frozenset()
    apply_changes(document, changes)
    row = table.row(document)
    _update(connection, table, stored, listed, row)
    return row


def _update(connection: sqlite3.Connection, table: Table, stored: Stored, listed: _Entries, row: Row) -> None:
    """Write the row over the stored one, naming only columns that change: an index not named costs nothing."""
    rowid, version, *old = stored
    names = (SUMMARY, BODY, BLOB, *(table.columns[key] for key in table.collection.keys))
    columns, values = ["version = ?"], [version + 1]
    for name, before, now in zip(names, old, (row.summary, row.body, row.blob, *row.keys), strict=True):
        if before != now or isinstance(before, float) != isinstance(now, float):
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


Write = Callable[[sqlite3.Connection], Any]
"""Works on an open transaction. It must leave nothing half done where it raises."""

_Job = tuple[Write, "asyncio.Future[Any]"]
_Outcome = tuple["asyncio.Future[Any]", Any, BaseException | None]

_THE_WRITES_OWN_FAULT = (
    sqlite3.SQLITE_ERROR,
    sqlite3.SQLITE_CONSTRAINT,
    sqlite3.SQLITE_TOOBIG,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_RANGE,
)


class SqliteWriter:
    """Takes writes from the event loop and resolves their futures once they are on disk."""

    def __init__(self, connection: sqlite3.Connection, loop: asyncio.AbstractEventLoop) -> None:
        self._connection = connection
        self._loop = loop
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="sqlite-writer", daemon=True)
        self._thread.start()

    def submit(self, write: Write) -> "asyncio.Future[Any]":
        """A future for what the write returns, done when it is committed."""
        future: asyncio.Future[Any] = self._loop.create_future()
        self._jobs.put((write, future))
        return future

    def finish(self) -> None:
        """Wait until all that was submitted is done, and end the thread. Blocks: not for the event loop."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        for batch in self._batches():
            outcomes = self._commit(batch)
            with suppress(RuntimeError):  # the loop is closed, and with it everyone who waited
                self._loop.call_soon_threadsafe(_resolve, outcomes)

    def _batches(self) -> Iterator[list[_Job]]:
        """All that is queued, again and again, until told to finish."""
        while job := self._jobs.get():
            batch = [job]
            with suppress(Empty):
                while job := self._jobs.get_nowait():
                    batch.append(job)
            yield batch
            if job is None:
                return

    def _commit(self, batch: list[_Job]) -> list[_Outcome]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            outcomes = [self._attempt(write, future) for write, future in batch]
            self._connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait are told
            self._roll_back()
            return [(future, None, error) for _, future in batch]
        return outcomes

    def _attempt(self, write: Write, future: "asyncio.Future[Any]") -> _Outcome:
        try:
            return future, write(self._connection), None
        except Exception as error:
            if _spoils_the_transaction(error):
                raise
            return future, None, error

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            with suppress(sqlite3.Error):  # the error that led here is the one to tell
                self._connection.execute("ROLLBACK")


def _spoils_the_transaction(error: Exception) -> bool:
    """Whether the database failed, rather than this one write: a full disk, a lock, a damaged file."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF not in _THE_WRITES_OWN_FAULT


def _resolve(outcomes: list[_Outcome]) -> None:
    for future, result, error in outcomes:
        if future.done():  # whoever waited was cancelled
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
