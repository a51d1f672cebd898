"""Following a run over connections that break, against a real server that breaks them."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsimate.client import ApiClient, EventParser, ServerSentEvent
from opsimate.credentials import Credentials
from opsimate.errors import OpsimateError, RefusedError, UnreachableError
from opsimate.following.run_events import GIVES_UP_AFTER, STATUS_OF_STATE, LostSightError, follow, run_events
from shared.contracts.run import ENDED

PROGRESS = {"done": 1, "total": 1, "percent": 100, "current_step": None}
LINES = [f"line {number}\u2028 é\n" for number in range(1, 8)]


def event_text(number: int, name: str, data: Any) -> str:
    return f": a sign of life\n\nid: {number}\nevent: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


EVENTS = [
    *(event_text(number, "output", {"text": line, "stream": "stdout"}) for number, line in enumerate(LINES, 1)),
    event_text(len(LINES) + 1, "end", {"state": "succeeded", "progress": PROGRESS}),
]
WHOLE = "".join(EVENTS).encode()


@dataclass
class Answer:
    status: int = 200
    body: bytes = b"{}"
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    """Declared, where it is not the body's: then the connection breaks in the middle."""


def problem(status: int, **headers: str) -> Answer:
    body = json.dumps({"title": "t", "status": status, "detail": f"status {status}", "errors": []}).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, body, "application/problem+json", named)


