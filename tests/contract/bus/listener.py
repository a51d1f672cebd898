"""A handler for tests of the bus, which notes what it hears and does as it is told."""

import asyncio
from collections.abc import Callable, Sequence

from shared.contracts.model import Message


class Listener:
    """Notes messages when their handling begins and when it ends; can be told to wait or to raise."""

    def __init__(self) -> None:
        self.begun: list[Message] = []
        self.handled: list[Message] = []
        self.most_at_once = 0
        self.go_on = asyncio.Event()
        """Cleared, handlers wait until it is set."""
        self.go_on.set()
        self.failures: list[Exception] = []
        """Raised one after the other, each by the next handling."""
        self._at_once = 0
        self._something_happened = asyncio.Condition()

    async def __call__(self, message: Message) -> None:
        """Handle a message."""
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        await self._note(self.begun, message)
        try:
            await self.go_on.wait()
            if self.failures:
                raise self.failures.pop(0)
            await self._note(self.handled, message)
        finally:
            self._at_once -= 1

    async def has_begun(self, count: int) -> None:
        """Wait until so many handlings have begun."""
        await self._until(lambda: len(self.begun) >= count)

    async def has_handled(self, count: int) -> None:
        """Wait until so many handlings have ended well."""
        await self._until(lambda: len(self.handled) >= count)

    async def has_handled_all(self, messages: Sequence[Message]) -> None:
        """Wait until each of these messages was handled, whatever else was."""
        await self._until(lambda: {str(message) for message in messages} <= {str(message) for message in self.handled})

    async def _note(self, notes: list[Message], message: Message) -> None:
        async with self._something_happened:
            notes.append(message)
            self._something_happened.notify_all()

    async def _until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(60), self._something_happened:
            await self._something_happened.wait_for(condition)
