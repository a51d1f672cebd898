#!/usr/bin/env bash
# Debian's dropbear-bin 2022.83-1+deb12u3 (its SSH client, dbclient), against OpenSSH.
#
# dbclient exits with 0 when a signal ended the remote command and when the server hangs up on a log-in (a key that
# is not let in, where the server also takes passwords and no terminal can be asked for one), and with 1 when it
# cannot connect. So a step run by it reports as done what was killed or never began, and a host that is down as a
# command that failed.
# One would have guessed: as OpenSSH's ssh does, which exits with 255 in all three situations.
#
# Seen:
#                                ssh  dbclient
#   exit 3                         3         3
#   kill -9 $$                   255         0
#   (nobody listens)             255         1
#   (the log-in is refused)      255         0

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

(cd "$work" && apt-get download dropbear-bin libtomcrypt1 libtommath1 > /dev/null 2>&1 &&
  for deb in *.deb; do dpkg -x "$deb" dropbear; done)
LD_LIBRARY_PATH=$(dirname "$(find "$work/dropbear" -name 'libtomcrypt.so*' -print -quit)")
export LD_LIBRARY_PATH
bin=$work/dropbear/usr/bin
for key in dropbear_id stranger; do "$bin/dropbearkey" -t ed25519 -f "$work/$key" > /dev/null 2>&1; done
ssh-keygen -q -t ed25519 -N '' -f "$work/other"
"$bin/dropbearkey" -y -f "$work/dropbear_id" | grep '^ssh-' >> "$work/id.pub"

status() { "$@" < /dev/null > /dev/null 2>&1 && echo 0 || echo $?; }
with_ssh() { # key port command
  status ssh -i "$work/$1" -p "$2" -o BatchMode=yes -o IdentitiesOnly=yes -o StrictHostKeyChecking=no \
    -o UserKnownHostsFile=/dev/null "$user@127.0.0.1" "$3"
}
with_dbclient() {
  status setsid --wait env HOME="$work" "$bin/dbclient" -y -i "$work/$1" -p "$2" "$user@127.0.0.1" "$3"
}
nobody=$(free_port)
row() { printf '%-26s %5s %9s\n' "$1" "$2" "$3"; }

row '' ssh dbclient
row 'exit 3' "$(with_ssh id "$port" 'exit 3')" "$(with_dbclient dropbear_id "$port" 'exit 3')"
killed=$(with_dbclient dropbear_id "$port" 'kill -9 $$')
row 'kill -9 $$' "$(with_ssh id "$port" 'kill -9 $$')" "$killed"
refused=$(with_dbclient dropbear_id "$nobody" true)
row '(nobody listens)' "$(with_ssh id "$nobody" true)" "$refused"
stranger=$(with_dbclient stranger "$port" true)
row '(the log-in is refused)' "$(with_ssh other "$port" true)" "$stranger"
[[ $killed == 0 && $refused == 1 && $stranger == 0 ]] ||
  { echo 'not seen any more: dbclient tells these ends apart' >&2; exit 1; }
