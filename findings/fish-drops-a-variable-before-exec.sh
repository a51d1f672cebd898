#!/usr/bin/env bash
# Debian's fish 3.6.0, compared with the POSIX shells bash and dash; each as a login shell gets a command over SSH: with -c.
#
# Since fish 3.1 a variable may be given to one command by writing it before it, as in POSIX shells: `NAME=value command`.
# Before `exec` fish takes the line without a word, and the variable never arrives: what is started in the shell's place
# finds it empty, or as it was before. The exit status is that of the program, so nobody notices.
# One would have guessed: that it arrives, as without `exec` and as in bash and dash; or an error.
#
# Seen:
#                                      bash   dash   fish
#   NAME=new sh -c 'echo $NAME'         new    new    new
#   NAME=new exec sh -c 'echo $NAME'    new    new    old
#   exec env NAME=new sh -c '...'       new    new    new

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && apt-get download fish fish-common libpcre2-32-0 > /dev/null 2>&1 && for deb in *.deb; do dpkg -x "$deb" unpacked; done)
LD_LIBRARY_PATH=$(dirname "$(find "$work" -name 'libpcre2-32.so.0')")
export LD_LIBRARY_PATH
fish=$work/unpacked/usr/bin/fish
export HOME=$work XDG_CONFIG_HOME=$work XDG_DATA_HOME=$work
"$fish" --version

inner="sh -c 'echo \$NAME'"
row() { # the line as it is shown, and as it is run
    said=()
    for shell in bash dash "$fish"; do said+=("$(NAME=old "$shell" -c "$2")"); done
    printf '%-34s %6s %6s %6s\n' "$1" "${said[@]}"
}
printf '%-34s %6s %6s %6s\n' '' bash dash fish
row "NAME=new sh -c 'echo \$NAME'" "NAME=new $inner"
[[ ${said[*]} == 'new new new' ]] || { echo 'not seen any more: without exec the variable arrives' >&2; exit 1; }
row "NAME=new exec sh -c 'echo \$NAME'" "NAME=new exec $inner"
[[ ${said[*]} == 'new new old' ]] || { echo 'not seen any more: before exec the variable is dropped' >&2; exit 1; }
row "exec env NAME=new sh -c '...'" "exec env NAME=new $inner"
[[ ${said[*]} == 'new new new' ]] || { echo 'not seen any more: env hands it over' >&2; exit 1; }
