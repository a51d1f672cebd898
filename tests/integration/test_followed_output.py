"""What events tell of the output of steps on several providers: all of it, once, and of very wide ones nothing."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from catalog.domain.stream import StreamState
from catalog.domain.stream_cursor import cursor_of
from catalog.domain.stream_events import EncodedEvent
from catalog.handlers.subscribers import Subscribers
from shared.contracts.attempt import Attempt, OutputChunk, attempt_id
from shared.contracts.run import Run
from shared.contracts.step import MOST_FOLLOWED
from shared.runs.planning import plan_step
from shared.runs.repository import replace_run
from shared.store import DocumentStore
from tests.builders import a_run, a_step, an_action, an_outcome
from tests.builders_catalog import a_chunk, an_attempt, an_entry, save_chunks, save_run, tell
from tests.integration.test_catalog_events import events_of, store, told

__all__ = ["store"]
EURO = "€".encode()


def invocation(run: Run, index: int, number: int = 1, **fields: Any) -> Attempt:
    provider = f"host-{index}"
    return an_attempt(
        run, 0, number, id=attempt_id(run.id, 0, index, number), invocation=index, provider=provider, **fields
    )


def a_wide_run(width: int = 3, states: str = "") -> Run:
    """A run whose first step runs on several providers, and has begun."""
    run = a_run(an_action(a_step("wide"), a_step("after")))
    run.steps[0], _ = plan_step(run.id, 0, "wide", [(f"host-{index}", "default") for index in range(width)])
    wide = run.steps[0].invocations
    assert wide is not None
    run.state, run.steps[0].state = "running", "running"
    wide.states, wide.counts = states, {"queued": width}
    tell(run, an_entry("run.started", state="running"), an_entry("step.queued", step="wide", state="queued"))
    return run


def ended(run: Run) -> Run:
    wide = run.steps[0].invocations
    assert wide is not None
    wide.states, wide.counts = "", {"succeeded": wide.width}
    run.state, run.steps[0].state, run.steps[1].state = "succeeded", "succeeded", "skipped"
    tell(
        run,
        an_entry("step.finished", step="wide", state="succeeded"),
        an_entry("step.skipped", step="after", state="skipped"),
        an_entry("run.ended", state="succeeded"),
    )
    return run


def an_eventful_run() -> tuple[Run, list[Attempt], list[OutputChunk]]:
    """Three providers: one printed nothing, one much, one was tried twice; characters are cut in all ways."""
    run = ended(a_wide_run())
    much = invocation(run, 1)
    first, again = invocation(run, 2, 1, outcome=an_outcome(reason="exit_status")), invocation(run, 2, 2)
    chunks = [a_chunk(much, seq, EURO[(seq - 1) % 3 :][:1]) for seq in range(1, 12)]
    chunks += [a_chunk(first, 1, b"a" + EURO[:1]), a_chunk(first, 2, b"oops\n", "stderr")]
    chunks += [a_chunk(again, 1, b"b\n"), a_chunk(again, 2, EURO[:2])]
    return run, [invocation(run, 0), much, first, again], chunks


def texts(events: list[EncodedEvent]) -> dict[tuple[str, int, str], str]:
    """What was printed, by provider, attempt and stream."""
    found: dict[tuple[str, int, str], str] = {}
    for item in (json.loads(event.data) for event in events if event.name == "output"):
        key = item["provider"], item["attempt"], item["stream"]
        found[key] = found.get(key, "") + item["text"]
    return found


async def test_the_output_of_all_providers_is_told_before_the_end_of_their_step(store: DocumentStore) -> None:
    run, attempts, chunks = an_eventful_run()
    await save_run(store, run, *attempts, chunks=chunks)
    events = await told(store, run)
    assert texts(events) == {
        ("host-1", 1, "stdout"): "€€€\ufffd",
        ("host-2", 1, "stdout"): "a\ufffd",
        ("host-2", 1, "stderr"): "oops\n",
        ("host-2", 2, "stdout"): "b\n\ufffd",
    }
    steps = [json.loads(event.data) for event in events if event.name == "step"]
    assert [one["invocations"] for one in steps] == [{"pending": 3}, {"succeeded": 3}, None]
    names = [event.name for event in events]
    assert names.index("output") > names.index("step")
    assert "output" not in names[len(names) - names[::-1].index("output") :]


async def test_any_event_is_resumed_exactly_after(store: DocumentStore) -> None:
    run, attempts, chunks = an_eventful_run()
    await save_run(store, run, *attempts, chunks=chunks)
    whole = await told(store, run)
    assert len({event.id for event in whole}) == len(whole)
    for number, event in enumerate(whole):
        assert await told(store, run, event.id) == whole[number + 1 :], event.id


async def test_of_more_providers_than_anybody_follows_no_output_is_told(store: DocumentStore) -> None:
    for width, expected in ((MOST_FOLLOWED, 1), (MOST_FOLLOWED + 1, 0)):
        run = ended(a_wide_run(width))
        attempt = invocation(run, width - 1)
        await save_run(store, run, attempt, chunks=[a_chunk(attempt, 1, b"here\n")])
        assert len(texts(await told(store, run))) == expected


async def outputs(events: AsyncIterator[EncodedEvent], most: int) -> list[tuple[str, str]]:
    found = []
    async with asyncio.timeout(20):
        async for event in events:
            if event.name == "output":
                item = json.loads(event.data)
                found.append((item["provider"], item["text"]))
            if len(found) == most:
                break
    return found


async def test_output_is_told_while_the_step_runs_and_goes_on_for_who_comes_back(store: DocumentStore) -> None:
    run = a_wide_run(states="qqp")
    first, second = invocation(run, 0), invocation(run, 1)
    await save_run(store, run, first, second)
    events = events_of(store, run)
    await save_chunks(store, a_chunk(first, 1, b"one\n"))
    assert await outputs(events, 1) == [("host-0", "one\n")]
    await save_chunks(store, a_chunk(second, 1, b"two\n"), a_chunk(first, 2, b"three\n"))
    assert sorted(await outputs(events, 2)) == [("host-0", "three\n"), ("host-1", "two\n")]
    wide = run.steps[0].invocations
    assert wide is not None
    wide.states = "sqq"
    assert await replace_run(store, run)
    third = invocation(run, 2)
    await save_chunks(store, a_chunk(third, 1, b"four\n"))
    assert await outputs(events, 1) == [("host-2", "four\n")]
    later = events_of(store, run, cursor=cursor_of("3.201.101"))
    assert await outputs(later, 1) == [("host-2", "four\n")]


async def test_viewers_share_what_is_read_of_all_providers(store: DocumentStore, monkeypatch: Any) -> None:
    run, attempts, chunks = an_eventful_run()
    await save_run(store, run, *attempts, chunks=chunks)
    read = store.find
    reads: list[str] = []

    async def counted(collection: Any, *arguments: Any, **options: Any) -> Any:
        reads.append(collection.name)
        return await read(collection, *arguments, **options)

    monkeypatch.setattr(store, "find", counted)
    alone = await told(store, run)
    for_one, subscribers = len(reads), Subscribers(store)
    reads.clear()

    async def seen() -> list[EncodedEvent]:
        return [event async for event in events_of(store, run, subscribers)]

    assert all(one == alone for one in await asyncio.gather(*(seen() for _ in range(10))))
    assert len(reads) <= for_one + 10


@pytest.mark.parametrize("cursor", ["3.1.1.1.1", "2.1"])
async def test_a_cursor_that_the_step_does_not_have_is_refused(cursor: str) -> None:
    with pytest.raises(ValueError, match="is not the id of an event"):
        StreamState(a_wide_run(), cursor_of(cursor))
