#!/usr/bin/env bash
# ansible-core 2.19.14, its default connection plugin (ssh), against OpenSSH.
#
# A command that a signal ended, or that exits with 255, is not "failed" but "UNREACHABLE! Failed to connect to the
# host via ssh". With `retries` of the ssh connection above its default of 0, which is documented as the number of
# attempts to connect, the command itself is run again: here three times.
# One would have guessed: FAILED with a status of 137 or 255, run once; retries only where no connection came to be.
#
# Seen:
#   kill -9 $$  with retries=0: UNREACHABLE, the command ran 1 time(s)
#   kill -9 $$  with retries=2: UNREACHABLE, the command ran 3 time(s)
#   exit 255    with retries=2: UNREACHABLE, the command ran 3 time(s)
#   exit 254    with retries=2: FAILED, the command ran 1 time(s)

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
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check \
  ansible-core==2.19.14

export HOME=$work ANSIBLE_NOCOLOR=1 LC_ALL=C.UTF-8
times() { # retries command -> prints how it ended and how often it ran
  : > "$work/ran"
  ANSIBLE_SSH_RETRIES=$1 "$work/venv/bin/ansible" all -i '127.0.0.1,' -u "$user" -e "ansible_port=$port" \
    --private-key "$work/id" \
    --ssh-common-args='-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ControlPath=none' \
    -m raw -a "echo ran >> $work/ran; $2" > "$work/told" 2>&1 || true
  printf '%-11s with retries=%s: %s, the command ran %s time(s)\n' "$2" "$1" \
    "$(grep -o 'UNREACHABLE\|FAILED' "$work/told" | head -n 1)" "$(wc -l < "$work/ran")"
}
times 0 'kill -9 $$'
again=$(times 2 'kill -9 $$')
echo "$again"
times 2 'exit 255'
times 2 'exit 254'
[[ $again == *UNREACHABLE*'ran 3'* ]] || { echo 'not seen any more: the killed command ran once' >&2; exit 1; }
