"""Messages that the sweep makes up for: sent where the bus is there, left where it is not."""

import pytest
from structlog.testing import capture_logs

from shared.bus.memory import MemoryBus
from shared.bus.port import publish_or_leave
from shared.contracts.model import Message
from shared.contracts.run import AdvanceRun, CancelAttempts

MESSAGES = (AdvanceRun(run_id="r"), CancelAttempts(attempt_ids=["a"]))


class Unroutable(Message):
    kind = "unroutable"


@pytest.mark.parametrize("messages", [MESSAGES[:1], MESSAGES])
async def test_what_the_bus_does_not_take_is_left_to_the_sweep_and_told_once(messages: tuple[Message, ...]) -> None:
    bus = MemoryBus()  # it is not open
    with capture_logs() as logs:
        await publish_or_leave(bus, *messages)
    (line,) = logs
    assert (line["event"], line["messages"]) == ("bus.message_left_to_sweep", len(messages))
    assert line["kinds"] == [message.kind for message in messages]


@pytest.mark.parametrize("messages", [(Unroutable(),), (*MESSAGES, Unroutable())])
async def test_a_mistake_of_ours_is_not_taken_for_a_bus_that_is_away(messages: tuple[Message, ...]) -> None:
    bus = MemoryBus()
    await bus.open()
    with pytest.raises(LookupError):
        await publish_or_leave(bus, *messages)
    await bus.close()
