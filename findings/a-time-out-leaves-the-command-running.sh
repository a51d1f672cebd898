#!/usr/bin/env bash
# ansible-core 2.19.14, fabric 3.2.3, pyinfra 3.10.0 and ClusterShell 1.10.1 against OpenSSH 9.2.
#
# Each takes a time-out for a command, reports it as timed out, and leaves it running on the host: the documents say
# "will interrupt and fail the task" (Ansible's `timeout`), "submit an interrupt to the subprocess" (`timeout` of
# run(), which Fabric takes from Invoke). A rescue, a retry or a person then starts the command a second time beside
# the first. Of Ansible's two time-outs for a task only `async` ends the command. pyinfra, moreover, goes no further
# on that host.
# One would have guessed: what timed out has been ended, or the report says that it may go on.
#
# Seen (a command of 600 seconds, a time-out of 6):
#   Ansible, timeout: 6                 reported as timed out, still running: 1
#   Ansible, async: 6, poll: 1          reported as timed out, still running: 0
#   Fabric, run(timeout=6)              reported as timed out, still running: 1
#   pyinfra, _timeout=6                 reported as timed out, still running: 1
#   clush -u 6                          reported as timed out, still running: 1

set -euo pipefail
work=$(mktemp -d)
mark=600.$RANDOM  # tells our commands from everybody's
trap 'pkill -f "[s]leep $mark" || true; kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
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
Subsystem sftp internal-sftp
EOF
/usr/sbin/sshd -D -f "$work/sshd_config" -E "$work/sshd.log" &
await_port "$port"
mkdir -m 700 "$work/.ssh" && touch "$work/.ssh/known_hosts"
user=$(id -un)
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check \
  ansible-core==2.19.14 fabric==3.2.3 pyinfra==3.10.0 ClusterShell==1.10.1

export HOME=$work ANSIBLE_NOCOLOR=1 ANSIBLE_HOST_KEY_CHECKING=False LC_ALL=C.UTF-8 PATH=$work/venv/bin:$PATH
log_in="-p $port -i $work/id -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=QUIET"
play() { # keywords of the task
  printf '[{hosts: all, gather_facts: false, tasks: [{command: sleep %s, %s}]}]\n' "$mark" "$1" > "$work/play.yml"
  ansible-playbook -i '127.0.0.1,' -u "$user" -e "ansible_port=$port ansible_python_interpreter=/usr/bin/python3" \
    --private-key "$work/id" "$work/play.yml"
}
with_fabric() {
  python - <<EOF
from fabric import Connection
connection = Connection("127.0.0.1", user="$user", port=$port, connect_kwargs={"key_filename": "$work/id"})
connection.run("sleep $mark", timeout=6)
EOF
}
with_pyinfra() {
  cat > "$work/deploy.py" <<EOF
from pyinfra.operations import server
server.shell(name="long", commands=["sleep $mark"], _timeout=6)
EOF
  (cd "$work" && pyinfra --yes --user "$user" --port "$port" --key "$work/id" 127.0.0.1 deploy.py)
}
with_clush() { clush -o "$log_in" -l "$user" -u 6 -w 127.0.0.1 "sleep $mark"; }

row() {
  local name=$1
  shift
  "$@" > "$work/report" 2>&1 < /dev/null || true  # a file: a pipe would be waited for as long as a connection is kept
  grep -Eqi 'timed out|time-?out' "$work/report" || { echo "$name did not time out:"; cat "$work/report"; exit 2; } >&2
  sleep 5  # for whatever would end it
  printf '%-35s reported as timed out, still running: %s\n' "$name" "$(pgrep -cfx "sleep $mark" || true)"
  pkill -fx "sleep $mark" || true
}
{
  row 'Ansible, timeout: 6' play 'timeout: 6'
  row 'Ansible, async: 6, poll: 1' play 'async: 6, poll: 1'
  row 'Fabric, run(timeout=6)' with_fabric
  row 'pyinfra, _timeout=6' with_pyinfra
  row 'clush -u 6' with_clush
} | tee "$work/told"
[[ $(grep -c 'still running: 1' "$work/told") == 4 ]] ||
  { echo 'not seen any more: another number of commands outlives its time-out' >&2; exit 1; }
