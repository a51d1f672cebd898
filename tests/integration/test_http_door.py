"""At the door: what a process puts up with before it knows who calls, over real connections, with small limits."""

import asyncio
import errno
import http.client
import json
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI, Request
from fastapi.responses import StreamingResponse
from prometheus_client import REGISTRY
from pydantic import BaseModel
from structlog.testing import capture_logs

from shared import connections
from shared.access import May
from shared.admission import Tokens, new_token
from shared.application import health_router
from shared.bodies import BodyGuard, BodyLimits
from shared.collections import TOKENS
from shared.connections import Connections, HttpLimits, NoConnectionLeftError, connections_within
from shared.contracts.principal import Principal, TokenDefinition
from shared.health import Health
from shared.http import LeavingViewers, install_problems
from shared.serving import server_of, tell_of_shortage
from shared.settings import Listen
from shared.store import StoreUnavailableError
from shared.store.sqlite import SqliteDocumentStore

ADMINISTRATOR, METRICS = new_token(), new_token()
LONG = 30.0
"""Seconds within which everything happens that has to; nothing here waits so long where all is well."""
SMALL = HttpLimits(head_bytes=2_000, head_seconds=LONG, idle_seconds=LONG, rest_seconds=LONG, reader_seconds=LONG)
SHORT = HttpLimits(head_seconds=0.3, idle_seconds=0.3, rest_seconds=0.3, reader_seconds=0.3)
SMALL_BODIES = BodyLimits(usual=10_000, large=50_000, seconds=LONG)
SHORT_BODIES = BodyLimits(seconds=0.5)


class Note(BaseModel):
    text: str


@dataclass
class Answer:
    """What came, until the server closed the connection or the answer was whole."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def detail(self) -> str:
        assert self.headers["content-type"] == "application/problem+json"
        return str(json.loads(self.body)["detail"])


class Client:
    """A connection that may be as rude as it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes | str) -> "Client":
        self.writer.write(data.encode() if isinstance(data, str) else data)
        await self.writer.drain()
        return self

    async def answer(self) -> Answer:
        async with asyncio.timeout(LONG):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
            body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return Answer(int(head[0].split()[1]), headers, body)

    async def is_closed(self) -> bool:
        """Waits until it is, and says whether nothing was answered."""
        async with asyncio.timeout(LONG):
            try:
                return await self.reader.read() == b""
            except ConnectionResetError:
                return True


@dataclass
class Door:
    """A process's HTTP face."""

    port: int
    connections: Connections
    tokens: Tokens
    opened: AsyncExitStack

    async def client(self) -> Client:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**20)
        self.opened.callback(writer.close)
        return Client(reader, writer)


def head(path: str = "/notes", *, token: str | None = ADMINISTRATOR, method: str = "POST", **headers: object) -> str:
    """The head of a request."""
    given = {"Host": "door", "Content-Type": "application/json", **headers}
    if token is not None:
        given["Authorization"] = f"Bearer {token}"
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in given.items()]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""])


def an_app(tokens: Tokens, connections: Connections, bodies: BodyLimits) -> FastAPI:
    app = FastAPI()
    app.state.authenticator, app.state.connections = tokens, connections
    for event in ("stopping", "hurry", "failed"):
        setattr(app.state, event, asyncio.Event())
    install_problems(app)
    app.add_middleware(BodyGuard, limits=bodies)
    app.add_middleware(LeavingViewers)
    health = Health()
    health.checks["connections"] = connections.check
    app.include_router(health_router(health))

    @app.post("/notes")
    async def note(_caller: Annotated[Principal, Depends(May("runs.write"))], body: Note) -> int:
        return len(body.text)

    @app.post("/webhooks/any")
    async def webhook(request: Request, _caller: Annotated[Principal, Depends(May("runs.write"))]) -> int:
        return len(await request.body())

    @app.post("/nobody")
    async def nobody(body: Note) -> int:
        return len(body.text)

    @app.get("/long")
    async def long() -> StreamingResponse:
        async def pieces() -> AsyncIterator[bytes]:
            while True:
                yield b"x" * 100_000
                await asyncio.sleep(0)

        return StreamingResponse(pieces())

    return app


