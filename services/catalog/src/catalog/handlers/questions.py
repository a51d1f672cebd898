"""Questions that another service answers over the bus, to the instance that asked."""

import asyncio
from typing import Generic, TypeVar

from catalog.handlers.refusals import StoppingError
from shared.bus.port import Bus
from shared.contracts.model import Message

AnswerT = TypeVar("AnswerT")


class Questions(Generic[AnswerT]):
    """The questions of one kind that were asked here and are not answered yet."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._asked: dict[str, asyncio.Future[AnswerT]] = {}

    async def ask(self, command: Message, request_id: str, *, within: float) -> AnswerT:
        """What is answered; ``TimeoutError`` where nobody does in time (seconds), ``BusUnavailableError`` where nobody
        can be asked, ``StoppingError`` where this process stops before that.
        """
        answer: asyncio.Future[AnswerT] = asyncio.get_running_loop().create_future()
        self._asked[request_id] = answer
        try:
            async with asyncio.timeout(within):
                await self._bus.publish(command)
                return await answer
        finally:
            del self._asked[request_id]

    def close(self) -> None:
        """Wait for no answer any longer."""
        for asked in self._asked.values():
            if not asked.done():
                message = "the catalog is being stopped, and the answer is not there yet: ask again in a few seconds"
                asked.set_exception(StoppingError(message))

    def answered(self, request_id: str, answer: AnswerT) -> None:
        """Somebody answers; nobody waits any more for a late one."""
        asked = self._asked.get(request_id)
        if asked is not None and not asked.done():
            asked.set_result(answer)
