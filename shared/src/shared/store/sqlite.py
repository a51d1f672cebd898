"""The DocumentStore in a file of this machine: SQLite, nothing to install, one process."""

import asyncio
import os
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from shared.lru_cache import LruCache
from shared.store import sqlite_writes
from shared.store.documents import check_changes, check_declaration, check_fields, check_one
from shared.store.port import (
    Change,
    Changes,
    Collection,
    Document,
    Insert,
    OrderedWrite,
    Replace,
    Scalar,
    StoreError,
    StoreUnavailableError,
    Where,
)
from shared.store.sqlite_checkpoints import Checkpoints
from shared.store.sqlite_commits import GroupCommit
from shared.store.sqlite_file import FAILURES, SqliteReader, connect, copy_file, hold, port_error, port_errors
from shared.store.sqlite_schema import ensure_tables
from shared.store.sqlite_table import (
    SELDOM,
    Query,
    Table,
    after_cursor,
    counted,
    counted_by,
    matching,
    ordered,
    texts_of,
)
from shared.store.sqlite_writes import Statements

OFTEN_FOR = 600.0
"""Seconds for which a text counts as one that many documents hold: deleting so many of them takes longer."""
MOST_OFTEN = 1_000


class _Opened:
    """Everything that is held between open and close."""

    def __init__(self, path: Path) -> None:
        self.lock = hold(path)
        try:
            with port_errors(path):
                self.connection = connect(path)
                self.reader = SqliteReader(path)
                self.checkpoints = Checkpoints(connect(path))
        except BaseException:
            os.close(self.lock)
            raise
        self.commits = GroupCommit(self.connection, asyncio.get_running_loop(), self.checkpoints)

    async def close(self) -> None:
        await self.commits.finish()
        await asyncio.to_thread(self._let_go)

    def _let_go(self) -> None:
        self.checkpoints.close()
        self.reader.close()
        self.connection.close()
        os.close(self.lock)


