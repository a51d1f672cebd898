"""Counts every run that ended exactly once, whoever crashes in between and however many count at the same time; and
keeps which runs of each action ended last.

The numbers of an action and a day stand in one document, the roll-up, together with the ids of the runs that they
counted lately, so numbers and ids change in one compare-and-set. After that each run is marked as counted, and what is
marked is dropped from the ids with the roll-up's next write. So a run that is neither among the ids nor marked was not
counted. Whether it is marked is read after the roll-up: had it been counted, marked and dropped before that, the mark
would be seen; if that happens after it, the compare-and-set fails.

Which runs ended last is the same however often they are told of, so nothing but the order matters there: it is kept
before a run is marked, as nobody tells of a marked one again.
"""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, date

import structlog

from scheduler.domain.recent_runs import with_ended
from scheduler.handlers.audit import RunAudit
from shared.collections import RECENT_RUNS, RUNS, STATISTICS
from shared.contracts.run import ENDED, RunChange
from shared.contracts.statistics import ALL_ACTIONS, RecentRuns, RollUp, duration_step, roll_up_id
from shared.store.port import Changes, Collection, Document, DocumentStore, DuplicateKeyError, OneOf

PAUSE = 1.0
"""Seconds for which those that ended gather, to be counted in one write."""
MARKS = ("counted", "announced", "seq")
"""What is read of a run to see whether it is counted, and how far it was told of."""

log = structlog.get_logger()


