"""The file of a SQLite store: made for its owner alone, held by one process, read, and what its errors mean.

Reads have connections of their own, so that no read waits for a write or holds one up. A look-up by an index takes
microseconds, less than a hand-over to a thread would cost, so it is made where it is asked for, on the event loop. One
that turns out to be long, or that must wait for a lock, is given up there and made again on a thread.
"""

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from shared.store.port import DuplicateKeyError, StoreError, StoreUnavailableError

_BUSY_SECONDS = 2.0
"""How long a statement that is made on a thread waits for a lock."""
_STATEMENTS_KEPT = 512
_CHECKPOINT_PAGES = 16_000
"""64 MiB of log before a commit copies home what ``Checkpoints`` has left there."""
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_AWAY = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_NOMEM,
)


def hold(path: Path) -> int:
    """Make the file and its directory where they are missing, and keep other processes off it.

    The descriptor that is returned holds the lock: closing it, or the death of the process, lets go.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreError(f"cannot open {path}: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise StoreError(f"another OpsiMate process uses {path}") from error
    return lock


def connect(path: Path) -> sqlite3.Connection:
    """A connection that commits only where it is told to, and then for good."""
    connection = sqlite3.connect(
        path,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        cached_statements=_STATEMENTS_KEPT,
        check_same_thread=False,
    )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
    # As SQLite does where nobody has built it otherwise. Debian's writes zeros over all that is deleted: to delete a
    # blob costs as much log as to write it, and the commit that fills the log copies all of it home.
    connection.execute("PRAGMA secure_delete = FAST")
    return connection


def copy_file(path: Path, to: Path) -> None:
    """Copy the database as it is now, whole or not at all, and on disk when this returns. Blocks."""
    draft = to.with_name(f".{to.name}.new")
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        with closing(connect(path)) as source, closing(sqlite3.connect(draft)) as target:
            source.backup(target)
        descriptor = os.open(draft, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        draft.replace(to)
    except OSError as error:
        raise StoreError(f"cannot write the copy {to}: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)


FAILURES = (sqlite3.Error, OverflowError, UnicodeEncodeError)
"""What sqlite3 raises."""


@contextmanager
def port_errors(path: Path) -> Iterator[None]:
    """Turn what sqlite3 raises into the words of the port."""
    try:
        yield
    except FAILURES as error:
        raise port_error(path, error) from error


def port_error(path: Path, error: Exception) -> StoreError:
    """What sqlite3 raised, in the words of the port."""
    if isinstance(error, sqlite3.IntegrityError):
        return _duplicate(error)
    if not isinstance(error, sqlite3.Error):
        return StoreError(f"a value that SQLite cannot hold: {error}")
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in _DAMAGED:
        return StoreError(f"{path} is damaged or no SQLite file: {error}")
    if code in _AWAY:
        return StoreUnavailableError(f"{path}: {error}")
    return StoreError(f"{path}: {error}")


def _duplicate(error: sqlite3.IntegrityError) -> StoreError:
    """``UNIQUE constraint failed: runs.trigger.kind, runs.name`` names the collection and the key."""
    _, _, names = str(error).partition("UNIQUE constraint failed: ")
    if not names:
        return StoreError(str(error))
    collection, _, _ = names.partition(".")
    return DuplicateKeyError(collection, tuple(name.removeprefix(f"{collection}.") for name in names.split(", ")))


_STEPS_A_TICK = 2_000
_SHORT_TICKS = 5
"""A short read takes at most so many ticks of SQLite's machine steps: about half a millisecond in all."""


class SqliteReader:
    """Two connections: one for short reads on the event loop, one for long reads on a thread."""

    def __init__(self, path: Path) -> None:
        self._ticks = 0
        self._near = connect(path)
        self._near.execute("PRAGMA busy_timeout = 0")
        self._near.set_progress_handler(self._tick, _STEPS_A_TICK)
        self._far = connect(path)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-reader")

    async def rows(self, sql: str, values: Sequence[Any], *, bulky: bool = False) -> list[Any]:
        """What the query finds; ``bulky`` says that its rows are too big to be read on the event loop."""
        if not bulky:
            self._ticks = 0
            try:
                return self._near.execute(sql, values).fetchall()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_BUSY):
                    raise
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._read_far, sql, values)

    def close(self) -> None:
        """Wait for the long reads under way, and let go. Blocks: not for the event loop."""
        self._thread.shutdown()
        self._near.close()
        self._far.close()

    def _tick(self) -> bool:
        self._ticks += 1
        return self._ticks > _SHORT_TICKS

    def _read_far(self, sql: str, values: Sequence[Any]) -> list[Any]:
        return self._far.execute(sql, values).fetchall()
