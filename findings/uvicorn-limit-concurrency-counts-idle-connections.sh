#!/usr/bin/env bash
# uvicorn 0.54.0 (with h11 0.16.0).
#
# --limit-concurrency N ("concurrent connections or tasks") serves N - 1 at a time, and a connection counts whether
# busy or not: N - 1 senders of alerts that merely keep theirs open make everybody else get 503, at no load at all,
# and with N = 1 every request is refused.
# One would have guessed: N requests are worked on at once; connections that wait for their next request do not
# count.
#
# Seen:
#   limit 1, 0 idle connections: 503
#   limit 2, 0 idle connections: 200
#   limit 5, 3 idle connections: 200
#   limit 5, 4 idle connections: 503

set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check \
  uvicorn==0.54.0 h11==0.16.0 httpx==0.28.1

"$work/venv/bin/python" - <<'EOF'
import socket
import sys
import threading
import time

import httpx
import uvicorn


async def application(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


def status(limit, idle):
    config = uvicorn.Config(application, host="127.0.0.1", port=0, limit_concurrency=limit, log_level="critical")
    server = uvicorn.Server(config)
    serving = threading.Thread(target=server.run, daemon=True)
    serving.start()
    while not server.started:
        time.sleep(0.05)
    address = server.servers[0].sockets[0].getsockname()
    open_ones = [socket.create_connection(address) for _ in range(idle)]
    while len(server.server_state.connections) < idle:
        time.sleep(0.05)
    told = httpx.get(f"http://127.0.0.1:{address[1]}/", trust_env=False).status_code
    print(f"limit {limit}, {idle} idle connections: {told}")
    for each in open_ones:
        each.close()
    server.should_exit = True
    serving.join()
    return told


seen = [status(1, 0), status(2, 0), status(5, 3), status(5, 4)]
if seen != [503, 200, 200, 503]:
    sys.exit("not seen any more: idle connections do not count")
EOF