@asynccontextmanager
async def a_door(
    directory: Path, *, most: int = 100, limits: HttpLimits = SMALL, bodies: BodyLimits = SMALL_BODIES
) -> AsyncIterator[Door]:
    store = SqliteDocumentStore(directory / "store.db")
    await store.open([TOKENS])
    tokens = Tokens(store)
    await tokens.create(TokenDefinition(name="ada", role="administrator"), ADMINISTRATOR)
    await tokens.create(TokenDefinition(name="prometheus", role="metrics"), METRICS)
    connections, listening = Connections(most, limits), asyncio.get_running_loop().create_future()
    app = an_app(tokens, connections, bodies)

    async def on_listening(address: str) -> None:
        listening.set_result(address)

    server = server_of(app, Listen(host="127.0.0.1", port=0), on_listening)
    serving = asyncio.create_task(server._serve())
    try:
        async with AsyncExitStack() as opened:
            yield Door(int((await listening).rpartition(":")[2]), connections, tokens, opened)
    finally:
        app.state.stopping.set()
        await serving
        await store.close()


def refused(reason: str) -> float:
    return REGISTRY.get_sample_value("opsimate_http_refusals_total", {"reason": reason}) or 0.0


# Heads


async def test_a_head_that_is_longer_than_the_limit_is_refused(tmp_path: Path) -> None:
    before = refused("head_too_large")
    async with a_door(tmp_path) as door:
        whole = await (await door.client()).send(head(X=("y" * 2_000), Content_Length=0))
        endless = await (await door.client()).send("GET /healthz HTTP/1.1\r\nX: " + "y" * 5_000)
        path = await (await door.client()).send(f"GET /{'y' * 3_000} HTTP/1.1\r\n")
        many = await (await door.client()).send("GET /healthz HTTP/1.1\r\n" + "X: y\r\n" * 1_000)
        for client in (whole, endless, path, many):
            answer = await client.answer()
            assert (answer.status, answer.headers["connection"]) == (431, "close")
            assert "2000 bytes" in answer.detail
            assert await client.is_closed()
        fits = await (await door.client()).send(head(X=("y" * 1_500), Content_Length=12) + '{"text":"a"}')
        assert (await fits.answer()).body == b"1"
    assert refused("head_too_large") == before + 4


async def test_a_second_head_on_a_connection_is_limited_too(tmp_path: Path) -> None:
    async with a_door(tmp_path) as door:
        client = await (await door.client()).send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await client.answer()).status == 200
        await client.send("GET /healthz HTTP/1.1\r\nX: " + "y" * 5_000)
        assert (await client.answer()).status == 431


