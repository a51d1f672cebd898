"""What both adapters do with a delivery: decode it, run its handler, and decide when it comes again."""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any

from pydantic import ValidationError

from shared.bus.port import Handler
from shared.bus.topology import Queue
from shared.contracts.model import Message

PAUSES = (0.2, 1.0, 5.0, 20.0)
"""Seconds before the second, third, fourth and every later delivery of a message whose handler raised."""

DEAD_LETTERS_KEPT = 10_000
"""Of more messages than these, the oldest are dropped."""

_ERROR_LENGTH = 2_000


class UndecodableError(Exception):
    """A message that its queue cannot make sense of; to deliver it again would change nothing."""


class Decoder:
    """Makes messages of what arrives in one queue."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._class_of_kind = {message.kind: message for message in queue.messages}

    def decode(self, kind: str | None, body: bytes) -> Message:
        """The message of this kind with this JSON; ``UndecodableError`` says what is wrong."""
        try:
            return self._class(kind).model_validate_json(body)
        except ValidationError as error:
            raise UndecodableError(f"{kind} is malformed: {error}") from error

    def check(self, message: Message) -> None:
        """Refuse with ``UndecodableError`` what could not have been decoded, had it come as bytes."""
        self._class(message.kind)

    def _class(self, kind: str | None) -> type[Message]:
        try:
            return self._class_of_kind[kind or ""]
        except KeyError:
            expected = ", ".join(self._class_of_kind)
            raise UndecodableError(f"{self._queue.name} expects {expected}, not {kind}") from None


async def error_of(handler: Handler, message: Message) -> Exception | None:
    """Run a handler; what it raised, or none."""
    try:
        await handler(message)
    except asyncio.CancelledError as error:
        if is_cancelled():
            raise
        failure = RuntimeError("something that the handler waited for was cancelled")
        failure.__cause__ = error
        return failure
    except Exception as error:  # noqa: BLE001 - whatever it raises, the message is delivered again
        return error
    return None


def is_cancelled() -> bool:
    """Whether somebody cancelled this task, and not only what it waited for."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


class Handlings:
    """The handlers under way for one subscription, each in a task of its own."""

    def __init__(self, limit: int, when_one_ended: Callable[[], None]) -> None:
        self._limit = limit
        self._when_one_ended = when_one_ended
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def has_room(self) -> bool:
        """Whether another one may begin."""
        return len(self._tasks) < self._limit

    def begin(self, handling: Coroutine[Any, Any, None]) -> None:
        """Begin one, which has to see to its own errors."""
        # A context of its own: what the publisher's log lines name must not stand in the handler's.
        task = asyncio.create_task(handling, context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def all_ended(self) -> None:
        """Wait for those under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._when_one_ended()


def pause_after(delivery: int) -> float:
    """How many seconds after its nth delivery, counted from 1, a message comes again."""
    return PAUSES[min(delivery, len(PAUSES)) - 1]


def error_text(error: Exception) -> str:
    """An error as a dead letter carries it."""
    return f"{type(error).__name__}: {error}"[:_ERROR_LENGTH]