class Statistics:
    """Counts ended runs, in batches."""

    def __init__(self, store: DocumentStore, audit: RunAudit) -> None:
        self._store, self._audit = store, audit
        self._waiting: list[tuple[Sequence[RunChange], asyncio.Future[None]]] = []
        self._counting: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()

    def hurry(self) -> None:
        """Count what has gathered without waiting for more, from now on: the scheduler stops."""
        self._hurry.set()

    async def hear(self, changes: Sequence[RunChange]) -> None:
        """Runs changed, as was told; return once the audit tells of all that was asked of them, and those that have
        ended are counted and marked as told of.
        """
        await self._audit.enter({change.run_id for change in changes if change.state not in ENDED})
        ended = [change for change in changes if change.state in ENDED]
        if not ended:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((ended, future))
        if self._counting is None:
            self._counting = asyncio.create_task(self._count_in_batches(), name="statistics")
        await future

    async def count(self, changes: Iterable[RunChange]) -> None:
        """Count these ended runs, of which was told, where they were not; and mark them.

        The audit comes first: nobody tells again of a run that is marked.
        """
        changes = list(changes)
        await self._audit.enter({change.run_id for change in changes})
        by_day: dict[date, list[RunChange]] = {}
        by_action: dict[tuple[str, date], list[RunChange]] = {}
        for change in changes:
            if change.ended_at is not None:
                day = change.ended_at.astimezone(UTC).date()
                by_day.setdefault(day, []).append(change)
                by_action.setdefault((change.action, day), []).append(change)
        # First of all actions: so whoever makes the roll-up of a day knows by the others whether it has all of it.
        await _all_of(self._count_all_in(ALL_ACTIONS, day, ended) for day, ended in by_day.items())
        await _all_of(self._finish(action, day, ended) for (action, day), ended in by_action.items())

    async def _count_in_batches(self) -> None:
        try:
            while self._waiting:
                with suppress(TimeoutError):
                    async with asyncio.timeout(PAUSE):
                        await self._hurry.wait()
                batch, self._waiting = self._waiting, []
                error: Exception | None = None
                try:
                    await self.count({change.run_id: change for ended, _ in batch for change in ended}.values())
                except Exception as raised:  # noqa: BLE001 - those who wait are told, and their messages come again
                    error = raised
                for _, future in batch:
                    if future.done():
                        continue
                    if error is None:
                        future.set_result(None)
                    else:
                        future.set_exception(error)
        finally:
            self._counting = None

    async def _finish(self, action: str, day: date, ended: Sequence[RunChange]) -> None:
        """Whatever else is to be done for runs of an action that are counted among those of all."""
        while not await self._keep_recent(action, ended):
            pass
        await self._mark(ended, await self._count_all_in(action, day, ended))

    async def _count_all_in(self, action: str, day: date, ended: Sequence[RunChange]) -> dict[str, Document]:
        while (found := await self._count_in(action, day, ended)) is None:
            pass
        return found

    async def _keep_recent(self, action: str, ended: Sequence[RunChange]) -> bool:
        """Have these runs among those of the action that ended last; whether nobody else was faster."""
        document = await self._store.get(RECENT_RUNS, action)
        kept = None if document is None else RecentRuns.model_validate(document)
        recent = with_ended(kept, action, ended)
        return recent is None or await self._put(RECENT_RUNS, recent, is_new=kept is None)

    async def _put(self, collection: Collection, model: RecentRuns | RollUp, *, is_new: bool) -> bool:
        """Store what is new, or what has been changed since it was read; whether nobody else was faster."""
        document = model.model_dump(mode="json", exclude_none=True)
        if not is_new:
            return await self._store.replace(collection, document, version=model.version)
        try:
            await self._store.insert(collection, document)
        except DuplicateKeyError:
            return False
        return True

    async def _count_in(self, action: str, day: date, ended: Sequence[RunChange]) -> dict[str, Document] | None:
        """Count what is not counted yet; the runs as they were found, or none where somebody else was faster."""
        id_ = roll_up_id(action, day)
        kept = await self._store.get(STATISTICS, id_)
        roll_up = await self._new(action, day) if kept is None else RollUp.model_validate(kept)
        ids = {*roll_up.counted_since, *(change.run_id for change in ended)}
        # After the roll-up: see above.
        runs = await self._store.find(RUNS, {"id": OneOf(tuple(ids))}, limit=len(ids), fields=MARKS)
        found = {run["id"]: run for run in runs}
        unmarked = {id_ for id_, run in found.items() if not run.get("counted")}
        new = [change for change in ended if change.run_id in unmarked and change.run_id not in roll_up.counted_since]
        if not new:
            return found
        for change in new:
            _add(roll_up, change)
        roll_up.counted_since = [id_ for id_ in roll_up.counted_since if id_ in unmarked] + [
            change.run_id for change in new
        ]
        return found if await self._put(STATISTICS, roll_up, is_new=kept is None) else None

    async def _new(self, action: str, day: date) -> RollUp:
        roll_up = RollUp(id=roll_up_id(action, day), action=action, day=day)
        if action == ALL_ACTIONS:
            roll_up.is_whole = not await self._store.find(STATISTICS, {"day": day.isoformat()}, limit=1, fields=())
        return roll_up

    async def _mark(self, ended: Sequence[RunChange], found: dict[str, Document]) -> None:
        """Mark the runs as counted, and as told of as far as they were: in one write those that are marked alike.

        One that somebody has changed since stays due.
        """
        marks: dict[tuple[int, int, bool], list[str]] = {}
        for change in ended:
            run = found.get(change.run_id)
            if run is None or (run.get("counted") and run.get("announced", 0) >= run["seq"]):
                continue
            announced, is_all_told = max(change.seq, run.get("announced", 0)), change.seq >= run["seq"]
            marks.setdefault((run["version"], announced, is_all_told), []).append(change.run_id)
        writes = []
        for (version, announced, is_all_told), ids in marks.items():
            values = {"counted": True, "announced": announced}
            changes = Changes(set=values, unset=("unannounced",) if is_all_told else ())
            writes.append(self._store.change_all(RUNS, {"id": OneOf(tuple(ids)), "version": version}, changes))
        await asyncio.gather(*writes)


async def _all_of(counting: Iterable[Awaitable[object]]) -> None:
    """Do all of it, and then raise what went wrong first."""
    for result in await asyncio.gather(*counting, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result


def _add(roll_up: RollUp, change: RunChange) -> None:
    roll_up.outcomes[change.state] = roll_up.outcomes.get(change.state, 0) + 1
    if change.started_at is not None and change.ended_at is not None:
        step = duration_step((change.ended_at - change.started_at).total_seconds())
        roll_up.durations[step] = roll_up.durations.get(step, 0) + 1
