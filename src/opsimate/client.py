"""A client of the HTTP API: problems become errors with field and fix, and what is safe to ask again is asked again."""

import json
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import quote, urlsplit

import httpx

from opsimate.credentials import Credentials
from opsimate.errors import OpsimateError, RefusedError, UnreachableError


@dataclass(frozen=True)
class ServerSentEvent:
    """One event of a stream."""

    id: str
    """The last id that the stream gave: with this event's own, what `Last-Event-ID` resumes after."""
    name: str
    data: str


class EventParser:
    """Finds the events in a stream of bytes. An event that the stream broke off in the middle of is no event.

    Lines end with LF or CRLF, as they do in every stream of this product.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._id = ""
        self._clear()

    def _clear(self) -> None:
        self._name = ""
        self._data: list[str] = []

    def feed(self, data: bytes) -> list[ServerSentEvent]:
        """The events that end in this piece."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [event for line in lines if (event := self._take(line.removesuffix(b"\r").decode(errors="replace")))]

    def _take(self, line: str) -> ServerSentEvent | None:
        if not line:
            event = ServerSentEvent(self._id, self._name or "message", "\n".join(self._data)) if self._data else None
            self._clear()
            return event
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._name = value
        elif field == "id" and "\0" not in value:
            self._id = value
        return None


API = "/api/v1"
JSON_LINES = "application/x-ndjson"
"""What answers with many things are asked for as, one a line."""
CONNECT_WITHIN = 5.0
ANSWER_WITHIN = 60.0
"""Seconds; the test of a provider waits for a connection to be made."""
SILENT_STREAM = 45.0
"""Seconds without a byte after which a stream of events is taken for dead; a live one sends signs of life."""
PAGE = 200
PAUSES = (0.2, 0.4, 0.8, 1.6, 3.2, 5.0)
"""Seconds before each further try of what may be asked again."""
PAUSES_WITHOUT_SERVER = PAUSES[:2]
"""The same where nothing listens: long enough for a restart, short for somebody who forgot to start the server."""
LONGEST_PAUSE = 10.0
REPEATABLE = frozenset({"GET", "PUT", "DELETE"})
PROGRAM = "opsimate"
"""What the audit says that a call came from."""
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

QueryValue = str | int | Sequence[str] | None
Query = Mapping[str, QueryValue]


