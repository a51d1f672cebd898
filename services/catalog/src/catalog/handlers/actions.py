"""Actions as lists show them: those that are asked for, in order and page by page, each with what its runs tell of it.

What an action says is in one collection and what became of its runs in another, which another service owns. A page
follows whichever of the two has the order that is asked for, and looks up there what the other one has to say.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from catalog.domain.estimates import remaining_time
from catalog.domain.run_views import run_progress
from catalog.handlers.favourites import favourites_of
from shared.collections import ACTIONS, RECENT_RUNS, RUNS
from shared.contracts.action import ActionDefinition
from shared.contracts.category import CATEGORIES, category_of
from shared.contracts.run import SUMMARY_FIELDS, RunState, RunSummary
from shared.contracts.statistics import LastRun
from shared.contracts.values import instant_text
from shared.definitions import LISTING, Stored, listed_keys, parsed
from shared.store.port import (
    Absent,
    Changes,
    Collection,
    Condition,
    Document,
    DocumentStore,
    OneOf,
    Range,
    pages,
)

ActionOrder = Literal["name", "-name", "last_run", "-last_run"]
"""With a minus the other way round. One that never ran is before all that did."""
MOST_LOOKED_AT = 10_000
"""Actions that are looked at for one page; the next page goes on after them."""
LOOKED_AT_FIRST, LOOKED_AT_ONCE = 500, 2_000
"""At first few, as a page is soon full; then twice as many each time, up to so many."""


@dataclass(frozen=True)
class ActionFilter:
    """Which actions are asked for: all that is given has to hold."""

    category: str | None = None
    tag: str | None = None
    text: str = ""
    """Words, each of which has to be in the name, the title, a tag or the description, however they are written."""
    favourite: bool | None = None
    """Whether the caller marked it."""
    last_outcome: RunState | None = None
    """How the run ended that ended last."""


@dataclass(frozen=True)
class Position:
    """Where in the list an action stands."""

    name: str
    ended_at: str | None = None
    """When its last run ended, in a list by that; none where it never ran."""


@dataclass(frozen=True)
class _Span:
    """A part of the list that lies in the order of one collection."""

    store: DocumentStore
    wanted: ActionFilter
    marked: frozenset[str]
    """The caller's favourites, where they matter."""
    descending: bool
    by_last_run: bool = False
    """Whether the order is that of the last runs, and else that of the names."""
    never_ran: bool = False
    """Whether it has only those actions that never ran."""

    @property
    def _follows_runs(self) -> bool:
        return self.by_last_run or self.wanted.last_outcome is not None

    @property
    def sifts(self) -> bool:
        """Whether not all that is read belongs into the list."""
        return self._follows_runs or self.never_ran or bool(self.wanted.text) or self.wanted.favourite is False

    async def read(self, after: Position | None, limit: int) -> list[Position]:
        """The next ones, whether they belong into the list or not."""
        last: tuple[str | None, str] | None = None if after is None else (after.name, after.name)
        if self.by_last_run and after is not None:
            last = (after.ended_at, after.name)
        found = await self.store.find(
            RECENT_RUNS if self._follows_runs else ACTIONS,
            self._where_last_run() if self._follows_runs else self._where(),
            order_by="last_run.ended_at" if self.by_last_run else "id",
            descending=self.descending,
            after=last,
            limit=limit,
            fields=("last_run",) if self.by_last_run else (),
        )
        return [Position(one["id"], one["last_run"]["ended_at"] if self.by_last_run else None) for one in found]

    async def sifted(self, read: Sequence[Position]) -> list[Position]:
        """Those of them that belong into the list."""
        names = tuple(one.name for one in read)
        texts: dict[str, str] = dict.fromkeys(names, "")
        if self._follows_runs or self.wanted.text:
            found = await self._named(ACTIONS, {**self._where(), "id": OneOf(names)}, "text")
            texts = {str(one["id"]): str(one.get("text", one["id"])) for one in found}
        if self.never_ran:
            ran = {one["id"] for one in await self._named(RECENT_RUNS, {"id": OneOf(names)})}
            texts = {name: text for name, text in texts.items() if name not in ran}
        words = self.wanted.text.casefold().split()
        return [
            one
            for one in read
            if one.name in texts
            and all(word in texts[one.name] for word in words)
            and (self.wanted.favourite is not False or one.name not in self.marked)
        ]

    async def _named(self, collection: Collection, where: dict[str, Condition], *fields: str) -> list[Document]:
        return await self.store.find(collection, where, limit=LOOKED_AT_ONCE, fields=fields)

    def _where(self) -> dict[str, Condition]:
        given = (("category", self.wanted.category), ("tags", self.wanted.tag))
        return self._marked() | {key: value for key, value in given if value is not None}

    def _where_last_run(self) -> dict[str, Condition]:
        outcome = self.wanted.last_outcome
        return self._marked() | ({} if outcome is None else {"last_run.state": outcome})

    def _marked(self) -> dict[str, Condition]:
        return {"id": OneOf(tuple(sorted(self.marked)))} if self.wanted.favourite else {}


