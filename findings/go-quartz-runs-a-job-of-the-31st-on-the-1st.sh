#!/usr/bin/env bash
# Go's github.com/reugn/go-quartz v0.15.2, compared with robfig/cron 3.0.1; all in UTC.
#
# A job of the 31st that is set up, or whose scheduler is started, in a month of 30 days comes on the 1st of the next
# one; in February it comes on the 3rd of March. After that once it is right, so that tests and a preview from another
# month show nothing. A job of the 29th of February comes on the 1st of March for two years.
# One would have guessed: a day that a month does not have is left out, as in cron and in Quartz itself.
#
# Seen:
#   0 0 9 31 * ?    from 2026-04-10   go-quartz     2026-05-01 2026-05-31 2026-07-31
#                                     robfig/cron   2026-05-31 2026-07-31 2026-08-31
#   0 0 9 30 * ?    from 2026-02-10   go-quartz     2026-03-02 2026-03-30 2026-04-30
#                                     robfig/cron   2026-03-30 2026-04-30 2026-05-30
#   0 0 9 29 2 ?    from 2026-01-01   go-quartz     2026-03-01 2027-03-01 2028-02-29
#                                     robfig/cron   2028-02-29 2032-02-29 2036-02-29

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
go mod init example.org/days > /dev/null 2>&1
go get github.com/reugn/go-quartz@v0.15.2 github.com/robfig/cron/v3@v3.0.1 > /dev/null 2>&1

cat > main.go <<'END'
package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/reugn/go-quartz/quartz"
	"github.com/robfig/cron/v3"
)

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func byQuartz(text string, from time.Time) (days []string) {
	trigger, err := quartz.NewCronTriggerWithLoc(text, time.UTC)
	fail(err)
	at := from.UnixNano()
	for range 3 {
		at, err = trigger.NextFireTime(at)
		fail(err)
		days = append(days, time.Unix(0, at).UTC().Format(time.DateOnly))
	}
	return
}

func byRobfig(text string, from time.Time) (days []string) {
	schedule, err := cron.ParseStandard(strings.TrimPrefix(strings.Replace(text, "?", "*", 1), "0 "))
	fail(err)
	at := from
	for range 3 {
		at = schedule.Next(at)
		days = append(days, at.Format(time.DateOnly))
	}
	return
}

func main() {
	for _, row := range [][2]string{
		{"0 0 9 31 * ?", "2026-04-10"}, {"0 0 9 30 * ?", "2026-02-10"}, {"0 0 9 29 2 ?", "2026-01-01"},
	} {
		from, err := time.Parse(time.DateOnly, row[1])
		fail(err)
		fmt.Printf("%-15s from %-12s go-quartz     %s\n", row[0], row[1], strings.Join(byQuartz(row[0], from), " "))
		fmt.Printf("%-33s robfig/cron   %s\n", "", strings.Join(byRobfig(row[0], from), " "))
	}
}
END
go mod tidy > /dev/null 2>&1
go run . | tee told
grep -q '^0 0 9 31 .* 2026-05-01 ' told ||
  { echo 'not seen any more: a job of the 31st does not come on the 1st' >&2; exit 1; }
