#!/usr/bin/env bash
# Debian's moreutils 0.67-1 (lckdo), chiark-utils-bin 7.0.0 (with-lock-ex), cronutils 1.9-3+b1 (runlock), daemontools
# 1:0.76-8.1 (setlock), runit 2.1.2-54 (chpst) and flock of the system's util-linux.
#
# Each of them runs a command while it holds a lock on a file. On the same file, flock, setlock and chpst keep one
# another out, and lckdo, with-lock-ex and runlock do: the first by flock(2), the others by fcntl(2), and Linux has the
# two side by side. lckdo's manual says that it is deprecated now that there is flock: whoever takes that advice for one
# job and not yet for another, or calls a script of somebody else's, has both run at the same time.
# One would have guessed: a lock file that is held is held.
#
# Seen (the command on the left holds the lock, and the one above is started):
#                  flock     setlock   chpst     lckdo     with-lock runlock
#   flock          out       out       out       RUNS      RUNS      RUNS
#   setlock        out       out       out       RUNS      RUNS      RUNS
#   chpst          out       out       out       RUNS      RUNS      RUNS
#   lckdo          RUNS      RUNS      RUNS      out       out       out
#   with-lock      RUNS      RUNS      RUNS      out       out       out
#   runlock        RUNS      RUNS      RUNS      out       out       out

set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
apt-get download moreutils=0.67-1 chiark-utils-bin=7.0.0 cronutils=1.9-3+b1 daemontools=1:0.76-8.1 runit=2.1.2-54 \
  > /dev/null 2>&1
for package in *.deb; do dpkg -x "$package" unpacked; done
bin=$work/unpacked/usr/bin

names=(flock setlock chpst lckdo with-lock runlock)
under() { # $1 the name of the lock's command, then the command; where the lock is held, this one does not run
  local name=$1
  shift
  case $name in
    flock) flock -n lock "$@" ;;
    setlock) "$bin/setlock" -n lock "$@" ;;
    chpst) "$bin/chpst" -L lock "$@" ;;
    lckdo) "$bin/lckdo" -q lock "$@" ;;
    with-lock) "$bin/with-lock-ex" -q lock "$@" ;;
    runlock) "$bin/runlock" -f lock -t 1 "$@" ;;
  esac
}
cat > holds <<'END_OF_SH'
#!/bin/sh
touch held
until [ -e enough ]; do sleep 0.05; done
END_OF_SH
chmod 755 holds

printf '%-14s' ''
printf ' %-9s' "${names[@]}"
echo
for holder in "${names[@]}"; do
  rm -f held enough
  under "$holder" ./holds > /dev/null 2>&1 &
  for _ in {1..100}; do [[ -e held ]] && break; sleep 0.05; done
  [[ -e held ]] || { echo "$holder does not get a free lock" >&2; exit 2; }
  printf '%-14s' "$holder"
  for second in "${names[@]}"; do
    rm -f ran
    under "$second" touch ran > /dev/null 2>&1 || true
    printf ' %-9s' "$([[ -e ran ]] && echo RUNS || echo out)"
  done
  echo
  touch enough
  wait
done | tee told
grep -Eq '^flock( +out){3}( +RUNS){3}' told && grep -Eq '^lckdo( +RUNS){3}( +out){3}' told ||
  { echo 'not seen any more: locks of the two kinds are one' >&2; exit 1; }
