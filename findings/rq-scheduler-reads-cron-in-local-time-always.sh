#!/usr/bin/env bash
# PyPI's rq-scheduler 0.14.0 with crontab 1.0.5 and rq 2.6.0; fakeredis 2.32.0 stands in for the Redis server.
#
# `Scheduler.cron()` has `use_local_timezone`, which is False unless set, and all its other times are in UTC. It makes
# no difference: cron texts are read in the zone of the process that schedules them, and for each time after the first
# in that of the scheduler. Where a web server runs in one zone and the scheduler's container in UTC, a job comes at one
# hour the first time and at another from then on.
# One would have guessed: 09:00 UTC, and 09:00 local time with use_local_timezone=True.
#
# Seen ("0 9 * * *" in India, five and a half hours ahead of UTC, the scheduler in UTC):
#                              at first    from then on
#   use_local_timezone=False   03:30 UTC   09:00 UTC
#   use_local_timezone=True    03:30 UTC   09:00 UTC

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check \
  rq-scheduler==0.14.0 crontab==1.0.5 rq==2.6.0 redis==6.4.0 fakeredis==2.32.0 tzdata==2026.6

"$work/venv/bin/python" -W ignore - <<'END_OF_PYTHON' | tee "$work/told"
import os
import time

import fakeredis
from rq_scheduler import Scheduler


def be_in(zone):
    os.environ["TZ"] = zone
    time.tzset()


def told(local):
    connection = fakeredis.FakeStrictRedis()
    be_in("Asia/Kolkata")
    job = Scheduler(connection=connection).cron("0 9 * * *", func="os.getcwd", use_local_timezone=local)
    [(_, first)] = Scheduler(connection=connection).get_jobs(with_times=True)
    be_in("UTC")
    scheduler = Scheduler(connection=connection)
    scheduler.enqueue_job(job)  # as its loop does when a job is due
    [(_, then)] = scheduler.get_jobs(with_times=True)
    return f"{first:%H:%M} UTC   {then:%H:%M} UTC"


print(f"{'':26} at first    from then on")
for local in (False, True):
    print(f"use_local_timezone={local!s:7} {told(local)}")
END_OF_PYTHON
[[ $(grep -c ' 03:30 UTC   09:00 UTC$' "$work/told") == 2 ]] ||
  { echo 'not seen any more: use_local_timezone makes a difference' >&2; exit 1; }
