"""Where the contract of the bus is tried: in memory, and on RabbitMQ."""

import asyncio
import uuid
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

import aio_pika
from aio_pika.abc import AbstractIncomingMessage
from aio_pika.exceptions import AMQPError

from shared.bus import Bus, Queue, message_bus
from shared.bus.memory import MemoryBus
from shared.bus.topology import COMMANDS, DEAD_LETTERS, EVENTS
from shared.contracts.run import ExecuteStep
from tests.contract.bus.listener import Listener

FoundT = TypeVar("FoundT")


@dataclass(frozen=True)
class DeadLetter:
    """What an administrator finds among the dead letters."""

    kind: str
    queue: str
    error: str


@dataclass
class Topic:
    """A corner of the topology of one test's own, so that tests can share a broker."""

    pool: str = field(default_factory=lambda: f"pool-{uuid.uuid4().hex[:12]}")
    queues: list[str] = field(default_factory=list)

    def queue(self, name: str = "steps", *, durable: bool = True, deliveries: int = 5) -> Queue:
        """A queue that hears the test's steps."""
        self.queues.append(f"test.{self.pool}.{name}")
        bindings = ((COMMANDS, f"executor.{self.pool}.execute_step"),)
        return Queue(self.queues[-1], bindings, (ExecuteStep,), durable=durable, deliveries=deliveries)

    def deaf_queue(self) -> Queue:
        """A queue that hears the test's steps and does not know what they are."""
        known = self.queue("deaf")
        return Queue(known.name, (*known.bindings, (EVENTS, "nothing.#")), ())

    def step(self, number: int = 1) -> ExecuteStep:
        """A message of the test's own."""
        return ExecuteStep(attempt_id=f"attempt-{number}", run_id="run", pool=self.pool)

    def steps(self, count: int) -> list[ExecuteStep]:
        """Different messages of the test's own."""
        return [self.step(number) for number in range(count)]


class Place(ABC):
    """Something that carries messages, used by one test."""

    def __init__(self) -> None:
        self.topic = Topic()
        self._listeners: list[Listener] = []
        self.bus = self.new_bus()

    @abstractmethod
    def new_bus(self) -> Bus:
        """A bus that is not open yet."""

    @abstractmethod
    async def dead_letter(self, queue: Queue) -> DeadLetter:
        """Wait for the first dead letter of a queue."""

    def listener(self) -> Listener:
        """A handler for one subscription."""
        self._listeners.append(Listener())
        return self._listeners[-1]

    async def close(self) -> None:
        """Leave nothing behind, and let go of handlers that a failed test has left waiting."""
        for listener in self._listeners:
            listener.go_on.set()
        await self.bus.close()


class MemoryPlace(Place):
    """This process."""

    def new_bus(self) -> Bus:
        return MemoryBus()

    async def dead_letter(self, queue: Queue) -> DeadLetter:
        assert isinstance(self.bus, MemoryBus)
        letters = self.bus.dead_letters

        async def look() -> DeadLetter | None:
            for letter in letters:
                if letter.queue == queue.name:
                    return DeadLetter(letter.message.kind, letter.queue, letter.error)
            return None

        return await found(look)


class AmqpPlace(Place):
    """A broker."""

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__()

    def new_bus(self) -> Bus:
        return message_bus(self.url)

    async def dead_letter(self, queue: Queue) -> DeadLetter:
        letter = await self.letter(lambda letter: letter.headers.get("queue") == queue.name)
        return DeadLetter(str(letter.type), queue.name, str(letter.headers["error"]))

    async def letter(self, is_wanted: Callable[[AbstractIncomingMessage], bool]) -> AbstractIncomingMessage:
        """Wait for a dead letter; those of others go back when the channel closes."""

        async def look() -> AbstractIncomingMessage | None:
            with suppress(AMQPError):  # the queue is being deleted or declared
                async with await aio_pika.connect(self.url) as connection, connection.channel() as channel:
                    queue = await channel.get_queue(DEAD_LETTERS)
                    while letter := await queue.get(fail=False):
                        if is_wanted(letter):
                            await letter.ack()
                            return letter
            return None

        return await found(look)

    async def close(self) -> None:
        await super().close()
        async with await aio_pika.connect(self.url) as connection, connection.channel() as channel:
            for queue in self.topic.queues:
                await channel.queue_delete(queue)


async def found(look: Callable[[], Awaitable[FoundT | None]], within: float = 60) -> FoundT:
    """Look again and again until there is something to be found."""
    async with asyncio.timeout(within):
        while (something := await look()) is None:
            await asyncio.sleep(0.01)
        return something
