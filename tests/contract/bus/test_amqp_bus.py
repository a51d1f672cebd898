"""What the bus on RabbitMQ promises beyond the port: it outlives whatever becomes of the broker."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aio_pika
import pytest
from yarl import URL

from shared.bus import BusUnavailableError
from shared.bus.topology import COMMANDS, DEAD_LETTERS
from shared.contracts.run import ExecuteStep
from tests.contract.bus.places import AmqpPlace, found
from tests.contract.proxy import Proxy
from tests.servers.rabbitmq import RabbitMQ


@pytest.fixture
def broker(breakable_rabbitmq: RabbitMQ) -> RabbitMQ:
    """A broker to stop and kill; it runs whenever a test ends."""
    return breakable_rabbitmq


@pytest.fixture
async def place(broker: RabbitMQ) -> AsyncIterator[AmqpPlace]:
    place = AmqpPlace(broker.url)
    await place.bus.open()
    yield place
    await place.close()


@asynccontextmanager
async def absent(broker: RabbitMQ, *, end: Callable[[], None] | None = None) -> AsyncIterator[None]:
    """Meanwhile the broker is away, stopped in an orderly way or ended as is said."""
    await asyncio.to_thread(end or broker.stop)
    try:
        yield
    finally:
        await asyncio.to_thread(broker.start)


async def publish_until_confirmed(place: AmqpPlace, step: ExecuteStep) -> ExecuteStep:
    async def confirmed() -> ExecuteStep | None:
        try:
            await place.bus.publish(step)
        except BusUnavailableError:
            return None
        return step

    return await found(confirmed)


async def test_every_confirmed_message_is_handled_though_the_broker_is_killed_under_load(
    place: AmqpPlace, broker: RabbitMQ
) -> None:
    shared, instance = place.listener(), place.listener()
    await place.bus.subscribe(place.topic.queue(), shared, prefetch=8)
    await place.bus.subscribe(place.topic.queue("instance", durable=False), instance)
    confirmed: list[ExecuteStep] = []
    numbers = iter(range(1_000_000))
    ending = asyncio.Event()

    async def publish() -> None:
        while not ending.is_set():
            confirmed.append(await publish_until_confirmed(place, place.topic.step(next(numbers))))

    publishing = [asyncio.create_task(publish()) for _ in range(8)]
    await shared.has_handled(100)
    async with absent(broker, end=broker.kill):
        assert confirmed
    before = len(instance.handled)
    await instance.has_handled(before + 100)
    ending.set()
    await asyncio.gather(*publishing)
    await shared.has_handled_all(confirmed)


async def test_without_a_broker_publishing_fails_at_once_and_opening_goes_on_until_it_is_there(
    place: AmqpPlace, broker: RabbitMQ
) -> None:
    listener = place.listener()
    later = place.new_bus()
    async with absent(broker):
        with pytest.raises(BusUnavailableError, match="not connected to RabbitMQ"):
            await place.bus.publish(place.topic.step())
        with pytest.raises(BusUnavailableError, match="not connected to RabbitMQ"):
            await place.bus.ping()
        opening = asyncio.create_task(later.open())
        await later.subscribe(place.topic.queue(), listener)
        assert not opening.done()
    await asyncio.wait([opening])  # a slow machine takes longer to start a broker than `open` waits
    await publish_until_confirmed(place, place.topic.step())

    async def heard() -> bool | None:
        await place.bus.publish(place.topic.step())
        return bool(listener.handled) or None

    await found(heard)
    await later.ping()
    await later.close()
    opening.exception()


async def test_a_handler_under_way_goes_on_when_the_connection_is_lost_and_its_message_comes_again(
    place: AmqpPlace, broker: RabbitMQ
) -> None:
    listener = place.listener()
    listener.go_on.clear()
    await place.bus.subscribe(place.topic.queue(), listener)
    await place.bus.publish(place.topic.step())
    await listener.has_begun(1)
    async with absent(broker):
        listener.go_on.set()
        await listener.has_handled(1)
    await listener.has_handled(2)
    assert listener.handled == [place.topic.step(), place.topic.step()]


async def test_deleted_queues_are_declared_anew_and_their_subscriptions_go_on(
    place: AmqpPlace, broker: RabbitMQ
) -> None:
    shared, instance = place.listener(), place.listener()
    queue = place.topic.queue(deliveries=2)
    await place.bus.subscribe(queue, shared)
    await place.bus.subscribe(place.topic.queue("instance", durable=False), instance)
    await asyncio.to_thread(broker.delete_all_queues)

    async def both_heard() -> bool | None:
        await place.bus.publish(place.topic.step())
        return (bool(shared.handled) and bool(instance.handled)) or None

    await found(both_heard)
    shared.failures = [ValueError("first"), ValueError("second")] * 1000
    await place.bus.publish(place.topic.step())
    assert (await place.dead_letter(queue)).error in ("ValueError: first", "ValueError: second")
    shared.failures.clear()


async def test_a_dead_letter_is_not_lost_when_its_own_queue_was_deleted(place: AmqpPlace, broker: RabbitMQ) -> None:
    listener = place.listener()
    listener.go_on.clear()
    listener.failures = [ValueError("poison")]
    queue = place.topic.queue(deliveries=1)
    await place.bus.subscribe(queue, listener)
    await place.bus.publish(place.topic.step())
    await listener.has_begun(1)
    async with await aio_pika.connect(broker.url) as connection, connection.channel() as channel:
        await channel.queue_delete(DEAD_LETTERS)
    listener.go_on.set()
    assert (await place.dead_letter(queue)).error == "ValueError: poison"


async def test_a_deleted_exchange_is_declared_anew_and_its_queues_hear_again(
    place: AmqpPlace, broker: RabbitMQ
) -> None:
    listener = place.listener()
    await place.bus.subscribe(place.topic.queue(), listener)
    async with await aio_pika.connect(broker.url) as connection, connection.channel() as channel:
        await channel.exchange_delete(COMMANDS)

    async def heard() -> bool | None:
        await publish_until_confirmed(place, place.topic.step())
        return bool(listener.handled) or None

    await found(heard)


@pytest.mark.parametrize(
    ("kind", "body", "error"),
    [
        ("execute_step", b"{", "UndecodableError: execute_step is malformed"),
        ("execute_step", b"{}", "UndecodableError: execute_step is malformed"),
        ("restart_universe", b"{}", "expects execute_step, not restart_universe"),
        (None, b"{}", "expects execute_step, not None"),
    ],
)
async def test_what_cannot_be_decoded_becomes_a_dead_letter_and_holds_up_nothing(
    place: AmqpPlace, broker: RabbitMQ, kind: str | None, body: bytes, error: str
) -> None:
    listener = place.listener()
    queue = place.topic.queue()
    await place.bus.subscribe(queue, listener)
    async with await aio_pika.connect(broker.url) as connection, connection.channel() as channel:
        exchange = await channel.get_exchange(COMMANDS)
        await exchange.publish(aio_pika.Message(body, type=kind), queue.bindings[0][1])
    assert error in (await place.dead_letter(queue)).error
    await place.bus.publish(place.topic.step())
    await listener.has_handled(1)
    assert listener.begun == [place.topic.step()]


async def test_a_message_that_ends_every_consumer_is_buried_by_the_broker(place: AmqpPlace, broker: RabbitMQ) -> None:
    queue = place.topic.queue()
    subscription = await place.bus.subscribe(queue, place.listener())
    await subscription.pause()
    await place.bus.publish(place.topic.step())
    async with await aio_pika.connect(broker.url) as connection:
        deaths = 0
        while await dies_of(queue.name, connection):
            deaths += 1
            assert deaths < 100
        assert deaths > queue.deliveries
    letter = await place.letter(lambda letter: letter.routing_key == DEAD_LETTERS and "x-death" in letter.headers)
    assert "delivery_limit" in str(letter.headers["x-death"])
    assert queue.name in str(letter.headers["x-death"])


async def dies_of(queue: str, connection: aio_pika.abc.AbstractConnection) -> bool:
    """Take a message and end without a word; whether there was one."""
    async with connection.channel() as channel:
        return await (await channel.get_queue(queue)).get(fail=False) is not None


async def test_buses_that_start_together_agree_on_the_topology(broker: RabbitMQ) -> None:
    await asyncio.to_thread(broker.delete_all_queues)
    places = [AmqpPlace(broker.url) for _ in range(5)]
    await asyncio.gather(*(place.bus.open() for place in places))
    for place in places:
        await place.bus.ping()
        await place.close()


async def test_a_broker_that_says_nothing_any_more_does_not_hold_up_who_stops(broker: RabbitMQ) -> None:
    address = URL(broker.url)
    async with Proxy(str(address.host), address.port or 0) as network:
        place = AmqpPlace(str(address.with_port(network.port)))
        await place.bus.open()
        for queue in (place.topic.queue(), place.topic.queue("instance", durable=False)):
            await place.bus.subscribe(queue, place.listener())
        network.go_away(silently=True)
        async with asyncio.timeout(15):  # half of what a container is given to stop, and of what makes a peer dead
            await place.bus.close()
        network.come_back()
        await place.close()


async def test_an_error_names_the_broker_and_never_its_password(broker: RabbitMQ) -> None:
    place = AmqpPlace("amqp://someone:secret-word@127.0.0.1:1/")
    with pytest.raises(BusUnavailableError) as error:
        await place.bus.publish(place.topic.step())
    assert "127.0.0.1:1" in str(error.value)
    assert "secret-word" not in str(error.value)
