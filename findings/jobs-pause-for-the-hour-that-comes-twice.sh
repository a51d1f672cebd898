#!/usr/bin/env bash
# supercronic 0.2.48 (cron for containers) and gronx 1.20.4, in Go, and PyPI's celery 5.7.0 (the crontab of Celery's
# beat), in the night in which clocks go back; compared with robfig/cron 3.0.1, which Kubernetes' CronJob counts by.
#
# A job of every ten minutes does not run for an hour and more, and one of every hour leaves one out. Of the hour that
# comes twice supercronic and gronx know the second only, and Celery the first only, also for expressions that have
# nothing to do with that hour. A watchdog that expects a sign of life, or a job that works off the last ten minutes,
# sees a gap that logs in local time do not show.
# One would have guessed: what is meant to run every ten minutes does, as cron's own manual has it for wildcards.
#
# Seen (Europe/Berlin, 2026-10-25; in minutes after 01:00, summer time: 02:00 to 02:59 is 60 to 119, and 120 to 179):
#                */10 * * * *                                                0 * * * *
#   supercronic  40 50 120 130 140 150 160 170 180 190                       0 120 180
#   gronx        40 50 120 130 140 150 160 170 180 190                       0 120 180
#   robfig/cron  40 50 60 70 80 90 100 110 120 130 140 150 160 170 180 190   0 60 120 180
#   celery       40 50 60 70 80 90 100 110 180 190                           0 60 180

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check celery==5.7.0 tzdata==2026.6
mkdir "$work/module"
cd "$work/module"
go mod init example.org/times > /dev/null 2>&1
go get github.com/aptible/supercronic@v0.2.48 github.com/adhocore/gronx@v1.20.4 github.com/robfig/cron/v3@v3.0.1 \
  > /dev/null 2>&1

cat > main.go <<'END'
package main

import (
	"fmt"
	"os"
	"time"
	_ "time/tzdata"

	"github.com/adhocore/gronx"
	"github.com/aptible/supercronic/cronexpr"
	"github.com/robfig/cron/v3"
)

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func supercronic(text string, after time.Time) time.Time {
	expression, err := cronexpr.Parse(text)
	fail(err)
	return expression.Next(after)
}

func gronxNext(text string, after time.Time) time.Time {
	next, err := gronx.NextTickAfter(text, after, false)
	fail(err)
	return next
}

func robfig(text string, after time.Time) time.Time {
	schedule, err := cron.ParseStandard(text)
	fail(err)
	return schedule.Next(after)
}

func main() {
	zone, err := time.LoadLocation("Europe/Berlin")
	fail(err)
	one := time.Date(2026, 10, 25, 1, 0, 0, 0, zone)
	minutes := func(next func(string, time.Time) time.Time, text string, first, last int) (told string) {
		from, to := one.Add(time.Duration(first)*time.Minute), one.Add(time.Duration(last)*time.Minute)
		for at := next(text, from.Add(-time.Second)); !at.After(to); at = next(text, at) {
			told += fmt.Sprintf(" %d", int(at.Sub(one).Minutes()))
		}
		return
	}
	for _, engine := range []struct {
		name string
		next func(string, time.Time) time.Time
	}{{"supercronic", supercronic}, {"gronx", gronxNext}, {"robfig/cron", robfig}} {
		fmt.Printf("%-11s %-59s %s\n", engine.name, minutes(engine.next, "*/10 * * * *", 40, 190),
			minutes(engine.next, "0 * * * *", 0, 180))
	}
}
END
go mod tidy > /dev/null 2>&1
cat > beat.py <<'END'
from datetime import datetime, timedelta, timezone

from celery import Celery
from celery.schedules import crontab

app = Celery()
app.conf.timezone = "Europe/Berlin"
one = datetime(2026, 10, 24, 23, 0, tzinfo=timezone.utc)


def minutes(schedule, first, last):
    """What beat asks each schedule, asked minute by minute."""
    schedule.app = app
    ran_at, told = one + timedelta(minutes=first - 1), []
    for minute in range(first, last + 1):
        now = one + timedelta(minutes=minute)
        schedule.nowfun = lambda now=now: now.astimezone(app.timezone)
        if schedule.is_due(ran_at).is_due:
            told.append(f" {minute}")
            ran_at = now
    return "".join(told)


print(f"{'celery':11} {minutes(crontab(minute='*/10'), 40, 190):59} {minutes(crontab(minute=0), 0, 180)}")
END
printf '%-12s %-59s %s\n' '' '*/10 * * * *' '0 * * * *'
{
  go run .
  PYTHONTZPATH="" "$work/venv/bin/python" beat.py
} | tee told
[[ $(grep -Ec ' 0 (120|60) 180$' told) == 3 ]] ||
  { echo 'not seen any more: all of them run in both hours' >&2; exit 1; }