async def test_who_asks_for_the_head_alone_gets_it_at_once(tmp_path: Path) -> None:
    async with a_door(tmp_path) as door:
        client = await door.client()
        for path in ("/healthz", "/nowhere"):
            await client.send(f"HEAD {path} HTTP/1.1\r\nHost: x\r\n\r\n")
            async with asyncio.timeout(LONG / 3):
                told = await client.reader.readuntil(b"\r\n\r\n")
            assert b"\r\ncontent-length: " in told
            await client.send(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = await client.answer()
            assert told.startswith(f"HTTP/1.1 {answer.status} ".encode())
            assert answer.body


async def test_a_head_that_comes_drop_by_drop_is_refused_when_its_time_is_over(tmp_path: Path) -> None:
    before = refused("head_too_slow")
    async with a_door(tmp_path, limits=SHORT) as door:
        client = await door.client()

        async def drip() -> None:
            for letter in head(Content_Length=0) * 100:
                await client.send(letter)
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        answer = await client.answer()
        dripping.cancel()
        await asyncio.gather(dripping, return_exceptions=True)
        assert (answer.status, answer.headers["connection"]) == (408, "close")
    assert refused("head_too_slow") == before + 1


async def test_connections_that_say_nothing_or_nothing_more_are_closed(tmp_path: Path) -> None:
    async with a_door(tmp_path, limits=SHORT) as door:
        silent, polite, half = await door.client(), await door.client(), await door.client()
        await polite.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        await half.send(head(token=None, Content_Length=100) + "{")
        assert (await polite.answer()).status == 200
        assert (await half.answer()).status == 401
        assert [await client.is_closed() for client in (silent, polite, half)] == [True] * 3


async def test_what_is_no_http_is_told_so_without_a_line_in_the_log_for_each(tmp_path: Path) -> None:
    connections._refusals.clear()
    async with a_door(tmp_path) as door:
        with capture_logs() as logs:
            for _ in range(5):
                client = await (await door.client()).send("\x16\x03\x01 hello\r\n\r\n")
                assert (await client.answer()).status == 400
    assert [(line["event"], line["reason"]) for line in logs if line["log_level"] == "warning"] == [
        ("http.refused", "malformed")
    ]


async def test_who_asks_for_another_protocol_is_answered_in_this_one(tmp_path: Path) -> None:
    upgrade = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAMAAABkAAQAAP__"}
    async with a_door(tmp_path) as door:
        client = await door.client()
        for body in ('{"text":"a"}', '{"text":"ab"}'):
            await client.send(head("/healthz", method="GET", **upgrade))
            assert (await client.answer()).status == 200
            await client.send(head(Content_Length=len(body), **upgrade) + body)
            assert (await client.answer()).body == str(len(body) - 11).encode()
        await client.send(head("door:80", method="CONNECT"))
        assert (await client.answer()).status == 400


UPGRADE = "Connection: Upgrade\r\nUpgrade: h2c\r\n"
CHUNKED = "POST /webhooks/any HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
RUDE = [
    *(f"CONNECT {target} HTTP/1.1\r\n\r\n" for target in ("/", "//a:1", "*", "http://a/", "a:1")),
    "CONNECT / HTTP/1.1\r\n\r\n" * 50,
    f"CONNECT / HTTP/1.1\r\n{UPGRADE}Content-Length: 3\r\n\r\nabc",
    f"GET / HTTP/1.1\r\n{UPGRADE}X: {'y' * 40_000}\r\n\r\n",
    f"GET / HTTP/1.1\r\n{UPGRADE}X: {'y' * 1_970}\r\n\r\n" + "GET / HTTP/1.1\r\n\r\n",
    f"CONNECT / HTTP/1.1\r\nX: {'y' * 1_990}\r\n\r\n",
    f"GET / HTTP/1.1\r\n{UPGRADE}\r\n" * 2_000 + "CONNECT / HTTP/1.1\r\n\r\n",
    f"{CHUNKED}{UPGRADE}\r\nno size\r\n",
    f"{CHUNKED}\r\nno size\r\n",
    f"{CHUNKED}\r\n{'f' * 40}\r\n",
    f"{CHUNKED}\r\n-1\r\n",
    f"{CHUNKED}\r\n1\r\nabc\r\n",
    f"{CHUNKED}Transfer-Encoding: identity\r\n\r\n",
    f"{CHUNKED}Content-Length: 3\r\n\r\nabc",
    "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    "GET / HTTP/1.1\nHost: x\n\n",
    "GET /\r\n\r\n",
    "GET \xe4 HTTP/1.1\r\n\r\n",
    "GET //a:b HTTP/1.1\r\n\r\n",
    "GET http:// HTTP/1.1\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\0" * 50,
]


@pytest.mark.parametrize("sent", RUDE, ids=lambda sent: sent[:40])
async def test_nothing_that_is_sent_leaves_a_traceback(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, sent: str
) -> None:
    connections._refusals.clear()
    with capture_logs() as logs:
        async with a_door(tmp_path) as door:
            for _ in range(3):
                client = await (await door.client()).send(sent.encode("latin-1"))
                client.writer.write_eof()
                async with asyncio.timeout(LONG):
                    with suppress(ConnectionResetError):
                        answered = await client.reader.read()
                        assert not answered or int(answered.split()[1]) in {400, 401, 404, 405, 431}
    assert [line for line in logs if line["log_level"] == "error" or "exc_info" in line] == []
    assert len([line for line in logs if line["event"] == "http.refused"]) <= 2
    assert [record.getMessage() for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}] == []