class Server:
    """Gives answers one after the other, and keeps what it was asked."""

    def __init__(self, answers: list[Answer]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.cuts: list[int] = []


@contextmanager
def serving(*answers: Answer) -> Iterator[tuple[ApiClient, Server]]:
    server = Server(list(answers))

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            server.asked.append((self.command, self.path, {name.lower(): text for name, text in self.headers.items()}))
            answer = server.answers.pop(0) if server.answers else self._rest_of_the_events()
            self.send_response(answer.status)
            headers = {"Content-Type": answer.kind, "Connection": "close", **answer.headers}
            headers["Content-Length"] = str(len(answer.body) if answer.length is None else answer.length)
            for name, text in headers.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(answer.body)

        def _rest_of_the_events(self) -> Answer:
            seen = int(self.headers.get("Last-Event-ID") or 0)
            body = "".join(EVENTS[seen:]).encode()
            cut = server.cuts.pop(0) if server.cuts else len(body)
            return Answer(body=body[:cut], kind="text/event-stream", length=len(body))

        do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - http.server asks for these names

        def log_message(self, *_arguments: object) -> None:
            """Tests have no use for it."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, args=(0.01,))
    thread.start()
    api = ApiClient(Credentials(f"http://127.0.0.1:{http.server_port}", "t0ken", "a test"), sleep=lambda _: None)
    try:
        with api:
            yield api, server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


class Seen:
    """A screen that remembers."""

    def __init__(self) -> None:
        self.text = ""
        self.notices: list[str] = []

    def run(self, run: dict[str, Any]) -> None: ...

    def step(self, step: dict[str, Any]) -> None: ...

    def output(self, item: dict[str, Any]) -> None:
        self.text += item["text"]

    def notice(self, text: str) -> None:
        self.notices.append(text)

    def close(self) -> None: ...


@given(st.lists(st.integers(1, 30), max_size=40))
def test_events_are_the_same_in_whatever_pieces_they_come(sizes: list[int]) -> None:
    pieces, rest = [], WHOLE
    for size in sizes:
        pieces.append(rest[:size])
        rest = rest[size:]
    parser, at_once = EventParser(), EventParser()
    found = [event for piece in [*pieces, rest] for event in parser.feed(piece)]
    assert found == at_once.feed(WHOLE)
    assert [event.id for event in found] == [str(number) for number in range(1, len(EVENTS) + 1)]


def test_an_event_is_read_as_the_standard_says() -> None:
    parser = EventParser()
    assert parser.feed(b"id: 1\r\nevent: step\r\ndata: a\r\ndata:b\r\nretry: 5\r\n\r\ndata\n\ndata: x\n") == [
        ServerSentEvent("1", "step", "a\nb"),
        ServerSentEvent("1", "message", ""),
    ]


def test_no_line_is_lost_or_repeated_wherever_the_connection_breaks() -> None:
    with serving() as (api, server):
        for cut in range(0, len(WHOLE), 37):
            server.cuts = [cut, 150, 0]
            screen = Seen()
            assert follow(api, "r", screen, sleep=lambda _: None) == "succeeded"
            assert screen.text == "".join(LINES), f"broken after {cut} bytes"


def test_a_stream_that_ends_too_early_is_asked_for_what_comes_next() -> None:
    first = Answer(body="".join(EVENTS[:3]).encode(), kind="text/event-stream")
    with serving(first, problem(503), problem(503)) as (api, server):
        screen = Seen()
        follow(api, "r", screen, sleep=lambda _: None)
    assert screen.text == "".join(LINES)
    assert [asked[2].get("last-event-id") for asked in server.asked] == [None, "3", "3", "3"]
    assert len(screen.notices) == 2, "the break is told once, and that it is over"


def test_a_run_that_is_not_there_is_not_asked_for_again() -> None:
    with serving(problem(404)) as (api, server), pytest.raises(RefusedError, match="status 404"):
        follow(api, "r", Seen(), sleep=lambda _: None)
    assert len(server.asked) == 1


def test_following_gives_up_after_a_while_without_a_server() -> None:
    api = ApiClient(Credentials("http://127.0.0.1:9", "t0ken", "a test"), sleep=lambda _: None)
    clock = iter([0.0, 1.0, GIVES_UP_AFTER + 1.0])
    broken: list[OpsimateError] = []
    with api, pytest.raises(LostSightError, match="did not come back"):
        next(run_events(api, "r", interrupted=broken.append, sleep=lambda _: None, now=lambda: next(clock)))
    assert len(broken) == 1


def test_every_end_of_a_run_has_an_exit_status() -> None:
    assert set(STATUS_OF_STATE) == ENDED


def test_what_changes_nothing_twice_is_asked_again_while_the_store_is_away() -> None:
    for method, headers in (("GET", {}), ("PUT", {}), ("DELETE", {}), ("POST", {"Idempotency-Key": "k"})):
        with serving(problem(503, Retry_After="1"), problem(503), Answer()) as (api, server):
            assert api.send(method, "/x", headers=headers).json() == {}
            assert [asked[0] for asked in server.asked] == [method] * 3


def test_what_could_be_done_twice_is_asked_once() -> None:
    with serving(problem(503), Answer()) as (api, server):
        with pytest.raises(RefusedError, match="status 503"):
            api.send("POST", "/x", {})
        assert len(server.asked) == 1


def test_an_answer_that_breaks_off_is_asked_for_again_where_that_is_safe() -> None:
    with serving(Answer(body=b"{", length=9), Answer(body=b'{"a": 1}')) as (api, _server):
        assert api.get("/x") == {"a": 1}
    with serving(Answer(body=b"{", length=9), Answer()) as (api, server):
        with pytest.raises(UnreachableError, match="broke off"):
            api.send("POST", "/x", {})
        assert len(server.asked) == 1


def test_a_problem_becomes_an_error_with_its_fields() -> None:
    errors = [{"field": "steps.2.command", "message": "unknown parameter 'hsot'; did you mean 'host'?"}]
    body = json.dumps({"title": "t", "status": 422, "detail": "d", "errors": errors}).encode()
    with serving(Answer(422, body, "application/problem+json")) as (api, _server):
        with pytest.raises(RefusedError) as error:
            api.get("/x")
        assert error.value.fields == [(errors[0]["field"], errors[0]["message"])]


def test_another_program_at_the_address_is_told_apart_from_an_error_of_ours() -> None:
    with serving(Answer(404, b"<html>", "text/html"), Answer(200, b"<html>", "text/html")) as (api, _server):
        for _ in range(2):
            with pytest.raises(OpsimateError, match="is not this product"):
                api.get("/x")


def test_the_token_goes_with_every_request() -> None:
    with serving(Answer()) as (api, server):
        api.get("/x")
        assert server.asked[0][2]["authorization"] == "Bearer t0ken"


def test_pages_are_read_to_the_end_or_to_the_limit() -> None:
    pages = [
        Answer(body=json.dumps({"items": [1, 2], "next": "c"}).encode()),
        Answer(body=b'{"items": [3], "next": null}'),
    ]
    with serving(*pages) as (api, server):
        assert api.items("/x", state="running", action=None) == [1, 2, 3]
        assert [asked[1] for asked in server.asked] == [
            "/x?state=running&limit=200",
            "/x?state=running&limit=200&cursor=c",
        ]
    with serving(pages[0]) as (api, server):
        assert api.items("/x", limit=2) == [1, 2]


class Notices:
    """A screen that keeps what is said of the following itself."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def run(self, run: dict[str, Any]) -> None:
        """Nothing of it is kept."""

    step = output = run

    def notice(self, text: str) -> None:
        self.said.append(text)

    def close(self) -> None:
        """There is nothing to take down."""


def test_of_a_step_on_too_many_providers_it_is_said_once_where_its_output_is() -> None:
    step = {"name": "wide", "state": "running", "invocations": {"queued": 1_000}, "output_in_events": False}
    events = [("step", step), ("step", step), ("step", {**step, "name": "few", "output_in_events": True})]
    end = event_text(9, "end", {"state": "succeeded", "progress": PROGRESS})
    body = "".join(event_text(number, name, data) for number, (name, data) in enumerate(events)) + end
    screen = Notices()
    with serving(Answer(body=body.encode(), kind="text/event-stream")) as (api, _):
        assert follow(api, "some", screen) == "succeeded"
    shown_by = "opsimate runs output some --step wide --provider NAME"
    too_many = "wide runs on 1,000 providers, too many to show what they print."
    assert screen.said == [f"{too_many} Of one of them: {shown_by}"]
