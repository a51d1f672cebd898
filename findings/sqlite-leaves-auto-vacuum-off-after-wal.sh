#!/usr/bin/env bash
# Debian's sqlite3 3.40.1 on the command line (Python's sqlite3 module does the same).
#
# `PRAGMA auto_vacuum` may be set until the first table is made, says its documentation. After `PRAGMA journal_mode =
# WAL`, `PRAGMA user_version = …` or `PRAGMA application_id = …`, each of which programs set first on a new file, it is
# taken without a word and stays off: those pragmas have written the first page already. Later on incremental_vacuum
# frees nothing, without an error either, and only a VACUUM, which needs the room of a second copy, turns it on.
# One would have guessed: any order is good as long as there is no table.
#
# Seen (`PRAGMA auto_vacuum` afterwards, 2 is incremental; pages that incremental_vacuum leaves of 4,000 free):
#                                                          is  left
#   auto_vacuum = INCREMENTAL; journal_mode = WAL           2     0
#   journal_mode = WAL; auto_vacuum = INCREMENTAL           0  4008
#   user_version = 1; auto_vacuum = INCREMENTAL             0  4008
#   application_id = 7; auto_vacuum = INCREMENTAL           0  4008
#   page_size = 8192; auto_vacuum = INCREMENTAL             2     0

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && apt-get download sqlite3 > /dev/null 2>&1 && dpkg -x sqlite3_*.deb unpacked)
sqlite3() { "$work/unpacked/usr/bin/sqlite3" -batch "$work/$@"; }

number=0
row() {
  local file=$((number += 1)).db
  # Each set in the order in which the title has it, before the first table is made.
  sqlite3 "$file" "PRAGMA ${1//; /; PRAGMA };
    CREATE TABLE runs(id INTEGER PRIMARY KEY, output BLOB);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
      INSERT INTO runs SELECT i, zeroblob(4000) FROM n;
    DELETE FROM runs WHERE id <= 4000;" > /dev/null
  sqlite3 "$file" 'PRAGMA incremental_vacuum' > /dev/null
  printf '%-52s %5s %5s\n' "$1" "$(sqlite3 "$file" 'PRAGMA auto_vacuum')" "$(sqlite3 "$file" 'PRAGMA freelist_count')"
}
printf '%-52s %5s %5s\n' '' is left
{
  row 'auto_vacuum = INCREMENTAL; journal_mode = WAL'
  row 'journal_mode = WAL; auto_vacuum = INCREMENTAL'
  row 'user_version = 1; auto_vacuum = INCREMENTAL'
  row 'application_id = 7; auto_vacuum = INCREMENTAL'
  row 'page_size = 8192; auto_vacuum = INCREMENTAL'
} | tee "$work/told"
sed -n 2p "$work/told" | grep -Eq ' 0 +[0-9]{4}$' ||
  { echo 'not seen any more: auto_vacuum is on after WAL' >&2; exit 1; }
