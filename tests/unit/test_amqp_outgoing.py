"""Publications on RabbitMQ that are not confirmed: each is given up in time, and none that was."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from shared.bus import amqp_outgoing
from shared.bus.amqp_outgoing import Outgoing


def a_channel() -> Any:
    """As much of the driver's as publishing takes, with a broker that never answers."""
    return SimpleNamespace(
        number=1,
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
