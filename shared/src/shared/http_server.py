"""The HTTP server, with the limits that hold before anybody is known: on heads, on silence, on connections.

uvicorn reads a head of any length for as long as it takes, and lets a connection that says nothing stay for ever.
"""

import asyncio
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal

import httptools
import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from shared.descriptors import most_descriptors
from shared.http import RETRY_AFTER_SECONDS, problem_response
from shared.refusals import OnceInAWhile, RefusalReason, note_refusal

BACKLOG = 128
"""Connections that the system keeps until they are taken, and that are taken in one go at most."""
DESCRIPTORS_OF_A_PROCESS = 128
"""That a process needs whatever it does: for its store, its bus, its files."""
DESCRIPTORS_OF_AN_ATTEMPT = 8
"""That an executor needs for one at most: both ends of three pipes while a command is started, and what watches it."""
SHORT_FOR = 10.0
"""Seconds after connections ran out for the last time during which the process does not count as ready."""

log = structlog.get_logger()

Wait = Literal["head", "idle", "rest", "reader"]
"""What a connection waits for: a whole head; the next request; the rest of a body that nobody reads any more; its
client, which does not read the answer."""


@dataclass(frozen=True)
class HttpLimits:
    """What one connection may ask of this process before, between and after its requests."""

    head_bytes: int = 32 * 1024
    head_seconds: float = 10.0
    """From the connection, or from the first byte of a later request, to the end of the head."""
    idle_seconds: float = 75.0
    """Between two requests. Proxies keep theirs for 60, and must not send into one that closes."""
    rest_seconds: float = 5.0
    """For what is still on its way of a body that was refused, so that the client gets to read why."""
    reader_seconds: float = 60.0
    """For a client to go on reading its answer."""

    def seconds(self, wait: Wait) -> float:
        """How long a connection may wait for this."""
        return {
            "head": self.head_seconds,
            "idle": self.idle_seconds,
            "rest": self.rest_seconds,
            "reader": self.reader_seconds,
        }[wait]


USUAL_LIMITS = HttpLimits()


class NoConnectionLeftError(Exception):
    """The process had no connection left a moment ago."""


def connections_within(wanted: int, attempts: int, descriptors: int | None) -> int:
    """How many of the connections wanted leave descriptors to this many attempts, to the store and to the bus.

    Where there are too few descriptors for both, a quarter of them is for connections.
    """
    if descriptors is None:
        return wanted
    reserve = BACKLOG + DESCRIPTORS_OF_A_PROCESS + DESCRIPTORS_OF_AN_ATTEMPT * attempts
    return max(1, min(wanted, max(descriptors // 4, descriptors - reserve)))


class Connections:
    """All connections of a process's HTTP face. Where they are all taken, the one that has waited longest goes."""

    def __init__(self, most: int, limits: HttpLimits = USUAL_LIMITS) -> None:
        self.most = most
        self.limits = limits
        self._open: set[LimitedConnection] = set()
        self._waiting: dict[LimitedConnection, None] = {}
        self._short_at: float | None = None
        self._telling = OnceInAWhile()

    @classmethod
    def of(cls, wanted: int, *, attempts: int) -> "Connections":
        """As many as are wanted, or as the descriptors of this process allow."""
        most = connections_within(wanted, attempts, most_descriptors())
        if most < wanted:
            log.warning(
                "http.fewer_connections",
                connections=most,
                wanted=wanted,
                fix="raise the hard limit of open files (ulimit -Hn, LimitNOFILE=), or lower OPSIMATE_CONCURRENCY",
            )
        return cls(most)

    def admit(self, connection: "LimitedConnection") -> bool:
        """Whether there is room for one more, which may be made."""
        self._open.add(connection)
        if len(self._open) <= self.most:
            return True
        self.ran_short("OPSIMATE_MOST_CONNECTIONS")
        oldest = next(iter(self._waiting), None)
        if oldest is None:
            return False
        self.works(oldest)
        oldest.transport.abort()
        return True

    def waits(self, connection: "LimitedConnection") -> None:
        """Nothing is done for it now."""
        self._waiting.pop(connection, None)
        self._waiting[connection] = None

    def works(self, connection: "LimitedConnection") -> None:
        """A request of it is under way."""
        self._waiting.pop(connection, None)

    def closed(self, connection: "LimitedConnection") -> None:
        """It is gone."""
        self._open.discard(connection)
        self._waiting.pop(connection, None)

    def ran_short(self, of: str) -> None:
        """Say so, once a minute, and be not ready for a moment."""
        self._short_at = time.monotonic()
        if times := self._telling.happened():
            log.warning("http.connections_ran_out", of=of, open=len(self._open), times=times)

    async def check(self) -> None:
        """A check of readiness."""
        if self._short_at is not None and time.monotonic() - self._short_at < SHORT_FOR:
            raise NoConnectionLeftError(
                f"connections ran out less than {SHORT_FOR:g} s ago; {len(self._open)} are open"
            )


class LimitedConnection(HttpToolsProtocol):
    """uvicorn's connection, which waits for nothing longer than it may."""

    def __init__(self, among: Connections, **given: Any) -> None:
        super().__init__(**given)
        self._among = among
        self._limits = among.limits
        self._reads: Literal["nothing", "head", "body"] = "head"
        self._head_bytes = 0
        self._is_refused = False
        self._is_unread = False
        self._wait: Wait | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self._among.admit(self):
            self._look_what_is_waited_for()
        else:
            self._refuse(503, "no_connection_left", "every connection is taken now; try again in a few seconds")
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_for(None)
        self._among.closed(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        # In pieces no longer than a head may be, so that none gets far beyond.
        for begin in range(0, len(data), self._limits.head_bytes):
            if self._is_refused or self.transport.is_closing():
                return
            self._read(data[begin : begin + self._limits.head_bytes])
        self._look_what_is_waited_for()

    def _read(self, piece: bytes) -> None:
        self._head_bytes += len(piece)
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            pass  # who asks for another protocol is answered in this one
        except httptools.HttpParserError:
            self._refuse(400, "malformed", "this is no request in HTTP/1.1")
        else:
            if self._reads == "head" and self._head_bytes > self._limits.head_bytes:
                self._refuse_head()

    # What the parser finds.

    def on_message_begin(self) -> None:
        self._reads = "head"
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._reads = "body"
        size = len(self.url) + sum(len(name) + len(value) + len(": \r\n") for name, value in self.headers)
        if size > self._limits.head_bytes:
            self._refuse_head()
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self._is_refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._reads = "nothing"
        self._head_bytes = 0
        if not self._is_refused:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._unset_keepalive_if_required()  # it is forgotten once the rest of a body comes; the limits here are not
        self._look_what_is_waited_for()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._is_unread = True
        self._look_what_is_waited_for()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._is_unread = False
        self._look_what_is_waited_for()

    # Waiting.

    def _look_what_is_waited_for(self) -> None:
        if self._is_refused:
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
        if self._timer is not None:
            self._timer.cancel()
        self._wait, self._timer = wait, None
        if wait is None:
            self._among.works(self)
        else:
            self._among.waits(self)
            self._timer = self.loop.call_later(self._limits.seconds(wait), self._waited_too_long)

    def _waited_too_long(self) -> None:
        if self._wait == "head" and self._head_bytes:
            limit = self._limits.head_seconds
            self._refuse(408, "head_too_slow", f"the head of a request has to be whole within {limit:g} s")
        elif self._wait == "reader":
            note_refusal("answer_not_read", client=self._client)
            self.transport.abort()
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
        note_refusal(reason, client=self._client)
        self._is_refused = True
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
        self._look_what_is_waited_for()
