#!/usr/bin/env bash
# parallel-ssh 2.16.0.post1 (with ssh2-python 1.2.0.post1), against OpenSSH.
#
# A remote command that a signal ended (out of memory, `kill -9`) has exit_code 0 in parallel-ssh's default client,
# exactly as one that succeeded. The library's second client, ssh-python, tells -1 for the same command.
# One would have guessed: 137, -1 or None; in any case something that `if exit_code` does not take for success.
#
# Seen:
#   pssh.clients       'exit 3'      exit_code 3
#   pssh.clients       'kill -9 $$'  exit_code 0
#   pssh.clients.ssh   'exit 3'      exit_code 3
#   pssh.clients.ssh   'kill -9 $$'  exit_code -1

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
  parallel-ssh==2.16.0.post1 ssh2-python==1.2.0.post1 ssh-python==1.2.0.post1

"$work/venv/bin/python" - "$port" "$user" "$work/id" <<'EOF'
import sys

from pssh.clients import SSHClient as DefaultClient
from pssh.clients.ssh import SSHClient as SecondClient

port, user, key = int(sys.argv[1]), sys.argv[2], sys.argv[3]
seen = {}
for name, client in ("pssh.clients", DefaultClient), ("pssh.clients.ssh", SecondClient):
    host = client("127.0.0.1", user=user, port=port, pkey=key)
    for command in "exit 3", "kill -9 $$":
        output = host.run_command(command)
        host.wait_finished(output)
        seen[name, command] = output.exit_code
        print(f"{name:18} {command!r:13} exit_code {output.exit_code}")
if seen["pssh.clients", "kill -9 $$"] != 0:
    sys.exit("not seen any more: the killed command does not look like a success")
EOF
