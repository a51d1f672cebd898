#!/usr/bin/env bash
# Debian's at 3.2.5-1+b1; the time is set by libfaketime 0.9.10.
#
# `at 17:00 UTC` compares 17:00 with the local clock before it heeds UTC. East of Greenwich a time that is still to come
# today counts as gone by and is put off until tomorrow: in Berlin any within the next two hours in summer, in Kolkata
# within five and a half. West of it a time that has just gone by is not taken for tomorrow, as it would be without UTC,
# but refused. With `today` or a date behind it the time is right.
# One would have guessed: the next 17:00 UTC; its manual says "If that time is already past, the next day is assumed".
#
# Seen (all on 2027-06-10, in local time):
#   Europe/Berlin     now 18:25, 17:00 UTC is at 19:00   at 17:00 UTC        due 2027-06-11 19:00
#   Europe/Berlin     now 18:25, 17:00 UTC is at 19:00   at 17:00 UTC today  due 2027-06-10 19:00
#   Asia/Kolkata      now 12:25, 08:00 UTC is at 13:30   at 08:00 UTC        due 2027-06-11 13:30
#   America/New_York  now 12:25, 16:00 UTC was at 12:00  at 16:00 UTC        refused
#   America/New_York  now 12:25                          at 12:00            due 2027-06-11 12:00

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[[ -x /usr/bin/at ]] || apt-get install -y --no-install-recommends at=3.2.5-1+b1 > /dev/null
(cd "$work" && apt-get download libfaketime > /dev/null 2>&1 && dpkg -x libfaketime_*.deb unpacked)
# A copy without the set-user-ID bit, with which no library is preloaded.
install -m 755 /usr/bin/at "$work/at"

row() { # $1 the zone, $2 the local time that it is, $3 what to say of it, $4 what is asked for
  local told due=refused
  # shellcheck disable=SC2086 # at takes words
  told=$(echo true | TZ=$1 LD_PRELOAD=$(echo "$work"/unpacked/usr/lib/*/faketime/libfaketime.so.1) \
    FAKETIME="2027-06-10 $2:00" "$work/at" $4 2>&1 | grep '^job') || true
  if [[ $told == job* ]]; then
    atrm "$(cut -d ' ' -f 2 <<< "$told")"
    due="due $(TZ=$1 date -d "${told#*at }" '+%Y-%m-%d %H:%M')"
  fi
  printf '%-17s %-34s %-19s %s\n' "$1" "now $2$3" "at $4" "$due"
}
{
  row Europe/Berlin 18:25 ', 17:00 UTC is at 19:00' '17:00 UTC'
  row Europe/Berlin 18:25 ', 17:00 UTC is at 19:00' '17:00 UTC today'
  row Asia/Kolkata 12:25 ', 08:00 UTC is at 13:30' '08:00 UTC'
  row America/New_York 12:25 ', 16:00 UTC was at 12:00' '16:00 UTC'
  row America/New_York 12:25 '' '12:00'
} | tee "$work/told"
sed -n 1p "$work/told" | grep -q 'due 2027-06-11' ||
  { echo 'not seen any more: a time in UTC is due when it comes next' >&2; exit 1; }
