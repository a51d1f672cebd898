"""The outbox: that a run changed is said to whoever asked for it, at least once, also after a crash.

A run's timeline is what is to be said, and two fields of the run say how far that is done: ``announced``, the number of
the last entry that was, and ``unannounced``, the instant by which the rest is to be. They are written together with the
run's state, so nothing can come between a change and the intention to tell of it.

A change is told within a second after it was stored. The mark of a run under way then travels with the next write of
the run, which comes anyway; that of an ended run is set by whoever counts it. What a crash leaves untold is due later,
and told again by the loop of what is due: consumers know what they have heard by run and number.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import structlog

from shared.bus.port import Bus, BusUnavailableError
from shared.contracts.run import ENDED, TELL_WITHIN, Run, RunChanged
from shared.lru_cache import LruCache

PAUSE = 0.1
"""Seconds between two rounds, each of which tells of the runs that have ended."""
ROUNDS = 10
"""Every so many rounds those under way are told of, too, so that a short run is told of once, as one that has ended."""
MOST_REMEMBERED = 100_000

log = structlog.get_logger()


class Outbox:
    """Tells of changed runs, and remembers how far it told of those that are under way."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._under_way: dict[str, RunChanged] = {}
        self._ended: dict[str, RunChanged] = {}
        self._told: LruCache[int] = LruCache(most=MOST_REMEMBERED)
        self._telling: asyncio.Task[None] | None = None
        self._is_closing = False

    def mark(self, run: Run, now: datetime) -> None:
        """Before a run is stored: how far it was told of, and until when the rest is to be."""
        run.announced = max(run.announced, self._told.get(run.id) or 0)
        run.unannounced = now + TELL_WITHIN if run.announced < run.seq else None

    def note(self, run: Run) -> None:
        """After a run was stored: have it told what is new about it, at once if it has ended, else within a second."""
        self._under_way.pop(run.id, None)
        if run.announced >= run.seq or run.state in ENDED:
            self._told.forget(run.id)
        if run.announced >= run.seq:
            return
        (self._ended if run.state in ENDED else self._under_way)[run.id] = change_of(run)
        if self._telling is None:
            self._telling = asyncio.create_task(self._tell(), name="outbox")

    async def close(self) -> None:
        """Tell what is still untold."""
        self._is_closing = True
        if self._telling is not None:
            await self._telling

    async def publish(self, changes: Sequence[RunChanged]) -> Sequence[RunChanged]:
        """Tell of these changes; those that the broker has taken. The others stay due."""
        results = await asyncio.gather(*(self._bus.publish(change) for change in changes), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException) and not isinstance(result, BusUnavailableError):
                raise result
        taken = [change for change, result in zip(changes, results, strict=True) if result is None]
        if len(taken) < len(changes):
            log.warning("outbox.untold", runs=len(changes) - len(taken))
        return taken

    async def _tell(self) -> None:
        try:
            round_ = 0
            while self._ended or self._under_way:
                round_ += 1
                changes, self._ended = [*self._ended.values()], {}
                if self._is_closing or round_ % ROUNDS == 0:
                    changes += self._under_way.values()
                    self._under_way = {}
                for change in await self.publish(changes):
                    if change.state not in ENDED:
                        self._told.remember(change.run_id, change.seq)
                await asyncio.sleep(PAUSE)
        finally:
            self._telling = None


def change_of(run: Run) -> RunChanged:
    """What is to be told of a run."""
    return RunChanged(
        run_id=run.id,
        seq=run.seq,
        since=run.announced,
        action=run.action.name,
        state=run.state,
        started_at=run.started_at,
        ended_at=run.ended_at,
    )
