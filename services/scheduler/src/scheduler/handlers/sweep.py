"""What is due: the scheduler attends by itself to whatever time has come for, so that nothing depends on a message.

Runs to reconcile, attempts whose lease ran out, slots that nobody has given back, changes that nobody has told of yet,
and with them ended runs that are not counted yet.
"""

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import partial

from scheduler.handlers.context import SchedulerContext
from scheduler.handlers.mailbox import Mail
from scheduler.handlers.reconcile import reconcile, wake
from scheduler.handlers.slots import tend
from shared.collections import ATTEMPTS, RUN_SLOTS, RUNS
from shared.contracts.run import ENDED, TELL_WITHIN, RunChange
from shared.loops import PAGE, DueKind, attend_to
from shared.store.port import Changes, Document, Range, pages

SWEEP_CONCURRENCY = 32
AHEAD = timedelta(seconds=1.5)
"""Delayed runs that are due so soon start to the moment, also where the scheduler that knew of them is gone."""


async def sweep(context: SchedulerContext) -> None:
    """One turn of the loop: everything that is due."""
    now = context.clock()
    context.leases.begin_turn(now)
    try:
        await attend_to(context.store, _kinds(context), now)
        await attend_to(context.store, [_starts(context)], now + AHEAD)
        await _reconcile_each(context, await context.pools.read())
    except ExceptionGroup:
        context.leases.end_turn(context.clock())  # the store was there
        raise
    context.leases.end_turn(context.clock())


async def catch_up(context: SchedulerContext) -> None:
    """Reconcile every run that has not ended, and call for its waiting attempt again; and tell of what is untold.

    For a process whose bus keeps no messages: what the last one had called for when it ended, nobody has heard.
    """
    due = pages(context.store, RUNS, {"wake_at": Range()}, order_by="wake_at", size=PAGE, fields=("wake_at",))
    waiting = [run["id"] async for page in due for run in page]
    await _reconcile_each(context, waiting, calls_again=True)
    await attend_to(context.store, [_untold(context)], context.clock() + TELL_WITHIN)


def _kinds(context: SchedulerContext) -> Sequence[DueKind]:
    return (
        DueKind("runs", RUNS, "wake_at", lambda page: _reconcile_each(context, {run["id"] for run in page})),
        DueKind(
            "leases",
            ATTEMPTS,
            "lease_until",
            lambda page: _reconcile_each(context, {attempt["run_id"] for attempt in page}),
            where={"state": "running"},
            fields=("run_id",),
        ),
        DueKind("slots", RUN_SLOTS, "wake_at", partial(_tend_slots, context)),
        _untold(context),
    )


def _starts(context: SchedulerContext) -> DueKind:
    async def set_timers(page: Sequence[Document]) -> None:
        for run in page:
            wake(context, run["id"], datetime.fromisoformat(run["wake_at"]))

    return DueKind("starts", RUNS, "wake_at", set_timers, where={"state": "delayed"}, fields=("wake_at",))


def _untold(context: SchedulerContext) -> DueKind:
    fields = ("seq", "announced", "counted", "action", "state", "started_at", "ended_at")
    return DueKind("changes", RUNS, "unannounced", partial(_tell_of_each, context), fields=fields)


async def _tend_slots(context: SchedulerContext, page: Sequence[Document]) -> None:
    concerned = [await tend(context, slots["id"]) for slots in page]
    await _reconcile_each(context, {run_id for run_ids in concerned for run_id in run_ids})


async def _reconcile_each(context: SchedulerContext, run_ids: Collection[str], *, calls_again: bool = False) -> None:
    """Reconcile the runs, some at a time; ``ExceptionGroup`` of what went wrong."""
    slots = asyncio.Semaphore(SWEEP_CONCURRENCY)

    async def reconcile_in_turn(run_id: str) -> None:
        async with slots:
            await reconcile(context, run_id, Mail(is_thorough=True, is_changed=True, calls_again=calls_again))

    results = await asyncio.gather(*(reconcile_in_turn(run_id) for run_id in run_ids), return_exceptions=True)
    if failures := [result for result in results if isinstance(result, Exception)]:
        raise ExceptionGroup(f"{len(failures)} of {len(run_ids)} runs could not be reconciled", failures)


async def _tell_of_each(context: SchedulerContext, page: Sequence[Document]) -> None:
    """Tell of changes that nobody has told of in time, and count those runs that have ended.

    The mark is set only where the run is still as it was read. That of a run under way is set here, too, as its next
    write may be far away.
    """
    versions = {run["id"]: run["version"] for run in page}
    told = await context.outbox.publish([_change_in(run) for run in page])
    await context.statistics.count(change for change in told if change.state in ENDED)
    marks = []
    for change in told:
        if change.state not in ENDED:
            context.runs.forget(change.run_id)
            where = {"id": change.run_id, "version": versions[change.run_id]}
            changes = Changes(set={"announced": change.seq}, unset=("unannounced",))
            marks.append(context.store.change(RUNS, where, changes))
    await asyncio.gather(*marks)


def _change_in(run: Document) -> RunChange:
    action, state = run["action"]["name"], run["state"]
    instants = {name: run.get(name) for name in ("started_at", "ended_at")}
    return RunChange(
        run_id=run["id"], seq=run["seq"], since=run.get("announced", 0), action=action, state=state, **instants
    )