async def test_a_tunnel_is_refused(tmp_path: Path) -> None:
    async with a_door(tmp_path) as door:
        for target in ("/", "//a:1", "*", "http://a/", "a:1"):
            client = await (await door.client()).send(f"CONNECT {target} HTTP/1.1\r\n\r\nanything")
            assert (await client.answer()).status == 400
            assert await client.is_closed()


async def test_a_token_in_an_address_is_not_logged(tmp_path: Path) -> None:
    connections._refusals.clear()
    with capture_logs() as logs:
        async with a_door(tmp_path) as door:
            path = f"/webhooks/any?{ADMINISTRATOR}", f"/{'x' * 180}/webhooks/{ADMINISTRATOR}"
            for one in path:
                client = await (await door.client()).send(head(one, token=None, Content_Length=5))
                assert (await client.answer()).status in {401, 404}
            connections._refusals.clear()
            connections.note_refusal("unauthorized", client="", path=path[1])
    assert logs
    assert ADMINISTRATOR[:15] not in str(logs)
    assert "/webhooks/•••" in str(logs)


# Bodies


@pytest.mark.parametrize("token", [None, "nonsense"])
@pytest.mark.parametrize("path", ["/notes", "/webhooks/any", "/nobody"])
async def test_the_token_is_checked_before_a_body_is_read(tmp_path: Path, path: str, token: str | None) -> None:
    async with a_door(tmp_path) as door:
        for length in (5, 10_000_000):
            client = await (await door.client()).send(head(path, token=token, Content_Length=length))
            answer = await client.answer()  # although nothing of the body has come
            assert (answer.status, answer.headers.get("www-authenticate")) == (401, "Bearer")
        chunked = await (await door.client()).send(head(path, token=token, Transfer_Encoding="chunked"))
        assert (await chunked.answer()).status == 401


async def test_the_role_is_checked_before_a_body_is_read(tmp_path: Path) -> None:
    async with a_door(tmp_path) as door:
        for path in ("/notes", "/webhooks/any"):
            client = await (await door.client()).send(head(path, token=METRICS, Content_Length=10_000_000))
            assert "administrator" in (await client.answer()).detail


async def test_a_refusal_is_read_by_a_client_that_sends_all_of_its_body_first(tmp_path: Path) -> None:
    async with a_door(tmp_path) as door:
        client = await door.client()
        await client.send(head(token=None, Content_Length=5_000_000) + "x" * 5_000_000)
        assert (await client.answer()).status == 401
        await client.send(head(Content_Length=12) + '{"text":"a"}')
        assert (await client.answer()).body == b"1"


@pytest.mark.parametrize("path", ["/notes", "/webhooks/any", "/healthz"])
@pytest.mark.parametrize("token", [None, ADMINISTRATOR], ids=["unknown", "known"])
async def test_a_refusal_is_read_by_a_client_that_wants_the_connection_closed(
    tmp_path: Path, path: str, token: str | None
) -> None:
    async with a_door(tmp_path) as door:
        body, port = b"x" * 17_000_000, door.port

        def post() -> int:
            # As urllib does: all of the body, then the answer.
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONG)
            with closing(connection):
                headers = {"Connection": "close", **({"Authorization": f"Bearer {token}"} if token else {})}
                connection.request("POST", path, body, headers)
                answer = connection.getresponse()
                answer.read()
                return answer.status

        expected = 405 if path == "/healthz" else 401 if token is None else 413
        assert await asyncio.to_thread(post) == expected
        silent = await (await door.client()).send(
            head(path, token=token, Connection="close", Content_Length=17_000_000) + "x" * 100
        )
        assert (await silent.answer()).status == expected
        assert await silent.is_closed()