class ApiClient:
    """Calls of the API at one address with one token."""

    def __init__(self, credentials: Credentials, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self.credentials = credentials
        self._sleep = sleep
        address = urlsplit(credentials.url)
        self._http = httpx.Client(
            base_url=credentials.url,
            headers={"Authorization": f"Bearer {credentials.token}", "User-Agent": PROGRAM},
            timeout=httpx.Timeout(ANSWER_WITHIN, connect=CONNECT_WITHIN),
            # Loading the trusted authorities takes a while, and plain HTTP has no use for them.
            verify=ssl.create_default_context()
            if address.scheme == "https"
            else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            # A proxy for the way out is none for the way to this machine itself.
            trust_env=address.hostname not in LOOPBACK,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._http.close()

    def get(self, path: str, **query: QueryValue) -> Any:
        """The JSON that a GET answers with."""
        return self._json(self.send("GET", path, query=query))

    def get_if_there(self, path: str) -> Any | None:
        """The JSON that a GET answers with, or none where there is nothing of that name."""
        try:
            return self.get(path)
        except RefusedError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    def items(self, path: str, *, limit: int | None = None, **query: QueryValue) -> list[Any]:
        """The items of a list, page after page; no more than ``limit``, where one is given."""
        return list(self.each(path, limit=limit, **query))

    def each(self, path: str, *, limit: int | None = None, **query: QueryValue) -> Iterator[Any]:
        """The same one after the other, of which a page is kept at a time."""
        left, cursor = limit, None
        while left is None or left > 0:
            size = PAGE if left is None else min(PAGE, left)
            page = self.get(path, **query, limit=size, cursor=cursor)
            yield from page["items"]
            left = None if left is None else left - len(page["items"])
            cursor = page["next"]
            if cursor is None:
                return

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Query | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = False,
    ) -> httpx.Response:
        """The answer, where it is a success; anything else is raised.

        What the server has not seen, and what changes nothing when it is done twice, is tried again.
        """
        content = None if body is None else json.dumps(body)
        sent = {**(headers or {}), **({} if content is None else {"Content-Type": "application/json"})}
        request = self._http.build_request(method, path, content=content, params=_given(query), headers=sent)
        repeatable = repeatable or method in REPEATABLE or "Idempotency-Key" in sent
        for pause in (*PAUSES, None):
            try:
                answer = self._http.send(request)
            except httpx.TransportError as error:
                if pause is None or not _worth_another_try(error, pause, repeatable=repeatable):
                    raise self._unreachable(error) from error
            else:
                if pause is None or not repeatable or answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
                    return self._checked(answer)
                pause = max(pause, _retry_after(answer))  # noqa: PLW2901 - the server knows better
            self._sleep(pause)
        raise AssertionError  # the last turn of the loop returns or raises

    @contextmanager
    def stream(
        self, path: str, *, accept: str, query: Query | None = None, after: str = ""
    ) -> Iterator[httpx.Response]:
        """An answer that is read as it comes; ``UnreachableError`` where it breaks off."""
        headers = {"Accept": accept, **({"Last-Event-ID": after} if after else {})}
        timeout = httpx.Timeout(SILENT_STREAM, connect=CONNECT_WITHIN)
        try:
            with self._http.stream("GET", path, params=_given(query), headers=headers, timeout=timeout) as answer:
                if answer.is_error:
                    answer.read()
                yield self._checked(answer)
        except httpx.TransportError as error:
            raise self._unreachable(error) from error

    def events(self, run_id: str, *, after: str = "") -> Iterator[ServerSentEvent]:
        """The events of a run after the one with this id, until the stream ends or ``UnreachableError``."""
        parser = EventParser()
        with self.stream(run_path(run_id, "events"), accept="text/event-stream", after=after) as answer:
            for data in answer.iter_bytes():
                yield from parser.feed(data)

    def health(self, path: str) -> Any:
        """The report of ``/healthz`` or ``/readyz``, whichever way it turned out."""
        try:
            return self._json(self._http.get(path))
        except httpx.TransportError as error:
            raise self._unreachable(error) from error

    def _json(self, answer: httpx.Response) -> Any:
        try:
            return answer.json()
        except ValueError as error:
            raise OpsimateError(self._not_ours()) from error

    def _checked(self, answer: httpx.Response) -> httpx.Response:
        if answer.is_success:
            return answer
        try:
            problem = answer.json()
            fields = [(error["field"], error["message"]) for error in problem["errors"]]
            raise RefusedError(
                answer.status_code, problem["detail"], fields=fields, hint=self._hint(answer.status_code)
            )
        except (ValueError, KeyError, TypeError) as error:
            raise OpsimateError(f"{self._not_ours()} (HTTP status {answer.status_code})") from error

    def _hint(self, status: int) -> str:
        return self.credentials.way_out if status == HTTPStatus.UNAUTHORIZED else ""

    def _not_ours(self) -> str:
        return f"What answers at {self.credentials.url} is not this product: check OPSIMATE_URL"

    def _unreachable(self, error: httpx.TransportError) -> UnreachableError:
        url = self.credentials.url
        if isinstance(error, httpx.ConnectError):
            message, hint = (
                f"Nothing answers at {url} ({_innermost(error)}).",
                (
                    "Start the product with 'opsimate up', or say where it runs: set OPSIMATE_URL, together with "
                    "OPSIMATE_TOKEN_FILE or OPSIMATE_TOKEN."
                ),
            )
        elif isinstance(error, httpx.TimeoutException):
            message, hint = f"{url} did not answer in time.", "See how it is with 'opsimate doctor'."
        else:
            message, hint = f"The connection to {url} broke off ({_innermost(error)}).", "Try again."
        return UnreachableError(message, hint=hint)


def _given(query: Query | None) -> dict[str, str | int | Sequence[str]]:
    return {name: value for name, value in (query or {}).items() if value is not None}


def _worth_another_try(error: httpx.TransportError, pause: float, *, repeatable: bool) -> bool:
    if isinstance(error, httpx.ConnectError):
        return pause in PAUSES_WITHOUT_SERVER
    return repeatable and not isinstance(error, httpx.TimeoutException)


def _retry_after(answer: httpx.Response) -> float:
    seconds = answer.headers.get("Retry-After", "")
    return min(float(seconds), LONGEST_PAUSE) if seconds.isdigit() else 0.0


def _innermost(error: BaseException) -> str:
    text = str(error)
    while error.__cause__ is not None or error.__context__ is not None:
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return getattr(error, "strerror", None) or text or type(error).__name__


def run_path(run_id: str, *below: str) -> str:
    """The address of a run, or of something below it."""
    return "/".join([f"{API}/runs/{quote(run_id, safe='')}", *below])


def definition_path(collection: str, name: str, *below: str) -> str:
    """The address of a definition such as ``definition_path("providers", "web-1", "test")``."""
    return "/".join([f"{API}/{collection}/{quote(name, safe='')}", *below])


def warnings_in(answer: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What an answer to a write warns of: field and message."""
    return [(warning["field"], warning["message"]) for warning in answer.get("warnings", [])]
