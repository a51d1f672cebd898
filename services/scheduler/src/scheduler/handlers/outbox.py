"""The outbox: that a run changed is said to whoever asked for it, at least once, also after a crash.

A run's timeline is what is to be said, and two fields of the run say how far that is done: ``announced``, the number of
the last entry that was, and ``unannounced``, the instant by which the rest is to be. They are written together with the
run's state, so nothing can come between a change and the intention to tell of it.

A change is told about a second after it was stored, together with those of other runs, and one that ends the run at
once. The mark of a run under way then travels with the next write of the run, which comes anyway; that of an ended run
is set by whoever counts it. What a crash leaves untold is due later, and told again by the loop of what is due:
consumers know what they have heard by run and number.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import structlog

from shared.bus.port import Bus, BusUnavailableError
from shared.contracts.run import ENDED, TELL_WITHIN, Run, RunChange, RunsChanged
from shared.lru_cache import LruCache

PAUSE = 0.1
"""Seconds between two rounds, each of which tells of the runs that have ended."""
ROUNDS = 9
"""After so many rounds a run under way is told of, so that a short one is told of once, as one that has ended."""
MOST_IN_ONE = 500
"""Changes in one message."""
MOST_REMEMBERED = 100_000

log = structlog.get_logger()


class Outbox:
    """Tells of changed runs, and remembers how far it told of those that are under way."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._untold: dict[str, tuple[Run, int]] = {}
        """Runs with something new about them, and the round that tells of each."""
        self._round = 0
        self._told: LruCache[int] = LruCache(most=MOST_REMEMBERED)
        self._telling: asyncio.Task[None] | None = None
        self._is_closing = False

    def mark(self, run: Run, now: datetime) -> None:
        """Before a run is stored: how far it was told of, and until when the rest is to be."""
        told = self._told.get(run.id)
        if told is not None and told > run.announced:
            run.announced = told
        run.unannounced = now + TELL_WITHIN if run.announced < run.seq else None

    def note(self, run: Run) -> None:
        """After a run was stored: have it told what is new about it, at once if it has ended, else after a second."""
        has_ended, is_told = run.state in ENDED, run.announced >= run.seq
        if has_ended or is_told:
            self._told.forget(run.id)
        _, due = self._untold.pop(run.id, (None, self._round + ROUNDS))
        if is_told:
            return
        self._untold[run.id] = run, 0 if has_ended else due
        if self._telling is None:
            self._telling = asyncio.create_task(self._tell(), name="outbox")

    async def close(self) -> None:
        """Tell what is still untold."""
        self._is_closing = True
        if self._telling is not None:
            await self._telling

    async def publish(self, changes: Sequence[RunChange]) -> Sequence[RunChange]:
        """Tell of these changes; those that the broker has taken. The others stay due."""
        taken: list[RunChange] = []
        for first in range(0, len(changes), MOST_IN_ONE):
            message = RunsChanged(changes=[*changes[first : first + MOST_IN_ONE]])
            try:
                await self._bus.publish(message)
            except BusUnavailableError:
                log.warning("outbox.untold", runs=len(changes) - len(taken))
                break
            taken += message.changes
        return taken

    async def _tell(self) -> None:
        try:
            while self._untold:
                self._round += 1
                due = [run for run, round_ in self._untold.values() if self._is_closing or round_ <= self._round]
                for run in due:
                    del self._untold[run.id]
                for change in await self.publish([change_of(run) for run in due]):
                    if change.state not in ENDED:
                        self._told.remember(change.run_id, change.seq)
                await asyncio.sleep(PAUSE)
        finally:
            self._telling = None


def change_of(run: Run) -> RunChange:
    """What is to be told of a run."""
    return RunChange(
        run_id=run.id,
        seq=run.seq,
        since=run.announced,
        action=run.action.name,
        state=run.state,
        started_at=run.started_at,
        ended_at=run.ended_at,
    )
