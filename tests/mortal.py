"""Processes that die wherever they are: before or after any of their calls of the store and the bus."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from shared.store import Insert, OrderedWrite


class Mortal:
    """What a process calls, that dies right before or right after one of its calls, and calls nothing after that."""

    def __init__(self, inner: Any, life: "Life") -> None:
        self._inner = inner
        self._life = life

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)
        if not asyncio.iscoroutinefunction(method):
            return method

        async def call(*args: Any, **kwargs: Any) -> Any:
            return await self._life.spend(lambda: method(*args, **kwargs), name)

        async def call_one_by_one(writes: Sequence[OrderedWrite]) -> list[bool]:
            """It may die between two of them, too, as with a store that has no transactions."""
            made: list[bool] = []
            for write in writes:
                one = partial(method, [write])
                made += await self._life.spend(one, type(write).__name__.lower())
                if not made[-1] and not isinstance(write, Insert):
                    break
            return made + [False] * (len(writes) - len(made))

        return call_one_by_one if name == "write_in_order" else call


@dataclass
class Life:
    """How many calls a process makes before it is killed."""

    calls_left: int = 1_000_000
    is_made: bool = False
    """Whether the last call still happens."""
    chance: random.Random | None = None
    """Lets others run between the calls, now and then."""
    meanwhile: tuple[int, Callable[[], Awaitable[None]]] | None = None
    """What others do right before one of the calls, while this process sleeps."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    calls: list[str] = field(default_factory=list)

    async def spend(self, call: Callable[[], Awaitable[Any]], name: str) -> Any:
        if self.ended.is_set():
            raise asyncio.CancelledError
        if self.chance is not None:
            for _ in range(self.chance.randrange(4)):
                await asyncio.sleep(0)
        self.calls.append(name)
        if self.meanwhile is not None and self.meanwhile[0] == len(self.calls):
            await self.meanwhile[1]()
        self.calls_left -= 1
        if self.calls_left <= 0:
            if self.is_made:
                await call()
            self.ended.set()
            raise asyncio.CancelledError
        return await call()
