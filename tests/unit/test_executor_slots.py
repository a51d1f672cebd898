"""The slots of an executor: never more taken than there are, none lost, whoever waits longest first."""

import asyncio

import pytest

from executor.handlers.context import Slots

SOON, LATE = 0.01, 30.0


class Steps:
    """A subscription that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def pause(self) -> None:
        self.told.append("pause")

    async def resume(self) -> None:
        self.told.append("resume")

    async def cancel(self) -> None:
        self.told.append("cancel")


async def waiting_for_the_only_slot() -> tuple[Slots, asyncio.Task[bool]]:
    """A slot that is taken, and somebody who waits for it."""
    slots = Slots(1)
    assert await slots.take(within=SOON)
    waiting = asyncio.create_task(slots.take(within=LATE))
    await asyncio.sleep(0)
    return slots, waiting


async def test_who_waits_gets_the_slot_that_is_given_back() -> None:
    slots = Slots(1)
    assert await slots.take(within=SOON)
    first, second = (asyncio.create_task(slots.take(within=LATE)) for _ in range(2))
    await asyncio.sleep(0)
    slots.free()
    await asyncio.wait([first])
    assert first.result()
    assert not second.done()
    slots.free()
    assert await second


async def test_who_waits_in_vain_takes_no_slot() -> None:
    slots = Slots(1)
    assert await slots.take(within=SOON)
    assert not await slots.take(within=SOON)
    slots.free()
    assert await slots.take(within=SOON)
    assert not await slots.take(within=SOON)


async def test_a_slot_given_to_one_who_was_cancelled_is_not_lost() -> None:
    slots, waiting = await waiting_for_the_only_slot()
    slots.free()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await slots.take(within=SOON)


async def test_one_who_was_cancelled_while_waiting_is_given_nothing() -> None:
    slots, waiting = await waiting_for_the_only_slot()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    slots.free()
    assert await slots.take(within=SOON)


async def test_closing_sends_away_who_waits_and_who_comes() -> None:
    slots, waiting = await waiting_for_the_only_slot()
    slots.close()
    assert not await waiting
    slots.free()
    assert not await slots.take(within=SOON)


async def test_steps_come_exactly_while_a_slot_is_free() -> None:
    slots, steps = Slots(2), Steps()
    slots.subscriptions.append(steps)
    for _ in range(2):
        assert await slots.take(within=SOON)
        await slots.adjust()
    assert steps.told == ["pause"]
    waiting = asyncio.create_task(slots.take(within=LATE))
    await asyncio.sleep(0)
    slots.free()
    await slots.adjust()
    assert await waiting
    assert steps.told == ["pause"]
    slots.free()
    await slots.adjust()
    assert steps.told == ["pause", "resume"]
