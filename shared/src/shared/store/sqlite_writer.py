"""The one thread that writes to SQLite: what gathers while it commits shares its next commit."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

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
                self._loop.call_soon_threadsafe(_tell, outcomes)

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


def _tell(outcomes: list[_Outcome]) -> None:
    for future, result, error in outcomes:
        if future.done():  # whoever waited was cancelled
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
