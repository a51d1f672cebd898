"""Background loops: work that comes round again and again, and outlives its own failures."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from shared.health import Pulse

log = structlog.get_logger()


class Loop:
    """Calls ``turn`` every ``interval`` seconds until it is stopped.

    A turn that fails is logged, and the next one comes as ever: what a turn does must be safe to do again.
    """

    def __init__(self, name: str, turn: Callable[[], Awaitable[None]], *, interval: float) -> None:
        self.name = name
        self.pulse = Pulse(at_least_every=max(60.0, interval * 4))
        self._turn = turn
        self._interval = interval
        self._soon = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; the first turn comes at once."""
        self._task = asyncio.create_task(self._run(), name=f"loop {self.name}")

    def hurry(self) -> None:
        """Take the next turn now instead of after the interval."""
        self._soon.set()

    async def stop(self) -> None:
        """End after the turn under way."""
        self._stopping = True
        self._soon.set()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while not self._stopping:
            self._soon.clear()
            try:
                await self._turn()
            except Exception as error:  # noqa: BLE001 - one failed turn must not end the loop
                log.warning("loop.turn_failed", loop=self.name, error=str(error) or type(error).__name__)
            self.pulse.beat()
            await self._pause()

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._interval):
                await self._soon.wait()
        except TimeoutError:
            return
