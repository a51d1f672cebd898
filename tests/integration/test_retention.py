"""Retention: what is old goes in small bites, nothing that is needed goes, and no request runs twice because of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from ulid import ULID

from scheduler.handlers import amounts, retention
from scheduler.handlers.retention import Keep, Retention
from shared import bites
from shared.bites import Bites
from shared.bus.memory import MemoryBus
from shared.collections import (
    ALERTS,
    ALL,
    ATTEMPTS,
    GONE_REQUESTS,
    NOTIFICATIONS,
    OUTPUT,
    RECENT_RUNS,
    RETENTION,
    RUNS,
    STEPS,
)
from shared.contracts.retention import RetentionView, StoredAmounts, ages_of
from shared.contracts.run import Run, RunState
from shared.contracts.trigger import Trigger
from shared.contracts.values import instant_text
from shared.encryption import Sealer
from shared.runs.composing import RunRequest
from shared.runs.repository import document_of
from shared.runs.request import RequestGoneError, request_run
from shared.settings import SettingsError, load_settings
from shared.store import Changes, DocumentStore
from tests.builders import NOON, a_run, an_action
from tests.integration.conftest import NewStore
from tests.mortal import Life, Mortal

DAY = timedelta(days=1)
KEEP = Keep(ages_of("10d succeeded=5d"), ages_of("2d failed=forever"), 8 * 86_400.0, 7 * 86_400.0, 30 * 86_400.0)


@dataclass
class World:
    """A store with runs of other days."""

    store: DocumentStore
    now: datetime = NOON

    def retention(self, life: Life | None = None, keep: Keep = KEEP) -> Retention:
        store: Any = self.store if life is None else Mortal(self.store, life)
        return Retention(store, lambda: self.now, keep)

    async def run(self, days: float, state: RunState = "succeeded", **fields: Any) -> Run:
        """A run that was asked for and ended so many days ago, with all that hangs on a run."""
        ended_at = self.now - days * DAY
        run = a_run(an_action(), at=ended_at)
        run.id = str(ULID.from_datetime(ended_at))
        ended = {"state": state, "ended_at": ended_at, "counted": True, "wake_at": None, "request_id": run.id}
        run = run.model_copy(update={**ended, **fields})
        await self.store.insert(RUNS, document_of(run))
        for number in range(3):
            below = f"{run.id}.000.0000.01.{number:08}"
            await self.store.insert(OUTPUT, {"id": below, "data": b"x" * 100})
            await self.store.insert(ATTEMPTS, {"id": f"{run.id}.000.0000.0{number}", "state": "succeeded", "fence": 1})
        await self.store.insert(STEPS, {"id": f"{run.id}.000", "run_id": run.id, "providers": ["web-1"]})
        return run

    async def left(self, run: Run) -> tuple[int, ...]:
        """How much there is of the run itself, its output, its attempts and its steps."""
        below = retention._below(run.id)
        counts = [await self.store.count(collection, {"id": below}) for collection in (OUTPUT, ATTEMPTS, STEPS)]
        return (await self.store.count(RUNS, {"id": run.id}), *counts)

    async def stored(self, run: Run) -> Run:
        return Run.model_validate(await self.store.get(RUNS, run.id))

    async def view(self) -> RetentionView:
        return RetentionView.model_validate(await self.store.get(RETENTION, "state"))


WHOLE, WITHOUT_OUTPUT, GONE = (1, 3, 3, 1), (1, 0, 3, 1), (0, 0, 0, 0)


@pytest.fixture
async def world(new_store: NewStore) -> AsyncIterator[World]:
    store = new_store()
    await store.open(ALL)
    yield World(store)
    await store.close()


async def test_each_outcome_goes_at_its_age_with_all_that_hangs_on_it_and_its_output_before(world: World) -> None:
    young, tepid, old = await world.run(1), await world.run(3), await world.run(6)
    failed, old_failed = await world.run(9, "failed"), await world.run(11, "failed")
    await world.retention().turn()
    assert [await world.left(run) for run in (young, tepid, old)] == [WHOLE, WITHOUT_OUTPUT, GONE]
    assert [await world.left(run) for run in (failed, old_failed)] == [WHOLE, GONE]
    assert [(await world.stored(run)).output_deleted_at for run in (young, tepid)] == [None, NOON]
    view = await world.view()
    assert (view.deleted_runs, view.deleted_outputs, view.runs["failed"]) == (2, 1, "10d")
    assert (view.output["failed"], view.alerts, view.deliveries, view.last_at) == (None, "8d", "7d", NOON)
    world.now += 4 * DAY
    await world.retention().turn()
    assert [await world.left(run) for run in (young, tepid, failed)] == [WITHOUT_OUTPUT, GONE, GONE]
    assert (await world.view()).deleted_runs == 4


async def test_how_much_there_is_is_counted_for_people_now_and_then(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.store.insert(NOTIFICATIONS, {"id": "a", "key": "a", "state": "pending"})
    await world.run(1)
    one = world.retention()
    await one.turn()
    expected = StoredAmounts(
        runs=1, pieces_of_output=3, alerts=0, deliveries=0, notifications=1, audit_entries=0, counted_at=NOON
    )
    assert (await world.view()).stored == expected
    await world.run(1)
    world.now += timedelta(minutes=1)
    await one.turn()
    assert (await world.view()).stored == expected, "it was counted a short while ago"
    monkeypatch.setattr(amounts, "MOST_COUNTED", 5)
    await world.retention().turn()
    stored = (await world.view()).stored
    assert stored is not None
    assert (stored.runs, stored.pieces_of_output, stored.counted_at) == (2, 5, world.now)


async def test_what_is_needed_stays(world: World) -> None:
    running = await world.run(30, "running", ended_at=None, counted=False)
    uncounted = await world.run(30, counted=False)
    long_under_way = await world.run(30, ended_at=NOON - DAY)
    original = await world.run(30)
    again = await world.run(1, rerun_of=original.id)
    last = await world.run(30)
    asked, asked_too = [
        await world.run(days, trigger=Trigger(kind="alert", by=by, alert_id="episode"))
        for days, by in ((30, "rule"), (29, "other-rule"))
    ]
    await world.store.insert(ALERTS, {"id": "episode", "identity": "i", "pending": True, "runs": []})
    ended = {"id": last.id, "state": "succeeded", "ended_at": instant_text(NOON)}
    await world.store.insert(RECENT_RUNS, {"id": "restart", "last_run": ended})
    await world.retention().turn()
    for run in (running, uncounted, long_under_way, original, again, last, asked, asked_too):
        assert await world.store.count(RUNS, {"id": run.id}) == 1
    await world.store.delete(RUNS, {"id": again.id})
    await world.store.delete(ALERTS, {"id": "episode"})
    await world.retention().turn()
    assert [await world.left(run) for run in (original, asked, asked_too)] == [GONE] * 3


async def test_a_request_whose_run_is_deleted_gets_no_other_until_a_year_has_passed(world: World) -> None:
    run = await world.run(30, request_id="nightly@fire-time")
    await world.retention().turn()
    assert await world.left(run) == GONE
    request = RunRequest("restart", {}, Trigger(kind="schedule", by="nightly"), request_id="nightly@fire-time")
    with pytest.raises(RequestGoneError, match=run.id):
        await request_run(world.store, MemoryBus(), Sealer(bytes(32)), request)
    assert await world.store.count(GONE_REQUESTS, {}) == 1
    world.now += 366 * DAY
    await world.retention().turn()
    assert await world.store.count(GONE_REQUESTS, {}) == 0


async def test_whenever_a_scheduler_dies_a_run_is_there_or_its_request_is_known_and_the_next_one_ends_it(
    world: World,
) -> None:
    life = Life()
    await world.run(30, request_id="first")
    await world.retention(life).turn()
    for calls in range(1, len(life.calls) + 1):
        run = await world.run(30 + calls, request_id=f"request-{calls}")
        with suppress(asyncio.CancelledError):
            await world.retention(Life(calls_left=calls, is_made=calls % 2 == 0)).turn()
        noted = await world.store.get(GONE_REQUESTS, f"request-{calls}")
        assert noted is not None or await world.store.count(RUNS, {"id": run.id}) == 1
        await world.retention().turn()
        assert await world.left(run) == GONE
        assert await world.store.get(GONE_REQUESTS, f"request-{calls}") is not None


async def test_an_alert_goes_after_it_is_resolved_and_its_runs_have_ended(world: World) -> None:
    async def alert(name: str, days: float, status: str = "resolved", *, pending: bool = False, **fields: Any) -> str:
        at = world.now - days * DAY
        id_ = str(ULID.from_datetime(at))
        about = {"source": "alertmanager", "status": status, "fingerprint": name}
        document = {"id": id_, "identity": name, "pending": pending, "alert": about, "runs": [], **fields}
        await world.store.insert(ALERTS, {"last_received_at": instant_text(at), **document})
        return id_

    running = await world.run(20, "running", ended_at=None)
    old = await alert("old", 9)
    kept = [
        await alert("young", 7),
        await alert("firing", 30, "firing"),
        await alert("pending", 30, pending=True),
        await alert("long", 30, last_received_at=instant_text(NOON - DAY)),
        await alert("running", 19, runs=[running.id]),
    ]
    await world.retention().turn()
    left = {document["id"] for document in await world.store.find(ALERTS, {})}
    assert left == set(kept)
    assert old not in left
    assert (await world.view()).deleted_alerts == 1


class SlowStore:
    """Takes a millisecond for each document that it deletes."""

    def __init__(self, documents: int) -> None:
        self.left, self.sizes = documents, list[int]()

    async def delete(self, _collection: object, _where: object, *, limit: int) -> int:
        removed = min(self.left, limit)
        self.left -= removed
        self.sizes.append(limit)
        await asyncio.sleep(removed / 1_000)
        return removed


async def test_a_notification_goes_at_its_age_unless_it_is_still_tried(world: World) -> None:
    for days, state in ((29, "delivered"), (31, "delivered"), (31, "failed"), (31, "pending")):
        id_ = str(ULID.from_datetime(NOON - days * DAY))
        await world.store.insert(NOTIFICATIONS, {"id": id_, "key": f"{days}/{state}", "state": state})
    await world.retention().turn()
    left = [document["key"] for document in await world.store.find(NOTIFICATIONS, {})]
    assert sorted(left) == ["29/delivered", "31/pending"]
    view = await world.view()
    assert (view.notifications, view.deleted_notifications) == ("30d", 2)


async def test_bites_shrink_where_they_take_long_and_never_end_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bites, "LONGEST_BITE", 0.004)
    monkeypatch.setattr(bites, "AIM", 0.002)
    store = SlowStore(100)
    assert await Bites(store).delete(OUTPUT, {}) == 100  # type: ignore[arg-type]
    assert store.left == 0
    nothing = Bites(store)  # type: ignore[arg-type]
    assert (await nothing.delete(OUTPUT, {}), nothing.longest) == (0, 0.0)
    assert store.sizes[0] == bites.FIRST_SIZE
    assert min(store.sizes) <= 4 < store.sizes[0]


async def test_the_size_of_bites_is_learnt_in_each_collection_for_itself_and_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bites, "AIM", 60.0)  # however slow this machine is
    monkeypatch.setattr(bites, "LONGEST_BITE", 120.0)
    store = SlowStore(200)
    one: Any = Bites(store)  # type: ignore[arg-type]
    await one.delete(ATTEMPTS, {})
    store.left = 200
    await one.delete(OUTPUT, {})
    store.left = 1
    await one.delete(ATTEMPTS, {})
    assert store.sizes == [16, 32, 64, 64, 64, 16, 32, 64, 64, 64, 64]


async def test_output_goes_by_the_end_of_its_run_however_long_others_took(world: World) -> None:
    async def begun(days: float, ended: float, **fields: Any) -> Run:
        return await world.run(days, ended_at=world.now - ended * DAY, **fields)

    waited = await begun(30, 1)  # a month for its approval
    under_way = await begun(29, 0, state="running", counted=False)
    later = [await begun(4, 3.9), await begun(3, 2.9), await world.run(2.5)]
    await world.retention().turn()
    assert [await world.left(run) for run in (waited, under_way, *later)] == [WHOLE, WHOLE, *[WITHOUT_OUTPUT] * 3]
    await world.store.change(
        RUNS, {"id": under_way.id}, Changes(set={"state": "succeeded", "ended_at": instant_text(world.now)})
    )
    world.now += 1.5 * DAY
    await world.retention().turn()
    assert [await world.left(run) for run in (waited, under_way)] == [WITHOUT_OUTPUT, WHOLE]
    world.now += DAY
    await world.retention().turn()
    assert await world.left(under_way) == WITHOUT_OUTPUT


@pytest.mark.parametrize("page", [1, 2, 100])
async def test_a_turn_without_time_goes_on_with_output_where_the_last_one_ended(
    world: World, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(retention, "PAGE", page)
    monkeypatch.setattr(retention, "BUDGET", -1.0)
    same = world.now - 3 * DAY
    runs = [await world.run(3 + 0.001 * number, ended_at=same) for number in range(2)]
    runs += [await world.run(3.5 + number / 10) for number in range(3)]
    for _ in range(8):  # another scheduler each time
        await world.retention().turn()
    assert [await world.left(run) for run in runs] == [WITHOUT_OUTPUT] * 5


def test_settings_say_for_how_long_with_words_that_can_be_read() -> None:
    given = {"OPSIMATE_KEEP_RUNS": "30d, failed=1d unknown=forever", "OPSIMATE_KEEP_ALERTS": "forever"}
    settings = load_settings(given, listen="127.0.0.1:0")
    assert (settings.keep_runs["failed"], settings.keep_runs["unknown"]) == (86_400, None)
    assert (settings.keep_runs["succeeded"], settings.keep_alerts) == (30 * 86_400, None)
    for name, text in (
        ("KEEP_RUNS", "0s"),
        ("KEEP_RUNS", "90"),
        ("KEEP_RUNS", "30d running=1d"),
        ("KEEP_RUNS", "30d failed=36501d"),
        ("KEEP_OUTPUT", "x"),
        ("KEEP_ALERTS", "1d"),
    ):
        with pytest.raises(SettingsError, match=f"OPSIMATE_{name}"):
            load_settings({f"OPSIMATE_{name}": text}, listen="127.0.0.1:0")


async def test_the_longest_age_deletes_nothing_that_could_be_there(world: World) -> None:
    run = await world.run(20_000)
    longest = ages_of("36500d")
    await world.retention(keep=Keep(longest, longest, *[longest["failed"]] * 3)).turn()
    assert await world.left(run) == WHOLE
    assert (await world.view()).last_at == NOON


def test_an_alert_outlives_what_was_posted_of_it() -> None:
    both = {"OPSIMATE_KEEP_DELIVERIES": "2d", "OPSIMATE_KEEP_ALERTS": "2d"}
    settings = load_settings(both, listen="127.0.0.1:0")
    assert (settings.keep_deliveries, settings.keep_alerts) == (2 * 86_400, 2 * 86_400)
    for given, said in (
        ({**both, "OPSIMATE_KEEP_ALERTS": "1d"}, "at least as long as OPSIMATE_KEEP_DELIVERIES, which is 2d"),
        ({"OPSIMATE_KEEP_DELIVERIES": "91d"}, "at least as long as OPSIMATE_KEEP_DELIVERIES, which is 91d"),
        ({"OPSIMATE_KEEP_DELIVERIES": "forever"}, "at least as long as OPSIMATE_KEEP_DELIVERIES, which is forever"),
    ):
        with pytest.raises(SettingsError, match=f"OPSIMATE_KEEP_ALERTS has a value that cannot be; allowed: {said}"):
            load_settings(given, listen="127.0.0.1:0")
