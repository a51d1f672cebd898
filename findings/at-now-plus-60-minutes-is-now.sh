#!/usr/bin/env bash
# Debian's at 3.2.5-1+b1, in the two nights of a year in which clocks turn; the time is set by libfaketime 0.9.10.
#
# `at now + 60 minutes` adds to the clock on the wall, and where that hour is missing it is due at once: the roll-back
# that was to come unless somebody calls it off runs while the change is being made. `+ 2 hours` are one, `+ 1 day` from
# 02:30 ends at 01:30, though `at 02:30` of that day is at 03:30; in autumn two hours are three. The confirmation shows
# times in local time only, in which nothing is odd about the others.
# One would have guessed: minutes and hours from now are real ones, as for sleep and for systemd-run --on-active.
#
# Seen (Europe/Berlin):
#                                            due    minutes from now
#   2027-03-28 01:30  now + 60 minutes     01:30                   0
#   2027-03-28 01:30  now + 90 minutes     03:00                  30
#   2027-03-28 01:30  now + 2 hours        03:30                  60
#   2027-03-27 02:30  now + 1 day          01:30                1380
#   2027-03-27 02:30  02:30 2027-03-28     03:30                1440
#   2027-10-31 01:30  now + 2 hours        03:30                 180

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[[ -x /usr/bin/at ]] || apt-get install -y --no-install-recommends at=3.2.5-1+b1 > /dev/null
(cd "$work" && apt-get download libfaketime > /dev/null 2>&1 && dpkg -x libfaketime_*.deb unpacked)
# A copy without the set-user-ID bit, with which no library is preloaded.
install -m 755 /usr/bin/at "$work/at"
export TZ=Europe/Berlin

row() { # $1 the time that it is, $2 what is asked for
  local told due
  # shellcheck disable=SC2086 # at takes words
  told=$(echo true | LD_PRELOAD=$(echo "$work"/unpacked/usr/lib/*/faketime/libfaketime.so.1) FAKETIME="$1:00" \
    "$work/at" $2 2>&1 | grep '^job')
  atrm "$(cut -d ' ' -f 2 <<< "$told")"
  due=${told#*at }
  # What at says has no zone; none of these six comes twice.
  printf '%-17s %-20s %5s %19s\n' "$1" "$2" "$(date -d "$due" +%H:%M)" \
    "$((($(date -d "$due" +%s) - $(date -d "$1" +%s)) / 60))"
}
printf '%38s %5s %19s\n' '' due 'minutes from now'
{
  row '2027-03-28 01:30' 'now + 60 minutes'
  row '2027-03-28 01:30' 'now + 90 minutes'
  row '2027-03-28 01:30' 'now + 2 hours'
  row '2027-03-27 02:30' 'now + 1 day'
  row '2027-03-27 02:30' '02:30 2027-03-28'
  row '2027-10-31 01:30' 'now + 2 hours'
} | tee "$work/told"
grep -Eq 'now \+ 60 minutes +01:30 +0$' "$work/told" ||
  { echo 'not seen any more: 60 minutes from now are not now' >&2; exit 1; }
