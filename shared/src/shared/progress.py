"""Notices of progress: that something about a run changed, said in few messages for many changes."""

import asyncio

import structlog

from shared.bus.port import Bus, BusUnavailableError
from shared.contracts.run import RunsProgressed

PAUSE = 0.05
"""Seconds between two notices: a lone change is told at once, a flood of them twenty times a second."""

log = structlog.get_logger()


class ProgressNotices:
    """Tells whoever shows runs which of them to look at again."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._changed: set[str] = set()
        self._telling: asyncio.Task[None] | None = None

    def note(self, run_id: str) -> None:
        """Something about this run changed, and is stored."""
        self._changed.add(run_id)
        if self._telling is None:
            self._telling = asyncio.create_task(self._tell(), name="progress notices")

    async def close(self) -> None:
        """Tell what is still untold."""
        if self._telling is not None:
            await self._telling

    async def _tell(self) -> None:
        try:
            while self._changed:
                run_ids, self._changed = sorted(self._changed), set()
                try:
                    await self._bus.publish(RunsProgressed(run_ids=run_ids))
                except BusUnavailableError as error:
                    # Whoever shows a run looks again by itself after a while.
                    log.debug("progress.untold", runs=len(run_ids), error=str(error))
                await asyncio.sleep(PAUSE)
        finally:
            self._telling = None
