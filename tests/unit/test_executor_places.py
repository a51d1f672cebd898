"""The places of an executor: never more taken than there are, none lost, whoever waits longest first."""

import asyncio

import pytest

from executor.handlers.context import Places

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


async def waiting_for_the_only_place() -> tuple[Places, asyncio.Task[bool]]:
    """A place that is taken, and somebody who waits for it."""
    places = Places(1)
    assert await places.take(within=SOON)
    waiting = asyncio.create_task(places.take(within=LATE))
    await asyncio.sleep(0)
    return places, waiting


async def test_who_waits_gets_the_place_that_is_given_back() -> None:
    places = Places(1)
    assert await places.take(within=SOON)
    first, second = (asyncio.create_task(places.take(within=LATE)) for _ in range(2))
    await asyncio.sleep(0)
    places.free()
    await asyncio.wait([first])
    assert first.result()
    assert not second.done()
    places.free()
    assert await second


async def test_who_waits_in_vain_takes_no_place() -> None:
    places = Places(1)
    assert await places.take(within=SOON)
    assert not await places.take(within=SOON)
    places.free()
    assert await places.take(within=SOON)
    assert not await places.take(within=SOON)


async def test_a_place_given_to_one_who_was_cancelled_is_not_lost() -> None:
    places, waiting = await waiting_for_the_only_place()
    places.free()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await places.take(within=SOON)


async def test_one_who_was_cancelled_while_waiting_is_given_nothing() -> None:
    places, waiting = await waiting_for_the_only_place()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    places.free()
    assert await places.take(within=SOON)


async def test_closing_sends_away_who_waits_and_who_comes() -> None:
    places, waiting = await waiting_for_the_only_place()
    places.close()
    assert not await waiting
    places.free()
    assert not await places.take(within=SOON)


async def test_steps_come_exactly_while_a_place_is_free() -> None:
    places, steps = Places(2), Steps()
    places.subscriptions.append(steps)
    for _ in range(2):
        assert await places.take(within=SOON)
        await places.adjust()
    assert steps.told == ["pause"]
    waiting = asyncio.create_task(places.take(within=LATE))
    await asyncio.sleep(0)
    places.free()
    await places.adjust()
    assert await waiting
    assert steps.told == ["pause"]
    places.free()
    await places.adjust()
    assert steps.told == ["pause", "resume"]
