"""A run's events: told live, resumed exactly, the same by every catalog."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from catalog.domain.stream import StreamState
from catalog.domain.stream_cursor import StreamCursor, cursor_of
from catalog.domain.stream_events import EncodedEvent
from catalog.handlers.estimates import Estimates
from catalog.handlers.events import Viewer
from catalog.handlers.subscribers import POLL_EVERY, Subscribers
from shared import admission, remembered
from shared.clock import utc_now
from shared.collections import ALL, ATTEMPTS, SESSIONS, TOKENS
from shared.contracts.attempt import Attempt, OutputChunk
from shared.contracts.run import Run, RunsProgressed
from shared.runs.repository import document_of, replace_run, run_of
from shared.store import DocumentStore, StoreUnavailableError
from shared.store.sqlite import SqliteDocumentStore
from tests.builders import a_run, a_step, an_action, an_outcome
from tests.builders_catalog import (
    ADMIN_TOKEN,
    RunningCatalog,
    a_catalog,
    a_chunk,
    an_attempt,
    an_entry,
    queued_and_finished,
    save_chunks,
    save_run,
    tell,
)


async def always() -> bool:
    return True


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[DocumentStore]:
    opened = SqliteDocumentStore(tmp_path / "opsimate.db")
    await opened.open(ALL)
    yield opened
    await opened.close()


def an_eventful_run() -> tuple[Run, list[Attempt], list[OutputChunk]]:
    """A run with a retry, a cancel, a step passed over, and characters that were cut in all ways."""
    run = a_run(an_action(a_step("first"), a_step("second"), a_step("third")))
    euro = "€".encode()
    first = an_attempt(run, 0, 1, state="failed", outcome=an_outcome(reason="exit_status", output_chunks=40))
    again = an_attempt(run, 0, 2, state="succeeded", outcome=an_outcome(output_chunks=3))
    never = an_attempt(run, 1, 1, state="cancelled", started_at=None, outcome=an_outcome(reason="cancelled"))
    tell(
        run,
        an_entry("run.started", state="running"),
        *queued_and_finished(first, "failed"),
        an_entry("step.retrying", step="first", state="queued"),
        *queued_and_finished(again),
        queued_and_finished(never)[0],
        an_entry("run.cancel_requested"),
        queued_and_finished(never, "cancelled")[1],
        an_entry("step.skipped", step="third", state="skipped"),
        an_entry("run.ended", state="cancelled", reason="cancelled"),
    )
    run.state = "cancelled"
    run.steps[0].state, run.steps[1].state, run.steps[2].state = "succeeded", "cancelled", "skipped"
    chunks = [a_chunk(first, seq, euro[(seq - 1) % 3 :][:1]) for seq in range(1, 41)]
    chunks += [
        a_chunk(again, 1, euro[:1]),
        a_chunk(again, 2, b"oops " + euro[:2], "stderr"),
        a_chunk(again, 3, euro[1:]),
    ]
    return run, [first, again, never], chunks


async def events_of(
    store: DocumentStore, run: Run, subscribers: Subscribers | None = None, cursor: StreamCursor | None = None
) -> AsyncIterator[EncodedEvent]:
    """What a viewer is told, one after the other."""
    state, estimates = StreamState(run, cursor or StreamCursor()), Estimates(store, utc_now)
    viewer = Viewer(store, subscribers or Subscribers(store), state, always, estimates)
    async for several in viewer.events():
        for event in several:
            yield event


async def told(store: DocumentStore, run: Run, cursor: str | None = None) -> list[EncodedEvent]:
    return [event async for event in events_of(store, run, cursor=cursor_of(cursor) if cursor else None)]


async def test_a_run_that_has_ended_is_told_from_start_to_end(store: DocumentStore) -> None:
    run, attempts, chunks = an_eventful_run()
    await save_run(store, run, *attempts, chunks=chunks)
    events = await told(store, run)
    assert (events[0].name, events[-1].name) == ("run", "end")
    assert [event.name for event in events].count("end") == 1
    items = [json.loads(event.data) for event in events if event.name == "output"]
    stdout = "".join(item["text"] for item in items if (item["attempt"], item["stream"]) == (2, "stdout"))
    stderr = "".join(item["text"] for item in items if (item["attempt"], item["stream"]) == (2, "stderr"))
    assert "".join(item["text"] for item in items if item["attempt"] == 1) == "€" * 13 + "\ufffd"
    assert (stdout, stderr) == ("€", "oops \ufffd")


async def test_any_event_is_resumed_exactly_after(store: DocumentStore) -> None:
    run, attempts, chunks = an_eventful_run()
    await save_run(store, run, *attempts, chunks=chunks)
    whole = await told(store, run)
    assert len({event.id for event in whole}) == len(whole)
    for number, event in enumerate(whole):
        assert await told(store, run, event.id) == whole[number + 1 :], event.id


async def test_output_comes_before_the_end_of_its_attempt_even_if_it_is_stored_late(store: DocumentStore) -> None:
    run, attempts, chunks = an_eventful_run()
    late = chunks.pop()
    await save_run(store, run, *attempts, chunks=chunks)
    subscribers = Subscribers(store)
    events = events_of(store, run, subscribers)
    names = []
    async for event in events:
        names.append(event.name)
        if event.name == "output" and json.loads(event.data)["id"] == chunks[-1].id:
            await save_chunks(store, late)
            subscribers.wake([run.id])
            break
    rest = [event async for event in events]
    assert rest[0].name == "output"
    assert json.loads(rest[0].data)["id"] == late.id
    assert [event.name for event in rest].count("end") == 1


async def test_a_viewer_is_told_what_happens_as_it_happens(store: DocumentStore) -> None:
    run = a_run(an_action())
    attempt = an_attempt(run, state="queued", started_at=None)
    await save_run(store, run)
    subscribers = Subscribers(store)
    events = events_of(store, run, subscribers)

    async def following(count: int) -> list[str]:
        subscribers.wake([run.id])
        async with asyncio.timeout(10):
            return [(await anext(events)).name for _ in range(count)]

    assert await following(1) == ["run"]
    run.state = "running"
    run.steps[0].state = "queued"
    tell(run, an_entry("run.started"), queued_and_finished(attempt)[0])
    assert await replace_run(store, run)
    await store.insert(ATTEMPTS, document_of(attempt))
    assert await following(3) == ["run", "step", "run"]
    attempt.started_at, attempt.state = attempt.created_at, "running"
    assert await store.replace(ATTEMPTS, document_of(attempt), version=1)
    await save_chunks(store, a_chunk(attempt, 1, b"one\n"))
    assert await following(2) == ["step", "output"]
    await save_chunks(store, a_chunk(attempt, 2, b"two\n"))
    assert await following(1) == ["output"]
    attempt.outcome, attempt.state = an_outcome(output_chunks=2), "succeeded"
    assert await store.replace(ATTEMPTS, document_of(attempt), version=2)
    run.state = "succeeded"
    run.steps[0].state = "succeeded"
    tell(run, queued_and_finished(attempt)[1], an_entry("run.ended", state="succeeded"))
    assert await replace_run(store, run)
    assert await following(3) == ["step", "run", "end"]
    assert [event async for event in events] == []


async def a_run_whose_attempt_is_late(store: DocumentStore) -> tuple[Run, Attempt]:
    """As the scheduler leaves it for a moment: the run says that an attempt is queued, and the attempt is not there."""
    run = a_run(an_action())
    attempt = an_attempt(run, state="queued", started_at=None)
    run.state = "running"
    tell(run, an_entry("run.started"), queued_and_finished(attempt)[0])
    await save_run(store, run)
    return run, attempt


async def test_an_attempt_that_is_stored_after_its_run_is_told_live_as_it_is_told_later(store: DocumentStore) -> None:
    run, attempt = await a_run_whose_attempt_is_late(store)
    events = events_of(store, run)
    live = [await anext(events), await anext(events)]
    # The viewer has looked for the attempt already: all that goes with these entries is read before they are told.
    await store.insert(ATTEMPTS, document_of(attempt))
    async with asyncio.timeout(10):
        live += [await anext(events), await anext(events)]
    assert [event.name for event in live] == ["run", "run", "step", "run"]
    later = events_of(store, run)
    assert [await anext(later) for _ in live] == live
    assert json.loads(live[2].data)["attempt"]["number"] == 1


async def test_an_attempt_that_never_comes_holds_up_nobody_for_good(
    store: DocumentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.handlers.events.LATE_WITHIN", 0.0)
    run, _ = await a_run_whose_attempt_is_late(store)
    events = events_of(store, run)
    told = [await anext(events) for _ in range(3)]
    assert (told[2].name, json.loads(told[2].data)["attempt"]) == ("step", None)


async def test_a_lost_message_costs_time_only(store: DocumentStore) -> None:
    run = a_run(an_action())
    await save_run(store, run)
    events = events_of(store, run)
    await anext(events)
    run.state = "cancelled"
    tell(run, an_entry("run.ended", state="cancelled"))
    await replace_run(store, run)
    async with asyncio.timeout(20):
        assert (await anext(events)).name == "end"


async def test_viewers_of_one_run_share_what_is_read_of_it(
    store: DocumentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, attempts, chunks = an_eventful_run()
    await save_run(store, run, *attempts, chunks=chunks)
    reads: list[str] = []

    def counted(read: Any) -> Any:
        async def asked(collection: Any, *arguments: Any, **options: Any) -> Any:
            reads.append(collection.name)
            return await read(collection, *arguments, **options)

        return asked

    monkeypatch.setattr(store, "get", counted(store.get))
    monkeypatch.setattr(store, "find", counted(store.find))
    alone = await told(store, run)
    for_one, subscribers = len(reads), Subscribers(store)
    reads.clear()

    async def told_together() -> list[EncodedEvent]:
        return [event async for event in events_of(store, run, subscribers)]

    everybody = await asyncio.gather(*(told_together() for _ in range(20)))
    assert all(seen == alone for seen in everybody)
    assert len(reads) <= for_one + len(everybody)  # each reads the run once, as it is when that viewer comes


@asynccontextmanager
async def served(catalog: RunningCatalog) -> AsyncIterator[httpx.AsyncClient]:
    """The catalog behind a real server, as streams need one."""
    server = uvicorn.Server(uvicorn.Config(catalog.app, port=0, lifespan="off", log_config=None))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0)
    port = server.servers[0].sockets[0].getsockname()[1]
    headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=20) as http:
        yield http
    server.should_exit = True
    await serving


async def lines_of(answer: httpx.Response) -> list[str]:
    return [line async for line in answer.aiter_lines()]


async def test_events_travel_as_server_sent_events(tmp_path: Path) -> None:
    run, attempts, chunks = an_eventful_run()
    async with a_catalog(tmp_path) as catalog, served(catalog) as http:
        await save_run(catalog.store, run, *attempts, chunks=chunks)
        whole = await told(catalog.store, run)
        path = f"/api/v1/runs/{run.id}/events"
        answer = await http.get(path)
        assert answer.headers["content-type"].startswith("text/event-stream")
        blocks = [block.split("\n") for block in answer.text.split("\n\n") if block]
        sent = [dict(line.split(": ", 1) for line in block) for block in blocks]
        assert [(one["event"], one["id"]) for one in sent] == [(event.name, event.id) for event in whole]
        assert [json.loads(one["data"]) for one in sent] == [json.loads(event.data) for event in whole]
        last = whole[-2].id
        for resumed in (
            await http.get(path, headers={"Last-Event-ID": last}),
            await http.get(f"{path}?last_event_id={last}"),
        ):
            assert [line for line in resumed.text.split("\n") if line.startswith("event")] == ["event: end"]
        assert (await http.get(path, headers={"Last-Event-ID": whole[-1].id})).text == ""


@pytest.mark.parametrize("cursor", ["nonsense", "99", "1.2.3"])
async def test_a_cursor_that_the_run_does_not_have_is_refused(tmp_path: Path, cursor: str) -> None:
    run = a_run(an_action())
    async with a_catalog(tmp_path) as catalog:
        await save_run(catalog.store, run)
        answer = await catalog.http.get(f"/api/v1/runs/{run.id}/events", headers={"Last-Event-ID": cursor})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Last-Event-ID")
        assert (await catalog.get("runs/none/events")).status_code == 404


async def a_stream(http: httpx.AsyncClient, run: Run, seen: asyncio.Queue[str]) -> None:
    async with http.stream("GET", f"/api/v1/runs/{run.id}/events") as answer:
        async for line in answer.aiter_lines():
            if line.startswith("event: "):
                seen.put_nowait(line.removeprefix("event: "))


async def test_news_over_the_bus_reach_every_viewer(tmp_path: Path) -> None:
    run = a_run(an_action())
    async with a_catalog(tmp_path) as catalog, served(catalog) as http:
        await save_run(catalog.store, run)
        seen: list[asyncio.Queue[str]] = [asyncio.Queue(), asyncio.Queue()]
        viewers = [asyncio.create_task(a_stream(http, run, queue)) for queue in seen]
        async with asyncio.timeout(20):
            assert [await queue.get() for queue in seen] == ["run", "run"]
            stored: Any = await run_of(catalog.store, run.id)
            stored.state = "cancelled"
            tell(stored, an_entry("run.ended", state="cancelled"))
            assert await replace_run(catalog.store, stored)
            await catalog.runtime.bus.publish(RunsProgressed(run_ids=[run.id]))
            assert [await queue.get() for queue in seen] == ["end", "end"]
            await asyncio.gather(*viewers)


async def test_viewers_are_sent_home_when_the_process_is_about_to_end(tmp_path: Path) -> None:
    run = a_run(an_action())
    async with a_catalog(tmp_path) as catalog, served(catalog) as http:
        await save_run(catalog.store, run)
        seen: asyncio.Queue[str] = asyncio.Queue()
        viewer = asyncio.create_task(a_stream(http, run, seen))
        async with asyncio.timeout(20):
            await seen.get()
            catalog.app.state.stopping.set()
            await viewer


async def test_a_quiet_stream_says_from_time_to_time_that_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.handlers.events.POLL_EVERY", 0.02)
    monkeypatch.setattr("catalog.api.events.PING_EVERY", 0.05)
    run = a_run(an_action())
    async with a_catalog(tmp_path) as catalog, served(catalog) as http:
        await save_run(catalog.store, run)
        async with asyncio.timeout(20), http.stream("GET", f"/api/v1/runs/{run.id}/events") as answer:
            lines = answer.aiter_lines()
            assert [await anext(lines) for _ in range(6)][4:] == [": ping", ""]


@pytest.mark.parametrize("removed_by", ["this catalog", "another one"])
async def test_the_streams_of_a_token_that_is_removed_close(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, removed_by: str
) -> None:
    assert admission.LOOKED_AFTER_SECONDS + POLL_EVERY + remembered.PATIENCE < admission.REMEMBERED_SECONDS == 5
    monkeypatch.setattr(admission, "LOOKED_AFTER_SECONDS", 0.1)
    monkeypatch.setattr("catalog.handlers.events.POLL_EVERY", 0.1)
    run = a_run(an_action())
    async with a_catalog(tmp_path) as catalog, served(catalog) as http:
        await save_run(catalog.store, run)
        token = (await catalog.made("tokens", {"name": "ada", "role": "administrator"}))["token"]
        seen: dict[str, asyncio.Queue[str]] = {"gone": asyncio.Queue(), "stays": asyncio.Queue()}
        stays = asyncio.create_task(a_stream(http, run, seen["stays"]))
        async with asyncio.timeout(20):
            assert await seen["stays"].get() == "run"
            http.headers["Authorization"] = f"Bearer {token}"
            gone = asyncio.create_task(a_stream(http, run, seen["gone"]))
            assert await seen["gone"].get() == "run"
            if removed_by == "this catalog":
                assert (await catalog.delete("tokens/ada")).status_code == 204
            else:
                await catalog.store.delete(TOKENS, {"id": "ada"})
            await gone
        assert seen["gone"].empty()
        assert not stays.done()
        stays.cancel()
        await asyncio.gather(stays, return_exceptions=True)


@pytest.mark.parametrize("ended_by", ["this catalog", "another one", "its token"])
async def test_a_stream_is_opened_by_a_session_and_closes_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ended_by: str
) -> None:
    monkeypatch.setattr("catalog.handlers.sessions.LOOKED_AFTER_SECONDS", 0.1)
    monkeypatch.setattr("catalog.handlers.events.POLL_EVERY", 0.1)
    run = a_run(an_action())
    async with a_catalog(tmp_path) as catalog, served(catalog) as http:
        await save_run(catalog.store, run)
        token = (await catalog.made("tokens", {"name": "ada", "role": "administrator"}))["token"]
        http.headers["Authorization"] = ""
        assert (await http.post("/api/v1/session", json={"token": token})).status_code == 200
        seen: asyncio.Queue[str] = asyncio.Queue()
        viewer = asyncio.create_task(a_stream(http, run, seen))
        async with asyncio.timeout(20):
            assert await seen.get() == "run"
            if ended_by == "this catalog":
                assert (await http.delete("/api/v1/session")).status_code == 204
            elif ended_by == "another one":
                await catalog.store.delete(SESSIONS, {})
            else:
                assert (await catalog.delete("tokens/ada")).status_code == 204
            await viewer
        assert seen.empty()


async def test_a_stream_goes_on_while_the_store_cannot_be_asked_about_its_token(tmp_path: Path) -> None:
    async with a_catalog(tmp_path) as catalog:
        known: admission.Tokens = catalog.app.state.tokens
        shown = admission.Credential("token", ADMIN_TOKEN)
        assert await known.authenticate(shown) is not None
        known._remembered.clear()

        async def away(*_arguments: Any, **_options: Any) -> Any:
            raise StoreUnavailableError("the connection was lost")

        catalog.store.find = catalog.store.get = away  # type: ignore[method-assign]
        assert await known.is_still_known(shown)
