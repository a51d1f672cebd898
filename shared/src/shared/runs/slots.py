"""Slots: taken by compare-and-set before a run starts, and given back after it has ended.

The document of the slots is the truth about who may start: a run that finds itself among the holders may, however it
came there and whatever was lost since. Whoever changes the document learns which other runs it concerns, and has these
looked at at once; whoever dies before that leaves it to the next look at ``wake_at``.
"""

import hashlib
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from shared.collections import RUN_SLOTS
from shared.contracts.action import ActionDefinition, Concurrency
from shared.contracts.run import Run
from shared.contracts.slot import RunSlots, SlotAnswer, SlotEntry
from shared.placeholders import render_text
from shared.runs.binding import plain_values
from shared.store.port import DocumentStore, DuplicateKeyError

LONGEST_KEY_SHOWN = 100
LOOK_SOON, LOOK_LATER = timedelta(seconds=5), timedelta(seconds=60)
"""After how long it is looked who is still there: where somebody waits, and where all that hold a slot have started."""


class QueueFullError(Exception):
    """As many runs wait as may; nothing was stored."""


def slots_of(run: Run, concurrency: Concurrency, now: datetime) -> RunSlots:
    """The slots that a run shares, while nobody holds one."""
    key = render_text(concurrency.key, plain_values(run.parameters))
    digest = f"/{hashlib.sha256(key.encode()).hexdigest()[:32]}" if concurrency.key else ""
    return RunSlots(
        id=f"{run.action.name}{digest}",
        action=run.action.name,
        action_version=run.action.version,
        key=key if len(key) <= LONGEST_KEY_SHOWN else f"{key[:LONGEST_KEY_SHOWN]}…",
        limit=concurrency.limit,
        wake_at=now,
    )


class Entered(NamedTuple):
    """What came of asking for a slot."""

    answer: SlotAnswer
    concerned: set[str]
    """The other runs that have to be looked at now."""
    to_end: set[str]
    """Those whose place the run wants."""


async def enter(store: DocumentStore, run: Run, concurrency: Concurrency, now: datetime) -> Entered:
    """Take a slot for a run, or a place among those that wait; asking again is the same answer."""
    answers = [SlotAnswer()]

    def entered(slots: RunSlots) -> None:
        if run.action.version >= slots.action_version:
            slots.action_version, slots.limit = run.action.version, concurrency.limit
        _settle(slots)
        answers[0] = _entered(slots, run.id, concurrency, now)

    slots, concerned = await change_slots(store, slots_of(run, concurrency, now), entered, now)
    to_end = {entry.run_id for entry in (*slots.holders, *slots.waiting) if entry.replaced_by == run.id}
    return Entered(answers[0], concerned - {run.id}, to_end)


async def leave(store: DocumentStore, run: Run, action: ActionDefinition, now: datetime) -> set[str]:
    """Give back what a run had, if it had anything; the runs that have to be looked at now."""
    if action.concurrency is None:
        return set()
    slots = slots_of(run, action.concurrency, now)
    _, concerned = await change_slots(store, slots, lambda found: drop(found, {run.id}), now)
    return concerned


async def reserve(store: DocumentStore, run: Run, concurrency: Concurrency, now: datetime) -> set[str]:
    """Take the place of a run that somebody waits to be told about; ``QueueFullError`` where there is none. The other
    runs that have to be looked at now.
    """
    entered = await enter(store, run, concurrency, now)
    if entered.answer.is_full:
        raise QueueFullError(entered.answer.refused)
    return entered.concerned


async def change_slots(
    store: DocumentStore, empty: RunSlots, change: Callable[[RunSlots], None], now: datetime
) -> tuple[RunSlots, set[str]]:
    """Change the slots with this id, which are as handed in where nobody has one; and the runs that it concerns.

    They are looked at soon after that, unless the change itself says when.
    """
    while True:
        document = await store.get(RUN_SLOTS, empty.id)
        slots = empty.model_copy(deep=True) if document is None else RunSlots.model_validate(document)
        before = slots.model_copy(deep=True)
        change(slots)
        if slots == before:
            return slots, set()
        if slots.wake_at == before.wake_at:
            slots.wake_at = now + LOOK_SOON
        if await _stored(store, slots, is_new=document is None):
            after = _concerns(slots)
            return slots, {run for run, behind in after.items() if _concerns(before).get(run) != behind}


