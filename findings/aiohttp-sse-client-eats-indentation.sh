#!/usr/bin/env bash
# aiohttp-sse-client 0.2.1 and aiohttp-sse-client2 0.3.0 (with aiohttp 3.14.5), compared with httpx-sse 0.4.3.
#
# The standard takes away one blank after `data:`. Both clients strip all white space, at the beginning and at the
# end: output that is streamed line by line loses its indentation (YAML changes its meaning, a diff its markers) and
# its empty lines at the end.
# One would have guessed: the text arrives as it was sent.
#
# Seen (the event is "  replicas: 3" and an empty line):
#   httpx-sse:           '  replicas: 3\n'
#   aiohttp-sse-client:  'replicas: 3'
#   aiohttp-sse-client2: 'replicas: 3'

set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check \
  aiohttp-sse-client==0.2.1 aiohttp-sse-client2==0.3.0 aiohttp==3.14.5 httpx==0.28.1 httpx-sse==0.4.3
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
import asyncio
import importlib
import sys

import httpx
import httpx_sse
from stream import serve

address = serve({"run": b"data:   replicas: 3\ndata: \n\n"}) + "run"
with httpx.Client(trust_env=False) as client, httpx_sse.connect_sse(client, "GET", address) as source:
    print("httpx-sse:          ", repr(next(source.iter_sse()).data))


async def first(module):
    async with importlib.import_module(f"{module}.client").EventSource(address) as source:
        return (await source.__anext__()).data


told = {module: asyncio.run(first(module)) for module in ("aiohttp_sse_client", "aiohttp_sse_client2")}
for module, data in told.items():
    print(f"{module.replace('_', '-') + ':':20}", repr(data))
if set(told.values()) != {"replicas: 3"}:
    sys.exit("not seen any more: blanks are kept")
EOF
