#!/usr/bin/env bash
# PyPI's pagerduty 7.2.0 (PagerDuty's own client), its EventsApiV2Client, against a server on 127.0.0.1 that does as the
# Events API is documented: each trigger without a dedup_key opens an incident of its own.
#
# trigger() sends no dedup_key unless it is given one, and sends the same event again where the answer is a 502 or is
# lost with its connection. Where the first try had arrived, there are two incidents; the call returns the key of the
# second as if all was well, so that resolve() with it leaves the first open, and people are paged by it until somebody
# closes it by hand. With a key of one's own, the second try joins the first.
# One would have guessed: a client that tries again by itself makes up the key before its first try.
#
# Seen:
#                                    tries  incidents  open after resolve()
#   502 in front, no key of one's own    2          2                     1
#   connection lost, no key              2          2                     1
#   502 in front, key "run-42"           2          1                     0

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check pagerduty==7.2.0 httpx2==2.16.2
# The client takes https:// only.
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 \
  -keyout "$work/key.pem" -out "$work/certificate.pem" 2> /dev/null

SSL_CERT_FILE=$work/certificate.pem "$work/venv/bin/python" - "$work" <<'END'
import json
import logging
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pagerduty import EventsApiV2Client

work = sys.argv[1]
logging.disable(logging.CRITICAL)


class Events(BaseHTTPRequestHandler):
    def do_POST(self):
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server = self.server
        server.tries += event["event_action"] == "trigger"
        key = event.get("dedup_key") or f"made-up-{server.tries}"
        if event["event_action"] == "trigger":
            server.incidents.setdefault(key, "open")
        else:
            server.incidents[key] = "resolved"
        lost, server.fault = server.fault, None
        if lost == "connection":
            self.close_connection = True
            return
        answer = json.dumps({"status": "success", "message": "Event processed", "dedup_key": key}).encode()
        self.send_response(lost or 202)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *words):
        pass


def row(name, fault, key):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Events)
    server.tries, server.incidents, server.fault = 0, {}, fault
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{work}/certificate.pem", f"{work}/key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client = EventsApiV2Client("0" * 32, base_url=f"https://127.0.0.1:{server.server_port}")
    client.resolve(client.trigger("Run failed", "db-1", dedup_key=key))
    left = list(server.incidents.values()).count("open")
    print(f"{name:34} {server.tries:6} {len(server.incidents):10} {left:21}")
    server.shutdown()
    return left


print(f"{'':34} {'tries':>6} {'incidents':>10} {'open after resolve()':>21}")
left = row("502 in front, no key of one's own", 502, None)
left += row("connection lost, no key", "connection", None)
row('502 in front, key "run-42"', 502, "run-42")
if left != 2:
    sys.exit("not seen any more: a second try opens no second incident")
END
