"""Background loops: work that comes round again and again, and outlives its own failures.

What is due is found in the store, by a key that holds an instant, page by page.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from shared.contracts.values import instant_text
from shared.health import Pulse
from shared.store.port import Collection, Condition, Document, DocumentStore, Range, pages

PAGE = 500
MOST_PAGES = 40
"""In one turn, of one kind; the next turn has the rest."""

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


@dataclass(frozen=True)
class DueKind:
    """One kind of documents that fall due, and what is to be done then.

    Whatever is done moves the instant, or takes it away: what keeps it is due again with the next turn.
    """

    name: str
    """What they are, in the plural."""
    collection: Collection
    key: str
    """Holds the instant. It is declared, as are those of ``where``."""
    attend: Callable[[Sequence[Document]], Awaitable[None]]
    """Does it for a page of documents, the longest overdue first. Where it fails for some of them, it does it for the
    others and raises an ``ExceptionGroup``; after any other exception no later page is read in this turn."""
    where: Mapping[str, Condition] = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    """What ``attend`` reads of the documents, beside the key's own."""


async def attend_to(store: DocumentStore, kinds: Sequence[DueKind], now: datetime) -> None:
    """One turn: all that is due by now, of every kind. ``ExceptionGroup`` of what went wrong, after all the rest.

    One document that cannot be attended to keeps no other waiting, and does not go unnoticed. ``StoreError`` where what
    is due cannot be found, which ends the turn.
    """
    failures = {kind.name: await _attend_to_kind(store, kind, now) for kind in kinds}
    if any(failures.values()):
        told = ", ".join(f"{len(errors)} of {name}" for name, errors in failures.items() if errors)
        raise ExceptionGroup(f"due and not done: {told}", [error for errors in failures.values() for error in errors])


async def _attend_to_kind(store: DocumentStore, kind: DueKind, now: datetime) -> list[Exception]:
    failures: list[Exception] = []
    where = {**kind.where, kind.key: Range(at_most=instant_text(now))}
    due = pages(store, kind.collection, where, order_by=kind.key, size=PAGE, fields=(*kind.fields, kind.key))
    attended = 0
    async for page in due:
        try:
            await kind.attend(page)
        except ExceptionGroup as group:
            failures += group.exceptions
        except Exception as error:  # noqa: BLE001 - told by the turn, after all the rest
            failures.append(error)
            break
        attended += 1
        if attended == MOST_PAGES:
            break
    return failures
