"""Group commit to SQLite: what is written in one turn of the event loop, or while the disk is busy, shares a commit.

A statement takes microseconds, less than a hand-over to a thread would cost, so statements are made on the event loop.
Only their commit is a thread's, since it waits for the disk. Writes that may take long are made by the thread, too, and
so is a transaction that cannot begin at once because a stranger has locked the file.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

from shared.store.sqlite_checkpoints import Checkpoints
from shared.store.sqlite_writes import Statements

_MOST = 100
"""So many writes share a commit at most, so that no turn of the event loop is long."""
_BUSY_MILLISECONDS = 2_000
"""How long a transaction waits for a stranger's lock: a write may wait for one before its own, and has five seconds."""
_THE_WRITES_OWN_FAULT = (
    sqlite3.SQLITE_ERROR,
    sqlite3.SQLITE_CONSTRAINT,
    sqlite3.SQLITE_TOOBIG,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_RANGE,
)


@dataclass(slots=True, eq=False)
class _Write:
    statements: Statements
    is_long: bool
    bulk: int
    future: "asyncio.Future[Any]"
    result: Any = None
    error: Exception | None = None

    def make(self, connection: sqlite3.Connection) -> None:
        """Make it and keep what came of it; raises what spoils the whole transaction."""
        try:
            self.result = self.statements(connection)
        except Exception as error:
            if _spoils_the_transaction(error):
                raise
            self.error = error

    def tell(self) -> None:
        """Resolve its future."""
        if self.future.done():  # whoever waited was cancelled
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class GroupCommit:
    """Takes writes from the event loop and resolves their futures once they are on disk."""

    def __init__(
        self, connection: sqlite3.Connection, loop: asyncio.AbstractEventLoop, checkpoints: Checkpoints
    ) -> None:
        """``connection`` is this object's alone from now on."""
        self._connection = connection
        self._connection.execute("PRAGMA busy_timeout = 0")
        self._loop = loop
        self._checkpoints = checkpoints
        self._bulk = 0
        self._waiting: list[_Write] = []
        self._is_busy = False
        """Whether a transaction is open, or about to be."""
        self._handed_over: SimpleQueue[tuple[Sequence[_Write], bool] | None] = SimpleQueue()
        """With the writes of a transaction, whether they were made and only their commit is left."""
        self._thread = threading.Thread(target=self._run, name="sqlite-commits", daemon=True)
        self._thread.start()

    def submit(self, statements: Statements, *, is_long: bool = False, bulk: int = 0) -> "asyncio.Future[Any]":
        """A future for what the statements return, done when they are committed. ``bulk``: bytes of the blobs that they
        write.
        """
        future: asyncio.Future[Any] = self._loop.create_future()
        self._waiting.append(_Write(statements, is_long, bulk, future))
        if not self._is_busy:
            self._is_busy = True
            self._loop.call_soon(self._begin)
        return future

    async def finish(self) -> None:
        """Wait until all that was submitted is done, and end the thread."""
        try:
            with suppress(sqlite3.Error):
                await self.submit(lambda _: None)
        finally:
            self._handed_over.put(None)
        await asyncio.to_thread(self._thread.join)

    def _begin(self) -> None:
        """Make what waits, and hand its commit over."""
        batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
        try:
            is_made = not any(write.is_long for write in batch) and self._make_now(batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait are told
            self._fail(batch, error)
            self._end(batch)
        else:
            self._handed_over.put((batch, is_made))

    def _make_now(self, batch: Sequence[_Write]) -> bool:
        """Whether the transaction could begin at once, and all was made."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                return False
            raise
        for write in batch:
            write.make(self._connection)
        return True

    def _end(self, batch: Sequence[_Write]) -> None:
        """Tell what came of a transaction, and go on with the next.

        Whoever hears of it here has a turn before the next one begins, and so may still have a part in it.
        """
        for write in batch:
            write.tell()
        self._is_busy = bool(self._waiting)
        if self._waiting:
            self._loop.call_soon(self._begin)

    def _run(self) -> None:
        """Commit what is handed over, again and again, until told to finish. The thread's."""
        while handed_over := self._handed_over.get():
            batch, is_made = handed_over
            try:
                if not is_made:
                    self._make_in_time(batch)
                self._connection.execute("COMMIT")
                self._bulk += sum(write.bulk for write in batch)
                self._checkpoints.note(self._connection.total_changes, self._bulk)
            except Exception as error:  # noqa: BLE001 - whatever it is, those who wait are told
                self._fail(batch, error)
            with suppress(RuntimeError):  # the loop is closed, and with it everyone who waited
                self._loop.call_soon_threadsafe(self._end, batch)

    def _make_in_time(self, batch: Sequence[_Write]) -> None:
        self._connection.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        finally:
            self._connection.execute("PRAGMA busy_timeout = 0")
        for write in batch:
            write.make(self._connection)

    def _fail(self, batch: Sequence[_Write], error: Exception) -> None:
        if self._connection.in_transaction:
            with suppress(sqlite3.Error):  # the error that led here is the one to tell
                self._connection.execute("ROLLBACK")
        for write in batch:
            write.error = error


def _spoils_the_transaction(error: Exception) -> bool:
    """Whether the database failed, rather than this one write: a full disk, a lock, a damaged file."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF not in _THE_WRITES_OWN_FAULT
