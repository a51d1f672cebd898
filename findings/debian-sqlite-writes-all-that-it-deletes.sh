#!/usr/bin/env bash
# Debian's libsqlite3 3.40.1, through the sqlite3 module of Python 3.11, beside PyPI's apsw 3.54.1.0, which brings SQLite
# as it is built by default.
#
# Debian builds SQLite with SECURE_DELETE: all that is deleted is overwritten with zeros, and the zeros go through the
# log. So a retention job that deletes the output of old runs writes as much as the runs have written, and in WAL mode
# the commit that fills the log waits until it is copied into the database, on which every other writer waits. The same
# program on another build of SQLite writes next to nothing. PRAGMA secure_delete = FAST makes both alike.
# One would have guessed: to delete a big row only puts its pages on the list of free ones, as SQLite's documents have it.
#
# Seen (KiB of log after 200 rows of 64 KiB each are deleted in one transaction):
#   Python's sqlite3 on Debian                    secure_delete 1    12,983
#   the same with PRAGMA secure_delete = FAST     secure_delete 2        24
#   apsw                                          secure_delete 0        24

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check apsw==3.54.1.0

"$work/venv/bin/python" - "$work" <<'END'
import sqlite3
import sys
from pathlib import Path

import apsw

work = Path(sys.argv[1])


def deleted(name, connect, pragma=None):
    """How much of a log the deletion of 200 rows makes, in KiB."""
    path = work / f"{name}.db"
    connection = connect(str(path))
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None
    one = connection.cursor()

    def ask(text):
        return list(one.execute(text))

    ask("PRAGMA journal_mode = WAL")
    ask("PRAGMA wal_autocheckpoint = 0")
    if pragma:
        ask(pragma)
    ask("CREATE TABLE output (id INTEGER PRIMARY KEY, data BLOB)")
    ask("BEGIN")
    for number in range(200):
        one.execute("INSERT INTO output VALUES (?, ?)", (number, b"x" * 65_536))
    ask("COMMIT")
    ask("PRAGMA wal_checkpoint(TRUNCATE)")
    ask("BEGIN")
    ask("DELETE FROM output")
    ask("COMMIT")
    log = Path(f"{path}-wal").stat().st_size // 1024
    print(f"{name:<45} secure_delete {ask('PRAGMA secure_delete')[0][0]}  {log:>8,}")
    return log


plain = deleted("Python's sqlite3 on Debian", sqlite3.connect)
fast = deleted("the same with PRAGMA secure_delete = FAST", sqlite3.connect, "PRAGMA secure_delete = FAST")
other = deleted("apsw", apsw.Connection)
if plain < 12_800 or max(fast, other) > 1_280:
    sys.exit("not seen any more: this SQLite writes little for what it deletes")
END
