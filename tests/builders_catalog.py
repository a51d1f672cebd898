"""Builders for the catalog: definitions as people write them, attempts and their output, and a catalog to call."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from catalog.api.pages import Console, installed_console
from catalog.main import Catalog
from shared.application import application
from shared.collections import ATTEMPTS, OUTPUT, RUNS
from shared.contracts.attempt import Attempt, OutputChunk, OutputStream, attempt_id, chunk_id
from shared.contracts.run import Run, TimelineEvent
from shared.encryption import new_master_key
from shared.runs.repository import document_of
from shared.service import Runtime, runtime_of
from shared.settings import load_settings
from shared.store import DocumentStore
from tests.builders import NOON

ADMIN_TOKEN = "opsimate_the-first-administrator"
MASTER_KEY = new_master_key()
IN_ONE_FORM = pytest.mark.parametrize("catalog", ["embedded"], indirect=True)
"""For requests that are refused for their own sake, whichever store and bus there are."""


@dataclass
class RunningCatalog:
    """A catalog and a client that may do everything."""

    app: FastAPI
    runtime: Runtime
    http: httpx.AsyncClient

    @property
    def store(self) -> DocumentStore:
        return self.runtime.store

    async def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        return await self.http.post(f"/api/v1/{path}", json=body, headers=_dashed(headers))

    async def put(self, path: str, body: Any, **headers: str) -> httpx.Response:
        return await self.http.put(f"/api/v1/{path}", json=body, headers=_dashed(headers))

    async def get(self, path: str, **query: Any) -> httpx.Response:
        return await self.http.get(f"/api/v1/{path}", params=query)

    async def delete(self, path: str, **headers: str) -> httpx.Response:
        return await self.http.delete(f"/api/v1/{path}", headers=_dashed(headers))

    async def made(self, path: str, body: Any) -> Any:
        """What POST made."""
        answer = await self.post(path, body)
        assert answer.is_success, answer.text
        return answer.json()

    async def with_provider(self) -> "RunningCatalog":
        """The same, knowing the secret ``key`` and the provider ``web-1``."""
        await self.made("secrets", {"name": "key", "value": "opens everything"})
        await self.made("providers", a_provider())
        return self


def _dashed(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def a_provider(name: str = "web-1", **ssh: Any) -> dict[str, Any]:
    """A provider that the secret ``key`` opens."""
    return {
        "name": name,
        "connection": {"ssh": {"host": "10.0.0.1", "user": "deploy", "password": {"secret": "key"}, **ssh}},
    }


def an_action_body(*steps: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """An action ``restart`` as people write it."""
    usual = {"name": "only", "provider": "web-1", "command": "true"}
    return {"name": "restart", "steps": list(steps) or [usual], **fields}


@asynccontextmanager
async def a_catalog(
    directory: Path, console: Console | None = None, /, **environment: str
) -> AsyncIterator[RunningCatalog]:
    """A catalog that keeps its data in the directory, or where the environment says, and shows what pages there are."""
    (directory / "admin-token").write_text(ADMIN_TOKEN)
    settings = load_settings(
        {
            "OPSIMATE_STORE_URL": f"sqlite:{directory}/opsimate.db",
            "OPSIMATE_MASTER_KEY": MASTER_KEY,
            "OPSIMATE_ADMIN_TOKEN_FILE": str(directory / "admin-token"),
            **environment,
        },
        listen="127.0.0.1:0",
    )
    runtime = runtime_of(settings)
    app = application(runtime, [Catalog(runtime, console or installed_console())], title="catalog")
    headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
    async with app.router.lifespan_context(app):
        await _ready(runtime)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://catalog", headers=headers) as http:
            yield RunningCatalog(app, runtime, http)


async def _ready(runtime: Runtime) -> None:
    """The start is over, or says why it is not."""
    over = [asyncio.create_task(event.wait()) for event in (runtime.up, runtime.failed)]
    await asyncio.wait(over, return_when=asyncio.FIRST_COMPLETED)
    for waiting in over:
        waiting.cancel()
    report = await runtime.health.ready()
    assert report.checks["start"] == "ok", report


def an_attempt(run: Run, step_index: int = 0, number: int = 1, **fields: Any) -> Attempt:
    """An attempt of a step that an executor has claimed."""
    step = run.steps[step_index]
    usual: dict[str, Any] = {
        "id": attempt_id(run.id, step_index, 0, number),
        "run_id": run.id,
        "step": step.name,
        "step_index": step_index,
        "number": number,
        "provider": step.provider,
        "pool": "default",
        "action": run.action.name,
        "command": "true",
        "display_command": "true",
        "shell": "sh",
        "parameters": {},
        "secrets": {},
        "timeout": 60.0,
        "on_lost": "hold",
        "state": "running",
        "executor": "e1",
        "created_at": NOON,
        "started_at": NOON,
    }
    return Attempt.model_validate(usual | fields)


def a_chunk(attempt: Attempt, seq: int, data: bytes, stream: OutputStream = "stdout") -> OutputChunk:
    """A piece of what an attempt printed."""
    return OutputChunk(
        id=chunk_id(attempt.id, seq),
        run_id=attempt.run_id,
        attempt_id=attempt.id,
        step=attempt.step,
        attempt=attempt.number,
        provider=attempt.provider,
        seq=seq,
        stream=stream,
        at=NOON,
        first_line=1,
        offset=0,
        data=data,
    )


def an_entry(event: str, **fields: Any) -> TimelineEvent:
    """An entry of a timeline."""
    return TimelineEvent.model_validate({"at": NOON, "event": event, **fields})


def tell(run: Run, *entries: TimelineEvent) -> None:
    """Add entries to a run's timeline, numbered as they follow."""
    for entry in entries:
        run.seq += 1
        run.timeline.append(entry.model_copy(update={"seq": run.seq}))


def queued_and_finished(attempt: Attempt, state: str = "succeeded") -> list[TimelineEvent]:
    """What a timeline says of an attempt from its beginning to its end."""
    about = {"step": attempt.step, "attempt": attempt.number, "attempt_id": attempt.id}
    return [
        an_entry("step.queued", state="queued", **about),
        an_entry("step.finished", state=state, **about),
    ]


async def save_run(store: DocumentStore, run: Run, *attempts: Attempt, chunks: list[OutputChunk] | None = None) -> None:
    """Store a run with its attempts and their output."""
    await store.insert(RUNS, document_of(run))
    for attempt in attempts:
        await store.insert(ATTEMPTS, document_of(attempt))
    await save_chunks(store, *(chunks or []))


async def save_chunks(store: DocumentStore, *chunks: OutputChunk) -> None:
    """Store output."""
    for chunk in chunks:
        await store.insert(OUTPUT, {**chunk.model_dump(mode="json", exclude={"data"}), "data": chunk.data})