async def _stored(store: DocumentStore, slots: RunSlots, *, is_new: bool) -> bool:
    if not slots.holders and not slots.waiting:
        return is_new or await store.delete(RUN_SLOTS, {"id": slots.id, "version": slots.version}) > 0
    content = slots.model_dump(mode="json", exclude_none=True)
    if not is_new:
        return await store.replace(RUN_SLOTS, content, version=slots.version)
    try:
        await store.insert(RUN_SLOTS, content)
    except DuplicateKeyError:
        return False
    return True


def _settle(slots: RunSlots) -> None:
    """Give what is free to those that wait, in their order."""
    for entry in [one for one in slots.waiting if one.replaced_by is None]:
        if len(slots.holders) >= slots.limit:
            return
        slots.waiting.remove(entry)
        slots.holders.append(entry)


def drop(slots: RunSlots, gone: Collection[str]) -> None:
    """Forget runs, and go on without them. A place that one of them wanted is for whoever took its own."""
    successors = {entry.run_id: entry.replaced_by for entry in (*slots.holders, *slots.waiting)}
    slots.holders = [entry for entry in slots.holders if entry.run_id not in gone]
    slots.waiting = [entry for entry in slots.waiting if entry.run_id not in gone]
    for entry in (*slots.holders, *slots.waiting):
        while entry.replaced_by is not None and entry.replaced_by in gone:
            entry.replaced_by = successors.get(entry.replaced_by)
    _settle(slots)


def _entered(slots: RunSlots, run_id: str, concurrency: Concurrency, now: datetime) -> SlotAnswer:
    if run_id in [entry.run_id for entry in slots.holders]:
        return SlotAnswer()
    if run_id not in [entry.run_id for entry in slots.waiting]:
        entry = SlotEntry(run_id=run_id, at=now)
        if len(slots.holders) < slots.limit:
            slots.holders.append(entry)
            return SlotAnswer()
        if concurrency.when_full == "skip":
            return SlotAnswer(refused=f"run {slots.holders[0].run_id} is under way: {_rule(slots)}")
        if concurrency.when_full == "queue" and len(slots.waiting) >= concurrency.queue_limit:
            return SlotAnswer(refused=f"{_full(slots)}: {_rule(slots)}", is_full=True)
        if concurrency.when_full == "replace":
            _mark_oldest(slots, run_id)
        slots.waiting.append(entry)
    return SlotAnswer(waits_behind=f"waiting for run {_concerns(slots)[run_id]}: {_rule(slots)}")


def _mark_oldest(slots: RunSlots, run_id: str) -> None:
    """Want the place of the run that holds one for the longest time, or else of the one that waits for the longest."""
    unmarked = (entry for entry in (*slots.holders, *slots.waiting) if entry.replaced_by is None)
    if (oldest := next(unmarked, None)) is not None:
        oldest.replaced_by = run_id


def _concerns(slots: RunSlots) -> dict[str, str]:
    """What each run has to know: the one that it waits for, none where it holds a slot."""
    found = {entry.run_id: "" for entry in slots.holders}
    before = slots.holders[0].run_id if slots.holders else ""
    for entry in slots.waiting:
        found[entry.run_id] = before
        before = entry.run_id
    return found


def _full(slots: RunSlots) -> str:
    """That no more runs may wait."""
    under_way = slots.holders[0].run_id
    if not slots.waiting:
        return f"run {under_way} is under way, and queue_limit lets none wait"
    many = "1 run waits" if len(slots.waiting) == 1 else f"{len(slots.waiting)} runs wait"
    return f"{many} already for run {under_way}, which is as many as queue_limit allows"


def _rule(slots: RunSlots) -> str:
    of_key = f" for '{slots.key}'" if slots.key else ""
    return f"'{slots.action}' has at most {slots.limit} under way at a time{of_key}"
