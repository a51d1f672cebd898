"""The slots of runs: asked for, and looked after where somebody died before a slot was used or given back."""

from contextlib import suppress
from datetime import timedelta

from scheduler.handlers.context import SchedulerContext
from shared.collections import RUN_SLOTS, RUNS
from shared.contracts.action import Concurrency
from shared.contracts.run import ENDED, Control, Run
from shared.contracts.slot import RunSlots
from shared.runs.repository import RunEndedError, tell_run
from shared.runs.slots import LOOK_LATER, LOOK_SOON, Entered, change_slots, drop, enter
from shared.store.port import OneOf

STORED_WITHIN = timedelta(seconds=60)
"""A run that has its place for longer and is not there was never stored: whoever was to make it has died."""


async def slot_for(context: SchedulerContext, run: Run, concurrency: Concurrency) -> Entered:
    """Whether the run may start. Those whose place it wants are told to end; who was told already is not told again."""
    entered = await enter(context.store, run, concurrency, context.clock())
    by, comment = run.trigger, f"replaced by run {run.id}"
    for other in sorted(entered.to_end):
        control = Control(kind="cancel", by=by.by, principal_id=by.principal_id, at=context.clock(), comment=comment)
        with suppress(RunEndedError):
            await tell_run(context.store, context.bus, other, control)
    return entered


async def tend(context: SchedulerContext, slots_id: str) -> set[str]:
    """Drop runs that have ended and were not dropped; the runs that have to be looked at now.

    These are, beside those for which something has changed, the ones that hold a slot and have not started, and those
    that want the place of others: it may be that nobody has told them.
    """
    document = await context.store.get(RUN_SLOTS, slots_id)
    if document is None:
        return set()
    slots, now = RunSlots.model_validate(document), context.clock()
    entries = [*slots.holders, *slots.waiting]
    ids = tuple(entry.run_id for entry in entries)
    runs = await context.store.find(RUNS, {"id": OneOf(ids)}, limit=len(ids), fields=("state",))
    states = {run["id"]: run["state"] for run in runs}
    lost = {entry.run_id for entry in entries if entry.run_id not in states and entry.at + STORED_WITHIN < now}
    gone = lost | {run_id for run_id, state in states.items() if state in ENDED}
    idle = {entry.run_id for entry in slots.holders if states.get(entry.run_id) not in {None, "running", *ENDED}}
    replacing = {entry.replaced_by for entry in entries if entry.replaced_by in states}

    def tended(found: RunSlots) -> None:
        drop(found, gone)
        found.wake_at = now + (LOOK_SOON if found.waiting or idle else LOOK_LATER)

    nobody = slots.model_copy(update={"holders": [], "waiting": []})
    _, concerned = await change_slots(context.store, nobody, tended, now)
    return concerned | idle | {run_id for run_id in replacing if run_id is not None}