async def list_actions(
    store: DocumentStore,
    wanted: ActionFilter,
    order: ActionOrder,
    after: Position | None,
    limit: int,
    *,
    caller_id: str,
) -> tuple[list[str], Position | None]:
    """The names of a page, and after which position the next begins, if there is one.

    A page has fewer than ``limit`` where few of the many that were looked at belong into the list.
    """
    marked = frozenset[str]() if wanted.favourite is None else await favourites_of(store, caller_id)
    chosen: list[Position] = []
    looked_at = 0
    for span in _spans(store, wanted, marked, order, after):
        following, is_over, size = after, False, LOOKED_AT_FIRST
        while not is_over:
            most = size if span.sifts else limit + 1 - len(chosen)
            read = await span.read(following, most)
            chosen += await span.sifted(read) if span.sifts and read else read
            looked_at, size = looked_at + len(read), min(2 * size, LOOKED_AT_ONCE)
            is_over, following = len(read) < most, read[-1] if read else following
            if len(chosen) > limit:
                return [one.name for one in chosen[:limit]], chosen[limit - 1]
            if looked_at >= MOST_LOOKED_AT and not is_over:
                return [one.name for one in chosen], following
        after = None
    return [one.name for one in chosen], None


def _spans(
    store: DocumentStore,
    wanted: ActionFilter,
    marked: frozenset[str],
    order: ActionOrder,
    after: Position | None,
) -> list[_Span]:
    """What is left of the list after a position, in its order."""
    descending = order.startswith("-")
    if order.endswith("name"):
        return [_Span(store, wanted, marked, descending)]
    spans = [_Span(store, wanted, marked, descending, by_last_run=True)]
    if wanted.last_outcome is None:  # one that never ran has none
        spans.insert(len(spans) if descending else 0, _Span(store, wanted, marked, descending=False, never_ran=True))
    if after is None:
        return spans
    at = [span.by_last_run for span in spans]
    ran = after.ended_at is not None
    return spans[at.index(ran) :] if ran in at else []


async def what_runs_tell(
    store: DocumentStore, actions: Sequence[Stored[ActionDefinition]], *, caller_id: str, now: datetime
) -> list[dict[str, Any]]:
    """For each of these actions what is shown besides its definition, in three reads for all, and another for each that
    is running.
    """
    names = tuple(action.name for action in actions)
    if not names:
        return []
    found, running, marked = await asyncio.gather(
        last_runs(store, names),
        store.count_by(RUNS, {"action.name": OneOf(names), "state": "running"}, "action.name"),
        favourites_of(store, caller_id),
    )
    usual = {action.name: usual_duration(action, found.get(action.name)) for action in actions}
    busy = [name for name in usual if running.get(name)]
    under_way = await asyncio.gather(*(_current_run(store, name, usual[name], now) for name in busy))
    current = dict(zip(busy, under_way, strict=True))
    return [
        {
            "favourite": action.name in marked,
            "running": running.get(action.name, 0),
            "current_run": current.get(action.name),
            "last_run": shown_last_run(last := found.get(action.name)),
            "usual_duration": usual[action.name],
            "success_rate": None if last is None else last.success_rate,
        }
        for action in actions
    ]


async def _current_run(
    store: DocumentStore, action: str, estimate: float | None, now: datetime
) -> dict[str, Any] | None:
    """The newest of the runs of an action that are running; None where it has just ended."""
    where = {"action.name": action, "state": "running"}
    found = await store.find(RUNS, where, descending=True, limit=1, fields=SUMMARY_FIELDS)
    if not found:
        return None
    run = RunSummary.model_validate(found[0])
    is_waiting = run.waiting_for is not None
    left = remaining_time(estimate, run.state, run.started_at, is_waiting=is_waiting, now=now)
    progress = run_progress(run).model_dump(mode="json")
    started_at = None if run.started_at is None else instant_text(run.started_at)
    return {"id": run.id, "started_at": started_at, "progress": progress, "remaining": left}


def usual_duration(action: Stored[ActionDefinition] | None, last: LastRun | None) -> float | None:
    """How long a run of an action takes, in seconds: as those did that ended last, else as its author thinks."""
    if last is not None and last.usual_duration is not None:
        return last.usual_duration
    return None if action is None else action.definition.estimated_duration


def shown_last_run(last: LastRun | None) -> dict[str, Any] | None:
    """The run that ended last."""
    return None if last is None else {**last.last_run.model_dump(mode="json"), "duration": last.last_run.duration}


async def last_runs(store: DocumentStore, names: Sequence[str]) -> dict[str, LastRun]:
    """What their last runs tell of these actions, of those that ever ran, in one read."""
    fields = ("last_run", "usual_duration", "success_rate")
    found = await store.find(RECENT_RUNS, {"id": OneOf(tuple(names))}, limit=len(names), fields=fields)
    return {one["id"]: LastRun.model_validate(one) for one in found}


async def categories(store: DocumentStore) -> dict[str, int]:
    """How many actions are in each category: the given ones first, then those that people made."""
    counts = dict.fromkeys(CATEGORIES, 0)
    found = await store.count_by(ACTIONS, {}, "category")
    for name, number in sorted(found.items(), key=lambda item: str(item[0]).casefold()):
        category = category_of(str(name or ""))
        counts[category] = counts.get(category, 0) + number
    return counts


async def list_stored(store: DocumentStore) -> None:
    """Give the actions that another release has stored what lists ask for today."""
    conditions: tuple[Condition, ...] = (Absent(), Range(below=LISTING))
    for condition in conditions:
        async for page in pages(store, ACTIONS, {"listing": condition}):
            for head in page:
                keys = listed_keys(parsed(ActionDefinition, head["definition"]))
                await store.change(ACTIONS, {"id": head["id"], "version": head["version"]}, Changes(set=keys))