@pytest.mark.parametrize("endless", ["a:b\r\n", "a", "a:" + "b" * 500], ids=["fields", "name", "values"])
@pytest.mark.parametrize("token", [None, ADMINISTRATOR], ids=["unknown", "known"])
async def test_what_follows_the_last_chunk_is_limited_and_not_kept(
    tmp_path: Path, endless: str, token: str | None
) -> None:
    before = refused("head_too_large")
    async with a_door(tmp_path) as door:
        client = await door.client()
        await client.send(head("/webhooks/any", token=token, Transfer_Encoding="chunked") + "1\r\nx\r\n")
        if token is None:
            assert (await client.answer()).status == 401
        with suppress(ConnectionError):
            await client.send("0\r\n" + endless * 10_000)
        if token is not None:
            assert (await client.answer()).status == 431
        assert await client.is_closed()
        few = head("/webhooks/any", Transfer_Encoding="chunked") + "1\r\nx\r\n0\r\nAuthorization: no\r\n\r\n"
        client = await (await door.client()).send(few)
        assert (await client.answer()).body == b"1"
    assert refused("head_too_large") == before + 1


async def test_the_extensions_of_a_chunk_are_limited(tmp_path: Path) -> None:
    async with a_door(tmp_path) as door:
        client = await door.client()
        await client.send(head("/webhooks/any", Transfer_Encoding="chunked") + "1;" + "x" * 9_000)
        assert (await client.answer()).status == 431


async def test_the_time_of_a_body_holds_for_what_follows_its_last_chunk(tmp_path: Path) -> None:
    async with a_door(tmp_path, bodies=SHORT_BODIES) as door:
        client = await door.client()
        await client.send(head("/webhooks/any", Transfer_Encoding="chunked") + "0\r\na:b\r\n")
        assert (await client.answer()).status == 408


@pytest.mark.parametrize(("path", "most"), [("/notes", 10_000), ("/webhooks/any", 50_000)])
async def test_a_body_over_the_limit_is_refused_whether_its_length_was_declared_or_not(
    tmp_path: Path, path: str, most: int
) -> None:
    before = refused("body_too_large")
    async with a_door(tmp_path) as door:
        body = json.dumps({"text": "x" * (most - 12)})
        assert len(body) == most
        fits = await (await door.client()).send(head(path, Content_Length=most) + body)
        assert (await fits.answer()).status == 200
        declared = await (await door.client()).send(head(path, Content_Length=most + 1))
        chunked = await (await door.client()).send(
            head(path, Transfer_Encoding="chunked") + f"{most + 1:x}\r\n{body} \r\n"
        )
        for client in (declared, chunked):
            answer = await client.answer()
            assert answer.status == 413
            assert f"{most} bytes" in answer.detail
    assert refused("body_too_large") == before + 2


@pytest.mark.parametrize("path", ["/notes", "/webhooks/any"])
async def test_a_body_that_comes_drop_by_drop_is_refused_when_its_time_is_over(tmp_path: Path, path: str) -> None:
    before = refused("body_too_slow")
    async with a_door(tmp_path, bodies=SHORT_BODIES) as door:
        client = await (await door.client()).send(head(path, Content_Length=1_000))

        async def drip() -> None:
            for _ in range(900):
                await client.send("x")
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        answer = await client.answer()
        dripping.cancel()
        await asyncio.gather(dripping, return_exceptions=True)
        assert answer.status == 408
        assert "0.5 s" in answer.detail
    assert refused("body_too_slow") == before + 1


async def test_with_the_store_away_a_body_is_asked_for_again(tmp_path: Path) -> None:
    async with a_door(tmp_path) as door:

        async def away(*_arguments: Any, **_options: Any) -> Any:
            raise StoreUnavailableError("the connection was lost")

        door.tokens._store.find = away  # type: ignore[method-assign]
        client = await (await door.client()).send(head(Content_Length=12))
        answer = await client.answer()
        assert (answer.status, answer.headers["retry-after"]) == (503, "5")


