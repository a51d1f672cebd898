#!/usr/bin/env bash
# Debian's expect 5.45.4-2+b1 (unbuffer), compared with script of the system's util-linux.
#
# A command whose status must count is put behind `unbuffer` so that its output comes line by line: the status comes
# through, unless a signal ended the command: then it is 0. What the kernel killed for lack of memory, or crashed, is
# a success for a runbook. The usual last line of an Expect script, `exit [lindex [wait] 3]`, does the same: the place
# of the status holds 0 for a killed command, and that it was killed stands behind it.
# One would have guessed: 137, as by a shell, env, nice, timeout, flock, and by `script -qec`, which does the same job.
#
# Seen:
#                          sh -c "exit 3"  sh -c "kill -KILL $$"  sh -c "kill -SEGV $$"
#   unbuffer                            3                      0                      0
#   lindex [wait] 3                     3                      0                      0
#   script -qec                         3                    137                    139

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(
  cd "$work"
  apt-get download expect=5.45.4-2+b1 tcl-expect=5.45.4-2+b1 libtcl8.6 > /dev/null 2>&1
  for package in *.deb; do dpkg -x "$package" unpacked; done
)
lib=$work/unpacked/usr/lib/x86_64-linux-gnu
export LD_LIBRARY_PATH=$lib:$lib/tcltk TCL_LIBRARY=$work/unpacked/usr/share/tcltk/tcl8.6
expect=$work/unpacked/usr/bin/expect
cat > "$work/script.exp" <<'END_OF_EXPECT'
log_user 0
spawn -noecho {*}$argv
expect eof
exit [lindex [wait] 3]
END_OF_EXPECT

endings=('exit 3' 'kill -KILL $$' 'kill -SEGV $$')
row() { # $1 the title, then the command in front
  local title=$1 ending status
  shift
  printf '%-21s' "$title"
  for ending in "${endings[@]}"; do
    status=0
    if [[ $1 == script ]]; then
      "$@" "exec sh -c '$ending'" /dev/null < /dev/null > /dev/null 2>&1 || status=$?
    else
      "$@" sh -c "$ending" < /dev/null > /dev/null 2>&1 || status=$?
    fi
    printf ' %*s' "$((${#ending} + 9))" "$status"
  done
  echo
}
printf '%-21s' ''
for ending in "${endings[@]}"; do printf '  sh -c "%s"' "$ending"; done
echo
{
  row 'unbuffer' "$expect" -f "$work/unpacked/usr/bin/unbuffer"
  row 'lindex [wait] 3' "$expect" -f "$work/script.exp"
  row 'script -qec' script -qec
} | tee "$work/told"
[[ $(grep -Ec '^(unbuffer|lindex).* 3 +0 +0$' "$work/told") == 2 ]] ||
  { echo 'not seen any more: the status of a killed command comes through' >&2; exit 1; }
