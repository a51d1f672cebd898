"""Messages that wait in the broker while it is upgraded: read by the new release, or refused, and never in a circle."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aio_pika
import pytest
from aio_pika import DeliveryMode
from aio_pika.abc import AbstractChannel
from structlog.testing import capture_logs

import catalog.main
import executor.main
import scheduler.main
from shared.bus import Bus, Handler, Queue, Subscription, message_bus
from shared.bus.topology import DEAD_LETTERS, ROUTES
from shared.contracts.model import Message
from shared.migrations import migrator_of
from shared.service import Runtime
from shared.settings import Listen, Settings
from shared.store import document_store
from tests.contract.bus.places import found
from tests.earlier_releases import COPIED_AT, MASTER_KEY, WireMessage, messages, write_database

_IDS = ("run_id", "attempt_id", "attempt_ids", "run_ids", "request_id")
_CLASS_OF_KIND = {route.message.kind: route.message for route in ROUTES}


def _about(kind: str, body: Mapping[str, Any]) -> str:
    """What kind of message it is, and what it speaks of."""
    return f"{kind} {[body.get(name) for name in _IDS]}"


@dataclass
class ObservedBus:
    """A bus that notes what its handlers were given, and what they raised."""

    bus: Bus
    keeps_messages: bool = True
    handled: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[Message, Exception]] = field(default_factory=list)

    async def open(self) -> None:
        await self.bus.open()

    async def close(self) -> None:
        await self.bus.close()

    async def ping(self) -> None:
        await self.bus.ping()

    async def publish(self, message: Message) -> None:
        await self.bus.publish(message)

    async def subscribe(self, queue: Queue, handler: Handler, *, prefetch: int = 64) -> Subscription:
        async def observed(message: Message) -> None:
            try:
                await handler(message)
            except Exception as error:
                self.failures.append((message, error))
                raise
            self.handled[_about(message.kind, message.model_dump(mode="json"))] += 1

        return await self.bus.subscribe(queue, observed, prefetch=prefetch)


@dataclass
class Upgraded:
    """The services of this release over the store of an earlier one, and the broker between them."""

    bus: ObservedBus
    channel: AbstractChannel

    async def brings(self, message: WireMessage) -> None:
        """Put a message where the earlier release put it."""
        await self.brings_bytes(message, message.encoded())

    async def brings_bytes(self, message: WireMessage, body: bytes) -> None:
        wire = aio_pika.Message(
            body,
            content_type="application/json",
            delivery_mode=DeliveryMode.PERSISTENT,
            type=message.kind,
            headers=dict(message.headers),
        )
        exchange = await self.channel.get_exchange(message.exchange, ensure=False)
        await exchange.publish(wire, message.routing_key, mandatory=True)

    async def has_handled(self, expected: Sequence[WireMessage]) -> None:
        """Wait until every one of these came to its handler, as often as it is named."""
        wanted = Counter(_about(message.kind, message.body) for message in expected)

        async def all_came() -> bool | None:
            return (wanted <= self.bus.handled) or None

        try:
            await found(all_came, within=30)
        except TimeoutError:
            pytest.fail(f"never handled: {wanted - self.bus.handled}; raised: {self.bus.failures}")

    async def dead_letters(self, number: int) -> list[tuple[str | None, str]]:
        """Wait for so many dead letters; the kind of each, and why it could not be read."""
        letters: list[tuple[str | None, str]] = []
        queue = await self.channel.get_queue(DEAD_LETTERS, ensure=False)

        async def all_there() -> bool | None:
            while letter := await queue.get(fail=False, no_ack=True):
                letters.append((letter.type, str(letter.headers["error"])))
            return len(letters) >= number or None

        await found(all_there, within=30)
        return letters


@pytest.fixture
async def upgraded(virtual_host: str, tmp_path: Path) -> AsyncIterator[Upgraded]:
    path = tmp_path / "opsimate.db"
    write_database(path, under_way=False)
    settings = Settings(
        store_url=f"sqlite:{path}",
        bus_url=virtual_host,
        master_key=MASTER_KEY,
        listen=Listen(host="127.0.0.1", port=0),
        pools=["default", "edge"],
    )
    (asked_by,) = [message.body["reply_to"] for message in messages() if message.kind == "provider_tested"]
    bus = ObservedBus(message_bus(virtual_host))
    runtime = Runtime(settings, document_store(settings.store_url), bus, clock=lambda: COPIED_AT, instance=asked_by)
    async with AsyncExitStack() as closing:
        await migrator_of(runtime.store, may_move=True).bring_up_to_date()
        closing.push_async_callback(runtime.store.close)
        await bus.open()
        closing.push_async_callback(bus.close)
        for build in (catalog.main.build, scheduler.main.build, executor.main.build):
            service = build(runtime)
            await service.start()
            closing.push_async_callback(service.stop)
        connection = await closing.enter_async_context(await aio_pika.connect(virtual_host))
        yield Upgraded(bus, await connection.channel(on_return_raises=True))


async def test_every_message_of_an_earlier_release_is_read_and_handled_without_a_fault(upgraded: Upgraded) -> None:
    samples = messages()
    assert {sample.kind for sample in samples} == {
        "advance_run",
        "cancel_attempts",
        "execute_step",
        "provider_tested",
        "runs_progressed",
        "step_finished",
        "test_provider",
    }
    for sample in samples:
        await upgraded.brings(sample)
        await upgraded.brings(sample.with_field("of_a_later_release", {"deep": ["er"]}))
    await upgraded.has_handled([*samples, *samples])
    assert upgraded.bus.failures == []
    assert await upgraded.dead_letters(0) == []


async def test_what_cannot_be_read_goes_to_the_dead_letters_at_once_and_is_logged(upgraded: Upgraded) -> None:
    one_of_each = list({sample.kind: sample for sample in messages() if not sample.headers}.values())
    unreadable = [sample.with_kind("unheard_of") for sample in one_of_each]
    for sample in one_of_each:
        fields = _CLASS_OF_KIND[sample.kind].model_fields
        unreadable += [sample.without_field(name) for name in sample.body if fields[name].is_required()]
    with capture_logs() as logs:
        for sample in unreadable:
            await upgraded.brings(sample)
        for sample in one_of_each:
            await upgraded.brings_bytes(sample, sample.encoded()[:-1])
        for sample in one_of_each:
            await upgraded.brings(sample)
        await upgraded.has_handled(one_of_each)
        letters = await upgraded.dead_letters(len(unreadable) + len(one_of_each))
    # Neither comes twice: what is refused is refused with its first delivery.
    assert Counter(kind for kind, _ in letters) == Counter(sample.kind for sample in [*unreadable, *one_of_each])
    assert all(error.startswith("UndecodableError: ") for _, error in letters)
    told = [line for line in logs if line["event"] == "bus.message_dead_lettered"]
    assert Counter(line["kind"] for line in told) == Counter(kind for kind, _ in letters)
    assert {line["delivery"] for line in told} == {1}
    assert [line for line in logs if line["event"] == "bus.handler_failed"] == []
