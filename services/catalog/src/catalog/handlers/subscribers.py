"""Who watches runs: subscribers are woken when something about their run changed, and share what they read of it."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from catalog.domain.output import IdRange, OutputItem
from catalog.handlers.output import CHUNKS_AT_ONCE, chunks_in
from shared.collections import ATTEMPTS
from shared.contracts.attempt import Attempt, OutputChunk, chunk_id
from shared.contracts.run import Run
from shared.contracts.step import MOST_FOLLOWED
from shared.runs.repository import run_of, running_by_step
from shared.store.port import DocumentStore, OneOf

POLL_EVERY = 2.0
"""Seconds after which a subscriber reads by itself, in case a message was lost."""
MOST_READS = 8
"""Remembered of each run: the run, its attempts, and the latest pages of output, of two megabytes at most."""
FOLLOWED_AT_ONCE = 4
"""Chunks of an invocation of a step on several providers that are read at a time: 256 KiB at most."""
MOST_ENCODED = 4 * 1024 * 1024
"""Bytes of encoded output remembered of each run."""
_LAST_CHUNK = 99_999_999

_Read = TypeVar("_Read")


@dataclass(frozen=True)
class _SharedRead:
    """One read for all who ask for the same."""

    news: int
    """How many changes had been told when it began: it shows these, and may show later ones."""
    task: asyncio.Task[Any]

    def serves(self, news: int) -> bool:
        """Whether it shows these changes, as far as is known now."""
        has_failed = self.task.done() and (self.task.cancelled() or self.task.exception() is not None)
        return self.news >= news and not has_failed


class WatchedRun:
    """A run that is watched: every change is read once, and every piece of output encoded once, for all subscribers."""

    def __init__(self, store: DocumentStore, run_id: str) -> None:
        self._store = store
        self._run_id = run_id
        self._news = 0
        self._news_at = asyncio.get_running_loop().time()
        self._reads: OrderedDict[object, _SharedRead] = OrderedDict()
        self._followed: OrderedDict[object, _SharedRead] = OrderedDict()
        self._encoded: OrderedDict[str, bytes] = OrderedDict()
        self._encoded_size = 0

    def changed(self) -> None:
        """What was read until now may not be so any more."""
        self._news += 1
        self._news_at = asyncio.get_running_loop().time()

    def may_have_changed(self, within: float) -> None:
        """The same, unless it was said within so many seconds."""
        if asyncio.get_running_loop().time() - self._news_at >= within:
            self.changed()

    async def run(self) -> Run | None:
        """The run as it is now."""
        return await self._once("run", lambda: run_of(self._store, self._run_id))

    async def attempts(self, ids: set[str]) -> dict[str, Attempt]:
        """Those of these attempts that are stored."""
        wanted = tuple(sorted(ids))
        return await self._once(wanted, lambda: self._read_attempts(wanted)) if wanted else {}

    async def running_by_step(self, run: Run) -> dict[str, int]:
        """On how many providers the command of each wide step of the run has begun."""
        if all(step.invocations is None for step in run.steps):
            return {}
        return await self._once("running", lambda: running_by_step(self._store, run))

    async def output_after(self, attempt_id: str, sent: int) -> list[OutputChunk]:
        """The chunks of an attempt that follow the first so many: at most ``CHUNKS_AT_ONCE``, fewer only at the end."""
        wanted = IdRange(chunk_id(attempt_id, sent), chunk_id(attempt_id, _LAST_CHUNK), after=True)
        key = attempt_id, sent
        reading = self._reads.get(key)
        if reading and reading.task.done() and reading.serves(0) and len(reading.task.result()) == CHUNKS_AT_ONCE:
            return cast(list[OutputChunk], reading.task.result())  # a whole page stays as it is
        return await self._once(key, lambda: chunks_in(self._store, wanted, CHUNKS_AT_ONCE))

    async def followed_output(self, wanted: IdRange) -> list[OutputChunk]:
        """The first chunks of a range: at most ``FOLLOWED_AT_ONCE``, fewer only at the end."""
        return await self._once(
            wanted, lambda: chunks_in(self._store, wanted, FOLLOWED_AT_ONCE), (self._followed, MOST_FOLLOWED)
        )

    def encoded(self, chunk: OutputChunk) -> bytes | None:
        """A chunk's item as JSON, if it was made for anybody: it is the same for all, wherever they began."""
        return self._encoded.get(chunk.id)

    def encode(self, item: OutputItem) -> bytes:
        """The same, made of the item now."""
        data = item.model_dump_json().encode()
        if item.id not in self._encoded:
            self._encoded[item.id] = data
            self._encoded_size += len(data)
        while self._encoded_size > MOST_ENCODED:
            self._encoded_size -= len(self._encoded.popitem(last=False)[1])
        return data

    async def _read_attempts(self, ids: tuple[str, ...]) -> dict[str, Attempt]:
        found = await self._store.find(ATTEMPTS, {"id": OneOf(ids)}, limit=len(ids))
        return {document["id"]: Attempt.model_validate(document) for document in found}

    async def _once(
        self,
        key: object,
        read: Callable[[], Coroutine[Any, Any, _Read]],
        among: tuple[OrderedDict[object, _SharedRead], int] | None = None,
    ) -> _Read:
        """What a read finds that began after the latest change was told; where one has, it is not begun again. It is
        remembered ``among`` others, of which there are so many at most.
        """
        reads, most = among or (self._reads, MOST_READS)
        reading = reads.get(key)
        if reading is None or not reading.serves(self._news):
            reading = reads[key] = _SharedRead(self._news, asyncio.create_task(read(), name="watched run"))
            reads.move_to_end(key)
            while len(reads) > most:
                reads.popitem(last=False)
        # Who leaves must not end the read for the others.
        return cast(_Read, await asyncio.shield(reading.task))


class Subscriber:
    """One viewer's wait for news."""

    def __init__(self, watched: WatchedRun) -> None:
        self.watched = watched
        self._news = asyncio.Event()

    def wake(self) -> None:
        """There is news."""
        self._news.set()

    def clear(self) -> None:
        """What came until now is about to be read."""
        self._news.clear()

    async def wait(self, seconds: float = POLL_EVERY) -> None:
        """Return when there is news since it was cleared, or after a while without."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            self.watched.may_have_changed(within=seconds / 2)


class Subscribers:
    """All viewers of this process, by the run they watch."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store
        self._subscribers: dict[str, set[Subscriber]] = {}
        self._watched: dict[str, WatchedRun] = {}
        self.is_closed = False

    @contextmanager
    def of(self, run_id: str) -> Iterator[Subscriber]:
        """A subscriber of one run, for as long as the block lasts."""
        watched = self._watched.setdefault(run_id, WatchedRun(self._store, run_id))
        watched.changed()  # who comes now has seen the run as it is now, and is to see nothing older
        subscriber = Subscriber(watched)
        self._subscribers.setdefault(run_id, set()).add(subscriber)
        try:
            yield subscriber
        finally:
            self._subscribers[run_id].discard(subscriber)
            if not self._subscribers[run_id]:
                del self._subscribers[run_id], self._watched[run_id]

    def wake(self, run_ids: Iterable[str]) -> None:
        """Something about these runs changed."""
        for run_id in run_ids:
            if run_id in self._watched:
                self._watched[run_id].changed()
                for subscriber in self._subscribers[run_id]:
                    subscriber.wake()

    def close(self) -> None:
        """The process is about to end: whoever watches goes home."""
        self.is_closed = True
        self.wake(list(self._watched))
