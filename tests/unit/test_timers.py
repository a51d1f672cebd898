"""Time-outs that share a timer of the event loop, and the signal that a command is to be ended."""

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial

import pytest

from executor.ports import CancelSignal
from shared.timers import Patience, Timer, call_after

SOON, LATER = 0.02, 0.06
whose: ContextVar[str] = ContextVar("whose", default="nobody's")


async def test_timers_are_over_in_their_order_whatever_their_lengths() -> None:
    over: list[str] = []
    call_after(LATER, lambda: over.append("later"))
    call_after(SOON, lambda: over.append("soon"))
    await asyncio.sleep(SOON / 2)
    call_after(SOON, lambda: over.append("soon, begun after"))
    await asyncio.sleep(2 * LATER)
    call_after(SOON, lambda: over.append("after all were over"))
    await asyncio.sleep(2 * SOON)
    assert over == ["soon", "soon, begun after", "later", "after all were over"]


async def test_a_cancelled_timer_calls_nothing_though_others_of_its_length_do() -> None:
    over: list[str] = []
    first, second, third = (call_after(SOON, partial(over.append, name)) for name in ("1", "2", "3"))
    first.cancel()
    third.cancel()
    third.cancel()
    await asyncio.sleep(2 * SOON)
    second.cancel()
    assert over == ["2"]


async def test_a_timer_that_is_over_can_be_cancelled_by_another_that_was_over_with_it() -> None:
    over: list[str] = []
    others: list[Timer] = []

    def cancel_the_others() -> None:
        for timer in others:
            timer.cancel()

    call_after(SOON, cancel_the_others)
    others.append(call_after(SOON, lambda: over.append("second")))
    await asyncio.sleep(2 * SOON)
    assert over == []


async def test_what_fails_in_one_timer_keeps_no_other_from_being_over(event_errors: list[str]) -> None:
    over: list[str] = []

    def fail() -> None:
        raise ZeroDivisionError

    call_after(SOON, fail)
    call_after(SOON, lambda: over.append("second"))
    call_after(SOON + 0.01, lambda: over.append("third"))
    await asyncio.sleep(2 * LATER)
    assert (over, event_errors) == (["second", "third"], ["ZeroDivisionError"])


@pytest.fixture
async def event_errors() -> list[str]:
    """What failed in the callbacks of the event loop."""
    failed: list[str] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: failed.append(type(context["exception"]).__name__)
    )
    return failed


async def test_a_timer_acts_for_whoever_began_it() -> None:
    seen: list[str] = []

    async def begin(name: str) -> None:
        whose.set(name)
        call_after(SOON, lambda: seen.append(whose.get()))

    await asyncio.gather(begin("ada's"), begin("bob's"))
    await asyncio.sleep(2 * SOON)
    assert seen == ["ada's", "bob's"]


async def a_long_block(seconds: float, first: Callable[[Patience], None]) -> None:
    async with Patience(seconds) as patience:
        first(patience)
        await asyncio.sleep(30)


async def test_patience_ends_a_block_and_can_be_given_more_or_no_limit() -> None:
    with pytest.raises(TimeoutError):
        await a_long_block(SOON, lambda _: None)
    with pytest.raises(TimeoutError):
        await a_long_block(30, lambda patience: patience.last(SOON))
    async with Patience(SOON) as patience:
        patience.last(30)
        await asyncio.sleep(2 * SOON)
        patience.last(SOON)
        patience.last_on()
        await asyncio.sleep(2 * SOON)


async def test_patience_that_is_at_its_end_can_still_be_given_more() -> None:
    async with Patience(30) as patience:
        patience.end()
        patience.last_on()
        await asyncio.sleep(0)
    with pytest.raises(TimeoutError):
        await a_long_block(30, Patience.end)


async def test_a_block_that_is_cancelled_from_elsewhere_did_not_take_too_long() -> None:
    task = asyncio.create_task(a_long_block(30, lambda _: None))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_cancel_is_told_once_to_the_one_who_listens_and_kept_for_the_next() -> None:
    told: list[str] = []
    cancelled = CancelSignal()
    cancelled.call(lambda: told.append("the first"))
    cancelled.call(lambda: told.append("the second"))
    cancelled.set()
    assert (told, cancelled.is_set()) == ([], True), "whoever sets it is not held up by what is done then"
    cancelled.set()
    await asyncio.sleep(0)
    assert told == ["the second"]
    cancelled.call(lambda: told.append("the next, at once"))
    assert told == ["the second", "the next, at once"]


async def test_a_block_that_ends_already_can_be_told_to_end_once_more() -> None:
    async def a_block_that_ends_slowly() -> None:
        async with Patience(30) as patience:
            patience.end()
            try:
                await asyncio.sleep(30)
            finally:
                patience.end()

    with pytest.raises(TimeoutError):
        await a_block_that_ends_slowly()


async def test_a_cancel_that_comes_while_nobody_listens_is_kept() -> None:
    told: list[str] = []
    cancelled = CancelSignal()
    cancelled.call(lambda: told.append("too early"))
    cancelled.set()
    cancelled.call_nobody()
    await asyncio.sleep(0)
    cancelled.call(lambda: told.append("in time"))
    assert told == ["in time"]


async def test_what_a_cancel_does_is_done_for_the_one_who_listens() -> None:
    seen: list[str] = []
    cancelled = CancelSignal()

    async def listen() -> None:
        whose.set("the listener's")
        cancelled.call(lambda: seen.append(whose.get()))

    await asyncio.create_task(listen())
    cancelled.set()
    await asyncio.sleep(0)
    assert seen == ["the listener's"]
