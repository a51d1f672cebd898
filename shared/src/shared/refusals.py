"""What is refused before anybody looks at it: counted, and told once a minute for each reason."""

import re
import time
from typing import Literal

import structlog
from prometheus_client import Counter

TOLD_EVERY = 60.0
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

log = structlog.get_logger()


class OnceInAWhile:
    """Says when it is time to tell again of what happens again and again."""

    def __init__(self, every: float = TOLD_EVERY) -> None:
        """``every`` is in seconds."""
        self._every = every
        self._told_at: float | None = None
        self._untold = 0

    def happened(self) -> int:
        """How often it happened since it was told last, if it is to be told now; else 0."""
        self._untold += 1
        now = time.monotonic()
        if self._told_at is not None and now - self._told_at < self._every:
            return 0
        times, self._untold, self._told_at = self._untold, 0, now
        return times


_told: dict[RefusalReason, OnceInAWhile] = {}


def logged_path(path: str) -> str:
    """A request's path as it may be logged: a token that was put into an address by mistake stays a secret."""
    return _TOKEN.sub("•••", path)[:200]


def note_refusal(reason: RefusalReason, *, client: str, path: str | None = None) -> None:
    """Count a refusal; the log names one of those since the last minute, and how many they were."""
    HTTP_REFUSALS.labels(reason).inc()
    if times := _told.setdefault(reason, OnceInAWhile()).happened():
        log.warning("http.refused", reason=reason, client=client, path=path and logged_path(path), times=times)
