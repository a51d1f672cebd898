#!/usr/bin/env bash
# PyPI's supervisor 4.3.0.
#
# `supervisorctl status NAME` exits with 3 for a program that does not run, which is what a runbook or a health check
# asks; but with 0 for one that dies at each start and waits for the next try (BACKOFF), also where its command does
# not exist. With a large `startretries`, which many set so that nothing stays down for good, this lasts for ever and
# FATAL never comes. `update` exits with 0 as well for a program that it has just started in vain, where `start` says
# ERROR and exits with 7.
# One would have guessed: 3 for whatever is not RUNNING, as `systemctl is-active` has it for a unit that waits for its
# restart.
#
# Seen:
#   update                       exits with 0
#   status fine      RUNNING     exits with 0
#   status loops     BACKOFF     exits with 0
#   status missing   BACKOFF     exits with 0
#   status given-up  FATAL       exits with 3
#   start given-up   ERROR       exits with 7

set -euo pipefail
work=$(mktemp -d)
clean_up() {
  "$work/venv/bin/supervisorctl" -c "$work/conf" shutdown > /dev/null 2>&1 || true
  for _ in {1..50}; do [[ -e $work/pid ]] || break; sleep 0.2; done
  rm -rf "$work"
}
trap clean_up EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check supervisor==4.3.0
cat > "$work/conf" <<EOF
[supervisord]
logfile=$work/log
pidfile=$work/pid
childlogdir=$work
[unix_http_server]
file=$work/socket
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://$work/socket
EOF
"$work/venv/bin/supervisord" -c "$work/conf"
for _ in {1..50}; do [[ -S $work/socket ]] && break; sleep 0.2; done
cat >> "$work/conf" <<'EOF'
[program:fine]
command=sleep 600
[program:loops]
command=sh -c 'exit 3'
startretries=1000000
[program:missing]
command=/opt/app/bin/no-such-command
startretries=1000000
[program:given-up]
command=sh -c 'exit 3'
startretries=1
EOF

ctl() { "$work/venv/bin/supervisorctl" -c "$work/conf" "$@"; }
row() { printf '%-16s %-11s exits with %s\n' "$@"; }
row_of_status() { # the program, asked until supervisorctl says this state of it
  local told status
  for _ in {1..100}; do
    status=0
    told=$(ctl status "$1") || status=$?
    [[ $told != *" $2 "* ]] || { row "status $1" "$2" "$status"; return; }
    sleep 0.2
  done
  echo "$1 does not become $2" >&2; exit 2
}
{
  status=0
  ctl update > /dev/null || status=$?
  row update '' "$status"
  row_of_status fine RUNNING
  row_of_status loops BACKOFF
  row_of_status missing BACKOFF
  row_of_status given-up FATAL
  status=0
  ctl start given-up > /dev/null || status=$?
  row 'start given-up' ERROR "$status"
} | tee "$work/told"
[[ $(grep -c 'BACKOFF .* with 0' "$work/told") == 2 ]] ||
  { echo 'not seen any more: BACKOFF is no success' >&2; exit 1; }
