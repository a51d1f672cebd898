"""The sweep: the scheduler looks by itself at whatever is due, so that nothing depends on a message."""

import asyncio
from collections.abc import Collection

from scheduler.desk import Desk
from scheduler.handlers import reconcile
from scheduler.mailbox import Mail
from shared.collections import ATTEMPTS, RUNS
from shared.contracts.values import instant_text
from shared.runs.repository import runs_to_wake
from shared.store.port import Range

SWEEP_PAGE = 500
SWEEP_CONCURRENCY = 32


async def sweep(desk: Desk) -> None:
    """Look at every run that is due, and at every attempt whose lease ran out."""
    now = desk.clock()
    desk.watch.begin_turn(now)
    due = {run.id for run in await runs_to_wake(desk.store, now, SWEEP_PAGE)}
    expired = await desk.store.find(
        ATTEMPTS,
        {"state": "running", "lease_until": Range(below=instant_text(now))},
        order_by="lease_until",
        limit=SWEEP_PAGE,
    )
    due |= {document["run_id"] for document in expired}
    failures = await _look_at_each(desk, due)
    desk.watch.end_turn(desk.clock())
    if failures:
        # One run that cannot be moved must not keep the others waiting, and must not go unnoticed.
        raise ExceptionGroup(f"{len(failures)} of {len(due)} runs could not be looked at", failures)


async def catch_up(desk: Desk) -> None:
    """Look at every run that has not ended, and call for its waiting attempt again.

    For a process whose bus keeps no messages: what the last one had called for when it ended, nobody has heard.
    """
    waiting: list[str] = []
    after = None
    while page := await desk.store.find(RUNS, {"wake_at": Range()}, order_by="wake_at", after=after, limit=SWEEP_PAGE):
        waiting += [document["id"] for document in page]
        after = (page[-1]["wake_at"], page[-1]["id"])
    if failures := await _look_at_each(desk, waiting, calls_again=True):
        raise ExceptionGroup(f"{len(failures)} of {len(waiting)} runs could not be looked at", failures)


async def _look_at_each(desk: Desk, run_ids: Collection[str], *, calls_again: bool = False) -> list[Exception]:
    """Look at the runs, some at a time; what went wrong."""
    places = asyncio.Semaphore(SWEEP_CONCURRENCY)

    async def look_in_turn(run_id: str) -> None:
        async with places:
            await reconcile(desk, run_id, Mail(is_thorough=True, is_changed=True, calls_again=calls_again))

    results = await asyncio.gather(*(look_in_turn(run_id) for run_id in run_ids), return_exceptions=True)
    return [result for result in results if isinstance(result, Exception)]
