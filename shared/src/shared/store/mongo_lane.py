"""What is asked at the same time shares one command, since a command costs more than what it asks for.

What is asked in one turn of the event loop goes out at its end. What comes while a command is under way waits for its
answer and goes out together with the next: nobody waits for company, and the busier a process is, the fewer commands it
sends. Each is told its own result, as if it had been alone.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from shared.store.mongo_query import FAILURES, port_error
from shared.store.port import Collection

_MOST = 200
"""How many share a command at most."""
_LARGEST, _LARGEST_TOGETHER = 64 * 1024, 1024 * 1024
"""Characters. What is larger goes by itself, and holds up nobody. Together they stay far below what one command can
hold."""
_LEAST_SECONDS = 1.0
"""Who has waited until less is left is told so, instead of being sent and hurrying those who share its command."""


class Ask(Protocol):
    """What a command is to do for one document."""

    @property
    def id(self) -> str:
        """The document's."""

    @property
    def size(self) -> int:
        """About how much is sent for it, in characters."""


Asked = TypeVar("Asked", bound=Ask)
Answer = TypeVar("Answer")
Send = Callable[[Sequence[Asked]], Awaitable[Sequence[Answer | BaseException]]]


@dataclass(slots=True)
class _Waiting(Generic[Asked, Answer]):
    asked: Asked
    future: "asyncio.Future[Answer]"
    deadline: float


class Lane(Generic[Asked, Answer]):
    """Sends one command at a time."""

    def __init__(self, send: Send[Asked, Answer], collection: Collection, *, is_distinct: bool = True) -> None:
        """``send`` answers each in its place, or raises what happened to all.

        Those that share a command are about different documents where it ``is_distinct``.
        """
        self._send = send
        self._collection = collection
        self._is_distinct = is_distinct
        self._waiting: list[_Waiting[Asked, Answer]] = []
        self._is_busy = False
        self._sending = set[asyncio.Task[Sequence[Answer | BaseException]]]()

    def ask(self, asked: Asked, deadline: float) -> "asyncio.Future[Answer]":
        """A future for the answer to this one, or for the error of the port that it would meet alone.

        It is done by the deadline, which the event loop's clock tells.
        """
        loop = asyncio.get_running_loop()
        waiting = _Waiting(asked, loop.create_future(), deadline)
        if asked.size > _LARGEST:
            self._send_off([waiting])
        else:
            self._waiting.append(waiting)
            if not self._is_busy:
                self._is_busy = True
                loop.call_soon(self._go_on)
        return waiting.future

    def _go_on(self) -> None:
        """Send what has gathered, without what nobody waits for any more."""
        batch: list[_Waiting[Asked, Answer]] = []
        later, ids, size = [], set[str](), 0
        latest = asyncio.get_running_loop().time() + _LEAST_SECONDS
        for waiting in self._waiting:
            asked = waiting.asked
            if waiting.future.done():
                continue
            if waiting.deadline < latest:
                self._tell(waiting, TimeoutError())
            elif (
                (self._is_distinct and asked.id in ids) or len(batch) == _MOST or size + asked.size > _LARGEST_TOGETHER
            ):
                later.append(waiting)
            else:
                batch.append(waiting)
                ids.add(asked.id)
                size += asked.size
        self._waiting = later
        self._is_busy = bool(batch)
        if batch:
            self._send_off(batch, and_go_on=True)

    def _send_off(self, batch: Sequence[_Waiting[Asked, Answer]], *, and_go_on: bool = False) -> None:
        """Send a command, and tell its answers or, at the deadline, that there are none."""
        loop = asyncio.get_running_loop()
        sending = loop.create_task(self._answers([waiting.asked for waiting in batch]), context=Context())
        self._sending.add(sending)

        def end(_: object = None) -> None:
            if timer.cancelled():
                return  # it was too late
            timer.cancel()
            is_answered = sending.done() and not sending.cancelled()
            answers = sending.result() if is_answered else [TimeoutError()] * len(batch)
            sending.cancel()  # a driver may take its time to hear of it
            for waiting, answer in zip(batch, answers, strict=True):
                self._tell(waiting, answer)
            if and_go_on:
                # Whoever hears of an answer has a turn before the next command is made up, and may have a part in it.
                loop.call_soon(self._go_on)

        timer = loop.call_at(min([waiting.deadline for waiting in batch]), end)
        sending.add_done_callback(end)
        sending.add_done_callback(self._sending.discard)

    async def _answers(self, asked: Sequence[Asked]) -> Sequence[Answer | BaseException]:
        try:
            return await self._send(asked)
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait are told
            return [error] * len(asked)

    def _tell(self, waiting: _Waiting[Asked, Answer], answer: Answer | BaseException) -> None:
        if waiting.future.done():  # whoever waited was cancelled
            return
        if isinstance(answer, FAILURES):
            error = port_error(self._collection, answer)
            error.__cause__ = answer
            waiting.future.set_exception(error)
        elif isinstance(answer, BaseException):
            waiting.future.set_exception(answer)
        else:
            waiting.future.set_result(answer)