# Connections


def test_the_usual_limits_are_those_that_are_promised() -> None:
    assert (HttpLimits().head_bytes, HttpLimits().head_seconds) == (32 * 1024, 10)
    assert [BodyLimits().most(path) for path in ("/api/v1/runs", "/webhooks/generic")] == [2**20, 2**24]
    assert (BodyLimits().seconds, BodyLimits().unverified_seconds) == (60, 10)


async def test_thousands_of_idle_connections_keep_nobody_out(tmp_path: Path) -> None:
    connections._refusals.clear()
    async with a_door(tmp_path, most=20) as door:
        busy = await (await door.client()).send(head(Content_Length=12))
        with capture_logs() as logs:
            for number in range(1_000):
                client = await door.client()
                if number % 2:
                    await client.send("GET / HTTP/1.1\r\n")
            await busy.send('{"text":"a"}')
            assert (await busy.answer()).body == b"1"
            polite = await (await door.client()).send("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = await polite.answer()
        assert answer.status == 503
        assert "connections ran out" in json.loads(answer.body)["checks"]["connections"]
        assert len(door.connections._open) <= 21
    assert [line["event"] for line in logs if line["log_level"] == "warning"] == ["http.connections_ran_out"]


async def test_where_all_connections_are_at_work_one_more_is_asked_to_come_again(tmp_path: Path) -> None:
    async with a_door(tmp_path, most=3) as door:
        busy = [await (await door.client()).send(head(Content_Length=12)) for _ in range(3)]
        while door.connections._waiting:
            await asyncio.sleep(0.01)
        answer = await (await door.client()).answer()
        assert (answer.status, answer.headers["retry-after"]) == (503, "5")
        for client in busy:
            await client.send('{"text":"a"}')
            assert (await client.answer()).body == b"1"


async def test_a_client_that_does_not_read_its_answer_is_let_go(tmp_path: Path) -> None:
    before = refused("answer_not_read")
    async with a_door(tmp_path, limits=SHORT) as door:
        await (await door.client()).send("GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
        async with asyncio.timeout(LONG):
            while door.connections._open or refused("answer_not_read") == before:
                await asyncio.sleep(0.02)


async def test_the_process_is_ready_again_when_connections_ran_out_for_the_last_time_a_while_ago(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connections = Connections(1)
    await connections.check()
    connections.ran_short("descriptors")
    with pytest.raises(NoConnectionLeftError):
        await connections.check()
    monkeypatch.setattr("shared.connections.SHORT_FOR", 0.0)
    await connections.check()


async def test_descriptors_that_run_out_at_the_door_are_told_once_a_minute(tmp_path: Path) -> None:
    connections, loop = Connections(1), asyncio.get_running_loop()
    with capture_logs() as logs:
        for number in [errno.EMFILE, errno.ENFILE] * 100:
            error = OSError(number, os.strerror(number))
            context = {"message": "socket.accept() out of system resource", "exception": error}
            tell_of_shortage(connections, loop, context)
    assert [(line["event"], line["of"]) for line in logs] == [("http.connections_ran_out", "descriptors")]
    with pytest.raises(NoConnectionLeftError):
        await connections.check()


@pytest.mark.parametrize(
    ("wanted", "attempts", "descriptors", "connections"),
    [
        (1_000, 50, None, 1_000),
        (1_000, 50, 1_048_576, 1_000),
        (1_000, 50, 1_024, 368),
        (1_000, 50, 256, 64),
        (10, 50, 256, 10),
    ],
)
def test_connections_leave_descriptors_to_attempts_the_store_and_the_bus(
    wanted: int, attempts: int, descriptors: int | None, connections: int
) -> None:
    assert connections_within(wanted, attempts, descriptors) == connections
