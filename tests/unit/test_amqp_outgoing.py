"""What a channel of RabbitMQ sends: publications are given up where no confirm comes, acknowledgements share frames."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bus import amqp_outgoing
from shared.bus.amqp_outgoing import Acknowledgements, Outgoing
from shared.bus.amqp_subscription import Settlement
from shared.bus.topology import scheduler_queue


def a_channel() -> Any:
    """As much of the driver's as publishing takes, with a broker that never answers."""
    return SimpleNamespace(
        number=1,
        is_closed=False,
        delivery_tag=0,
        confirmations={},
        max_content_size=100,
        write_queue=asyncio.Queue(),
        closing=asyncio.get_running_loop().create_future(),
    )


def published(outgoing: Outgoing) -> asyncio.Future[object]:
    return outgoing.publish(b"body", "exchange", "key", b"\0\0")


async def test_what_the_broker_never_confirms_is_given_up_and_nothing_else_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(amqp_outgoing, "CONFIRM_SECONDS", 0.05)
    outgoing = Outgoing(cast(Any, channel := a_channel()))
    first, confirmed = published(outgoing), published(outgoing)
    confirmed.set_result(None)
    await asyncio.sleep(0.03)
    later = published(outgoing)
    await asyncio.wait([first])
    assert (first.cancelled(), confirmed.done(), later.done()) == (True, True, False)
    await asyncio.wait([later])
    assert later.cancelled()
    assert not confirmed.cancelled()
    assert channel.confirmations == {1: first, 2: confirmed, 3: later}


async def test_a_channel_that_closes_confirms_nothing_any_more() -> None:
    outgoing = Outgoing(cast(Any, channel := a_channel()))
    waiting = [published(outgoing) for _ in range(3)]
    channel.closing.set_result(None)
    await asyncio.wait(waiting)
    assert all(one.cancelled() for one in waiting)


class AcknowledgedTags:
    """What a broker makes of the acknowledgements that it is sent, one frame after the other."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, deliveries: int) -> None:
        self.unsettled = set(range(1, deliveries + 1))
        self.frames: list[tuple[int, bool]] = []
        monkeypatch.setattr(Outgoing, "acknowledge", lambda _, tag, **kwargs: self._acknowledge(tag, **kwargs))

    def _acknowledge(self, tag: int, *, up_to: bool = False) -> None:
        self.frames.append((tag, up_to))
        settled = {one for one in self.unsettled if one <= tag} if up_to else {tag}
        assert settled <= self.unsettled, "the broker closes a channel on which something is acknowledged twice"
        self.unsettled -= settled


def expecting(deliveries: int, prefetch: int = 100) -> Acknowledgements:
    acknowledgements = Acknowledgements(cast(Any, a_channel()), prefetch)
    for tag in range(1, deliveries + 1):
        acknowledgements.expect(tag)
    return acknowledgements


async def test_one_acknowledgement_answers_for_all_before_it_and_for_none_that_is_not_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broker, acknowledgements = AcknowledgedTags(monkeypatch, 9), expecting(9)
    for tag in (2, 1, 3, 7, 6):
        acknowledgements.add(tag)
    assert broker.frames == []
    acknowledgements.tell()
    assert broker.frames[0] == (3, True)
    assert sorted(broker.frames[1:]) == [(6, False), (7, False)]
    assert broker.unsettled == {4, 5, 8, 9}
    acknowledgements.forget(4)  # given back, which settles it
    broker.unsettled.discard(4)
    acknowledgements.add(5)
    acknowledgements.tell()
    assert (broker.frames[-1], broker.unsettled) == ((5, True), {8, 9})


async def test_acknowledgements_wait_for_each_other_but_not_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    broker, acknowledgements = AcknowledgedTags(monkeypatch, 2), expecting(2)
    acknowledgements.add(1)
    acknowledgements.add(2)
    async with asyncio.timeout(5):
        while broker.unsettled:
            await asyncio.sleep(0.001)
    assert broker.frames == [(2, True)]


async def test_a_consumer_never_waits_for_acknowledgements_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    broker, acknowledgements = AcknowledgedTags(monkeypatch, 1), expecting(1, prefetch=1)
    acknowledgements.add(1)
    assert broker.unsettled == set()


async def test_nothing_is_acknowledged_on_a_channel_that_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its number may be another channel's by then, which the broker would close for it."""
    broker, channel = AcknowledgedTags(monkeypatch, 1), a_channel()
    acknowledgements = Acknowledgements(channel, 100)
    acknowledgements.expect(1)
    acknowledgements.add(1)
    channel.is_closed = True
    acknowledgements.tell()
    assert broker.frames == []


async def test_a_delivery_is_not_acknowledged_with_later_ones_while_it_waits_to_be_given_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broker, channel, is_written = AcknowledgedTags(monkeypatch, 2), a_channel(), asyncio.Event()

    async def basic_nack(tag: int, **_: bool) -> None:
        await is_written.wait()  # as the driver's does while ten other writes wait
        broker.unsettled.discard(tag)

    channel.basic_nack = basic_nack
    settlement = Settlement(cast(Any, None), scheduler_queue())
    settlement.deliveries_come_by(channel, 100)
    first, second = (cast(Any, SimpleNamespace(channel=channel, delivery_tag=tag)) for tag in (1, 2))
    settlement.expect(first)
    settlement.expect(second)
    giving_back = asyncio.create_task(settlement.give_back(first))
    await asyncio.sleep(0)
    settlement.acknowledge(second)
    settlement.flush()
    assert broker.unsettled == {1}
    is_written.set()
    await giving_back
    assert broker.unsettled == set()


@given(st.permutations(range(1, 13)), st.lists(st.booleans(), min_size=12, max_size=12))
def test_in_whatever_order_handlers_return_each_delivery_is_acknowledged_once(
    order: list[int], tells: list[bool]
) -> None:
    async def all_return() -> None:
        with pytest.MonkeyPatch.context() as monkeypatch:
            broker, acknowledgements = AcknowledgedTags(monkeypatch, 12), expecting(12)
            for number, (tag, is_told) in enumerate(zip(order, tells, strict=True), start=1):
                acknowledgements.add(tag)
                if is_told:
                    acknowledgements.tell()
                    assert broker.unsettled == set(order[number:])
            acknowledgements.tell()
            assert broker.unsettled == set()

    asyncio.run(all_return())
