#!/usr/bin/env bash
# paramiko 5.1.0 (SSHConfig; fabric 3.2.3 reads its configuration with it); compared with `ssh -G` of openssh-client 9.2p1.
#
# SSHConfig neither follows `Include` nor complains about it: it hands the path out as an option named "include", and
# the host goes without its address, user and jump host. A comment behind a value becomes part of the value.
# One would have guessed: Include, in OpenSSH since 2016, is followed, or refused.
#
# Seen:
#   web1 by ssh:      hostname 192.0.2.7, proxyjump bastion.example.org, user deploy
#   web1 by paramiko: {'include': 'FOLDER/hosts/*.conf', 'hostname': 'web1'}
#   web1 by fabric:   host web1
#   web2 by ssh:      user deploy
#   web2 by paramiko: user 'deploy # the robot'

set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check \
  paramiko==5.1.0 fabric==3.2.3

command -v ssh > /dev/null || apt-get install -y -qq openssh-client > /dev/null
mkdir "$work/hosts"
printf 'Host web1\n  HostName 192.0.2.7\n  User deploy\n  ProxyJump bastion.example.org\n' > "$work/hosts/web.conf"
printf 'Include %s/hosts/*.conf\nHost web2\n  User deploy # the robot\n' "$work" > "$work/config"
by_ssh() { ssh -G -F "$work/config" "$1" 2> /dev/null | grep -E "^($2) " | sort | paste -sd, | sed 's/,/, /g'; }

echo "web1 by ssh:      $(by_ssh web1 'hostname|user|proxyjump')"
HOME=$work "$work/venv/bin/python" - "$work" web1 <<'EOF'
import sys

from fabric import Config, Connection
from paramiko import SSHConfig

work = sys.argv[1]
config = SSHConfig.from_path(f"{work}/config")
told = dict(config.lookup("web1"))
print("web1 by paramiko:", str(told).replace(work, "FOLDER"))
print("web1 by fabric:   host", Connection("web1", config=Config(ssh_config=config)).host)
if told["hostname"] != "web1" or "include" not in told:
    sys.exit("not seen any more: Include is followed or refused")
EOF
echo "web2 by ssh:      $(by_ssh web2 user)"
"$work/venv/bin/python" -c "
import sys, paramiko
print('web2 by paramiko: user', repr(paramiko.SSHConfig.from_path(sys.argv[1]).lookup('web2')['user']))" "$work/config"
