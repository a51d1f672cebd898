#!/usr/bin/env bash
# Debian's openssh-server 9.2p1, `sshd -t`.
#
# `sshd -t`, the check that is run before a reload, is silent about every file that the configuration names but its
# host keys: a missing RevokedKeys, TrustedUserCAKeys, AuthorizedKeysCommand or ForceCommand passes. A missing
# RevokedKeys then refuses every public key of every user; the client sees "Permission denied", and only sshd's log
# names the file, once somebody was refused. With an empty file in its place the same key is let in.
# One would have guessed: a complaint of `sshd -t`, as for a missing host key, before all have lost their access.
#
# Seen:
#   sshd -t: exit status 0, 0 lines of complaint
#   log-in with the file missing: status 255
#   lines of the log that name the file: 1
#   log-in with an empty file in its place: status 0

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

sed -i "s/^Port .*/Port $(free_port)/" "$work/sshd_config"
echo "RevokedKeys $work/revoked" >> "$work/sshd_config"
{ cat "$work/sshd_config"; echo "TrustedUserCAKeys $work/nothing"; echo "AuthorizedKeysCommand $work/nothing"
  echo 'AuthorizedKeysCommandUser nobody'; echo "ForceCommand $work/nothing"; } > "$work/tested"
checked=0
/usr/sbin/sshd -t -f "$work/tested" 2> "$work/complaints" || checked=$?
echo "sshd -t: exit status $checked, $(wc -l < "$work/complaints") lines of complaint"

second=$(awk '$1 == "Port" {print $2}' "$work/sshd_config")
/usr/sbin/sshd -D -f "$work/sshd_config" -E "$work/second.log" &
await_port "$second"
log_in() {
  ssh -n -i "$work/id" -p "$second" -o BatchMode=yes -o IdentitiesOnly=yes -o StrictHostKeyChecking=no \
    -o UserKnownHostsFile=/dev/null -o LogLevel=QUIET "$user@127.0.0.1" true && echo 0 || echo $?
}
missing=$(log_in)
echo "log-in with the file missing: status $missing"
echo "lines of the log that name the file: $(grep -c revoked "$work/second.log" || true)"
: > "$work/revoked"
empty=$(log_in)
echo "log-in with an empty file in its place: status $empty"
[[ $checked == 0 && $missing == 255 && $empty == 0 ]] ||
  { echo 'not seen any more: it is told or does no harm' >&2; exit 1; }
