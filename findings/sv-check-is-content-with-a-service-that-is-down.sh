#!/usr/bin/env bash
# Debian's runit 2.1.2-54.
#
# `sv check NAME` is for the question whether a service has the state that was asked for: its manual has it wait for
# that, up to seven seconds, and then tell of a time-out. Of a service that should be up and is down, since it cannot
# be started or dies at each start, it says "ok: down, want up" at once, and exits with 0. So does `sv status`, which
# has 0 for all that it can look at. Only `sv start` waits, and exits with 1.
# One would have guessed: 1 from `sv check`, after it has waited.
#
# Seen:
#   sv check fine         exits with 0   ok: run
#   sv check broken       exits with 0   ok: down, normally up, want up
#   sv status broken      exits with 0   down, normally up, want up
#   sv -w 1 start broken  exits with 1   timeout: down, normally up, want up

set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
(
  cd "$work"
  apt-get download runit=2.1.2-54 > /dev/null 2>&1
  dpkg -x ./*.deb unpacked
)
PATH=$work/unpacked/usr/bin:$PATH
cd "$work"
for service in fine broken; do
  mkdir "$service"
  printf '#!/bin/sh\nexec sleep 600\n' > "$service/run"
done
chmod 755 fine/run # and the other was brought without its mode
for service in fine broken; do runsv "$service" > /dev/null 2>&1 & done

await() { # $1 the service, $2 what its status begins with
  for _ in {1..50}; do [[ $(sv status "$work/$1" 2> /dev/null) != "$2:"* ]] || return 0; sleep 0.2; done
  echo "$1 is not $2" >&2; exit 2
}
row() { # the command, with the service at its end
  local status=0 told
  told=$("$@") || status=$?
  # Without the folder, the process and its age.
  told=$(sed -E "s#$work/[a-z]+: ##; s/: (\\(pid [0-9]+\\) )?[0-9]+s//" <<< "$told")
  printf '%-21s exits with %s   %s\n' "$(sed "s#$work/##" <<< "$*")" "$status" "$told"
}
await fine run
await broken down
{
  row sv check "$work/fine"
  row sv check "$work/broken"
  row sv status "$work/broken"
  row sv -w 1 start "$work/broken"
} | tee told
sv force-stop "$work/fine" > /dev/null
grep -q '^sv check broken .* with 0 .*down' told ||
  { echo 'not seen any more: a service that is down passes the check' >&2; exit 1; }
