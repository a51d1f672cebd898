#!/usr/bin/env bash
# asyncssh 2.24.1, which reads ~/.ssh/config by default, compared with Debian's OpenSSH client (9.2).
#
# ProxyCommand and ProxyJump exclude each other: OpenSSH takes whichever is specified first for a host, and ignores the
# other (ssh_config(5)). A usual form is a ProxyCommand of one host above a ProxyJump that holds for many. asyncssh keeps
# both, and then uses the jump host, whichever came first. The connection goes another way than with ssh: by a machine
# that may not know the host's name, or know another machine by it.
# One would have guessed: that the first one holds, as for every other keyword, which asyncssh does take from where it
# stands first.
#
# Seen, with the ProxyCommand first:
#   ssh        runs the ProxyCommand
#   asyncssh   connects to the jump host; the ProxyCommand is not run
# ... and with the ProxyJump first both go by the jump host.

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check asyncssh==2.24.1
ssh -V

cat > "$work/ran" <<EOF
#!/bin/sh
touch $work/the-command-was-run
exit 1
EOF
chmod +x "$work/ran"
for first in command jump; do
    command="ProxyCommand $work/ran" jump='ProxyJump nobody@127.0.0.1:9'
    if [[ $first == command ]]; then lines=("$command" "$jump"); else lines=("$jump" "$command"); fi
    printf 'Host inner\n    %s\nHost inn*\n    %s\n' "${lines[@]}" > "$work/$first"
done

cat > "$work/connect.py" <<'EOF'
import asyncio, sys
import asyncssh
try:
    asyncio.run(asyncssh.connect("inner", config=[sys.argv[1]], known_hosts=None, connect_timeout=10))
except (OSError, asyncssh.Error):
    pass
EOF

way() { # what a client did, which cannot connect either way
    rm -f "$work/the-command-was-run"
    "$@" > /dev/null 2>&1 || true
    if [[ -e $work/the-command-was-run ]]; then echo command; else echo jump; fi
}
for first in command jump; do
    by_ssh=$(way ssh -F "$work/$first" -o BatchMode=yes -o ConnectTimeout=10 inner true)
    by_asyncssh=$(way "$work/venv/bin/python" "$work/connect.py" "$work/$first")
    printf 'first in the file: %-8s   ssh: %-8s   asyncssh: %s\n' "$first" "$by_ssh" "$by_asyncssh"
    [[ $by_ssh == "$first" ]] || { echo 'not seen any more: ssh goes by the first' >&2; exit 1; }
    [[ $by_asyncssh == jump ]] || { echo 'not seen any more: asyncssh goes by the jump host' >&2; exit 1; }
done
