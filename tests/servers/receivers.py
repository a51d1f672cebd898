"""Receivers of notifications that run here: a program that is posted to, and a mail server."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller

from tests.servers.ports import free_port


@dataclass
class Posted:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class HttpRecorder:
    """Keeps what is sent to it, and answers each path as it was told to."""

    port: int = 0
    posts: list[Posted] = field(default_factory=list)
    statuses: dict[str, list[int]] = field(default_factory=dict)
    """By path: what is answered in turn, the last of them for good; 200 where nothing is said."""
    headers: dict[str, str] = field(default_factory=dict)
    """Of every answer."""
    body: bytes = b""
    """Of every answer, again and again until nobody reads on."""
    pause: float = 0.0
    """Seconds between two times."""
    hang: set[str] = field(default_factory=set)
    """Paths that get no answer until ``released``."""
    released: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}{path}"

    def at(self, path: str) -> list[Posted]:
        """What came there."""
        return [one for one in self.posts if one.path == path]

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        length = int(request.headers.get("content-length", 0))
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.posts.append(Posted(request.command, request.path, headers, request.rfile.read(length)))
        if request.path in self.hang:
            self.released.wait(30)
        statuses = self.statuses.get(request.path, [200])
        request.send_response(statuses.pop(0) if len(statuses) > 1 else statuses[0])
        for name, value in self.headers.items():
            request.send_header(name, value)
        if not self.body:
            request.send_header("content-length", "0")
        request.end_headers()
        if self.body:
            request.close_connection = True
            try:
                while not self.released.wait(self.pause):
                    request.wfile.write(self.body)
            except OSError:  # nobody reads on, as is to be
                pass


@contextmanager
def http_recorder() -> Iterator[HttpRecorder]:
    """A recorder that listens."""
    recorder = HttpRecorder()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            recorder.answer(self)

        do_GET = do_POST  # noqa: N815 - what http.server calls

        def log_message(self, format: str, *args: Any) -> None: ...  # noqa: A002

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    recorder.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield recorder
    finally:
        recorder.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


class MailServer:
    """Takes mail, but for recipients whose names say otherwise: ``later…`` have to wait, ``nobody…`` are refused, and
    with ``hangs…`` it says no more.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.mails: list[tuple[list[str], EmailMessage]] = []
        """Who each is for, and what it says."""
        self.is_greylisting = True

    def address(self, *recipients: str, options: str = "") -> str:
        """An address of Apprise that leads here."""
        to = ",".join(f"{name}@ops.example" for name in recipients)
        return f"mailto://127.0.0.1:{self.port}?from=opsimate@ops.example&to={to}{options}"

    def to(self, recipient: str) -> list[EmailMessage]:
        """What somebody has got."""
        return [mail for recipients, mail in self.mails if recipients == [f"{recipient}@ops.example"]]

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if address.startswith("nobody"):
            return "550 no such user"
        if address.startswith("later") and self.is_greylisting:
            return "451 come again later"
        if address.startswith("hangs"):
            await asyncio.sleep(60)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        mail: Any = message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append((list(envelope.rcpt_tos), mail))
        return "250 taken"


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A mail server that listens."""
    server = MailServer()
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
