"""The sweep: the scheduler looks by itself at whatever is due, so that nothing depends on a message."""

import asyncio

from scheduler.desk import Desk
from scheduler.handlers import look
from shared.collections import ATTEMPTS
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
    places = asyncio.Semaphore(SWEEP_CONCURRENCY)

    async def look_in_turn(run_id: str) -> None:
        async with places:
            desk.runs.forget(run_id)
            await look(desk, run_id)

    results = await asyncio.gather(*(look_in_turn(run_id) for run_id in due), return_exceptions=True)
    desk.watch.end_turn(desk.clock())
    failures = [result for result in results if isinstance(result, Exception)]
    if failures:
        # One run that cannot be moved must not keep the others waiting, and must not go unnoticed.
        raise ExceptionGroup(f"{len(failures)} of {len(due)} runs could not be looked at", failures)
