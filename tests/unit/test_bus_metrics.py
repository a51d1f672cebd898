import asyncio

import pytest
from prometheus_client import REGISTRY

from shared.bus import BusUnavailableError, MeteredBus
from shared.bus.memory import MemoryBus
from shared.bus.topology import scheduler_queue
from shared.contracts.model import Message
from shared.contracts.run import AdvanceRun


def count(name: str) -> float:
    return REGISTRY.get_sample_value(f"opsimate_bus_{name}_total", {"kind": "advance_run"}) or 0.0


async def test_confirmed_publications_are_counted_and_others_are_not() -> None:
    bus = MeteredBus(MemoryBus())
    before = count("messages")
    with pytest.raises(BusUnavailableError):
        await bus.publish(AdvanceRun(run_id="1"))
    with pytest.raises(BusUnavailableError):
        await bus.ping()
    await bus.open()
    await bus.ping()
    await bus.publish(AdvanceRun(run_id="1"))
    await bus.close()
    assert count("messages") - before == 1


async def test_deliveries_that_fail_are_counted_and_come_again() -> None:
    bus = MeteredBus(MemoryBus())
    failures = [RuntimeError("once"), RuntimeError("twice")]
    handled = asyncio.Event()

    async def handle(_: Message) -> None:
        if failures:
            raise failures.pop()
        handled.set()

    before = count("failed_deliveries")
    await bus.open()
    await bus.subscribe(scheduler_queue(), handle)
    await bus.publish(AdvanceRun(run_id="1"))
    await asyncio.wait_for(handled.wait(), 60)
    await bus.close()
    assert count("failed_deliveries") - before == 2
