"""What every adapter of the Bus port promises."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from shared.bus import BusUnavailableError
from shared.contracts.model import Message
from tests.contract.bus.places import AmqpPlace, MemoryPlace, Place, Topic, found
from tests.servers.rabbitmq import RabbitMQ


@pytest.fixture(params=["memory", "amqp"])
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    broker: RabbitMQ | None = request.getfixturevalue("rabbitmq") if request.param == "amqp" else None
    place = AmqpPlace(broker.url) if broker else MemoryPlace()
    await place.bus.open()
    yield place
    await place.close()


async def test_a_published_message_reaches_its_handler(place: Place) -> None:
    listener = place.listener()
    await place.bus.subscribe(place.topic.queue(), listener)
    await place.bus.publish(place.topic.step())
    await listener.has_handled(1)
    assert listener.handled == [place.topic.step()]


@pytest.mark.parametrize("size", [131_063, 131_064, 131_065, 1_000_000])
async def test_a_message_of_any_size_arrives_whole(place: Place, size: int) -> None:
    """In bytes; a frame of AMQP, of 128 KiB, has room for 131,064 of them."""
    listener, small = place.listener(), place.topic.steps(2)
    large = small[0].model_copy(update={"attempt_id": "x" * (size - len(small[0].model_dump_json()) + 9)})
    assert len(large.model_dump_json()) == size
    await place.bus.subscribe(place.topic.queue(), listener)
    await asyncio.gather(*(place.bus.publish(message) for message in (small[0], large, small[1])))
    await listener.has_handled(3)
    assert {message.model_dump_json() for message in listener.handled} == {
        message.model_dump_json() for message in (*small, large)
    }


async def test_a_message_that_nobody_is_bound_for_is_dropped_without_an_error(place: Place) -> None:
    await place.bus.publish(place.topic.step())


async def test_as_many_handlers_as_the_prefetch_allows_run_at_the_same_time(place: Place) -> None:
    listener = place.listener()
    listener.go_on.clear()
    await place.bus.subscribe(place.topic.queue(), listener, prefetch=3)
    for step in place.topic.steps(9):
        await place.bus.publish(step)
    await listener.has_begun(3)
    listener.go_on.set()
    await listener.has_handled(9)
    assert listener.most_at_once == 3


async def test_a_message_whose_handler_raised_comes_again_and_holds_up_no_other(place: Place) -> None:
    listener = place.listener()
    listener.failures = [RuntimeError("the store is away")]
    first, second = place.topic.steps(2)
    subscription = await place.bus.subscribe(place.topic.queue(), listener, prefetch=1)
    await subscription.pause()
    await place.bus.publish(first)
    await place.bus.publish(second)
    await subscription.resume()
    await listener.has_handled(2)
    assert listener.begun == [first, second, first]


async def test_a_message_that_keeps_failing_becomes_a_dead_letter_with_its_error(place: Place) -> None:
    listener = place.listener()
    listener.failures = [ValueError("once"), ValueError("no such attempt"), ValueError("once too often")]
    queue = place.topic.queue(deliveries=2)
    await place.bus.subscribe(queue, listener)
    await place.bus.publish(place.topic.step())
    letter = await place.dead_letter(queue)
    assert (letter.kind, letter.queue, letter.error) == ("execute_step", queue.name, "ValueError: no such attempt")
    assert len(listener.begun) == 2


async def test_a_handler_that_something_else_cancelled_has_failed(place: Place) -> None:
    listener = place.listener()
    cancelled = asyncio.get_running_loop().create_future()
    cancelled.cancel()

    async def waits_for_something_cancelled(message: Message) -> None:
        await listener(message)
        if len(listener.handled) == 1:
            await cancelled

    await place.bus.subscribe(place.topic.queue(), waits_for_something_cancelled)
    await place.bus.publish(place.topic.step())
    await listener.has_handled(2)


async def test_a_message_of_a_class_that_the_queue_does_not_know_becomes_a_dead_letter(place: Place) -> None:
    listener = place.listener()
    queue = place.topic.deaf_queue()
    await place.bus.subscribe(queue, listener)
    await place.bus.publish(place.topic.step())
    letter = await place.dead_letter(queue)
    assert letter.kind == "execute_step"
    assert "not execute_step" in letter.error
    assert listener.begun == []


async def test_the_subscribers_of_a_durable_queue_share_its_messages(place: Place) -> None:
    listeners = [place.listener(), place.listener()]
    queue = place.topic.queue()
    for listener in listeners:
        listener.go_on.clear()
        await place.bus.subscribe(queue, listener, prefetch=1)
    for step in place.topic.steps(2):
        await place.bus.publish(step)
    for listener in listeners:
        await listener.has_begun(1)
        listener.go_on.set()
        await listener.has_handled(1)
    assert {str(message) for listener in listeners for message in listener.begun} == {
        str(step) for step in place.topic.steps(2)
    }


async def test_every_instance_queue_hears_every_message(place: Place) -> None:
    listeners = [place.listener(), place.listener()]
    for number, listener in enumerate(listeners):
        await place.bus.subscribe(place.topic.queue(f"instance-{number}", durable=False), listener)
    for step in place.topic.steps(3):
        await place.bus.publish(step)
    for listener in listeners:
        await listener.has_handled_all(place.topic.steps(3))


async def test_an_instance_queue_ends_with_its_subscription(place: Place) -> None:
    earlier, later = place.listener(), place.listener()
    subscription = await place.bus.subscribe(place.topic.queue(durable=False), earlier)
    await subscription.cancel()
    await place.bus.publish(place.topic.step(1))
    await place.bus.subscribe(place.topic.queue(durable=False), later)
    await place.bus.publish(place.topic.step(2))
    await later.has_handled(1)
    assert (earlier.begun, later.begun) == ([], [place.topic.step(2)])


async def test_a_durable_queue_keeps_messages_while_nobody_listens(place: Place) -> None:
    nobody, listener = place.listener(), place.listener()
    subscription = await place.bus.subscribe(place.topic.queue(), nobody)
    await subscription.cancel()
    await place.bus.publish(place.topic.step())
    await place.bus.subscribe(place.topic.queue(), listener)
    await listener.has_handled(1)
    assert nobody.begun == []


async def test_a_paused_subscription_leaves_messages_to_others_and_ends_what_it_began(place: Place) -> None:
    paused, other = place.listener(), place.listener()
    paused.go_on.clear()
    queue = place.topic.queue()
    first, *rest = place.topic.steps(5)
    subscription = await place.bus.subscribe(queue, paused, prefetch=1)
    await place.bus.publish(first)
    await paused.has_begun(1)
    await subscription.pause()
    await place.bus.subscribe(queue, other)
    for step in rest:
        await place.bus.publish(step)
    await other.has_handled_all(rest)
    paused.go_on.set()
    await paused.has_handled(1)
    assert paused.begun == [first]
    assert first not in other.begun


@pytest.mark.parametrize("durable", [True, False])
async def test_a_resumed_subscription_gets_what_came_meanwhile(place: Place, durable: bool) -> None:
    listener = place.listener()
    subscription = await place.bus.subscribe(place.topic.queue(durable=durable), listener)
    await subscription.pause()
    for step in place.topic.steps(3):
        await place.bus.publish(step)
    assert listener.begun == []
    await subscription.resume()
    await listener.has_handled_all(place.topic.steps(3))


async def test_pausing_and_resuming_never_begins_more_handlers_than_the_prefetch_allows(place: Place) -> None:
    listener = place.listener()
    listener.go_on.clear()
    subscription = await place.bus.subscribe(place.topic.queue(), listener, prefetch=2)
    for step in place.topic.steps(6):
        await place.bus.publish(step)
    await listener.has_begun(2)
    await subscription.pause()
    await subscription.resume()
    await subscription.pause()
    await subscription.resume()
    listener.go_on.set()
    await listener.has_handled_all(place.topic.steps(6))
    assert listener.most_at_once == 2


async def test_cancelling_waits_for_the_handlers_under_way_and_begins_no_other(place: Place) -> None:
    cancelled, successor = place.listener(), place.listener()
    cancelled.go_on.clear()
    queue = place.topic.queue()
    subscription = await place.bus.subscribe(queue, cancelled, prefetch=1)
    for step in place.topic.steps(3):
        await place.bus.publish(step)
    await cancelled.has_begun(1)
    cancelling = asyncio.create_task(subscription.cancel())
    await place.bus.subscribe(queue, successor)
    await successor.has_handled(2)
    assert not cancelling.done()
    cancelled.go_on.set()
    await cancelling
    assert len(cancelled.handled) == len(cancelled.begun) == 1


async def test_closing_waits_for_the_handlers_under_way_and_lets_them_publish(place: Place) -> None:
    published = False
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def publish_at_the_end(_: object) -> None:
        begun.set()
        await go_on.wait()
        await place.bus.publish(Topic().step())
        nonlocal published
        published = True

    await place.bus.subscribe(place.topic.queue(), publish_at_the_end)
    await place.bus.publish(place.topic.step(1))
    await begun.wait()
    closing = asyncio.create_task(place.bus.close())
    go_on.set()
    await closing
    assert published


async def test_publishing_before_the_start_and_after_the_end_says_that_the_bus_is_unavailable(place: Place) -> None:
    bus = place.new_bus()
    for asked in (bus.ping(), bus.publish(place.topic.step())):
        with pytest.raises(BusUnavailableError):
            await asked
    await bus.open()
    await bus.ping()
    await bus.publish(place.topic.step())
    await bus.close()
    for asked in (bus.ping(), bus.publish(place.topic.step())):
        with pytest.raises(BusUnavailableError):
            await asked


async def test_subscriptions_made_before_the_start_begin_with_it(place: Place) -> None:
    bus = place.new_bus()
    listener = place.listener()
    await bus.subscribe(place.topic.queue(), listener)
    await bus.open()

    async def heard() -> bool | None:
        await bus.publish(place.topic.step())
        return bool(listener.handled) or None

    await found(heard)
    await bus.close()


async def test_a_message_without_a_route_is_refused(place: Place) -> None:
    class Unheard(type(place.topic.step())):  # type: ignore[misc]
        kind = "unheard"

    with pytest.raises(LookupError, match="Unheard has no route"):
        await place.bus.publish(Unheard(attempt_id="1", run_id="1", pool="p"))
