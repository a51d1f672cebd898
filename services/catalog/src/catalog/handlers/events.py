"""Streaming a run's events to one viewer, from wherever the viewer left off."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import structlog

from catalog.domain.output_ranges import IdRange
from catalog.domain.output_text import OutputText
from catalog.domain.stream import StreamEvent, Telling
from catalog.handlers.output import CHUNKS_AT_ONCE, chunks_in, item_of
from catalog.handlers.watching import LOOK_EVERY, Watches
from shared.collections import ATTEMPTS
from shared.contracts.attempt import Attempt
from shared.contracts.output import chunk_id
from shared.contracts.run import ENDED, TimelineEvent
from shared.runs.repository import run_of
from shared.store.port import DocumentStore, OneOf, StoreUnavailableError

ENTRIES_AT_ONCE = 100
LATE_WITHIN = 10.0
"""Seconds that something is waited for which the store has not yet and what it has speaks of: output that an attempt's
outcome counts, and an attempt that a run's timeline queues. The attempt is stored a moment after the run, or by the
scheduler's next sweep if the one who was about to is gone.
"""
ATTEMPT_PAUSE = 0.05
"""Seconds between two looks for a late attempt; it comes in milliseconds, and nothing need announce it."""

log = structlog.get_logger()


class Viewer:
    """One viewer of one run."""

    def __init__(
        self, store: DocumentStore, watches: Watches, telling: Telling, is_welcome: Callable[[], Awaitable[bool]]
    ) -> None:
        """``is_welcome`` says whether the viewer may still look; it is asked again and again."""
        self._store = store
        self._watches = watches
        self._telling = telling
        self._is_welcome = is_welcome
        self._text = OutputText()
        self._is_caught_up = False
        self._waiting_since: float | None = None
        self._misses_attempt = False

    async def events(self) -> AsyncIterator[StreamEvent]:
        """Everything that the viewer was not told yet, and what happens from now on, until the run's end is told,
        the process is about to end or the viewer is not welcome any more.
        """
        with self._watches.of(self._telling.run.id) as watch:
            while not self._watches.is_closed:
                watch.look()
                try:
                    async for event in self._news():
                        yield event
                        if not await self._is_welcome():
                            return
                    if not await self._is_welcome():
                        return
                except StoreUnavailableError as error:
                    log.warning("stream.store_unavailable", run_id=self._telling.run.id, error=str(error))
                if self._is_over:
                    return
                await watch.wait(ATTEMPT_PAUSE if self._misses_attempt else LOOK_EVERY)

    @property
    def _is_over(self) -> bool:
        return self._telling.run.state in ENDED and not self._telling.next_entries(1)

    async def _news(self) -> AsyncIterator[StreamEvent]:
        self._misses_attempt = False
        if not self._is_caught_up:
            await self._catch_up()
        run = await run_of(self._store, self._telling.run.id)
        if run is not None:
            self._telling.run = run
        more = True
        while more:
            entries = self._telling.next_entries(ENTRIES_AT_ONCE)
            more = len(entries) == ENTRIES_AT_ONCE
            named = {entry.attempt_id for entry in entries if entry.attempt_id is not None}
            attempts = await self._attempts(named | set(self._telling.open_attempts))
            for entry in entries:
                async for event in self._from_open_attempts(attempts):
                    yield event
                if not self._may_be_told(entry, attempts.get(entry.attempt_id or "")):
                    return
                for event in [*self._rest_before(entry), *self._telling.tell_entry(attempts)]:
                    yield event
        async for event in self._from_open_attempts(attempts):
            yield event
        for event in self._telling.tell_counts():
            yield event

    async def _catch_up(self) -> None:
        """Read again what the viewer saw last: a character may have been cut there."""
        self._text = OutputText()
        for attempt_id in self._telling.open_attempts:
            told = self._telling.chunks_told(attempt_id)
            first = max(1, told + 1 - CHUNKS_AT_ONCE)
            seen = IdRange(chunk_id(attempt_id, first), chunk_id(attempt_id, told + 1))
            for chunk in await chunks_in(self._store, seen, CHUNKS_AT_ONCE) if told else ():
                await item_of(self._store, self._text, chunk)
        self._is_caught_up = True

    def _may_be_told(self, entry: TimelineEvent, attempt: Attempt | None) -> bool:
        """Whether all that goes with the entry is there, as it will be for everyone who looks later, or was waited for
        long enough.
        """
        self._misses_attempt = entry.event == "step.queued" and entry.attempt_id is not None and attempt is None
        if self._misses_attempt or self._misses_output(entry, attempt):
            now = asyncio.get_running_loop().time()
            self._waiting_since = now if self._waiting_since is None else self._waiting_since
            if now - self._waiting_since < LATE_WITHIN:
                return False
            log.warning("stream.incomplete", about=entry.event, attempt_id=entry.attempt_id)
            self._misses_attempt = False
        self._waiting_since = None
        return True

    def _misses_output(self, entry: TimelineEvent, attempt: Attempt | None) -> bool:
        """Whether the entry is the end of an attempt that printed more than was told."""
        if entry.event != "step.finished" or attempt is None or attempt.outcome is None:
            return False
        return self._telling.chunks_told(attempt.id) < attempt.outcome.output_chunks

    def _rest_before(self, entry: TimelineEvent) -> list[StreamEvent]:
        """The beginning of a character that the attempt broke off in, if the entry is its end."""
        if entry.event != "step.finished" or entry.attempt_id is None:
            return []
        told = self._telling.chunks_told(entry.attempt_id)
        rest = [item for item in self._text.rest(entry.attempt_id) if item.seq > told]
        return [self._telling.tell_output(entry.attempt_id, item) for item in rest]

    async def _attempts(self, ids: set[str]) -> dict[str, Attempt]:
        if not ids:
            return {}
        found = await self._store.find(ATTEMPTS, {"id": OneOf(tuple(sorted(ids)))}, limit=len(ids))
        return {document["id"]: Attempt.model_validate(document) for document in found}

    async def _from_open_attempts(self, attempts: dict[str, Attempt]) -> AsyncIterator[StreamEvent]:
        for attempt_id in self._telling.open_attempts:
            attempt = attempts.get(attempt_id)
            if attempt is None or attempt.started_at is None:
                continue
            for event in self._telling.tell_running(attempt):
                yield event
            async for event in self._output(attempt_id):
                yield event

    async def _output(self, attempt_id: str) -> AsyncIterator[StreamEvent]:
        end = chunk_id(attempt_id, 99_999_999)
        while True:
            told = chunk_id(attempt_id, self._telling.chunks_told(attempt_id))
            chunks = await chunks_in(self._store, IdRange(told, end, after=True), CHUNKS_AT_ONCE)
            for chunk in chunks:
                item = await item_of(self._store, self._text, chunk)
                yield self._telling.tell_output(attempt_id, item)
            if len(chunks) < CHUNKS_AT_ONCE:
                return
