#!/usr/bin/env bash
# cronsim 2.8 (the engine of Healthchecks' schedules) with tzdata 2026.6, on the two days of a year on which Lord Howe
# Island turns its clocks by half an hour.
#
# `0 */6 * * *` never comes at 06:00 on those days, though there is just one 06:00 on each; iterated backwards, the same
# expression has it. Of `*/20 2 * * *` the minutes 0 and 20 are lost, though 02:00 and 02:20 come once. Where clocks turn
# by a whole hour nothing is lost: an expression with a `*` in its hour or minute steps by real hours, and after a shift
# of half an hour each step lands on a half hour, in an hour that has begun before.
# One would have guessed: what is there once comes once, whichever way one looks.
#
# Seen (times in Australia/Lord_Howe):
#   0 */6 * * *  2026-10-04 forwards   00:00 12:00 18:00
#   0 */6 * * *  2026-10-04 backwards  00:00 06:00 12:00 18:00
#   0 */6 * * *  2026-04-05 forwards   00:00 12:00 18:00
#   0 */6 * * *  2026-04-05 backwards  00:00 06:00 12:00 18:00
#   */20 2 * * * 2026-04-05 forwards   02:40
#   */20 2 * * * 2026-04-05 backwards  02:00 02:20 02:40

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check cronsim==2.8 tzdata==2026.6

PYTHONTZPATH="" "$work/venv/bin/python" - <<'EOF'
import sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from cronsim import CronSim

zone = ZoneInfo("Australia/Lord_Howe")


def on_the_day(text, day, *, backwards):
    begin = datetime(*day, tzinfo=zone).astimezone(timezone.utc)
    end = (datetime(*day, tzinfo=zone) + timedelta(days=1)).astimezone(timezone.utc)
    start = end if backwards else begin - timedelta(minutes=1)
    found = []
    for time in CronSim(text, start.astimezone(zone), reverse=backwards):
        if not begin <= time.astimezone(timezone.utc) < end:
            if found or (time < begin if backwards else time >= end):
                break
            continue
        found.append(f"{time.astimezone(timezone.utc).astimezone(zone):%H:%M}")
    return sorted(found)


lost = 0
for text, day in (("0 */6 * * *", (2026, 10, 4)), ("0 */6 * * *", (2026, 4, 5)), ("*/20 2 * * *", (2026, 4, 5))):
    forwards, backwards = (on_the_day(text, day, backwards=way) for way in (False, True))
    print(f"{text:12} {datetime(*day):%Y-%m-%d} forwards  ", *forwards)
    print(f"{text:12} {datetime(*day):%Y-%m-%d} backwards ", *backwards)
    lost += len(set(backwards) - set(forwards))
if lost != 4:
    sys.exit(f"not seen any more: {lost} times are lost forwards, and not 4")
EOF
