#!/usr/bin/env bash
# taskiq 0.13.0 with pycron 3.3.0, which its scheduler asks every minute whether a task's cron text is due.
#
# Texts that every crontab knows are taken without complaint and never are due: 7 for Sunday, a range to 7 leaves
# Sunday out, `5/15`, names of months. taskiq turns a ValueError into an error of its own, but none is raised: the
# schedule just never comes.
# One would have guessed: Sunday for 7, and an error for what is not understood.
#
# Seen (minutes of 2026 at which it is due, by taskiq and by cronsim 2.8):
#   0 3 * * 7               0       52
#   0 3 * * 0              52       52
#   0 3 * * 5-7           104      156
#   5/15 * * * *            0    35040
#   0 3 1 jan *             0        1

set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check \
  taskiq==0.13.0 pycron==3.3.0 cronsim==2.8

"$work/venv/bin/python" - <<'EOF'
import sys
from datetime import datetime, timedelta, timezone

from cronsim import CronSim
from taskiq.cli.scheduler.run import is_cron_task_now

begin = datetime(2026, 1, 1, tzinfo=timezone.utc)
end = datetime(2027, 1, 1, tzinfo=timezone.utc)
minutes = [begin + timedelta(minutes=n) for n in range(int((end - begin).total_seconds()) // 60)]


def by_cronsim(text):
    times = 0
    for due in CronSim(text, begin - timedelta(minutes=1)):
        if due >= end:
            return times
        times += 1


def by_taskiq(text):
    relevant = minutes if text.startswith("5/15") else [m for m in minutes if m.minute == 0]
    return sum(is_cron_task_now(text, minute) for minute in relevant)


sundays = None
for text in "0 3 * * 7", "0 3 * * 0", "0 3 * * 5-7", "5/15 * * * *", "0 3 1 jan *":
    told = by_taskiq(text)
    sundays = told if sundays is None else sundays
    print(f"{text:18} {told:6} {by_cronsim(text):>8}")
if sundays:
    sys.exit("not seen any more: 7 is Sunday")
EOF
