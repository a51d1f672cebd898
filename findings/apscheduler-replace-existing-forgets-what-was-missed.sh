#!/usr/bin/env bash
# APScheduler 3.11.3 with jobs kept in a database (SQLAlchemyJobStore, SQLAlchemy 2.1.9).
#
# For a program that adds its jobs when it starts, its user guide demands `add_job(id=…, replace_existing=True)`. Each
# such call counts the job's next run anew from now. Before start(), a run that came due while the program was down is
# not made up, whatever misfire_grace_time and coalesce say, and no event tells of it. Before or after start(), the due
# time of an interval job moves on with each start, so that one whose program is deployed more often than its interval
# never runs. Added only where the store does not have it, the same job keeps its time and is made up.
# One would have guessed: what is replaced is the job's definition, and a persistent store remembers when it is due.
#
# Seen (misfire_grace_time an hour):
#                                          due while down  started anew before it is due
#   replace_existing=True before start()        forgotten  due later
#   replace_existing=True after start()               run  due later
#   added only if it is not there                     run  due as before

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check APScheduler==3.11.3 SQLAlchemy==2.1.9

cat > "$work/program.py" <<'END'
import sys
import time

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler


def run():
    with open("ran", "a") as file:
        file.write(".")


if __name__ == "__main__":
    way, seconds = sys.argv[1:]
    scheduler = BackgroundScheduler(jobstores={"default": SQLAlchemyJobStore(url="sqlite:///jobs.db")}, timezone="UTC")

    def add():
        scheduler.add_job(
            "program:run",
            "interval",
            seconds=int(seconds),
            id="clean-up",
            replace_existing=True,
            misfire_grace_time=3600,
            coalesce=True,
        )

    if way == "before":
        add()
    scheduler.start(paused=way == "missing")
    if way == "after":
        time.sleep(1)
        add()
    elif way == "missing":
        if scheduler.get_job("clean-up") is None:
            add()
        scheduler.resume()
    time.sleep(1)
    print(scheduler.get_job("clean-up").next_run_time.timestamp())
    scheduler.shutdown()
END
start() { (cd "$folder" && "$work/venv/bin/python" program.py "$@"); }
row() { # $1 the title, $2 how the job is added
  local folder=$work/$2 missed due
  mkdir "$folder"
  cp "$work/program.py" "$folder"
  start "$2" 30 > /dev/null
  [[ -e $folder/ran ]] && { echo 'this machine is too slow for this script' >&2; exit 2; }
  sleep 31
  start "$2" 30 > /dev/null
  [[ -e $folder/ran ]] && missed=run || missed=forgotten
  rm "$folder/jobs.db"
  due=$(start "$2" 3600)
  [[ $(start "$2" 3600) == "$due" ]] && due='as before' || due=later
  printf '%-38s %16s  %s\n' "$1" "$missed" "due $due"
}
printf '%-38s %16s  %s\n' '' 'due while down' 'started anew before it is due'
{
  row 'replace_existing=True before start()' before
  row 'replace_existing=True after start()' after
  row 'added only if it is not there' missing
} | tee "$work/told"
grep -Eq 'before start\(\) +forgotten  due later$' "$work/told" ||
  { echo 'not seen any more: a job that was due is run although it was replaced' >&2; exit 1; }
