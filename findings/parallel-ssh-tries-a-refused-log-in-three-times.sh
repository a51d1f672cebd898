#!/usr/bin/env bash
# parallel-ssh 2.16.0.post1, against OpenSSH.
#
# num_retries, 3 by default, repeats a log-in that the server has refused, every retry_delay (5 s), with the same
# key or password. One stale password in an inventory is three failures for whatever counts them (account lock-outs,
# MaxAuthTries, log watchers), and each host that refuses takes ten seconds longer to say so.
# One would have guessed: retries are for connections that do not come to be; a refused key or password is final.
#
# Seen:
#   a key that is not let in:  AuthenticationError, tried 3 time(s)
#   a wrong password:          AuthenticationError, tried 3 time(s)

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
PasswordAuthentication yes
LogLevel VERBOSE
EOF
/usr/sbin/sshd -D -f "$work/sshd_config" -E "$work/sshd.log" &
await_port "$port"
user=$(id -un)
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check \
  parallel-ssh==2.16.0.post1 ssh2-python==1.2.0.post1

ssh-keygen -q -t ed25519 -N '' -f "$work/stale"
cat > "$work/log_in.py" <<'EOF'
import sys

from pssh.clients import ParallelSSHClient

port, user, how, what = sys.argv[1:]
options = {"user": user, "port": int(port), "retry_delay": 0.5, "allow_agent": False, "identity_auth": False, how: what}
(output,) = ParallelSSHClient(["127.0.0.1"], **options).run_command("true", stop_on_errors=False)
print(f"{type(output.exception).__name__}, tried ", end="")
EOF
tried() { # title option value word-of-the-log
  : > "$work/sshd.log"
  printf '%-26s ' "$1"
  "$work/venv/bin/python" "$work/log_in.py" "$port" "$user" "$2" "$3"
  sleep 1
  times=$(grep -c "Failed $4" "$work/sshd.log" || true)
  echo "$times time(s)"
}
tried 'a key that is not let in:' pkey "$work/stale" publickey
key=$times
tried 'a wrong password:' password stale password
[[ $key == 3 && $times == 3 ]] || { echo 'not seen any more: a refused log-in is tried once' >&2; exit 1; }
