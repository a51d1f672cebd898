#!/usr/bin/env bash
# npm's node-ical 0.26.1, the newest for Node.js 20, with the rrule-temporal 1.6.0 that it brings, compared with PyPI's
# recurring-ical-events 3.8.2. rrule-temporal 2.2.8, used by itself, does as that does but for the hour that is missing.
#
# A window on the 31st of each month, in the calendar of a vendor or of one's own, is on the 28th from the first
# February on, and stays there: each date is counted from the one before. A daily window at 02:30 is at 03:30 from the
# night on in which clocks go forward; asked for April alone, the same calendar has it at 02:30, so that what is shown
# depends on how far back one looks. Nothing is said.
# One would have guessed: each date comes from the first one and the rule, and months without a 31st have none, as RFC
# 5545 (3.3.10) wants it and recurring-ical-events does.
#
# Seen (Europe/Berlin, 2026):
#   FREQ=MONTHLY from 31 January 22:00
#     node-ical              01-31 22:00  02-28 22:00  03-28 22:00  04-28 22:00  05-28 22:00
#     recurring-ical-events  01-31 22:00  03-31 22:00  05-31 22:00
#   FREQ=DAILY from 27 March 02:30, asked for from March on
#     node-ical              03-27 02:30  03-28 02:30  03-29 03:30  03-30 03:30  03-31 03:30
#     recurring-ical-events  03-27 02:30  03-28 02:30  03-29 02:30  03-30 02:30  03-31 02:30
#   FREQ=DAILY from 27 March 02:30, asked for 10 and 11 April
#     node-ical              04-10 02:30  04-11 02:30
#     recurring-ical-events  04-10 02:30  04-11 02:30

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check \
  recurring-ical-events==3.8.2 icalendar==7.3.2 tzdata==2026.6
# npm trusts what the system trusts
export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}
npm install --silent --no-audit --no-fund --prefix "$work" node-ical@0.26.1 rrule-temporal@1.6.0 > /dev/null

cat > "$work/times.js" <<'END'
const ical = require('node-ical');
const [file, from, to] = process.argv.slice(2);
const window = Object.values(ical.sync.parseFile(file)).find((part) => part.type === 'VEVENT');
const times = ical.expandRecurringEvent(window, { from: new Date(`${from}T00:00Z`), to: new Date(`${to}T00:00Z`) });
const local = (time) => time.toLocaleString('sv-SE', { timeZone: 'Europe/Berlin' }).slice(5, 16);
console.log('  node-ical             ', times.map(({ start }) => local(start)).join('  '));
END
cat > "$work/times.py" <<'END'
import sys
from datetime import date
from pathlib import Path

import icalendar
import recurring_ical_events

file, first, last = sys.argv[1:]
calendar = icalendar.Calendar.from_ical(Path(file).read_bytes())
windows = recurring_ical_events.of(calendar).between(date.fromisoformat(first), date.fromisoformat(last))
print("  recurring-ical-events ", "  ".join(f"{window['DTSTART'].dt:%m-%d %H:%M}" for window in windows))
END
row() { # $1 the title, $2 first day and $3 time, $4 the frequency, $5 and $6 what is asked for
  echo "$1"
  printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 PRODID:test BEGIN:VEVENT UID:window DTSTAMP:20260101T000000Z \
    "DTSTART;TZID=Europe/Berlin:$2T$3" DURATION:PT1H "RRULE:FREQ=$4" END:VEVENT END:VCALENDAR > "$work/window.ics"
  (cd "$work" && node times.js window.ics "$5" "$6")
  "$work/venv/bin/python" "$work/times.py" "$work/window.ics" "$5" "$6"
}
{
  row 'FREQ=MONTHLY from 31 January 22:00' 20260131 220000 MONTHLY 2026-01-01 2026-06-01
  row 'FREQ=DAILY from 27 March 02:30, asked for from March on' 20260327 023000 DAILY 2026-03-01 2026-04-01
  row 'FREQ=DAILY from 27 March 02:30, asked for 10 and 11 April' 20260327 023000 DAILY 2026-04-10 2026-04-12
} | tee "$work/told"
[[ $(sed -n 2p "$work/told") == *'05-28 22:00' && $(sed -n 5p "$work/told") == *'03-31 03:30' ]] ||
  { echo 'not seen any more: a window comes back to its own day and hour' >&2; exit 1; }
