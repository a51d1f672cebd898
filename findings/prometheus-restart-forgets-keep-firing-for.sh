#!/usr/bin/env bash
# Debian's prometheus 2.42.0, alerting rules.
#
# An alert that only `keep_firing_for` keeps alive is gone after a restart of Prometheus, and an alert whose `for`
# is shorter than 10 minutes (--rules.alert.for-grace-period) is pending again although it fired: both are no longer
# sent, so whoever was told of them takes them for over. A reload of the rules keeps all.
# One would have guessed: what fires before a restart fires after it, for the state of alerts is stored as
# ALERTS_FOR_STATE.
#
# Seen:
#   before the restart: Flapping firing, Steady firing
#   after a reload:     Flapping firing, Steady firing
#   after the restart:  Flapping gone, Steady pending

set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
await_port() {
  for _ in {1..150}; do (: < "/dev/tcp/127.0.0.1/$1") 2>/dev/null && return; sleep 0.2; done
  echo "nothing listens on port $1" >&2; return 2
}
(cd "$work" && apt-get download prometheus > /dev/null 2>&1 && dpkg -x prometheus_*.deb unpacked)
port=$(free_port)
until_then=$(( $(date +%s) + 10 ))
cat > "$work/rules.yml" <<EOF
groups:
- name: findings
  interval: 1s
  rules:
  - {alert: Flapping, expr: 'vector(1) and on() (vector(time()) < $until_then)', keep_firing_for: 10m}
  - {alert: Steady, expr: 'vector(1)', for: 5s}
EOF
printf 'global: {evaluation_interval: 1s}\nrule_files: [%s/rules.yml]\n' "$work" > "$work/prometheus.yml"
begin() {
  "$work/unpacked/usr/bin/prometheus" --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" \
    --web.listen-address="127.0.0.1:$port" --web.enable-lifecycle 2>> "$work/prometheus.log" &
  prometheus=$!
  await_port "$port"
}
states() {
  python3 - "$port" <<'EOF'
import json, sys, urllib.request
alerts = json.load(urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/api/v1/alerts"))["data"]["alerts"]
state = {alert["labels"]["alertname"]: alert["state"] for alert in alerts}
print(", ".join(f"{name} {state.get(name, 'gone')}" for name in ("Flapping", "Steady")))
EOF
}
begin
while (( $(date +%s) < until_then + 3 )); do sleep 0.5; done
before=$(states)
echo "before the restart: $before"
python3 -c 'import sys, urllib.request as u; u.urlopen(u.Request(sys.argv[1], method="POST"))' \
  "http://127.0.0.1:$port/-/reload"
sleep 2
echo "after a reload:     $(states)"
kill "$prometheus"
wait "$prometheus" || true
begin
for _ in {1..50}; do
  after=$(states 2> /dev/null || true)
  [[ $after != *'Steady gone'* && -n $after ]] && break
  sleep 0.1
done
echo "after the restart:  $after"
[[ $before == 'Flapping firing, Steady firing' && $after == 'Flapping gone, Steady pending' ]] ||
  { echo 'not seen any more: the alerts survived the restart' >&2; exit 1; }
