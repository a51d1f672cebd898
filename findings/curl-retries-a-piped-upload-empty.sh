#!/usr/bin/env bash
# Debian's curl 7.88.1.
#
# `producer | curl -f --retry N -T - URL` that meets a 503 sends its second try with an empty body, gets a 200 for
# that and exits with 0: the receiver has an empty document and the sender reports success. `-d @-`, which reads its
# input into memory first, sends it whole again.
# One would have guessed: the upload is buffered and sent again, or the retry is given up, as standard input is
# gone.
#
# Seen:
#   curl -T -  : exit status 0; the server got 7 bytes (503), then 0 bytes (200)
#   curl -d @- : exit status 0; the server got 7 bytes (503), then 7 bytes (200)

set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
command -v curl > /dev/null || apt-get install -y -qq curl > /dev/null
python3 - <<'EOF'
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

received = []


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def body(self):
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        whole = b""
        while size := int(self.rfile.readline(), 16):
            whole += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return whole

    def do_PUT(self):
        status = 200 if received else 503
        received.append((len(self.body()), status))
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_PUT


server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}/alert"
seen = {}
for option in ["-T", "-"], ["-d", "@-"]:
    received.clear()
    done = subprocess.run(["curl", "-sSf", "--retry", "2", *option, address], input=b"payload", capture_output=True)
    seen[option[0]] = done.returncode, list(received)
    told = ", then ".join(f"{size} bytes ({status})" for size, status in received)
    print(f"curl {' '.join(option):6}: exit status {done.returncode}; the server got {told}")
if seen["-T"] != (0, [(7, 503), (0, 200)]):
    sys.exit("not seen any more: the second try carries the body, or is not made")
EOF
