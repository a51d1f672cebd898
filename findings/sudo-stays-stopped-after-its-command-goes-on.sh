#!/usr/bin/env bash
# Debian's sudo 1.9.13p3, without a terminal: as under cron, a service, or a command over SSH.
#
# Whoever ends what a command has left looks at its processes first, and stops them meanwhile (SIGSTOP), so that none
# gets away. Where sudo has started the command, sudo sees that it was stopped and stops itself as well. Told to go on
# (SIGCONT), the command goes on, and sudo does not: nobody tells it. When the command ends, sudo does not notice: it
# leaves a zombie, and whoever waits for sudo, such as the SSH session that it runs in, waits for ever. It runs as root,
# so the user cannot wake it up; only root can.
# One would have guessed: that without job control sudo goes on waiting, or that it wakes up with its command.
#
# Seen:
#                        the command   sudo
#   before               S             S
#   after SIGSTOP        T             T
#   after SIGCONT        S             T
#   after SIGKILL        Z             T
#   sudo told to go on   (gone)        (gone)

set -euo pipefail
command -v sudo > /dev/null || apt-get install -y -qq sudo > /dev/null
sudo --version | head -1

setsid sudo -n -u nobody sleep 300 < /dev/null > /dev/null 2>&1 &
trap 'kill -KILL $sudo 2>/dev/null || true; kill -CONT $sudo 2>/dev/null || true' EXIT
sudo=$!
for _ in $(seq 50); do
    command=$(pgrep -P "$sudo" sleep) && break
    sleep 0.1
done

state() { ps -o stat= -p "$1" | cut -c1 | grep . || echo -; }
row() { # what was done, and the states of the command and of sudo, that are expected
    for _ in $(seq 30); do
        [[ "$(state "$command") $(state "$sudo")" == "$2" ]] && break
        sleep 0.1
    done
    printf '%-20s command: %s   sudo: %s\n' "$1" "$(state "$command")" "$(state "$sudo")"
    [[ "$(state "$command") $(state "$sudo")" == "$2" ]] || { echo "not seen any more: $2" >&2; exit 1; }
}
row 'before' 'S S'
kill -STOP "$command"
row 'after SIGSTOP' 'T T'
kill -CONT "$command"
sleep 2 # sudo has time to notice
row 'after SIGCONT' 'S T'
kill -KILL "$command"
sleep 2
row 'after SIGKILL' 'Z T'
kill -CONT "$sudo"
row 'sudo told to go on' '- -'
