#!/usr/bin/env bash
# Debian's busybox 1.35.0 (ash), compared with bash 5.2.
#
# ash takes `[[ … ]]` without complaint but means `[`: an unquoted variable is split into words, a quoted pattern
# still matches as a pattern, and `>` writes a file. The exit status of the script stays 0, so a guard written for
# bash silently takes the other branch on Alpine, OpenWrt and in rescue systems.
# One would have guessed: bash's meaning, or a syntax error as in dash ("[[: not found").
#
# Seen:
#                                        bash    ash
#   v="a b"; [[ $v == "a b" ]]           yes     no
#   [[ abc == "*" ]]                     no      yes
#   [[ b > a ]]                          yes     yes
#   files made by the last line: bash 0, ash 1

set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
(cd "$work" && apt-get download busybox > /dev/null 2>&1 && dpkg -x busybox_*.deb unpacked)
mkdir "$work/bash" "$work/ash"
in_bash() { (cd "$work/bash" && bash -c "$1 && echo yes || echo no" 2> /dev/null); }
in_ash() { (cd "$work/ash" && "$work/unpacked/bin/busybox" ash -c "$1 && echo yes || echo no" 2> /dev/null); }
differ=0
printf '%-36s %-7s %s\n' '' bash ash
for test in 'v="a b"; [[ $v == "a b" ]]' '[[ abc == "*" ]]' '[[ b > a ]]'; do
  bash_says=$(in_bash "$test") ash_says=$(in_ash "$test")
  printf '%-36s %-7s %s\n' "$test" "$bash_says" "$ash_says"
  [[ $bash_says == "$ash_says" ]] || differ=$((differ + 1))
done
count() { find "$1" -type f | wc -l; }
echo "files made by the last line: bash $(count "$work/bash"), ash $(count "$work/ash")"
(( differ == 2 )) && [[ -e $work/ash/a ]] || { echo 'not seen any more: ash reads [[ as bash does' >&2; exit 1; }
