#!/usr/bin/env bash
# Debian's retry 1.0.5-3 (the program `retry`).
#
# A command that ends with a status is tried again, as asked. One that a signal ended (the out-of-memory killer, a
# crash) is tried once, whatever --times says: retry ends by the same signal at once, without a word, and what the
# command had printed on stdout until then is gone, since retry keeps it in memory until it knows the outcome. Put
# into `sh -c '…; exit $?'`, so that the signal becomes a status, the same command is tried as often as asked.
# One would have guessed: a killed command is a failure like another, and the likeliest one to go well the next
# time; its manual speaks of signals as a return code only.
#
# Seen (retry --times=3 --delay=0):
#                             tries  status  stdout, passed on or told as failed
#   exits with 3                  3       3  step 1 step 1 step 1
#   killed by SIGKILL             1     137  -
#   the same, its status kept     3     137  step 1 step 1 step 1

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && apt-get download retry=1.0.5-3 > /dev/null 2>&1 && dpkg -x retry_*.deb unpacked)
retry=$work/unpacked/usr/bin/retry

row() {
  local name=$1 status=0 passed
  shift
  : > "$work/tries"
  "$retry" --times=3 --delay=0 -- "$@" > "$work/stdout" 2> "$work/stderr" || status=$?
  passed=$(cat "$work/stdout" "$work/stderr" | grep -x 'step 1' | tr '\n' ' ' || true)
  printf '%-26s %6s %7s  %s\n' "$name" "$(wc -l < "$work/tries")" "$status" "${passed:--}"
}

begin="echo . >> '$work/tries'; echo 'step 1'"
{
  printf '%-26s %6s %7s  %s\n' '' tries status 'stdout, passed on or told as failed'
  row 'exits with 3' sh -c "$begin; exit 3"
  row 'killed by SIGKILL' sh -c "$begin; kill -KILL \$\$"
  row 'the same, its status kept' sh -c "sh -c \"$begin; kill -KILL \\\$\\\$\"; exit \$?"
} | tee "$work/told"
grep -Eq '^killed by SIGKILL +1 +137  -$' "$work/told" ||
  { echo 'not seen any more: a killed command is tried again' >&2; exit 1; }
