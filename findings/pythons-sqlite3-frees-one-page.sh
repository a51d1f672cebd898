#!/usr/bin/env bash
# The sqlite3 module of Python 3.11 (SQLite 3.40.1), plain and under aiosqlite 0.22.1 and SQLAlchemy 2.1.9, and
# Debian's sqlite3 3.40.1 on the command line.
#
# `PRAGMA incremental_vacuum`, with or without a number of pages, gives one single page back to the file system for
# each execute(), whether or not its rows are fetched, and reports nothing: SQLite frees a page per step, and the
# module ends the statement after its first. executescript() frees all. So a retention job that deletes old runs in
# bites and vacuums in between never makes the file smaller, though it seems to run well.
# One would have guessed: what frees 4,000 pages on the command line frees them from Python.
#
# Seen (pages free to be given back, after 4,000 of 5,000 runs were deleted):
#                                                      before    after
#   sqlite3 on the command line                          4008        0
#   execute('PRAGMA incremental_vacuum')                 4008     4007
#   execute('PRAGMA incremental_vacuum').fetchall()      4008     4007
#   execute('PRAGMA incremental_vacuum(1000)')           4008     4007
#   executescript('PRAGMA incremental_vacuum')           4008        0
#   executescript('PRAGMA incremental_vacuum(1000)')     4008     3008
#   aiosqlite, execute_fetchall                          4008     4007
#   SQLAlchemy, exec_driver_sql                          4008     4007

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check aiosqlite==0.22.1 SQLAlchemy==2.1.9
(cd "$work" && apt-get download sqlite3 > /dev/null 2>&1 && dpkg -x sqlite3_*.deb unpacked)

"$work/venv/bin/python" - "$work" <<'END'
import asyncio
import sqlite3
import subprocess
import sys
from pathlib import Path

import aiosqlite
import sqlalchemy

work = Path(sys.argv[1])
path = work / "runs.db"


def fill():
    path.unlink(missing_ok=True)
    store = sqlite3.connect(path, isolation_level=None)
    store.execute("PRAGMA auto_vacuum = INCREMENTAL")
    store.execute("CREATE TABLE runs(id INTEGER PRIMARY KEY, output BLOB)")
    store.execute("BEGIN")
    store.executemany("INSERT INTO runs(output) VALUES (?)", ((b"x" * 4000,) for _ in range(5000)))
    store.execute("DELETE FROM runs WHERE id <= 4000")
    store.execute("COMMIT")
    store.close()


def free():
    store = sqlite3.connect(path)
    try:
        return store.execute("PRAGMA freelist_count").fetchone()[0]
    finally:
        store.close()


def by_module(way):
    store = sqlite3.connect(path, isolation_level=None)
    way(store)
    store.close()


def by_command_line():
    command = work / "unpacked/usr/bin/sqlite3"
    subprocess.run([command, path, "PRAGMA incremental_vacuum"], check=True, stdout=subprocess.DEVNULL)


async def by_aiosqlite():
    async with aiosqlite.connect(path, isolation_level=None) as store:
        await store.execute_fetchall("PRAGMA incremental_vacuum")


def by_sqlalchemy():
    with sqlalchemy.create_engine(f"sqlite:///{path}").connect() as store:
        store.exec_driver_sql("PRAGMA incremental_vacuum")
        store.commit()


ways = {
    "sqlite3 on the command line": by_command_line,
    "execute('PRAGMA incremental_vacuum')": lambda: by_module(lambda s: s.execute("PRAGMA incremental_vacuum")),
    "execute('PRAGMA incremental_vacuum').fetchall()": lambda: by_module(
        lambda s: s.execute("PRAGMA incremental_vacuum").fetchall()
    ),
    "execute('PRAGMA incremental_vacuum(1000)')": lambda: by_module(
        lambda s: s.execute("PRAGMA incremental_vacuum(1000)")
    ),
    "executescript('PRAGMA incremental_vacuum')": lambda: by_module(
        lambda s: s.executescript("PRAGMA incremental_vacuum")
    ),
    "executescript('PRAGMA incremental_vacuum(1000)')": lambda: by_module(
        lambda s: s.executescript("PRAGMA incremental_vacuum(1000)")
    ),
    "aiosqlite, execute_fetchall": lambda: asyncio.run(by_aiosqlite()),
    "SQLAlchemy, exec_driver_sql": by_sqlalchemy,
}
freed = {}
print(f"{'':50} {'before':>8} {'after':>8}")
for name, way in ways.items():
    fill()
    before = free()
    way()
    freed[name] = before - free()
    print(f"{name:50} {before:8} {before - freed[name]:8}")
if freed["execute('PRAGMA incremental_vacuum').fetchall()"] != 1:
    sys.exit("not seen any more: execute() frees more than one page")
END
