"""Checkpoints of SQLite's log, made by a thread of their own: no commit copies what others have left there.

Where the committing connection made them, every commit that filled the log waited until all of it was copied into the
database and on the disk there: 30 to 200 ms. A checkpoint on another connection keeps no writer waiting. It may leave
what was written meanwhile; only where that goes on for long, and the log has grown to four times its size, does a
commit copy the rest, which is little then, so that the log begins anew.
"""

import sqlite3
import threading
from contextlib import suppress
from queue import SimpleQueue

CHECKPOINT_CHANGES = 1_000
"""Rows that are changed between checkpoints: 10 MiB of log or so, so that a page changed often is copied home once."""
BULK_OF_A_CHANGE = 10 * 1024
"""Bytes in a blob that count as one row more."""


class Checkpoints:
    """Makes a checkpoint whenever enough was written."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """``connection`` is this object's alone from now on."""
        self._connection = connection
        self._noted = 0
        self._due: SimpleQueue[bool] = SimpleQueue()
        """True for a checkpoint that is due; False ends the thread."""
        self._thread = threading.Thread(target=self._run, name="sqlite-checkpoints", daemon=True)
        self._thread.start()

    def note(self, changes: int, bulk: int) -> None:
        """Say how many rows the committing connection has changed in all, and how many bytes of blobs it has written.
        Costs nothing unless it is time.
        """
        changes += bulk // BULK_OF_A_CHANGE
        if changes - self._noted >= CHECKPOINT_CHANGES:
            self._noted = changes
            self._due.put(True)

    def close(self) -> None:
        """Finish what is under way, and let go. Blocks."""
        self._due.put(False)
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        while self._due.get():
            with suppress(sqlite3.Error):  # the log is kept, and the next commit tells what is wrong with the disk
                self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
