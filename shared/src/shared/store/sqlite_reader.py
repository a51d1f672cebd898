"""Reads from SQLite on connections of their own, so that no read waits for a write or holds one up.

A look-up by an index takes microseconds, less than a hand-over to a thread would cost, so it is made where it is
asked for, on the event loop. One that turns out to be long, or that must wait for a lock, is given up there and made
again on a thread.
"""

import asyncio
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from shared.store.sqlite_file import connect

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
