#!/usr/bin/env bash
# PyPI's sseclient 0.0.27, compared with httpx-sse 0.4.3.
#
# sseclient ends a line of the stream wherever Python's splitlines does: also at a form feed, a vertical tab and
# U+001C to U+001E. What follows there is taken for a field of another name and dropped, so a line of output that
# has one (a page break of a report, a separator of records) arrives cut, with the right id and no error.
# One would have guessed: lines end at CR and LF, as the standard has it and as httpx-sse does.
#
# Seen (one event each):
#   sent                       httpx-sse                  sseclient
#   'total 3'                  'total 3'                  'total 3'
#   'page 1\x0cpage 2'         'page 1\x0cpage 2'         'page 1'
#   'name\x1cvalue'            'name\x1cvalue'            'name'

set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check \
  sseclient==0.0.27 requests==2.32.5 httpx==0.28.1 httpx-sse==0.4.3

"$work/venv/bin/python" - <<'EOF'
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import httpx_sse
import sseclient

sent = ["total 3", "page 1\x0cpage 2", "name\x1cvalue"]


class Events(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.end_headers()
        self.wfile.write("".join(f"id: {number}\ndata: {text}\n\n" for number, text in enumerate(sent)).encode())


server = ThreadingHTTPServer(("127.0.0.1", 0), Events)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}/"
with httpx.Client(trust_env=False) as client, httpx_sse.connect_sse(client, "GET", address) as source:
    standard = [event.data for event in source.iter_sse()]
events = iter(sseclient.SSEClient(address))
told = [next(events).data for _ in sent]
print(f"{'sent':<26} {'httpx-sse':<26} sseclient")
for row in zip(sent, standard, told):
    print("{!r:<26} {!r:<26} {!r}".format(*row))
if standard != sent or told[0] != sent[0] or told[1:] == sent[1:]:
    sys.exit("not seen any more: sseclient ends lines where the standard does")
EOF
