#!/usr/bin/env bash
# ansible-core 2.19.14, an inventory whose range of numbers counts down.
#
# `web-[3:1]`, a slip for `web-[1:3]`, is taken: the group is there and has no host. Nothing is said, and the exit status is
# 0. The same slip with letters (`web-[c:a]`) is refused with a sentence, and nothing of the file is read. What runs on the
# group then runs nowhere, and ends well.
# One would have guessed: the sentence for both, since the reader has it.
#
# Seen:
#   web-[1:3]   hosts: web-1 web-2 web-3
#   web-[3:1]   hosts: none; nothing on standard error
#   web-[c:a]   "host range must have begin <= end"
#   ansible web -m ping, where web has web-[3:1] alone:   exit status 0, "No hosts matched, nothing to do"

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check ansible-core==2.19.14
export ANSIBLE_HOME=$work/home ANSIBLE_NOCOLOR=1 ANSIBLE_LOCALHOST_WARNING=False
cd "$work"

hosts_of() { # a pattern: the hosts that an inventory of it has, and what is said
    printf '[web]\n%s\n[other]\nothers\n' "$1" > hosts.ini
    found=$(venv/bin/ansible-inventory -i hosts.ini --list 2> said |
        python3 -c 'import json, sys; print(*json.load(sys.stdin).get("web", {}).get("hosts", []))')
    printf '%-10s  hosts: %-18s  said: %s\n' "$1" "${found:-none}" "$(grep -o 'host range must have begin <= end' said | head -1)"
}
hosts_of 'web-[1:3]'
[[ $found == 'web-1 web-2 web-3' ]] || { echo 'not seen any more: a range is its hosts' >&2; exit 1; }
hosts_of 'web-[3:1]'
[[ -z $found && ! -s said ]] || { echo 'not seen any more: a range that counts down is no host, without a word' >&2; exit 1; }
status=0
venv/bin/ansible -i hosts.ini web -m ping > answer 2>&1 || status=$?
printf 'ansible web -m ping: exit status %s; %s\n' "$status" "$(tail -1 answer)"
[[ $status == 0 ]] || { echo 'not seen any more: what runs on no host ends well' >&2; exit 1; }
hosts_of 'web-[c:a]'
grep -q 'host range must have begin <= end' said || { echo 'not seen any more: letters that count down are refused' >&2; exit 1; }
