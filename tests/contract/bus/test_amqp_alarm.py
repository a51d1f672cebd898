"""A broker whose memory or disk runs low takes no messages, and that alone: case R-1."""

import asyncio
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from opsimate.diagnosis import diagnose
from shared.application import application
from shared.bus import BusUnavailableError
from shared.contracts.model import Message
from shared.contracts.run import ExecuteStep
from shared.service import Runtime
from shared.serving import serve
from shared.settings import load_settings
from shared.store.sqlite import SqliteDocumentStore
from tests.contract.bus.places import AmqpPlace, found
from tests.servers.ports import free_port
from tests.servers.rabbitmq import RabbitMQ

ALARM = "takes no messages: it has an alarm"


@pytest.fixture
def broker(breakable_rabbitmq: RabbitMQ) -> RabbitMQ:
    """A broker to raise alarms in; it has none when a test ends."""
    return breakable_rabbitmq


@pytest.fixture
async def place(broker: RabbitMQ) -> AsyncIterator[AmqpPlace]:
    place = AmqpPlace(broker.url)
    await place.bus.open()
    yield place
    await place.close()


@asynccontextmanager
async def memory_alarm(broker: RabbitMQ) -> AsyncIterator[None]:
    """Meanwhile the broker has a memory alarm."""
    await asyncio.to_thread(broker.set_memory_alarm, on=True)
    try:
        yield
    finally:
        await asyncio.to_thread(broker.set_memory_alarm, on=False)


async def refused(place: AmqpPlace) -> bool | None:
    """Whether the bus says that nothing can be published, and why."""
    try:
        await place.bus.ping()
    except BusUnavailableError as error:
        return ALARM in str(error) or None
    return None


async def confirmed(place: AmqpPlace) -> bool | None:
    with suppress(BusUnavailableError):
        await place.bus.ping()
        return True
    return None


async def test_consumers_go_on_while_an_alarm_blocks_publishing_and_nothing_is_lost(
    place: AmqpPlace, broker: RabbitMQ
) -> None:
    listener = place.listener()
    steps = place.topic.steps(20)
    subscription = await place.bus.subscribe(place.topic.queue(), listener, prefetch=4)
    await subscription.pause()
    for step in steps:
        await place.bus.publish(step)
    late = place.topic.step(20)
    async with memory_alarm(broker):
        await found(lambda: refused(place))
        with pytest.raises(BusUnavailableError, match=ALARM):
            await place.bus.publish(late)
        await subscription.resume()
        await listener.has_handled_all(steps)
        # A second consumer can be had as well, and there is nothing left for it: all were acknowledged.
        await subscription.cancel()
        other = place.listener()
        await place.bus.subscribe(place.topic.queue(), other, prefetch=4)
    await found(lambda: confirmed(place))
    await place.bus.publish(late)
    await other.has_handled_all([late])
    assert [step for step in other.handled if step != late] == []
    assert sorted(map(str, listener.handled)) == sorted(map(str, steps))


async def test_publications_that_wait_for_their_confirm_are_told_of_the_alarm_and_are_not_lost_when_tried_again(
    place: AmqpPlace, broker: RabbitMQ
) -> None:
    listener = place.listener()
    await place.bus.subscribe(place.topic.queue(), listener, prefetch=4)
    steps = place.topic.steps(20)
    async with memory_alarm(broker):
        results = await asyncio.gather(*map(place.bus.publish, steps), return_exceptions=True)
        assert {type(result) for result in results} == {BusUnavailableError}
        assert all(ALARM in str(result) for result in results)

    async def published(step: ExecuteStep) -> bool | None:
        with suppress(BusUnavailableError):
            await place.bus.publish(step)
            return True
        return None

    for step in steps:
        await found(lambda step=step: published(step))  # type: ignore[misc]
    await listener.has_handled_all(steps)


async def test_a_message_whose_handler_fails_during_an_alarm_is_held_and_handled_after_it(
    place: AmqpPlace, broker: RabbitMQ
) -> None:
    begun: list[Message] = []
    handled = asyncio.Event()

    async def fails_once(message: Message) -> None:
        begun.append(message)
        if len(begun) == 1:
            raise ValueError("once")
        handled.set()

    queue = place.topic.queue()
    subscription = await place.bus.subscribe(queue, fails_once, prefetch=4)
    await subscription.pause()
    await place.bus.publish(place.topic.step())
    async with memory_alarm(broker):
        await found(lambda: refused(place))
        with capture_logs() as logs:
            await subscription.resume()
            await found(lambda: _logged(logs, "bus.handler_failed"))
            await refused(place)
        assert len(begun) == 1
        assert "bus.message_given_back" not in {line["event"] for line in logs}
    await asyncio.wait_for(handled.wait(), 60)
    assert begun == [place.topic.step(), place.topic.step()]


async def test_a_subscription_ends_during_an_alarm_though_it_holds_a_message(
    place: AmqpPlace, broker: RabbitMQ
) -> None:
    first, second = place.listener(), place.listener()
    first.failures = [ValueError("once")]
    subscription = await place.bus.subscribe(place.topic.queue(), first)
    await subscription.pause()
    await place.bus.publish(place.topic.step())
    async with memory_alarm(broker):
        await found(lambda: refused(place))
        await subscription.resume()
        await first.has_begun(1)
        async with asyncio.timeout(30):
            await subscription.cancel()
        await place.bus.subscribe(place.topic.queue(), second)
        await second.has_handled(1)


async def test_an_alarm_is_seen_by_readiness_the_log_and_the_doctor(
    broker: RabbitMQ, place: AmqpPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings({}, listen=f"127.0.0.1:{free_port()}")
    runtime = Runtime(settings, SqliteDocumentStore(tmp_path / "store.db"), place.new_bus())
    app = application(runtime, [], title="test")
    listening = asyncio.Event()

    async def on_listening(_address: str) -> None:
        listening.set()

    serving = asyncio.create_task(serve(app, settings.listen, on_listening=on_listening))
    url = f"http://{settings.listen}"
    for variable in ("HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setenv("OPSIMATE_TOKEN", "opsimate_of-no-use-for-this")

    async def says(status: int) -> httpx.Response | None:
        answer = await http.get("/readyz")
        return answer if answer.status_code == status else None

    async with httpx.AsyncClient(base_url=url, timeout=10) as http:
        await listening.wait()
        await found(lambda: says(200))
        with capture_logs() as logs:
            async with memory_alarm(broker):
                answer = await found(lambda: says(503))
                assert ALARM in answer.json()["checks"]["bus"]
                assert {line["log_level"] for line in logs if line["event"] == "bus.publishing_blocked"} == {"warning"}
                told = {finding.check: finding for finding in await asyncio.to_thread(diagnose, url)}
                assert (told["bus"].state, told["store"].state) == ("problem", "ok")
                assert ALARM in told["bus"].message
                assert "memory" in told["bus"].remedy
            await found(lambda: says(200))
            await found(lambda: _logged(logs, "bus.publishing_resumed"))
    signal.raise_signal(signal.SIGTERM)
    assert await serving == 0


async def _logged(logs: Sequence[Mapping[str, object]], event: str) -> bool | None:
    return any(line["event"] == event for line in logs) or None
