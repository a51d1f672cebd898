"""The HTTP server's connections, with the limits that hold before anybody is known.

uvicorn reads a head of any length for as long as it takes, and lets a connection that says nothing stay for ever.
"""

import asyncio
from http import HTTPStatus
from typing import Any, Literal

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from shared.connections import Connections, RefusalReason, Wait, note_refusal
from shared.http import RETRY_AFTER_SECONDS, problem_response


class LimitedConnection(HttpToolsProtocol):
    """uvicorn's connection, which waits for nothing longer than it may."""

    def __init__(self, among: Connections, **given: Any) -> None:
        super().__init__(**given)
        self._among = among
        self._limits = among.limits
        self._reads: Literal["nothing", "head", "body"] = "head"
        self._head_bytes = 0
        self._is_ending = False
        """Whether all is answered: what still comes is dropped, until the client has read its answer and closes."""
        self._is_unread = False
        self._wait: Wait | None = None
        self._due_at = 0.0
        """When the wait has been too long, by the clock of the event loop."""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self._among.admit(self):
            self._update_wait()
        else:
            self._refuse(503, "no_connection_left", "every connection is taken now; try again in a few seconds")
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_for(None)
        if self._timer is not None:
            self._timer.cancel()
        self._among.closed(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        # In pieces no longer than a head may be, so that none gets far beyond.
        for begin in range(0, len(data), self._limits.head_bytes):
            if self._is_ending or self.transport.is_closing():
                return
            self._read(data[begin : begin + self._limits.head_bytes])
        self._update_wait()

    def _read(self, piece: bytes) -> None:
        rest: bytes | None = piece
        while rest is not None:
            rest = self._fed(rest)

    def _fed(self, piece: bytes) -> bytes | None:
        """Feed the parser; what is to be fed to a new one after it."""
        self._head_bytes += len(piece)
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade as upgrade:
            return None if self._is_ending else self._head_without_upgrade() + piece[upgrade.args[0] :]
        except httptools.HttpParserError:
            self._refuse(400, "malformed", "this is no request in HTTP/1.1")
        else:
            if self._reads != "nothing" and self._head_bytes > self._limits.head_bytes:
                self._refuse_head()
        return None

    def _head_without_upgrade(self) -> bytes:
        """The head for a new parser: who asks for another protocol is answered in this one.

        The old one takes what follows, be it a body, for the other protocol. Java's client asks with every first call.
        """
        lines = [b"%s %s HTTP/1.1" % (self.parser.get_method(), self.url)]
        lines += [name + b": " + value for name, value in self.headers if name != b"upgrade"]
        self.parser = httptools.HttpRequestParser(self)
        return b"\r\n".join([*lines, b"", b""])

    # What the parser finds.

    def on_message_begin(self) -> None:
        self._reads = "head"
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._reads == "head":  # what follows a body is nobody's, and would be kept with the head
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self._is_ending:
            return
        size = len(self.url) + sum(len(name) + len(value) + len(": \r\n") for name, value in self.headers)
        if size > self._limits.head_bytes:
            self._refuse_head()
        elif self.parser.get_method() == b"CONNECT":
            self._refuse(400, "malformed", "this is no proxy: it does not take CONNECT")
        elif not self.parser.should_upgrade():
            super().on_headers_complete()
            self.cycle.transport = _Answered(self, self.cycle)  # type: ignore[assignment]
            self._reads = "body"
            self._head_bytes = 0

    def on_body(self, body: bytes) -> None:
        self._head_bytes = 0  # of a body, it is what stands around its bytes: the sizes of chunks, and trailers
        if not self._is_ending:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._reads = "nothing"
        self._head_bytes = 0
        if not self._is_ending and not self.parser.should_upgrade():
            super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._unset_keepalive_if_required()  # it is forgotten once the rest of a body comes; the limits here are not
        self._update_wait()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._is_unread = True
        self._update_wait()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._is_unread = False
        self._update_wait()

    # Waiting.

    def _update_wait(self) -> None:
        if self._is_ending:
            self._wait_for("rest")
        elif self._is_unread:
            self._wait_for("reader")
        elif self.cycle is not None and not self.cycle.response_complete:
            self._wait_for(None)
        else:
            waits: dict[str, Wait] = {"nothing": "idle", "head": "head", "body": "rest"}
            self._wait_for(waits[self._reads])

    def _wait_for(self, wait: Wait | None) -> None:
        if wait == self._wait:
            return
        self._wait = wait
        if wait is None:
            self._among.works(self)
            return
        self._among.waits(self)
        self._due_at = self.loop.time() + self._limits.seconds(wait)
        if self._timer is None or self._timer.when() > self._due_at:
            self._look_again()

    def _look_again(self) -> None:
        """Look at the wait when it will have been too long: one timer serves a wait after the other."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_at(self._due_at, self._look_at_wait)

    def _look_at_wait(self) -> None:
        self._timer = None
        if self._wait is None:
            return
        if self.loop.time() < self._due_at:
            self._look_again()
        elif self._wait == "head" and self._head_bytes:
            limit = self._limits.head_seconds
            self._refuse(408, "head_too_slow", f"the head of a request has to be whole within {limit:g} s")
        else:
            if self._wait == "reader":
                note_refusal("answer_not_read", client=self._client)
            self.transport.abort()

    def make_room(self) -> None:
        """Close at once, as another connection is needed more."""
        self.transport.abort()

    def end(self) -> None:
        """Close once the answer is sent; where its body is still on its way, once the client has had time to read it.

        A socket that is closed with something unread resets the connection, and the client loses the answer.
        """
        if self._reads == "body" and not self.pipeline and not self.transport.is_closing():
            self._is_ending = True
            self.transport.write_eof()
            self._update_wait()
        else:
            self.transport.close()

    # Refusing.

    @property
    def _client(self) -> str:
        return self.client[0] if self.client else ""

    def _refuse_head(self) -> None:
        limit = self._limits.head_bytes
        self._refuse(431, "head_too_large", f"the head of a request, with all its headers, has at most {limit} bytes")

    def _refuse(self, status: int, reason: RefusalReason, detail: str) -> None:
        """Answer what no application is asked about, and close once the client has had time to read it."""
        if self._is_ending:
            return
        note_refusal(reason, client=self._client)
        self._is_ending = True
        if self._reads == "body" and self.cycle.response_complete:
            self.end()  # it was answered already
            return
        if self.cycle is not None and not self.cycle.response_complete:
            if self.cycle.response_started or self.pipeline:
                self.transport.abort()
                return
            self.cycle.disconnected = True  # the application hears no more of it, and has nothing to say
            self.cycle.message_event.set()
        again = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
        answer = problem_response(status, detail, headers={"Connection": "close", **again})
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode()]
        lines += [name + b": " + value for name, value in answer.raw_headers]
        self.transport.write(b"\r\n".join([*lines, b"", bytes(answer.body)]))
        self.transport.write_eof()
        self._update_wait()


class _Answered:
    """A connection, as far as uvicorn's answer to one request uses it.

    A head that says how long the body is waits for the beginning of that, and is sent together with it. Where HEAD was
    asked for, uvicorn writes no body, not even an empty one.
    """

    def __init__(self, connection: LimitedConnection, cycle: RequestResponseCycle) -> None:
        self._connection, self._cycle = connection, cycle
        self._head: bytes | None = None
        """That waits; none before there is one."""

    def write(self, data: bytes) -> None:
        head = self._head
        if head is None and self._cycle.response_started:
            if b"\r\ncontent-length: " in data and self._cycle.scope["method"] != "HEAD":
                self._head = data
                return
            self._head = b""
        elif head:
            data, self._head = head + data, b""
        self._connection.transport.write(data)

    def close(self) -> None:
        self._connection.end()
