"""What only this process knows, and how it gets into the store: soon, not too often, and however long that is away."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, TypeVar

import structlog

from executor.domain.kept_output import KeptOutput
from executor.domain.masking import Masker
from executor.domain.output import OutputAssembler
from shared.clock import Clock
from shared.collections import OUTPUT
from shared.contracts.attempt import LARGEST_CHUNK, OutputChunk
from shared.runs.repository import ProgressPublisher
from shared.store.port import DocumentStore, DuplicateKeyError, StoreUnavailableError

PAUSE = 0.5
LONGEST_PAUSE = 5.0
"""Seconds, twice as many each time, before the store is tried again."""
COALESCE = 0.05
"""Seconds between two writes while output keeps coming; the first after a silence is written at once."""
MOST_UNWRITTEN = 1024 * 1024
"""Bytes; beyond that the command waits for the store."""

T = TypeVar("T")
log = structlog.get_logger()


async def retry_until_available(operation: Callable[[], Awaitable[T]], what: str) -> T:
    """Do an operation that is safe to repeat, again and again while the store is away.

    What a command printed and how it ended is known here and nowhere else, so giving up would lose it.
    """
    pause = PAUSE
    while True:
        try:
            return await operation()
        except StoreUnavailableError as error:
            log.warning("store.waiting", what=what, error=str(error))
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)


class OutputWriter:
    """An ``OutputSink`` that masks secrets and stores what is left."""

    def __init__(
        self,
        store: DocumentStore,
        progress_publisher: ProgressPublisher,
        clock: Clock,
        assembler: OutputAssembler,
        masker: Masker,
        *,
        kept: KeptOutput | None = None,
    ) -> None:
        """``kept`` gets the same, once more."""
        self._store = store
        self._progress_publisher = progress_publisher
        self._clock = clock
        self._assembler = assembler
        self._masker, self._kept = masker, kept
        if kept is not None:
            kept.mask = masker.mask
        self._waiting = asyncio.Event()
        self._much = asyncio.Event()
        self._room = asyncio.Event()
        self._finishing = False
        self._writing: asyncio.Task[None] | None = None

    async def write(self, stream: Literal["stdout", "stderr"], data: bytes) -> None:
        """Take a piece of output; waits while too much is unwritten."""
        self._add(stream, self._masker.feed(stream, data))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_on(), name="output")
        self._waiting.set()
        if self._assembler.pending >= LARGEST_CHUNK:
            self._much.set()
        while self._assembler.pending > MOST_UNWRITTEN and not self._writing.done():
            self._room.clear()
            await self._room.wait()

    async def finish(self) -> None:
        """Store all that is left, with what says how much was left out."""
        self._finishing = True
        if self._writing is not None:
            self._waiting.set()
            self._much.set()
            await self._writing
            for stream, data in self._masker.flush():
                self._add(stream, data)
        await self._store_chunks(self._assembler.finish(self._clock()))

    def _add(self, stream: Literal["stdout", "stderr"], masked: bytes) -> None:
        self._assembler.add(stream, masked, self._clock())
        if self._kept is not None:
            self._kept.add(stream, masked)

    async def _write_on(self) -> None:
        try:
            while not self._finishing:
                await self._waiting.wait()
                self._waiting.clear()
                self._much.clear()
                await self._store_chunks(self._assembler.take(self._clock()))
                self._room.set()
                await self._gather_more()
        finally:
            self._room.set()

    async def _gather_more(self) -> None:
        try:
            async with asyncio.timeout(COALESCE):
                await self._much.wait()
        except TimeoutError:
            return

    async def _store_chunks(self, chunks: Sequence[OutputChunk]) -> None:
        for chunk in chunks:
            await retry_until_available(lambda chunk=chunk: self._store_once(chunk), "output")  # type: ignore[misc]
        if chunks:
            self._progress_publisher.note(chunks[0].run_id)

    async def _store_once(self, chunk: OutputChunk) -> None:
        try:
            await self._store.insert(OUTPUT, {**chunk.model_dump(mode="json", exclude={"data"}), "data": chunk.data})
        except DuplicateKeyError:
            # Stored by the try before this one, whose answer was lost.
            return
