"""The sweep: the scheduler reconciles by itself whatever is due, so that nothing depends on a message."""

import asyncio
from collections.abc import Collection

from scheduler.handlers.context import SchedulerContext
from scheduler.handlers.mailbox import Mail
from scheduler.handlers.reconcile import reconcile
from shared.collections import ATTEMPTS, RUNS
from shared.contracts.values import instant_text
from shared.runs.repository import runs_to_wake
from shared.store.port import Range, pages

SWEEP_PAGE = 500
SWEEP_CONCURRENCY = 32


async def sweep(context: SchedulerContext) -> None:
    """Reconcile every run that is due, and every one with an attempt whose lease ran out."""
    now = context.clock()
    context.leases.begin_turn(now)
    due = {run.id for run in await runs_to_wake(context.store, now, SWEEP_PAGE)}
    expired = await context.store.find(
        ATTEMPTS,
        {"state": "running", "lease_until": Range(below=instant_text(now))},
        order_by="lease_until",
        limit=SWEEP_PAGE,
    )
    due |= {document["run_id"] for document in expired}
    failures = await _reconcile_each(context, due)
    context.leases.end_turn(context.clock())
    if failures:
        # One run that cannot be moved must not keep the others waiting, and must not go unnoticed.
        raise ExceptionGroup(f"{len(failures)} of {len(due)} runs could not be reconciled", failures)


async def catch_up(context: SchedulerContext) -> None:
    """Reconcile every run that has not ended, and call for its waiting attempt again.

    For a process whose bus keeps no messages: what the last one had called for when it ended, nobody has heard.
    """
    found = pages(context.store, RUNS, {"wake_at": Range()}, order_by="wake_at", size=SWEEP_PAGE)
    waiting = [document["id"] async for page in found for document in page]
    if failures := await _reconcile_each(context, waiting, calls_again=True):
        raise ExceptionGroup(f"{len(failures)} of {len(waiting)} runs could not be reconciled", failures)


async def _reconcile_each(
    context: SchedulerContext, run_ids: Collection[str], *, calls_again: bool = False
) -> list[Exception]:
    """Reconcile the runs, some at a time; what went wrong."""
    slots = asyncio.Semaphore(SWEEP_CONCURRENCY)

    async def reconcile_in_turn(run_id: str) -> None:
        async with slots:
            await reconcile(context, run_id, Mail(is_thorough=True, is_changed=True, calls_again=calls_again))

    results = await asyncio.gather(*(reconcile_in_turn(run_id) for run_id in run_ids), return_exceptions=True)
    return [result for result in results if isinstance(result, Exception)]
