#!/usr/bin/env bash
# Debian's prometheus-alertmanager 0.25.0, webhook receiver with send_resolved.
#
# An alert that was told as firing and ends while it is silenced is never told as resolved, not even when the
# silence is over: for the receiver it fires for ever. Worse, when the same alert fires again later, that is not
# told either until repeat_interval (here 4 h) has passed, since what was last sent for its group looks the same.
# The same happens to an alert that ends while another one inhibits it.
# One would have guessed: the end is sent once the silence is over, or at least the new firing is sent at once.
#
# Seen:
#   Disk fires
#     webhook: Disk firing
#   Disk is silenced
#   Disk ends
#   the silence is over
#   Disk fires
#   Disk is active in Alertmanager again; the webhook was told 1 time(s) of it
#   Slow fires
#     webhook: Slow firing
#   Down fires
#     webhook: Down firing
#   Slow ends
#   Down ends
#     webhook: Down resolved
#   Slow fires
#   Slow is active in Alertmanager again; the webhook was told 1 time(s) of it

set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
await_port() {
  for _ in {1..150}; do (: < "/dev/tcp/127.0.0.1/$1") 2>/dev/null && return; sleep 0.2; done
  echo "nothing listens on port $1" >&2; return 2
}
(cd "$work" && apt-get download prometheus-alertmanager > /dev/null 2>&1 &&
  dpkg -x prometheus-alertmanager_*.deb unpacked)
hook=$(free_port) api=$(free_port)
cat > "$work/alertmanager.yml" <<EOF
route: {receiver: hook, group_by: [alertname], group_wait: 1s, group_interval: 1s, repeat_interval: 4h}
receivers:
- name: hook
  webhook_configs: [{url: 'http://127.0.0.1:$hook/', send_resolved: true}]
inhibit_rules:
- {source_matchers: ['severity="critical"'], target_matchers: ['severity="warning"'], equal: [instance]}
EOF
"$work/unpacked/usr/bin/prometheus-alertmanager" --config.file="$work/alertmanager.yml" --storage.path="$work/data" \
  --web.listen-address="127.0.0.1:$api" --cluster.listen-address= 2> "$work/alertmanager.log" &
await_port "$api"
cat > "$work/alerts.py" <<'EOF'
"""Fires, resolves and silences alerts, and keeps what the webhook was told."""
import json
import sys
import threading
import time
import urllib.request
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer

told = []


class Hook(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        for alert in json.loads(self.rfile.read(int(self.headers["Content-Length"])))["alerts"]:
            told.append((alert["labels"]["alertname"], alert["status"]))
            print("  webhook:", *told[-1], flush=True)
        self.send_response(200)
        self.end_headers()


threading.Thread(target=HTTPServer(("127.0.0.1", int(sys.argv[1])), Hook).serve_forever, daemon=True).start()


def at(seconds):
    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).isoformat()


def call(path, body=None, method=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{sys.argv[2]}/api/v2{path}", data, method=method)
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or "null")


def step(text):
    print(text, flush=True)


def fire(name, **labels):
    call("/alerts", [{"labels": {"alertname": name, **labels}, "startsAt": at(0), "endsAt": at(600)}])
    step(f"{name} fires")
    time.sleep(4)


def resolve(name, **labels):
    call("/alerts", [{"labels": {"alertname": name, **labels}, "startsAt": at(-2), "endsAt": at(-0.01)}])
    step(f"{name} ends")
    time.sleep(4)


def silence(name):
    matcher = {"name": "alertname", "value": name, "isRegex": False, "isEqual": True}
    times = {"startsAt": at(0), "endsAt": at(600)}
    made = call("/silences", {"matchers": [matcher], "createdBy": "ops", "comment": "work", **times})
    step(f"{name} is silenced")
    time.sleep(1)
    return made["silenceID"]


def expire(silence_id):
    call(f"/silence/{silence_id}", method="DELETE")
    step("the silence is over")
    time.sleep(4)


def state(name):
    return next(a["status"]["state"] for a in call("/alerts") if a["labels"]["alertname"] == name)
EOF

PYTHONPATH=$work python3 - "$hook" "$api" <<'EOF'
import sys

from alerts import expire, fire, resolve, silence, state, step, told


def again(name):
    times = sum(alert == name for alert, _ in told)
    step(f"{name} is {state(name)} in Alertmanager again; the webhook was told {times} time(s) of it")
    return times


fire("Disk")
quiet = silence("Disk")
resolve("Disk")
expire(quiet)
fire("Disk")
silenced = again("Disk")

fire("Slow", severity="warning", instance="web1")
fire("Down", severity="critical", instance="web1")
resolve("Slow", severity="warning", instance="web1")
resolve("Down", severity="critical", instance="web1")
fire("Slow", severity="warning", instance="web1")
inhibited = again("Slow")
if (silenced, inhibited) != (1, 1):
    sys.exit("not seen any more: the end or the new beginning was told")
EOF
