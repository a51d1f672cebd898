"""Notices of progress: that something about a run changed, said in few messages for many changes."""

import asyncio

import structlog

from shared.bus.port import Bus, BusUnavailableError
from shared.contracts.run import RunsProgressed

PAUSE = 0.05
"""Seconds between two notices: a lone change is published at once, a flood of them twenty times a second."""

log = structlog.get_logger()


class ProgressPublisher:
    """Publishes which runs have changed, for whoever shows them."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._changed: set[str] = set()
        self._publishing: asyncio.Task[None] | None = None

    def note(self, run_id: str) -> None:
        """Something about this run changed, and is stored."""
        self._changed.add(run_id)
        if self._publishing is None:
            self._publishing = asyncio.create_task(self._publish(), name="progress notices")

    async def close(self) -> None:
        """Publish what is not published yet."""
        if self._publishing is not None:
            await self._publishing

    async def _publish(self) -> None:
        try:
            while self._changed:
                run_ids, self._changed = sorted(self._changed), set()
                try:
                    await self._bus.publish(RunsProgressed(run_ids=run_ids))
                except BusUnavailableError as error:
                    # Whoever shows a run reads it again by itself after a while.
                    log.debug("progress.untold", runs=len(run_ids), error=str(error))
                await asyncio.sleep(PAUSE)
        finally:
            self._publishing = None
