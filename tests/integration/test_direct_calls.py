"""Endpoints that are called directly: every request is answered as FastAPI answers it."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Cookie, Depends, FastAPI, Query, Request, Response

from shared import direct
from shared.direct import DirectCalls
from tests.builders_catalog import RunningCatalog, a_catalog, an_action_body

RUNS = "/api/v1/actions/restart/runs"
JSON = {"Content-Type": "application/json"}
REQUESTS: list[tuple[str, str, dict[str, str], bytes | None]] = [
    ("POST", RUNS, JSON, b"{}"),
    ("POST", RUNS, JSON, b""),
    ("POST", RUNS, {}, b"{}"),
    ("POST", RUNS, {"Content-Type": "text/plain"}, b"{}"),
    ("POST", RUNS, JSON | {"Idempotency-Key": "k"}, b'{"note": "once"}'),
    ("POST", RUNS, JSON | {"Idempotency-Key": "k"}, b'{"note": "twice"}'),
    ("POST", RUNS, JSON | {"Idempotency-Key": "two words"}, b"{}"),
    ("POST", RUNS, JSON | {"Authorization": "Basic YTpi"}, b"{}"),
    ("POST", f"{RUNS}?note=no", JSON, b"{}"),
    ("POST", f"{RUNS}/", JSON, b"{}"),
    ("POST", "/api/v1/actions/re%2Fstart/runs", JSON, b"{}"),
    ("POST", "/api/v1/actions/re%0A/runs", JSON, b"{}"),
    ("PUT", RUNS, JSON, b"{}"),
    ("GET", RUNS, {}, None),
    ("GET", "/api/v1/runs/01JX3Q7W8Z5V9K2M4N6P8R0S2T", {}, None),
    ("HEAD", "/api/v1/runs/01JX3Q7W8Z5V9K2M4N6P8R0S2T", {}, None),
    ("GET", "/api/v1/runs/01JX3Q7W8Z5V9K2M4N6P8R0S2T", {"Authorization": ""}, None),
    ("POST", "/api/v1/runs/01JX3Q7W8Z5V9K2M4N6P8R0S2T/cancel", JSON, b'{"comment": 1}'),
    ("POST", "/api/v1/runs/01JX3Q7W8Z5V9K2M4N6P8R0S2T/cancel", {}, b""),
    ("POST", "/api/v1/runs/01JX3Q7W8Z5V9K2M4N6P8R0S2T/pause", JSON, b"{}"),
    ("GET", "/api/v1/actions/restart", {}, None),
    ("GET", "/api/v1/actions/unknown", {}, None),
    ("GET", "/api/v1/actions/versions", {}, None),
]

_OWN = re.compile(r"[0-9A-Z]{26}|\d{4}-\d\d-\d\dT[\d:.]+Z")


@pytest.fixture
async def both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[RunningCatalog]]:
    """Two catalogs that know the same, of which the second calls nothing directly."""
    catalogs = []
    async with AsyncExitStack() as opened:
        for name in ("direct", "not"):
            if name == "not":
                monkeypatch.setattr(direct, "_is_direct", lambda _route: False)
            (tmp_path / name).mkdir()
            catalog = await opened.enter_async_context(a_catalog(tmp_path / name))
            await catalog.with_provider()
            await catalog.made("actions", an_action_body())
            catalogs.append(catalog)
        yield catalogs


def shown(answer: httpx.Response) -> Any:
    """An answer without the ids and instants that it alone has."""
    headers = {name: _OWN.sub("…", value) for name, value in answer.headers.items() if name != "content-length"}
    return answer.status_code, headers, _OWN.sub("…", answer.text)


async def test_what_is_called_directly_is_answered_as_fastapi_answers_it(both: list[RunningCatalog]) -> None:
    for method, path, headers, body in REQUESTS:
        answers = [shown(await one.http.request(method, path, headers=headers, content=body)) for one in both]
        assert answers[0] == answers[1], (method, path, headers, body)


async def test_only_what_is_declared_in_known_words_is_called_directly() -> None:
    async def plain(request: Request) -> str:
        return request.method

    async def with_a_query(asked: Annotated[str, Query()] = "") -> str:
        return asked

    router = APIRouter()

    @router.get("/direct/{name}")
    async def called(name: str, method: Annotated[str, Depends(plain)]) -> Response:
        return Response(f"{method} {name}")

    @router.get("/query")
    async def query(asked: Annotated[str, Query()] = "") -> Response:
        return Response(asked)

    @router.get("/cookie")
    async def cookie(given: Annotated[str, Cookie()] = "") -> Response:
        return Response(given)

    @router.get("/needs")
    async def needs(asked: Annotated[str, Depends(with_a_query)]) -> Response:
        return Response(asked)

    @router.get("/model")
    async def model() -> dict[str, str]:
        return {"made": "of a model"}

    app = FastAPI()
    app.add_middleware(DirectCalls, routes=router.routes)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as http:
        # The application itself has no routes, so what is answered was called directly.
        found = {
            path: (await http.get(path)).status_code for path in ("/direct/a", "/query", "/cookie", "/needs", "/model")
        }
    assert found == {"/direct/a": 200, "/query": 404, "/cookie": 404, "/needs": 404, "/model": 404}
