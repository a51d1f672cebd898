#!/usr/bin/env bash
# PyPI's recurring-ical-events 3.8.2 with icalendar 7.3.2 and tzdata 2026.6, compared with npm's node-ical 0.26.1.
#
# A length in hours is a length of real time (RFC 5545, 3.3.6: only days and weeks follow the clock on the wall).
# recurring-ical-events adds it on the wall: six hours of maintenance that begin at 23:00 last five hours in the night
# in which clocks go forward, and seven when they go back, and an hour that begins at 02:30 has no length at all in
# spring: it ends in the instant in which it begins, so that nothing is within it, and between() finds nothing half an
# hour later. Python's own arithmetic does the same, and hides it: end minus start tells the length that was asked for.
# One would have guessed: PT6H are six hours, above all where it is said by DURATION and not by DTEND.
#
# Seen (Europe/Berlin, 2026; the length in real hours):
#                                        recurring-ical-events  node-ical
#   28 March 23:00, DURATION:PT6H                          5.0        6.0
#   24 October 23:00, DURATION:PT6H                        7.0        6.0
#   29 March 02:30, DURATION:PT1H                          0.0        1.0
#   the last by end - start                                1.0
#   events within it, 15 minutes on                          0

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check \
  recurring-ical-events==3.8.2 icalendar==7.3.2 tzdata==2026.6
# npm trusts what the system trusts
export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}
npm install --silent --no-audit --no-fund --prefix "$work" node-ical@0.26.1 > /dev/null

calendar() { # the first of two daily windows that begin on $1 at $2, of the length $3
  printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 PRODID:test BEGIN:VEVENT UID:window DTSTAMP:20260101T000000Z \
    "DTSTART;TZID=Europe/Berlin:$1T$2" "DURATION:$3" 'RRULE:FREQ=DAILY;COUNT=2' END:VEVENT END:VCALENDAR
}
calendar 20260328 230000 PT6H > "$work/spring.ics"
calendar 20261024 230000 PT6H > "$work/autumn.ics"
calendar 20260328 023000 PT1H > "$work/gap.ics"

cat > "$work/hours.js" <<'END'
const ical = require('node-ical');
const [file, which] = process.argv.slice(2);
const window = Object.values(ical.sync.parseFile(file)).find((part) => part.type === 'VEVENT');
const year = { from: new Date('2026-01-01'), to: new Date('2026-12-31') };
const { start, end } = ical.expandRecurringEvent(window, year)[which];
console.log(((end - start) / 3600e3).toFixed(1));
END
cat > "$work/hours.py" <<'END'
import subprocess
import sys
from datetime import timedelta, timezone
from pathlib import Path

import icalendar
import recurring_ical_events

work = Path(sys.argv[1])


def windows(file, *between):
    calendar = icalendar.Calendar.from_ical((work / file).read_bytes())
    return recurring_ical_events.of(calendar).between(*between)


def hours(length):
    return f"{length.total_seconds() / 3600:.1f}"


def node(file, which):
    command = ["node", "hours.js", file, str(which)]
    return subprocess.run(command, cwd=work, check=True, capture_output=True, text=True).stdout.strip()


def row(name, *told):
    print(f"{name:38} {told[0]:>21} {told[1] if told[1:] else '':>10}".rstrip())


row("", "recurring-ical-events", "node-ical")
for name, file, which in (
    ("28 March 23:00, DURATION:PT6H", "spring.ics", 0),
    ("24 October 23:00, DURATION:PT6H", "autumn.ics", 0),
    ("29 March 02:30, DURATION:PT1H", "gap.ics", 1),
):
    window = windows(file, (2026, 1, 1), (2026, 12, 31))[which]
    start, end = window["DTSTART"].dt, window["DTEND"].dt
    real = end.astimezone(timezone.utc) - start.astimezone(timezone.utc)
    row(name, hours(real), node(file, which))
row("the last by end - start", hours(end - start))
later = start.astimezone(timezone.utc) + timedelta(minutes=15)
row("events within it, 15 minutes on", str(len(windows("gap.ics", later, later + timedelta(minutes=1)))))
if real:
    sys.exit("not seen any more: the window of an hour in spring has a length")
END
PYTHONTZPATH="" "$work/venv/bin/python" "$work/hours.py" "$work"
