"""What channels are to be told of runs is stored, once, however often the bridge hears that a run changed."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import structlog

from alert_bridge.domain.notifications import channels_told, event_of, notification_of
from alert_bridge.ports import NotificationContext
from shared.clock import new_id
from shared.collections import NOTIFICATIONS, RUNS
from shared.contracts.channel import Notify
from shared.contracts.model import Message
from shared.contracts.run import ENDED, Run, RunsChanged
from shared.contracts.values import instant_text
from shared.definitions import ActionVersionMissingError, action_version, stored
from shared.kinds import ALERT_RULE
from shared.lru_cache import LruCache
from shared.runs.repository import run_of
from shared.store.port import Document, Insert, OneOf, StoreError, StoreUnavailableError

MOST_VERSIONS = 5_000
"""Versions of actions of which it is remembered which channels they name."""
AGAIN_AFTER = 1.0
"""Seconds between two tries while the store is away."""
MOST_HEARD = 64
"""Messages at a time."""
STORED_TOGETHER = 64
"""Notifications: so few that no other writer waits long for them."""
FIELDS = ("action", "trigger", "state", "approval", "started_at", "ended_at")
"""Of a run, that tell whether somebody is to be told of it."""

log = structlog.get_logger()


class UntellableRunsError(Exception):
    """Channels cannot be told of some runs, because of a fault of ours or of what is stored."""

    def __init__(self, failures: Mapping[str, Exception]) -> None:
        """``failures`` says why, by the runs' ids."""
        of_each = "; ".join(f"{run_id}: {type(error).__name__}" for run_id, error in failures.items())
        super().__init__(f"nothing can be told of the runs {of_each}")
        self.__cause__ = next(iter(failures.values()))


class Announcements:
    """Hears that runs changed, and stores the notifications of that."""

    def __init__(self, context: NotificationContext, deliver_soon: Callable[[], None]) -> None:
        self._context = context
        self._deliver_soon = deliver_soon
        self._named: LruCache[tuple[Notify, ...]] = LruCache(most=MOST_VERSIONS)
        self._stopping = asyncio.Event()
        self._telling: dict[int, datetime | None] = {}
        self.heard = 0
        """How many messages."""

    @property
    def telling(self) -> Sequence[datetime | None]:
        """Of each message that is not done, which it is not where telling of it failed, either: when the first of its
        runs ended, if one has.
        """
        return list(self._telling.values())

    def stop(self) -> None:
        """Leave to others, or for later, what cannot be stored now."""
        self._stopping.set()

    async def hear(self, message: Message) -> None:
        """Runs changed; return once all that is to be told of them is stored."""
        if not isinstance(message, RunsChanged):
            raise TypeError(f"the queue of notifications brought {message.kind}")
        self.heard += 1
        number = self.heard
        self._telling[number] = min((one.ended_at for one in message.changes if one.ended_at), default=None)
        run_ids = tuple({change.run_id for change in message.changes})
        await self._tell(run_ids)
        del self._telling[number]

    async def _tell(self, run_ids: tuple[str, ...]) -> None:
        while True:
            try:
                found = await self._context.store.find(RUNS, {"id": OneOf(run_ids)}, limit=len(run_ids), fields=FIELDS)
                await self.announce(found)
            except StoreUnavailableError:
                # The message would be delivered a few times more only, and be buried then.
                if self._stopping.is_set():
                    raise
                await asyncio.sleep(AGAIN_AFTER)
            else:
                return

    async def announce(self, runs: Sequence[Document], *, is_late: bool = False) -> None:
        """Store what is to be told of these runs, and is not stored yet; what is late, as it was to be told then.

        ``UntellableRunsError``, after all the rest, for those of which nothing can be told.
        """
        writes, failures = [], {}
        for document in runs:
            try:
                writes += await self._of_run(document, is_late=is_late)
            except StoreError:
                raise
            except Exception as error:  # noqa: BLE001 - told after all the rest: one run keeps no other waiting
                failures[document["id"]] = error
        for first in range(0, len(writes), STORED_TOGETHER):
            if any(await self._context.store.write_in_order(writes[first : first + STORED_TOGETHER])):
                self._deliver_soon()
        if failures:
            raise UntellableRunsError(failures)

    async def _of_run(self, document: Document, *, is_late: bool) -> list[Insert]:
        if document["state"] not in ENDED and document.get("approval") is None:
            return []
        if document["trigger"].get("is_quiet") and document.get("started_at") is None:
            return []  # of the storm that it is part of, another run has told
        notify = await self._notify_of(document, is_late=is_late)
        # Read whole where somebody is told, and so seldom.
        run = await run_of(self._context.store, document["id"]) if notify else None
        return [] if run is None else self._insertions(run, notify)

    def _insertions(self, run: Run, notify: Sequence[Notify]) -> list[Insert]:
        found = event_of(run)
        if found is None:
            return []
        public_url, now = self._context.public_url, self._context.clock()
        made = [
            notification_of(run, channel, new_id=new_id(), public_url=public_url, now=now)
            for channel in channels_told(found[0], notify)
        ]
        return [Insert(NOTIFICATIONS, one.model_dump(mode="json", exclude_none=True)) for one in made if one]

    async def _notify_of(self, run: Document, *, is_late: bool) -> list[Notify]:
        """What the version of the action, and the alert rule that asked for the run, say about who is told."""
        version_id = run["action"]["version_id"]
        of_action = self._named.get(version_id)
        if of_action is None:
            try:
                version = await action_version(self._context.store, version_id)
            except ActionVersionMissingError:
                log.warning("notification.no_action_version", run_id=run["id"], version_id=version_id)
                of_action = ()
            else:
                of_action = tuple(version.definition.notify)
            self._named.remember(version_id, of_action)
        if run["trigger"]["kind"] != "alert":
            return list(of_action)
        rule = await stored(self._context.store, ALERT_RULE, run["trigger"]["by"])
        if rule is None or (is_late and instant_text(rule.updated_at) > _since(run)):
            return list(of_action)
        return [*of_action, *rule.definition.notify]


def _since(run: Document) -> str:
    """Since when there is something to tell of a run."""
    since: str = run.get("ended_at") or run["approval"]["asked_at"]
    return since
