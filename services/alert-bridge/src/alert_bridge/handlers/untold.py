"""What a bus that keeps no messages loses with its process: changes of runs of which no channel was told.

How far channels were surely told is stored, as an instant: of all runs that had ended by then, whatever there is to
tell stands in the store. The next process looks at all that ended since, and at whatever waits for people.
"""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from alert_bridge.handlers.announcements import FIELDS, MOST_HEARD, Announcements, UntellableRunsError
from alert_bridge.ports import NotificationContext
from shared.collections import ANNOUNCED, RUNS
from shared.contracts.values import instant_text
from shared.store.port import Changes, Document, DuplicateKeyError, Range, Where, pages

NOTE_EVERY = 30.0
"""Seconds: what was told since is looked at once more where the process is killed."""
LOOKED_BACK = timedelta(days=1)
"""Where nobody has noted yet how far channels were told."""
STORED_WITHIN = timedelta(minutes=1)
"""More than lies between the end of a run, on the clock of its scheduler, and its being stored."""
MOST_UNTOLD = 1_000
"""Runs with changes that the scheduler has not told of yet; where there are more, nothing is noted until it has."""
PAGE = 200
_ID = "told"

log = structlog.get_logger()


class Untold:
    """Tells what the process before left untold, and notes how far this one has told."""

    def __init__(self, context: NotificationContext, announcements: Announcements) -> None:
        self._context = context
        self._announcements = announcements
        self._has_caught_up = False
        self._heard = -1

    async def turn(self) -> None:
        """Catch up, once; then note how far it is told, where something was heard since."""
        if not self._has_caught_up:
            await self._catch_up()
            self._has_caught_up = True
        if self._announcements.heard != self._heard:
            await self._note()

    async def _catch_up(self) -> None:
        # Of older runs the notification may be deleted by now, and would be made, and sent, once more.
        now = self._context.clock()
        kept = None if self._context.keep is None else now - self._context.keep
        known = await self._context.store.get(ANNOUNCED, _ID)
        since = now - LOOKED_BACK if known is None else datetime.fromisoformat(known["until"])
        since = since if kept is None else max(since, kept)
        await self._tell(self._ended(since))
        asked: Where = {"approval.asked_at": Range(at_least=None if kept is None else instant_text(kept))}
        await self._tell(pages(self._context.store, RUNS, asked, size=PAGE, fields=FIELDS))

    async def _tell(self, runs: AsyncIterator[list[Document]]) -> None:
        async for page in runs:
            try:
                await self._announcements.announce(page, is_late=True)
            except UntellableRunsError as error:  # nor would it be another time, and others wait behind these
                log.warning("notification.untellable", error=str(error))

    def _ended(self, since: datetime) -> AsyncIterator[list[Document]]:
        where: Where = {"ended_at": Range(at_least=instant_text(since))}
        return pages(self._context.store, RUNS, where, order_by="ended_at", size=PAGE, fields=FIELDS)

    async def _note(self) -> None:
        """Note the instant before which nothing is left, with the scheduler or with whoever hears of it now."""
        heard, instants = self._announcements.heard, [self._context.clock()]
        untold: Where = {"unannounced": Range()}
        found = await self._context.store.find(
            RUNS, untold, order_by="unannounced", limit=MOST_UNTOLD, fields=("ended_at", "unannounced")
        )
        telling = self._announcements.telling
        if len(found) == MOST_UNTOLD or len(telling) >= MOST_HEARD:
            return
        instants += [datetime.fromisoformat(run["ended_at"]) for run in found if run.get("ended_at")]
        instants += [ended_at for ended_at in telling if ended_at is not None]
        until = instant_text(min(instants) - STORED_WITHIN)
        if not await self._context.store.change(ANNOUNCED, {"id": _ID}, Changes(set={"until": until})):
            with suppress(DuplicateKeyError):
                await self._context.store.insert(ANNOUNCED, {"id": _ID, "until": until})
        self._heard = heard
