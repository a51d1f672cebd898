#!/usr/bin/env bash
# PyPI's slack_sdk 3.48.0, its WebhookClient and WebClient, with a server on 127.0.0.1 in Slack's place.
#
# Each handler for retries has a `max_retry_count` of its own, and compares it with one count of all tries: after a
# connection that was lost, no 429 and no 503 is tried again, though a handler that may do so once has not done it yet.
# `all_builtin_retry_handlers()` is without the one for server errors; and that one, ServerErrorRetryHandler, knows 500
# and 503 only, so that 502 and 504, which a proxy in between answers, are never tried again. So a message is lost in
# exactly those minutes in which more than one thing goes wrong.
# One would have guessed: "all" is all, server errors are 5xx, and each handler has its own count.
#
# Seen (tries, and the last answer):
#   answers           all_builtin_retry_handlers()   each handler, once
#   429 200           2 200                          2 200
#   500 200           1 500                          2 200
#   502 200           1 502                          1 502
#   504 200           1 504                          1 504
#   lost 429 200      2 429                          2 429
#   429 503 200       2 503                          2 503

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check slack_sdk==3.48.0

"$work/venv/bin/python" - <<'END_OF_PYTHON' | tee "$work/told"
import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from slack_sdk.http_retry import all_builtin_retry_handlers
from slack_sdk.http_retry.builtin_handlers import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
    ServerErrorRetryHandler,
)
from slack_sdk.webhook import WebhookClient

logging.disable(logging.CRITICAL)


class Slack(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        answer = self.server.answers[self.server.tries]
        self.server.tries += 1
        if answer == "lost":
            self.close_connection = True
            return
        self.send_response(int(answer))
        if answer == "429":
            self.send_header("Retry-After", "0")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *words):
        pass


def each_once():
    return [ConnectionErrorRetryHandler(), RateLimitErrorRetryHandler(), ServerErrorRetryHandler()]


def told(answers, handlers):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Slack)
    server.answers, server.tries = answers.split(), 0
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client = WebhookClient(f"http://127.0.0.1:{server.server_port}/services/x", retry_handlers=handlers)
    status = client.send(text="Run failed").status_code
    server.shutdown()
    return f"{server.tries} {status}"


print(f"{'answers':17} {'all_builtin_retry_handlers()':30} each handler, once")
for answers in ("429 200", "500 200", "502 200", "504 200", "lost 429 200", "429 503 200"):
    print(f"{answers:17} {told(answers, all_builtin_retry_handlers()):30} {told(answers, each_once())}")
END_OF_PYTHON
grep -Eq '^502 200 .* 1 502$' "$work/told" && grep -Eq '^429 503 200 .* 2 503$' "$work/told" ||
  { echo 'not seen any more: a handler for retries has a count of its own, or 502 is a server error' >&2; exit 1; }
