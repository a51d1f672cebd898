"""What a viewer is sent of the output of a step on several providers, as it comes."""

import asyncio
from collections.abc import AsyncIterator, Iterator

from catalog.domain.output import IdRange, OutputText
from catalog.domain.stream import StreamState
from catalog.domain.stream_cursor import OutputPosition
from catalog.domain.stream_events import EncodedEvent
from catalog.handlers.output import CHUNKS_AT_ONCE, chunks_in, item_of
from catalog.handlers.subscribers import FOLLOWED_AT_ONCE, WatchedRun
from shared.contracts.attempt import OutputChunk, chunk_id
from shared.contracts.step import INVOCATION_STATES
from shared.store.port import DocumentStore

PAUSE = 0.5
"""Seconds between two looks: each is a read for every provider on which something may have been printed."""
_LAST = "/"
"""Follows the dot behind which the attempts of an invocation are counted."""


class FollowedOutput:
    """Reads, for one viewer, the output of all invocations that its stream follows."""

    def __init__(self, store: DocumentStore, state: StreamState) -> None:
        self._store, self._state = store, state
        self._text = OutputText()
        self._read_to_its_end: set[str] = set()
        self._next_look = 0.0
        self.is_late = False
        """Whether there may be output that was not looked for, as the last look was a moment ago."""

    async def catch_up(self) -> None:
        """Read again what the viewer saw last: a character may have been cut there."""
        self._text, self._read_to_its_end = OutputText(), set()
        for invocation, sent in self._state.followed.items():
            if not sent.number:
                continue
            attempt = _attempt(invocation, sent)
            first = max(1, sent.seq + 1 - CHUNKS_AT_ONCE)
            for chunk in await chunks_in(
                self._store, IdRange(chunk_id(attempt, first), chunk_id(attempt, sent.seq + 1)), CHUNKS_AT_ONCE
            ):
                await item_of(self._store, self._text, chunk)

    async def news(self, watched: WatchedRun, *, to_the_end: bool) -> AsyncIterator[EncodedEvent]:
        """What was printed since the last look, unless that was a moment ago; of steps that have ended all of it."""
        now = asyncio.get_running_loop().time()
        self.is_late = bool(self._state.followed) and not to_the_end and now < self._next_look
        if self.is_late:
            return
        self._next_look = now + PAUSE
        followed = {one: sent for one, sent in self._state.followed.items() if self._may_have_printed(one)}
        read = await asyncio.gather(*(watched.followed_output(_behind(one, sent)) for one, sent in followed.items()))
        for (invocation, sent), chunks in zip(followed.items(), read, strict=True):
            async for event in self._pieces(watched, invocation, sent, chunks):
                yield event
        for invocation in self._state.followed if to_the_end else ():
            for event in self._rest(invocation):
                yield event

    def _may_have_printed(self, invocation: str) -> bool:
        if self._state.state_of(invocation) == INVOCATION_STATES["pending"]:
            return False
        return invocation not in self._read_to_its_end

    async def _pieces(
        self, watched: WatchedRun, invocation: str, sent: OutputPosition, chunks: list[OutputChunk]
    ) -> AsyncIterator[EncodedEvent]:
        has_ended = self._state.state_of(invocation) != INVOCATION_STATES["queued"]
        while chunks:
            for chunk in chunks:
                if chunk.attempt != sent.number:
                    for event in self._rest(invocation):
                        yield event
                sent = OutputPosition(chunk.attempt, chunk.seq)
                data = watched.encoded(chunk)
                if data is None or not self._text.passes_over(chunk):
                    data = watched.encode(await item_of(self._store, self._text, chunk))
                yield EncodedEvent("output", self._state.pass_followed(invocation, sent), data)
            if len(chunks) < FOLLOWED_AT_ONCE:
                break
            chunks = await watched.followed_output(_behind(invocation, sent))
        if has_ended:
            self._read_to_its_end.add(invocation)

    def _rest(self, invocation: str) -> Iterator[EncodedEvent]:
        """The beginning of a character that the last attempt broke off in."""
        sent = self._state.followed[invocation]
        for item in self._text.rest(_attempt(invocation, sent)) if sent.number else ():
            if item.seq > sent.seq:
                cursor = self._state.pass_followed(invocation, OutputPosition(sent.number, item.seq))
                yield EncodedEvent("output", cursor, item.model_dump_json().encode())


def _attempt(invocation: str, sent: OutputPosition) -> str:
    return f"{invocation}.{sent.number:02d}"


def _behind(invocation: str, sent: OutputPosition) -> IdRange:
    """All output of an invocation behind a position."""
    start = chunk_id(_attempt(invocation, sent), sent.seq) if sent.number else f"{invocation}."
    return IdRange(start, f"{invocation}{_LAST}", after=True)
