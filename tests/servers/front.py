"""A reverse proxy, as one stands before the product in many a house: while the product is away, it answers 503."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

_OF_ONE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "date", "server"}
"""What a proxy says for itself."""
_AT_ONCE = 65_536


@contextmanager
def front(behind: str) -> Iterator[str]:
    """The address of a proxy before the one of the product, for as long as it is wanted."""
    place = urlsplit(behind).netloc

    class Handler(BaseHTTPRequestHandler):
        def _hand_on(self) -> None:
            self.close_connection = True
            connection = HTTPConnection(place, timeout=60)
            try:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                connection.request(self.command, self.path, body, dict(self.headers))
                answer = connection.getresponse()
            except (OSError, HTTPException):
                connection.close()
                with suppress(OSError):  # who asked may be gone, too
                    self.send_error(503)
                return
            with suppress(OSError, HTTPException):  # one side is gone, and so is what stands between them
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in _OF_ONE_CONNECTION:
                        self.send_header(name, value)
                self.send_header("Connection", "close")
                self.end_headers()
                while piece := answer.read1(_AT_ONCE):
                    self.wfile.write(piece)
            connection.close()

        do_GET = do_POST = do_PUT = do_DELETE = _hand_on  # noqa: N815 - as http.server calls them

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as http.server calls it
            """Say nothing: what it is asked stands in the product's log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
