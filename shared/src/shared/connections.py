"""The connections of a process's HTTP face: how many there may be, which one goes, and what is refused at the door."""

import re
import time
from dataclasses import dataclass
from typing import Literal, Protocol

import structlog
from prometheus_client import Counter

from shared.descriptors import most_descriptors

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


class HttpConnection(Protocol):
    """One of them."""

    def make_room(self) -> None:
        """Close at once: nothing is done for it, and another one comes."""


class Connections:
    """All connections of a process's HTTP face. Where they are all taken, the one that has waited longest goes."""

    def __init__(self, most: int, limits: HttpLimits = USUAL_LIMITS) -> None:
        self.most = most
        self.limits = limits
        self._open: set[HttpConnection] = set()
        self._waiting: dict[HttpConnection, None] = {}
        self._short_at: float | None = None
        self._shortages = OnceInAWhile()

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

    def admit(self, connection: HttpConnection) -> bool:
        """Whether there is room for one more, which may be made."""
        self._open.add(connection)
        if len(self._open) <= self.most:
            return True
        self.ran_short("OPSIMATE_MOST_CONNECTIONS")
        oldest = next(iter(self._waiting), None)
        if oldest is None:
            return False
        self.works(oldest)
        oldest.make_room()
        return True

    def waits(self, connection: HttpConnection) -> None:
        """Nothing is done for it now."""
        self._waiting.pop(connection, None)
        self._waiting[connection] = None

    def works(self, connection: HttpConnection) -> None:
        """A request of it is under way."""
        self._waiting.pop(connection, None)

    def closed(self, connection: HttpConnection) -> None:
        """It is gone."""
        self._open.discard(connection)
        self._waiting.pop(connection, None)

    def ran_short(self, of: str) -> None:
        """Say so, once a minute, and be not ready for a moment."""
        self._short_at = time.monotonic()
        if times := self._shortages.happened():
            log.warning("http.connections_ran_out", of=of, open=len(self._open), times=times)

    async def check(self) -> None:
        """A check of readiness."""
        if self._short_at is not None and time.monotonic() - self._short_at < SHORT_FOR:
            raise NoConnectionLeftError(
                f"connections ran out less than {SHORT_FOR:g} s ago; {len(self._open)} are open"
            )


LOGGED_EVERY = 60.0
"""Seconds between two lines of the log about the same: whoever is refused may come back a thousand times a second."""

RefusalReason = Literal[
    "malformed",
    "head_too_large",
    "head_too_slow",
    "body_too_large",
    "body_too_slow",
    "answer_not_read",
    "unauthorized",
    "no_connection_left",
]

HTTP_REFUSALS = Counter("opsimate_http_refusals", "Requests and connections refused at the door", ["reason"])

_TOKEN = re.compile(r"opsimate_[\w-]+")


class OnceInAWhile:
    """Says when it is time to log again what happens again and again."""

    def __init__(self, every: float = LOGGED_EVERY) -> None:
        """``every`` is in seconds."""
        self._every = every
        self._logged_at: float | None = None
        self._unlogged = 0

    def happened(self) -> int:
        """How often it happened since it was logged last, if it is to be logged now; else 0."""
        self._unlogged += 1
        now = time.monotonic()
        if self._logged_at is not None and now - self._logged_at < self._every:
            return 0
        times, self._unlogged, self._logged_at = self._unlogged, 0, now
        return times


_refusals: dict[RefusalReason, OnceInAWhile] = {}


def logged_path(path: str) -> str:
    """A request's path as it may be logged: a token that was put into an address by mistake stays a secret."""
    return _TOKEN.sub("•••", path)[:200]


def note_refusal(reason: RefusalReason, *, client: str, path: str | None = None) -> None:
    """Count a refusal; the log names one of those since the last minute, and how many they were."""
    HTTP_REFUSALS.labels(reason).inc()
    if times := _refusals.setdefault(reason, OnceInAWhile()).happened():
        log.warning("http.refused", reason=reason, client=client, path=path and logged_path(path), times=times)
