#!/usr/bin/env bash
# asyncssh 2.24.1, reading an OpenSSH client configuration; compared with `ssh -G` of openssh-client 9.2p1.
#
# asyncssh runs the command of `Match exec` but leaves the tokens (%h, %n, %p, %r, %u) in it as they stand, so the
# command tests the text "%h" and another branch of the file is taken, without a word. Other options have theirs
# filled in. A comment behind a value and a time with a unit, both of which ssh reads, are refused.
# One would have guessed: the branch that ssh takes, or a refusal of `Match exec`.
#
# Seen:
#   Match exec "echo %h | grep -q ^app":  ssh: deploy   asyncssh: fallback
#   the command that asyncssh ran saw: %h
#   User deploy # the robot:              ssh: deploy   asyncssh: ConfigParseError (Extra data at end: # the robot)
#   ConnectTimeout 1m:                    ssh: 60       asyncssh: ConfigParseError (Invalid ConnectTimeout integer value: 1m)

set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check \
  asyncssh==2.24.1

command -v ssh > /dev/null || apt-get install -y -qq openssh-client > /dev/null
"$work/venv/bin/python" - "$work" <<'EOF'
import subprocess
import sys
from pathlib import Path

import asyncssh

work = Path(sys.argv[1])
file, witness = work / "config", work / "witness"


def by_ssh(option):
    told = subprocess.run(["ssh", "-G", "-F", file, "app1"], capture_output=True, text=True, check=True).stdout
    return dict(line.split(" ", 1) for line in told.splitlines() if " " in line)[option]


def by_asyncssh(option):
    try:
        options = asyncssh.SSHClientConnectionOptions(host="app1", config=[str(file)])
    except asyncssh.ConfigParseError as error:
        return f"ConfigParseError ({str(error).split(': ', 1)[-1].removeprefix(str(file))})"
    return getattr(options, option)


def compare(title, text, option, attribute):
    file.write_text(text)
    told = by_ssh(option), by_asyncssh(attribute)
    print(f"{title + ':':37} ssh: {told[0]:8} asyncssh: {told[1]}")
    return told


rule = 'Match exec "echo %h | grep -q ^app"'
branches = f"{rule}\n  User deploy\nHost *\n  User fallback\n"
ssh, ours = compare(rule, branches, "user", "username")
file.write_text(f'Match exec "echo %h > {witness}"\n')
by_asyncssh("username")
print("the command that asyncssh ran saw:", witness.read_text().strip())
compare("User deploy # the robot", "User deploy # the robot\n", "user", "username")
compare("ConnectTimeout 1m", "ConnectTimeout 1m\n", "connecttimeout", "connect_timeout")
if (ssh, ours) != ("deploy", "fallback"):
    sys.exit("not seen any more: both take the same branch")
EOF
