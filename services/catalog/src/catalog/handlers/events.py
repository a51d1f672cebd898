"""Streaming a run's events to one viewer, from wherever the viewer left off."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import structlog

from catalog.domain.output import IdRange, OutputText
from catalog.domain.stream import StreamState
from catalog.domain.stream_events import EncodedEvent, StreamEvent, encoded
from catalog.handlers.estimates import Estimates
from catalog.handlers.followed_output import PAUSE, FollowedOutput
from catalog.handlers.output import CHUNKS_AT_ONCE, chunks_in, item_of
from catalog.handlers.subscribers import POLL_EVERY, Subscribers, WatchedRun
from shared.contracts.attempt import Attempt, chunk_id
from shared.contracts.run import ENDED, TimelineEvent
from shared.store.port import DocumentStore, StoreUnavailableError

ENTRIES_AT_ONCE = 100
MOST_AT_ONCE = 256 * 1024
"""Bytes of events that are sent together."""
LATE_WITHIN = 10.0
"""Seconds that something is waited for which the store has not yet and what it has speaks of: output that an attempt's
outcome counts, and an attempt that a run's timeline queues. The attempt is stored a moment after the run, or by the
scheduler's next sweep if the one who was about to is gone.
"""
ATTEMPT_PAUSE = 0.05
"""Seconds between two reads of a late attempt; it comes in milliseconds, and nothing need announce it."""

log = structlog.get_logger()


class Viewer:
    """One viewer of one run. What is read for one is read for all (``WatchedRun``); only the cursor is its own."""

    def __init__(
        self,
        store: DocumentStore,
        subscribers: Subscribers,
        state: StreamState,
        is_allowed: Callable[[], Awaitable[bool]],
        estimates: Estimates,
    ) -> None:
        """``is_allowed`` says whether the viewer may still watch; it is asked again and again."""
        self._store = store
        self._estimates = estimates
        self._subscribers = subscribers
        self._state = state
        self._is_allowed = is_allowed
        self._text = OutputText()
        self._followed = FollowedOutput(store, state)
        self._is_caught_up = False
        self._waiting_since: float | None = None
        self._misses_attempt = False

    async def events(self) -> AsyncIterator[list[EncodedEvent]]:
        """Everything that the viewer was not sent yet, and what happens from now on, until the run's end is sent, the
        process is about to end or the viewer is not allowed any more; several at once where there are, none from time
        to time where nothing happens.
        """
        with self._subscribers.of(self._state.run.id) as subscriber:
            while not self._subscribers.is_closed:
                subscriber.clear()
                batch = _Batch()
                try:
                    async for event in self._news(subscriber.watched):
                        if batch.add(event):
                            yield batch.taken()
                            if not await self._is_allowed():
                                return
                except StoreUnavailableError as error:
                    log.warning("stream.store_unavailable", run_id=self._state.run.id, error=str(error))
                yield batch.taken()
                if self._is_over or not await self._is_allowed():
                    return
                await subscriber.wait(self._pause)

    @property
    def _is_over(self) -> bool:
        return self._state.run.state in ENDED and not self._state.next_entries(1)

    @property
    def _pause(self) -> float:
        """Seconds after which it looks again by itself."""
        if self._misses_attempt:
            return ATTEMPT_PAUSE
        return PAUSE if self._followed.is_late else POLL_EVERY

    async def _news(self, watched: WatchedRun) -> AsyncIterator[EncodedEvent]:
        self._misses_attempt = False
        if not self._is_caught_up:
            await self._catch_up()
        run = await watched.run()
        if run is not None:
            self._state.run = run
            await self._estimates.tell(self._state)
        more = True
        while more:
            entries = self._state.next_entries(ENTRIES_AT_ONCE)
            more = len(entries) == ENTRIES_AT_ONCE
            named = {entry.attempt_id for entry in entries if entry.attempt_id is not None}
            attempts = await watched.attempts(named | set(self._state.open_attempts))
            for entry in entries:
                async for event in self._printed(watched, attempts, to_the_end=_ends_a_wide_step(entry)):
                    yield event
                if not self._is_complete(entry, attempts.get(entry.attempt_id or "")):
                    return
                for emitted in [*self._rest_before(entry), *self._state.emit_entry(attempts)]:
                    yield encoded(emitted)
        async for event in self._printed(watched, attempts):
            yield event
        for counts in self._state.emit_counts(await watched.running_by_step(self._state.run)):
            yield encoded(counts)

    async def _catch_up(self) -> None:
        """Read again what the viewer saw last: a character may have been cut there."""
        self._text = OutputText()
        for attempt_id in self._state.open_attempts:
            sent = self._state.chunks_sent(attempt_id)
            first = max(1, sent + 1 - CHUNKS_AT_ONCE)
            seen = IdRange(chunk_id(attempt_id, first), chunk_id(attempt_id, sent + 1))
            for chunk in await chunks_in(self._store, seen, CHUNKS_AT_ONCE) if sent else ():
                await item_of(self._store, self._text, chunk)
        await self._followed.catch_up()
        self._is_caught_up = True

    def _is_complete(self, entry: TimelineEvent, attempt: Attempt | None) -> bool:
        """Whether all that goes with the entry is there, as it will be for everyone who comes later, or was waited for
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
        """Whether the entry is the end of an attempt that printed more than was sent."""
        if entry.event != "step.finished" or attempt is None or attempt.outcome is None:
            return False
        return self._state.chunks_sent(attempt.id) < attempt.outcome.output_chunks

    def _rest_before(self, entry: TimelineEvent) -> list[StreamEvent]:
        """The beginning of a character that the attempt broke off in, if the entry is its end."""
        if entry.event != "step.finished" or entry.attempt_id is None:
            return []
        sent = self._state.chunks_sent(entry.attempt_id)
        rest = [item for item in self._text.rest(entry.attempt_id) if item.seq > sent]
        return [self._state.emit_output(entry.attempt_id, item) for item in rest]

    async def _printed(
        self, watched: WatchedRun, attempts: dict[str, Attempt], *, to_the_end: bool = False
    ) -> AsyncIterator[EncodedEvent]:
        """What open attempts printed, and those of wide steps; these ``to_the_end`` where one of them has ended."""
        async for event in self._from_open_attempts(watched, attempts):
            yield event
        async for event in self._followed.news(watched, to_the_end=to_the_end):
            yield event

    async def _from_open_attempts(
        self, watched: WatchedRun, attempts: dict[str, Attempt]
    ) -> AsyncIterator[EncodedEvent]:
        for attempt_id in self._state.open_attempts:
            attempt = attempts.get(attempt_id)
            if attempt is None or attempt.started_at is None:
                continue
            for event in self._state.emit_running(attempt):
                yield encoded(event)
            async for piece in self._output(watched, attempt_id):
                yield piece

    async def _output(self, watched: WatchedRun, attempt_id: str) -> AsyncIterator[EncodedEvent]:
        while True:
            chunks = await watched.output_after(attempt_id, self._state.chunks_sent(attempt_id))
            for chunk in chunks:
                data = watched.encoded(chunk)
                if data is None or not self._text.passes_over(chunk):
                    data = watched.encode(await item_of(self._store, self._text, chunk))
                yield EncodedEvent("output", self._state.pass_output(attempt_id, chunk.seq), data)
            if len(chunks) < CHUNKS_AT_ONCE:
                return


def _ends_a_wide_step(entry: TimelineEvent) -> bool:
    return entry.attempt_id is None and entry.event in {"step.finished", "step.skipped"}


class _Batch:
    """Events on their way to one viewer."""

    def __init__(self) -> None:
        self._events: list[EncodedEvent] = []
        self._size = 0

    def add(self, event: EncodedEvent) -> bool:
        """Add one; whether it is time to send them."""
        self._events.append(event)
        self._size += len(event.data)
        return self._size >= MOST_AT_ONCE

    def taken(self) -> list[EncodedEvent]:
        """All of them, which are no longer here."""
        events, self._events, self._size = self._events, [], 0
        return events
