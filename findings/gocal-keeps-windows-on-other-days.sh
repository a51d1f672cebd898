#!/usr/bin/env bash
# Go's github.com/apognu/gocal v0.9.1, compared with PyPI's recurring-ical-events 3.8.2.
#
# It expands repeated events of calendars, as for rosters and windows of maintenance. A list of excluded days (EXDATE
# with a comma, as calendars write it) is not read at all, so that what was called off takes place. The last Friday of
# a month is five weeks after the one before, whatever the month. A monthly day 31 moves to the 3rd for good. The last
# time, that UNTIL names, is missing. Its guide says that it does not follow the whole standard and was tested lightly,
# and that it handles RRULE, EXDATE and what is common.
# One would have guessed: the common ones right, and an error for what is not supported.
#
# Seen:
#   EXDATE of the 24th and 25th   gocal     10-23 10-24 10-25 10-26 10-27
#                                 other     10-23 10-26 10-27
#   the last Friday               gocal     10-30 12-04 01-01
#                                 other     10-30 11-27 12-25
#   the 31st, four times          gocal     01-31 03-03 04-03 05-03
#                                 other     01-31 03-31 05-31 07-31
#   daily until the 25th          gocal     10-23 10-24
#                                 other     10-23 10-24 10-25

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check recurring-ical-events==3.8.2
mkdir "$work/module"
cd "$work/module"
go mod init example.org/windows > /dev/null 2>&1
go get github.com/apognu/gocal@v0.9.1 > /dev/null 2>&1
cat > main.go <<'END'
package main

import (
	"fmt"
	"os"
	"sort"
	"strings"
	"time"

	"github.com/apognu/gocal"
)

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func main() { // the calendar's file
	file, err := os.Open(os.Args[1])
	fail(err)
	begin, end := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC)
	parser := gocal.NewParser(file)
	parser.Start, parser.End = &begin, &end
	fail(parser.Parse())
	sort.Slice(parser.Events, func(i, j int) bool { return parser.Events[i].Start.Before(*parser.Events[j].Start) })
	var days []string
	for _, event := range parser.Events {
		days = append(days, event.Start.Format("01-02"))
	}
	fmt.Println(strings.Join(days, " "))
}
END
go mod tidy > /dev/null 2>&1
go build -o days .
cat > days.py <<'END'
import sys
from datetime import datetime, timezone
from pathlib import Path

import icalendar
import recurring_ical_events

calendar = icalendar.Calendar.from_ical(Path(sys.argv[1]).read_bytes())
begin, end = datetime(2026, 1, 1, tzinfo=timezone.utc), datetime(2027, 2, 1, tzinfo=timezone.utc)
starts = sorted(event["DTSTART"].dt for event in recurring_ical_events.of(calendar).between(begin, end))
print(*(f"{start:%m-%d}" for start in starts))
END

row() { # the title, the first day, and the lines that make it come again
  local day=$2
  printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 PRODID:-//windows BEGIN:VEVENT UID:1 DTSTAMP:20260101T000000Z \
    SUMMARY:Maintenance "DTSTART:${day}T090000Z" "DTEND:${day}T100000Z" "${@:3}" END:VEVENT END:VCALENDAR > calendar.ics
  printf '%-29s gocal     %s\n' "$1" "$(./days calendar.ics)"
  printf '%-29s other     %s\n' '' "$("$work/venv/bin/python" days.py calendar.ics)"
}
{
  row 'EXDATE of the 24th and 25th' 20261023 'RRULE:FREQ=DAILY;COUNT=5' 'EXDATE:20261024T090000Z,20261025T090000Z'
  row 'the last Friday' 20261030 'RRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=3'
  row 'the 31st, four times' 20260131 'RRULE:FREQ=MONTHLY;COUNT=4'
  row 'daily until the 25th' 20261023 'RRULE:FREQ=DAILY;UNTIL=20261025T090000Z'
} | tee told
grep -q '^EXDATE .*gocal .* 10-24 10-25 ' told && grep -q '^the last Friday .* 12-04 ' told ||
  { echo 'not seen any more: what is excluded is left out, and the last Friday is one' >&2; exit 1; }
