#!/usr/bin/env bash
# Debian's busybox 1.35.0 (its timeout), compared with coreutils 9.1.
#
# busybox's timeout only sends its command a signal; the exit status is always the command's own. A command that
# cleans up on TERM and exits with 0 has "succeeded", and one that dies of it gives 143; 124, which every script
# tests for, never comes.
# One would have guessed: 124 for whatever was cut short, as coreutils documents; busybox's own usage text says
# nothing of it.
#
# Seen:
#                                              coreutils  busybox
#   timeout 1 sleep 3                                124      143
#   timeout 1 sh -c 'trap "exit 0" TERM; ...'        124        0

set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
(cd "$work" && apt-get download busybox > /dev/null 2>&1 && dpkg -x busybox_*.deb unpacked)
busybox=$work/unpacked/bin/busybox
status() { "$@" > /dev/null 2>&1 && echo 0 || echo $?; }
graceful='trap "exit 0" TERM; while :; do sleep 0.1; done'
row() { printf '%-41s %10s %8s\n' "$@"; }

row '' coreutils busybox
row 'timeout 1 sleep 3' "$(status timeout 1 sleep 3)" "$(status "$busybox" timeout 1 sleep 3)"
cut_short=$(status "$busybox" timeout 1 sh -c "$graceful")
row "timeout 1 sh -c 'trap \"exit 0\" TERM; ...'" "$(status timeout 1 sh -c "$graceful")" "$cut_short"
[[ $cut_short == 0 ]] || { echo 'not seen any more: a cut-short command is told apart' >&2; exit 1; }
