#!/usr/bin/env bash
# Go's golang.org/x/crypto v0.59.0 (ssh/knownhosts), PyPI's paramiko 5.1.0 and asyncssh 2.24.1, compared with ssh-keygen
# of OpenSSH 9.2, which looks a host up as ssh does.
#
# ssh takes a name in any case for the same host: all three libraries do not, so that a host which the inventory writes
# DB01 is unknown where ssh has noted db01. A line for `*` holds in Go for port 22 only. paramiko, and so Fabric, knows
# no wildcards in known_hosts at all: whoever has one line for a whole domain has none for it.
# One would have guessed: what `ssh` connects to without a question is known.
#
# Seen:
#   known_hosts          asked for              ssh   Go    paramiko  asyncssh
#   db01                 db01                   yes   yes   yes       yes
#   db01                 DB01                   yes   no    no        no
#   DB01                 DB01                   yes   yes   yes       yes
#   DB01                 db01                   yes   no    no        no
#   *                    db01                   yes   yes   no        yes
#   *                    [db01]:2222            yes   no    no        yes
#   *.example.org        db01.example.org       yes   yes   no        yes

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check paramiko==5.1.0 asyncssh==2.24.1
command -v ssh-keygen > /dev/null || apt-get install -y -qq openssh-client > /dev/null
ssh-keygen -q -t ed25519 -N '' -f "$work/host"
mkdir "$work/module"
cd "$work/module"
go mod init example.org/known > /dev/null 2>&1
go get golang.org/x/crypto@v0.59.0 > /dev/null 2>&1

cat > main.go <<'END_OF_GO'
package main

import (
	"fmt"
	"net"
	"os"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func main() { // the file of known hosts, that of the key, and host:port
	public, err := os.ReadFile(os.Args[2])
	fail(err)
	key, _, _, _, err := ssh.ParseAuthorizedKey(public)
	fail(err)
	known, err := knownhosts.New(os.Args[1])
	fail(err)
	if known(os.Args[3], &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 22}, key) == nil {
		fmt.Println("yes")
	} else {
		fmt.Println("no")
	}
}
END_OF_GO
go mod tidy > /dev/null 2>&1
go build -o known .
cat > known.py <<'END_OF_PYTHON'
import base64
import subprocess
import sys
from pathlib import Path

import asyncssh
import paramiko

work = Path(sys.argv[1])
public = (work / "host.pub").read_text()
kind, blob = public.split()[:2]
file = work / "known_hosts"


def told(name, host, port):
    file.write_text(f"{name} {kind} {blob}\n")
    asked = host if port == 22 else f"[{host}]:{port}"
    by_ssh = subprocess.run(["ssh-keygen", "-F", asked, "-f", file], stdout=subprocess.DEVNULL).returncode == 0
    go = subprocess.check_output(["./known", file, work / "host.pub", f"{host}:{port}"], text=True).strip() == "yes"
    key = paramiko.PKey.from_type_string(kind, base64.b64decode(blob))
    by_paramiko = paramiko.HostKeys(str(file)).check(asked, key)
    trusted = asyncssh.read_known_hosts(str(file)).match(host, "127.0.0.1", port)[0]
    by_asyncssh = asyncssh.import_public_key(public) in trusted
    answers = ("yes" if known else "no" for known in (by_ssh, go, by_paramiko, by_asyncssh))
    return "{:20} {:22} {:5} {:5} {:9} {}".format(name, asked, *answers)


print(f"{'known_hosts':20} {'asked for':22} ssh   Go    paramiko  asyncssh")
print(told("db01", "db01", 22))
print(told("db01", "DB01", 22))
print(told("DB01", "DB01", 22))
print(told("DB01", "db01", 22))
print(told("*", "db01", 22))
print(told("*", "db01", 2222))
print(told("*.example.org", "db01.example.org", 22))
END_OF_PYTHON
"$work/venv/bin/python" -W ignore known.py "$work" | tee told
grep -Eq '^db01 +DB01 +yes +no +no +no$' told && grep -Eq '^\*\.example.* yes +yes +no +yes$' told ||
  { echo 'not seen any more: they know the hosts that ssh knows' >&2; exit 1; }