class SqliteDocumentStore:
    """Keeps a table for every collection, its declared keys in indexed columns beside the JSON text."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened: _Opened | None = None
        self._tables: dict[str, Table] = {}
        self._fails_to_write = False
        """Whether the last write failed for a reason that others will meet, too, such as a full disk."""
        self._often_until = LruCache[float](most=MOST_OFTEN)
        """Texts that many documents hold in a list, until they are counted anew."""

    async def open(self, collections: Sequence[Collection]) -> None:
        for collection in collections:
            check_declaration(collection)
        tables = [Table(collection) for collection in collections]
        first = self._opened is None
        if first:
            self._opened = _Opened(self._path)
        try:
            await self._write(lambda connection: ensure_tables(connection, tables), is_long=True)
        except BaseException:
            if first:
                await self.close()
            raise
        self._tables |= {table.collection.name: table for table in tables}

    async def close(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            await opened.close()

    async def ping(self) -> None:
        await self._read("SELECT name FROM sqlite_master LIMIT 1", ())
        if self._fails_to_write:
            # A full disk can be read from all the same, and nothing else might write until somebody asks.
            await self._write(sqlite_writes.probe, is_long=True)

    async def keep_copy(self, schema: int) -> Path:
        """Copy the file as it is now, of this schema, to one beside it, for its owner alone; where it lies.

        One that is there already is replaced. ``StoreError`` where it cannot be written; nothing is left of it then.
        """
        self._still_open()
        copy = self._path.with_name(f"{self._path.stem}-schema-{schema}{self._path.suffix}")
        with port_errors(copy):
            await asyncio.to_thread(copy_file, self._path, copy)
        return copy

    async def get(
        self,
        collection: Collection,
        id: str,  # noqa: A002 - the field's own name
        *,
        fields: Sequence[str] | None = None,
    ) -> Document | None:
        found = await self._documents(self._table(collection), Query("id = ?", (id,)), fields)
        return found[0] if found else None

    async def insert(self, collection: Collection, document: Document) -> None:
        table = self._table(collection)
        row = table.row(document)
        await self._write(partial(sqlite_writes.insert, table=table, row=row), bulk=len(row.blob or b""))

    async def replace(self, collection: Collection, document: Document, *, version: int) -> bool:
        replaced: bool = await self._write(self._replacing(Replace(collection, document, version)))
        return replaced

    async def change(self, collection: Collection, where: Where, changes: Changes) -> bool:
        changed: bool = await self._write(self._changing(Change(collection, where, changes)))
        return changed

    async def change_all(self, collection: Collection, where: Where, changes: Changes) -> int:
        table = self._table(collection)
        query = matching(table, where)
        check_changes(collection, changes)
        changing = partial(sqlite_writes.change_all, table=table, query=query, changes=changes)
        count: int = await self._write(changing, is_long=True)
        return count

    async def claim(
        self, collection: Collection, where: Where, changes: Changes, *, order_by: str = "id"
    ) -> Document | None:
        table = self._table(collection)
        query = ordered(table, matching(table, where), order_by, limit=1)
        check_changes(collection, changes)
        claiming = partial(sqlite_writes.claim, table=table, query=query, changes=changes)
        claimed: Document | None = await self._write(claiming, is_long=not isinstance(where.get("id"), str))
        return claimed

    async def write_in_order(self, writes: Sequence[OrderedWrite]) -> list[bool]:
        steps = [(self._making(write), not isinstance(write, Insert)) for write in writes]
        bulk = sum(_bulk_of(write.collection, write.document) for write in writes if not isinstance(write, Change))
        made: list[bool] = await self._write(partial(sqlite_writes.in_order, writes=steps), bulk=bulk)
        return made

    async def find(
        self,
        collection: Collection,
        where: Where,
        *,
        order_by: str = "id",
        descending: bool = False,
        after: tuple[Scalar, str] | None = None,
        limit: int = 100,
        fields: Sequence[str] | None = None,
    ) -> list[Document]:
        table = self._table(collection)
        query = matching(table, where, await self._often(table, where))
        limit = max(limit, 0)
        spans = [query] if after is None else after_cursor(table, query, order_by, after, descending=descending)
        found: list[Document] = []
        for span in spans:
            page = ordered(table, span, order_by, descending=descending, limit=limit - len(found))
            found += await self._documents(table, page, fields)
            if len(found) == limit:
                break
        return found

    async def count(self, collection: Collection, where: Where, *, limit: int | None = None) -> int:
        query = counted(table := self._table(collection), matching(table, where), limit)
        rows = await self._read(query.sql, query.values)
        count: int = rows[0][0]
        return count

    async def count_by(self, collection: Collection, where: Where, key: str) -> dict[Scalar, int]:
        query = counted_by(table := self._table(collection), matching(table, where), key)
        return dict(await self._read(query.sql, query.values))

    async def delete(self, collection: Collection, where: Where, *, limit: int | None = None) -> int:
        table = self._table(collection)
        query = matching(table, where)
        if limit is not None:
            query = ordered(table, query, "id", limit=max(limit, 0))
        count: int = await self._write(partial(sqlite_writes.delete, table=table, query=query), is_long=True)
        return count

    async def _often(self, table: Table, where: Where) -> frozenset[Scalar]:
        """Those texts that a filter asks lists for and that many documents hold."""
        found: list[Scalar] = []
        for key, side in table.side_tables.items():
            for text in texts_of(where[key]) if key in where else ():
                found += [text] if await self._is_often(side, text) else []
        return frozenset(found)

    async def _is_often(self, side: str, text: Scalar) -> bool:
        """Whether many documents hold a text in this list. Where so many did a while ago, it is not counted anew."""
        name = f"{side} {text}"
        until = self._often_until.get(name)
        if until is not None and time.monotonic() < until:
            return True
        some = f"SELECT 1 FROM {side} WHERE value = ? LIMIT {SELDOM}"  # noqa: S608
        rows = await self._read(f"SELECT count(*) FROM ({some})", (text,))  # noqa: S608
        if rows[0][0] < SELDOM:
            return False
        self._often_until.remember(name, time.monotonic() + OFTEN_FOR)
        return True

    async def _documents(self, table: Table, query: Query, fields: Sequence[str] | None) -> list[Document]:
        if fields is None:
            bulky = table.collection.blob is not None
            rows = await self._read(table.select + query.sql, query.values, bulky=bulky)
            return [table.document(*row) for row in rows]
        check_fields(table.collection, fields)
        rows = await self._read(table.select_summary + query.sql, query.values)
        return [table.short(fields, *row) for row in rows]

    def _making(self, write: OrderedWrite) -> Statements:
        match write:
            case Insert(collection, document):
                table = self._table(collection)
                return partial(sqlite_writes.insert_where_free, table=table, row=table.row(document))
            case Replace():
                return self._replacing(write)
            case Change():
                return self._changing(write)

    def _replacing(self, write: Replace) -> Statements:
        table = self._table(write.collection)
        return partial(sqlite_writes.replace, table=table, row=table.row(write.document), version=write.version)

    def _changing(self, write: Change) -> Statements:
        table = self._table(write.collection)
        check_one(write.collection, write.where)
        check_changes(write.collection, write.changes)
        return partial(
            sqlite_writes.change_first, table=table, query=matching(table, write.where), changes=write.changes
        )

    async def _write(self, statements: Statements, *, is_long: bool = False, bulk: int = 0) -> Any:
        opened = self._still_open()
        try:
            result = await opened.commits.submit(statements, is_long=is_long, bulk=bulk)
        except FAILURES as error:
            told = port_error(self._path, error)
            self._fails_to_write = self._fails_to_write or isinstance(told, StoreUnavailableError)
            raise told from error
        self._fails_to_write = False
        return result

    async def _read(self, sql: str, values: Sequence[Any], *, bulky: bool = False) -> list[Any]:
        opened = self._still_open()
        try:
            return await opened.reader.rows(sql, values, bulky=bulky)
        except FAILURES as error:
            raise port_error(self._path, error) from error

    def _still_open(self) -> _Opened:
        if self._opened is None:
            raise StoreError(f"the store {self._path} is not open")
        return self._opened

    def _table(self, collection: Collection) -> Table:
        table = self._tables.get(collection.name)
        # Equality compares every key of a declaration, and nearly always it is the very same object.
        if table is None or (table.collection is not collection and table.collection != collection):
            self._still_open()
            raise StoreError(f"the store was not opened with this declaration of {collection.name}")
        return table


def _bulk_of(collection: Collection, document: Document) -> int:
    return 0 if collection.blob is None else len(document.get(collection.blob) or b"")
