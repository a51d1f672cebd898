"""Maintenance windows as the scheduler asks for them: what holds a run, and whom their changes concern."""

from collections.abc import Sequence
from typing import Literal

from scheduler.domain.windows import held_by
from shared.clock import Clock
from shared.collections import RUNS
from shared.contracts.action import ActionDefinition
from shared.contracts.maintenance_window import MaintenanceWindowDefinition
from shared.contracts.run import Run, WaitingFor
from shared.definitions import Stored, all_stored
from shared.kinds import MAINTENANCE_WINDOW
from shared.remembered import Remembered
from shared.runs.joining import is_held
from shared.store.port import DocumentStore, pages

REMEMBERED_FOR = 2.0
"""Seconds: a window that is made holds whatever begins so much later."""


class Windows:
    """All maintenance windows."""

    def __init__(self, store: DocumentStore, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._known = Remembered[Sequence[Stored[MaintenanceWindowDefinition]]]()
        self._versions: frozenset[str] | None = None

    async def over(self, run: Run, action: ActionDefinition) -> WaitingFor | Literal["open"]:
        """What holds the run now."""
        windows = await self._known.get("all", REMEMBERED_FOR, self._stored) or ()
        return held_by([one.definition for one in windows], run, action, self._clock()) or "open"

    async def concerned(self) -> list[str]:
        """The runs that wait for a window to end, where any has changed since this was asked last, or it never was."""
        self._known.forget("all")
        windows = await self._stored()
        versions = frozenset(one.version_id for one in windows)
        if versions == self._versions:
            return []
        self._versions = versions
        waiting = pages(self._store, RUNS, {"state": "delayed"}, fields=("waiting_for",))
        return [run["id"] async for page in waiting for run in page if is_held(run)]

    async def _stored(self) -> Sequence[Stored[MaintenanceWindowDefinition]]:
        return await all_stored(self._store, MAINTENANCE_WINDOW)
