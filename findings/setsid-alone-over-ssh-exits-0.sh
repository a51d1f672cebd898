#!/usr/bin/env bash
# Debian's util-linux 2.38.1 (setsid) under openssh-server 9.2p1 with bash as the login shell.
#
# `ssh host 'setsid PROGRAM'` exits with 0 whatever PROGRAM does; with anything after it in the same line (`; exit
# $?`) PROGRAM's status arrives. bash replaces itself by the only command of a line, so setsid leads sshd's session,
# has to fork to get a new one, and does not wait for its child.
# One would have guessed: the same status with and without `; exit $?`. (`setsid --wait` gives it.)
#
# Seen:
#   setsid sh -c "sleep 1; exit 3"            status 0
#   setsid sh -c "sleep 1; exit 3"; exit $?   status 3
#   setsid --wait sh -c "sleep 1; exit 3"     status 3

set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
await_port() {
  for _ in {1..150}; do (: < "/dev/tcp/127.0.0.1/$1") 2>/dev/null && return; sleep 0.2; done
  echo "nothing listens on port $1" >&2; return 2
}
[[ -x /usr/sbin/sshd ]] || apt-get install -y -qq openssh-server > /dev/null
[[ $EUID -ne 0 ]] || mkdir -p /run/sshd
for key in host id; do ssh-keygen -q -t ed25519 -N '' -f "$work/$key"; done
port=$(free_port)
cat > "$work/sshd_config" <<EOF
Port $port
ListenAddress 127.0.0.1
HostKey $work/host
AuthorizedKeysFile $work/id.pub
PidFile none
StrictModes no
UsePAM no
EOF
/usr/sbin/sshd -D -f "$work/sshd_config" -E "$work/sshd.log" &
await_port "$port"
user=$(id -un)

run() {
  local status=0
  ssh -n -i "$work/id" -p "$port" -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
    -o LogLevel=ERROR "$user@127.0.0.1" "bash -c '$1'" || status=$?
  printf '%-41s status %s\n' "$1" "$status"
}
alone=$(run 'setsid sh -c "sleep 1; exit 3"')
echo "$alone"
run 'setsid sh -c "sleep 1; exit 3"; exit $?'
run 'setsid --wait sh -c "sleep 1; exit 3"'
[[ $alone == *'status 0'* ]] || { echo 'not seen any more: setsid waited' >&2; exit 1; }
