"""How long runs probably take: as those of the same action that ended last, else as its author thinks.

What is known of an action is remembered for a few seconds, so that whoever looks at a run again and again costs no more
reads. Asking for a run reads nothing for this: its answer says what is remembered.
"""

import time
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from catalog.domain.estimates import remaining_time
from catalog.domain.stream import StreamState
from catalog.domain.views import RunView
from catalog.handlers.actions import last_runs, usual_duration
from shared.clock import Clock
from shared.contracts.run import ENDED
from shared.definitions import stored_by_name
from shared.kinds import ACTION
from shared.lru_cache import LruCache
from shared.store.port import DocumentStore

REMEMBERED_SECONDS = 5.0
MOST_REMEMBERED = 10_000


class Estimates:
    """How long runs of actions probably take."""

    def __init__(self, store: DocumentStore, clock: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._monotonic = monotonic
        self._known: LruCache[tuple[float, float | None]] = LruCache(most=MOST_REMEMBERED)
        """By action: when it was read, and the duration in seconds."""

    async def shown_in(self, runs: Sequence[RunView]) -> Sequence[RunView]:
        """The runs, those that have not ended with what is known of their actions; two reads for all at most."""
        await self._learn({run.action.name for run in runs if run.ended_at is None})
        return [self.remembered_in(run) for run in runs]

    async def tell(self, stream: StreamState) -> None:
        """Let what comes next of a stream say how long its run probably takes, where that is under way."""
        action = stream.run.action.name
        if stream.run.state not in ENDED:
            await self._learn({action})
        known = self._known.get(action)
        stream.now, stream.estimate = self._clock(), None if known is None else known[1]

    async def _learn(self, names: Collection[str]) -> None:
        now = self._monotonic()
        if unknown := sorted(name for name in names if not self._is_fresh(name, now)):
            found, actions = await last_runs(self._store, unknown), await stored_by_name(self._store, ACTION, unknown)
            for name in unknown:
                self._known.remember(name, (now, usual_duration(actions.get(name), found.get(name))))

    def remembered_in(self, run: RunView) -> RunView:
        """The run, with what is remembered of its action."""
        known = self._known.get(run.action.name)
        return run if known is None else _with_estimate(run, known[1], self._clock())

    def _is_fresh(self, action: str, now: float) -> bool:
        known = self._known.get(action)
        return known is not None and now - known[0] < REMEMBERED_SECONDS


def _with_estimate(run: RunView, estimate: float | None, now: datetime) -> RunView:
    """The run with how long it probably takes, and from now on, where it is under way."""
    if run.ended_at is not None or estimate is None:
        return run
    run.estimated_duration = estimate
    is_waiting = run.waiting_for is not None
    run.remaining = remaining_time(estimate, run.state, run.started_at, is_waiting=is_waiting, now=now)
    return run
