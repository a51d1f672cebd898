#!/usr/bin/env bash
# PyPI's icalevents 0.3.1, compared with recurring-ical-events 3.8.2.
#
# Asked for what is on between two times, it finds an event that began before them and goes on, unless it is one that is
# repeated: of these only those that begin within. A roster of weekly shifts, asked who is on call now, has an answer
# in the hour of the handover and nobody for the rest of the week; a window of maintenance that is open is not seen.
# One would have guessed: the same for both, since a single event that goes on is found.
#
# Seen (a shift from a Tuesday, 09:00, for a week):
#                                                   icalevents   recurring-ical-events
#   one shift, from Tuesday 08:00 to 10:00          ann          ann
#   one shift, from Thursday 12:00 to 13:00         ann          ann
#   every second week, Tuesday 08:00 to 10:00       ann          ann
#   every second week, Thursday 12:00 to 13:00      -            ann

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check icalevents==0.3.1 recurring-ical-events==3.8.2

"$work/venv/bin/python" -W ignore - <<'END_OF_PYTHON' | tee "$work/told"
from datetime import datetime, timezone

import icalendar
import recurring_ical_events
from icalevents.icalevents import events

ONE = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//roster
BEGIN:VEVENT
UID:1
DTSTAMP:20260101T000000Z
SUMMARY:ann
DTSTART:20261020T090000Z
DTEND:20261027T090000Z
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")
REPEATED = ONE.replace("DTSTART:20261020", "RRULE:FREQ=WEEKLY;INTERVAL=2\r\nDTSTART:20261006").replace("1027", "1013")


def row(title, text, begin, end):
    found = [event.summary for event in events(string_content=text.encode(), start=begin, end=end)]
    others = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(begin, end)
    print(f"{title:46}  {' '.join(found) or '-':12} {' '.join(event['SUMMARY'] for event in others) or '-'}")


def at(day, hour):
    return datetime(2026, 10, day, hour, tzinfo=timezone.utc)


print(f"{'':46}  icalevents   recurring-ical-events")
row("one shift, from Tuesday 08:00 to 10:00", ONE, at(20, 8), at(20, 10))
row("one shift, from Thursday 12:00 to 13:00", ONE, at(22, 12), at(22, 13))
row("every second week, Tuesday 08:00 to 10:00", REPEATED, at(20, 8), at(20, 10))
row("every second week, Thursday 12:00 to 13:00", REPEATED, at(22, 12), at(22, 13))
END_OF_PYTHON
grep -Eq '^one shift.*Thursday.* ann +ann$' "$work/told" && grep -Eq '^every.*Thursday.* - +ann$' "$work/told" ||
  { echo 'not seen any more: a repeated event that goes on is found' >&2; exit 1; }
