#!/usr/bin/env bash
# httpx-sse 0.4.3, compared with sseclient-py 1.9.0.
#
# A block that only sets the id or the retry time, which servers send first or as a sign of life, is no event by the
# standard. httpx-sse hands it out as an event "message" with empty data, and the usual `event.json()` raises on it.
# One would have guessed: the id and the retry time are kept, and nothing is handed out before there is data.
#
# Seen:
#   the stream:    retry: 3000 / (empty) / id: 41 / (empty) / id: 42 / data: {"state": "done"} / (empty)
#   sseclient-py:  [('message', '{"state": "done"}')]
#   httpx-sse:     [('message', ''), ('message', ''), ('message', '{"state": "done"}')]
#   json() of the first: JSONDecodeError

set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check \
  sseclient-py==1.9.0 httpx==0.28.1 httpx-sse==0.4.3 requests==2.32.5
cat > "$work/stream.py" <<'EOF'
"""A server on 127.0.0.1 that answers each path with its own event stream and then ends it."""
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def serve(streams):
    class Streams(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            self.wfile.write(streams[self.path[1:]])

    server = ThreadingHTTPServer(("127.0.0.1", 0), Streams)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"
EOF

PYTHONPATH=$work "$work/venv/bin/python" - <<'EOF'
import sys

import httpx
import httpx_sse
import requests
import sseclient
from stream import serve

address = serve({"run": b'retry: 3000\n\nid: 41\n\nid: 42\ndata: {"state": "done"}\n\n'})
with requests.get(f"{address}run", stream=True) as answer:
    standard = [(event.event, event.data) for event in sseclient.SSEClient(answer).events()]
with httpx.Client(trust_env=False) as client, httpx_sse.connect_sse(client, "GET", f"{address}run") as source:
    events = list(source.iter_sse())
print('the stream:    retry: 3000 / (empty) / id: 41 / (empty) / id: 42 / data: {"state": "done"} / (empty)')
print("sseclient-py: ", standard)
print("httpx-sse:    ", [(event.event, event.data) for event in events])
try:
    events[0].json()
except ValueError as error:
    print("json() of the first:", type(error).__name__)
else:
    sys.exit("not seen any more: the first event has data")
EOF
