#!/usr/bin/env bash
# sse-starlette 3.7.0.
#
# An event whose data is a dict or a list goes out as Python's own notation (single quotes, True, None), without an
# error, so that JSON.parse fails in the browser, or in half of the events where some happen to be numbers. There is
# a JSONServerSentEvent beside it. An id or event name with a line break loses the break and is sent as another
# name.
# One would have guessed: JSON, as FastAPI makes of a dict; or a TypeError.
#
# Seen:
#   ServerSentEvent:     data: {'state': 'done', 'ok': True, 'error': None}
#   JSONServerSentEvent: data: {"state":"done","ok":true,"error":null}
#   id "run\n7":         id: run7

set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check \
  sse-starlette==3.7.0

"$work/venv/bin/python" - <<'EOF'
import json
import sys

from sse_starlette import JSONServerSentEvent, ServerSentEvent

report = {"state": "done", "ok": True, "error": None}
sent = ServerSentEvent(report).encode().decode().strip()
print("ServerSentEvent:    ", sent)
print("JSONServerSentEvent:", JSONServerSentEvent(report).encode().decode().strip())
print(r'id "run\n7":        ', ServerSentEvent("x", id="run\n7").encode().decode().splitlines()[0])
try:
    json.loads(sent.removeprefix("data: "))
except ValueError:
    pass
else:
    sys.exit("not seen any more: a dict is sent as JSON")
EOF
