"""Retention: what is old enough is deleted, in bites so small that no other writer waits for one.

A run goes after all that hangs on it, so that whoever died in between finds it again. It stays where it is not counted,
where another run goes on from it, where it is the last one of its action, or where its alert still asks for it. Of its
request a note stays: who asks again gets no other run.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from scheduler.handlers.amounts import Amounts
from shared.bites import Bites
from shared.clock import Clock, first_id
from shared.collections import (
    ALERTS,
    ATTEMPTS,
    GONE_REQUESTS,
    NOTIFICATIONS,
    OUTPUT,
    RECENT_RUNS,
    RETENTION,
    RUNS,
    STEPS,
)
from shared.contracts.retention import GONE_REQUESTS_FOR, OUTCOMES, Ages, GoneRequest, RetentionView
from shared.contracts.run import RunState
from shared.contracts.values import duration_text, instant_text
from shared.metrics import PlainCounter
from shared.runs.repository import NOT_ENDED
from shared.store.port import (
    Changes,
    Collection,
    Document,
    DocumentStore,
    DuplicateKeyError,
    OneOf,
    Range,
    Where,
    after_id,
)

STATE = "state"
PAGE = 100
BUDGET = 5.0
"""Seconds that a turn takes, about; the next one goes on."""
STORED_WITHIN = timedelta(minutes=1)
"""More than lies between the end of a run, on the clock of its scheduler, and its being stored."""
_FIELDS = ("ended_at", "counted", "unannounced", "trigger", "action")

DELETED = PlainCounter("opsimate_retention_deleted", "What was deleted because of its age", ["what"])
log = structlog.get_logger()


@dataclass(frozen=True)
class Keep:
    """After what age is deleted what."""

    runs: Ages
    output: Ages
    alerts: float | None
    deliveries: float | None
    """Which the alert-bridges delete; it is shown with the rest."""
    notifications: float | None


@dataclass
class Retention:
    """Deletes what is old enough."""

    store: DocumentStore
    clock: Clock
    keep: Keep
    _after: dict[str, str] = field(default_factory=dict)
    """Of each walk the id up to which it came; one that has come to the end begins anew."""
    _ends_at: float = 0.0
    _bites: Bites = field(init=False)
    _amounts: Amounts = field(init=False)

    def __post_init__(self) -> None:
        self._bites, self._amounts = Bites(self.store), Amounts(self.store, self.clock)

    async def turn(self) -> None:
        """Go on with all walks for some seconds."""
        self._ends_at, bites, now = time.monotonic() + BUDGET, self._bites, self.clock()
        bites.longest = 0.0
        deleted = {"runs": 0, "outputs": 0, "alerts": 0, "notifications": 0}
        for state in OUTCOMES:
            if (age := self.keep.runs[state]) is not None:
                deleted["runs"] += await self._runs(bites, state, now, now - timedelta(seconds=age))
        for age in {age for age in self.keep.output.values() if age is not None}:
            states = [state for state in OUTCOMES if self.keep.output[state] == age]
            deleted["outputs"] += await self._outputs(bites, states, age, now - timedelta(seconds=age))
        if self.keep.alerts is not None:
            deleted["alerts"] = await self._alerts(bites, now - timedelta(seconds=self.keep.alerts))
        if self.keep.notifications is not None:
            made_before = first_id(now - timedelta(seconds=self.keep.notifications))
            those: Where = {"state": OneOf(("delivered", "failed")), "id": Range(below=made_before)}
            deleted["notifications"] = await bites.delete(NOTIFICATIONS, those)
        await bites.delete(GONE_REQUESTS, {"deleted_at": Range(below=instant_text(now - GONE_REQUESTS_FOR))})
        await self._note(deleted, bites.longest, now)

    async def _runs(self, bites: Bites, state: RunState, now: datetime, before: datetime) -> int:
        deleted, walk = 0, f"runs {state}"
        while page := await self._page(RUNS, {"state": state}, walk, before, _FIELDS):
            due = [run for run in page if run["ended_at"] < instant_text(before) and run.get("counted")]
            needed = await self._needed(due)
            for run in due:
                if run["id"] not in needed:
                    await self._delete_run(bites, run["id"], now)
                    deleted += 1
            if not self._goes_on(walk, page):
                break
        return deleted

    async def _needed(self, runs: Sequence[Document]) -> set[str]:
        """Those of these runs that something still needs."""
        if not runs:
            return set()
        ids, actions = _ids(runs), {run["action"]["name"] for run in runs}
        again = await self.store.find(RUNS, {"rerun_of": ids}, limit=PAGE * 100, fields=("rerun_of",))
        last = await self.store.find(
            RECENT_RUNS, {"id": OneOf(tuple(actions))}, limit=len(actions), fields=("last_run",)
        )
        alerts = {run["trigger"]["alert_id"] for run in runs if run["trigger"].get("alert_id")}
        asking: Where = {"id": OneOf(tuple(alerts)), "pending": True}
        pending = _ids(await self.store.find(ALERTS, asking, limit=len(alerts)) if alerts else [])
        return {
            *(run["rerun_of"] for run in again),
            *(action["last_run"]["id"] for action in last),
            *(run["id"] for run in runs if run["trigger"].get("alert_id") in pending.values),
        }

    async def _delete_run(self, bites: Bites, run_id: str, now: datetime) -> None:
        run = await self.store.get(RUNS, run_id)
        if run is None:
            return
        if run["request_id"] != run_id:
            gone = GoneRequest(id=run["request_id"], run_id=run_id, deleted_at=now)
            with suppress(DuplicateKeyError):  # whoever began to delete it died, or is at it as well
                await self.store.insert(GONE_REQUESTS, gone.model_dump(mode="json"))
        for collection in (OUTPUT, ATTEMPTS, STEPS):
            if await self.store.find(collection, {"id": _below(run_id)}, limit=1):
                await bites.delete(collection, {"id": _below(run_id)})
        await bites.delete(RUNS, {"id": run_id})

    async def _outputs(self, bites: Bites, states: Sequence[RunState], age: float, before: datetime) -> int:
        """Output alone, in the order in which runs ended, of outcomes that have the same age. How far that has come is
        stored, as of most runs that a walk passes nothing is left to delete; another age is another walk.
        """
        deleted, walk = 0, f"output {' '.join(sorted(states))} {duration_text(age)}"
        ended: Where = {"ended_at": Range(below=instant_text(before))}
        known = await self.store.get(RETENTION, walk)
        after = None if known is None else (known["through"], known["run_id"])
        fields = ("ended_at", "state")
        while page := await self.store.find(RUNS, ended, order_by="ended_at", after=after, limit=PAGE, fields=fields):
            for run in page:
                if run["state"] in states:
                    deleted += await self._delete_output(bites, run["id"])
            after = page[-1]["ended_at"], page[-1]["id"]
            through, run_id = min(after, (instant_text(before - STORED_WITHIN), ""))
            await self._put({"id": walk, "through": through, "run_id": run_id})
            if len(page) < PAGE or time.monotonic() > self._ends_at:
                break
        return deleted

    async def _delete_output(self, bites: Bites, run_id: str) -> bool:
        """Whether there was any. The run says so first: whoever finds less than was printed knows why."""
        below: Where = {"id": _below(run_id)}
        if not await self.store.find(OUTPUT, below, limit=1, fields=()):
            return False
        told = Changes(set={"output_deleted_at": instant_text(self.clock())})
        await self.store.change(RUNS, {"id": run_id}, told)
        await bites.delete(OUTPUT, below)
        return True

    async def _alerts(self, bites: Bites, before: datetime) -> int:
        """Alerts that are resolved; not those that still ask for runs, or whose runs have not ended."""
        deleted, walk = 0, "alerts"
        while page := await self._page(ALERTS, {"alert.status": "resolved", "pending": False}, walk, before, None):
            due = [alert for alert in page if alert["last_received_at"] < instant_text(before)]
            run_ids = tuple({run_id for alert in due for run_id in alert["runs"]})
            under_way: Where = {"id": OneOf(run_ids), "state": NOT_ENDED}
            found = await self.store.find(RUNS, under_way, limit=len(run_ids), fields=()) if run_ids else []
            waiting = {run["id"] for run in found}
            free = _ids(alert for alert in due if not waiting.intersection(alert["runs"]))
            those: Where = {
                "id": free,
                "alert.status": "resolved",
                "last_received_at": Range(below=instant_text(before)),
            }
            deleted += await bites.delete(ALERTS, those) if free.values else 0
            if not self._goes_on(walk, page):
                break
        return deleted

    async def _page(
        self, collection: Collection, where: Where, walk: str, before: datetime, fields: Sequence[str] | None
    ) -> list[Document]:
        """What comes next of those made before an instant: ids sort by that, and nothing ends before it is made."""
        old = {**where, "id": Range(below=first_id(before))}
        page = await self.store.find(collection, old, after=after_id(self._after.get(walk)), limit=PAGE, fields=fields)
        if not page:
            self._after.pop(walk, None)
        return page

    def _goes_on(self, walk: str, page: Sequence[Document]) -> bool:
        """Note how far a walk has come; whether it goes on in this turn."""
        self._after[walk] = page[-1]["id"]
        if len(page) < PAGE:
            del self._after[walk]
            return False
        return time.monotonic() < self._ends_at

    async def _note(self, deleted: Mapping[str, int], longest: float, now: datetime) -> None:
        """Store what was done, for people."""
        for what, count in deleted.items():
            if count:
                DELETED.inc(what, amount=count)
        if any(deleted.values()):
            log.info("retention.deleted", **deleted, longest_bite=round(longest, 4))
        shown = RetentionView(
            runs=_texts(self.keep.runs),
            output=_texts(self.keep.output),
            alerts=_text(self.keep.alerts),
            deliveries=_text(self.keep.deliveries),
            notifications=_text(self.keep.notifications),
        ).model_dump(mode="json", include={"runs", "output", "alerts", "deliveries", "notifications"})
        counts = {f"deleted_{what}": count for what, count in deleted.items()}
        last = {"last_at": instant_text(now), "longest_bite": round(longest, 4)}
        if (stored := await self._amounts.counted()) is not None:
            shown["stored"] = stored.model_dump(mode="json")
        changes = Changes(set={**shown, **last}, increment=counts)
        if not await self.store.change(RETENTION, {"id": STATE}, changes):
            with suppress(DuplicateKeyError):  # another scheduler was faster, and shows the same
                await self.store.insert(RETENTION, {"id": STATE, **shown, **last, **counts})

    async def _put(self, document: Document) -> None:
        changes = Changes(set={name: value for name, value in document.items() if name != "id"})
        if not await self.store.change(RETENTION, {"id": document["id"]}, changes):
            with suppress(DuplicateKeyError):
                await self.store.insert(RETENTION, document)


def _below(run_id: str) -> Range:
    return Range(above=f"{run_id}.", below=f"{run_id}/")


def _ids(documents: Iterable[Document]) -> OneOf:
    return OneOf(tuple(document["id"] for document in documents))


def _texts(ages: Ages) -> dict[RunState, str | None]:
    return {state: _text(age) for state, age in ages.items()}


def _text(age: float | None) -> str | None:
    return None if age is None else duration_text(age)
