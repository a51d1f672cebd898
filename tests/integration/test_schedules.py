"""Schedules fire: each fire time leads to at most one run, however many schedulers there are and whenever one dies."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.handlers.checks import CheckContext
from catalog.handlers.definitions import Definitions, Write
from scheduler.handlers.schedules import Schedules
from shared import collections
from shared.bus.port import BusUnavailableError, Subscription
from shared.bus.topology import Queue
from shared.contracts.approval import Approval
from shared.contracts.model import Message
from shared.contracts.provider import ProviderDefinition
from shared.contracts.run import Run, WaitingFor
from shared.contracts.schedule import Fire, ScheduleDefinition, ScheduleState
from shared.contracts.trigger import Trigger
from shared.contracts.values import instant_text
from shared.encryption import Sealer
from shared.kinds import ACTION, PROVIDER, SCHEDULE, Kind
from shared.own_definitions import own_schedule_name
from shared.runs.composing import RunRequest
from shared.runs.repository import run_of
from shared.runs.request import request_run
from shared.store import Changes
from shared.store.sqlite import SqliteDocumentStore
from tests.builders import a_step, an_action
from tests.mortal import Life, Mortal

BEGIN = datetime(2026, 3, 28, 12, tzinfo=UTC)
"""The day before clocks are turned forward in Berlin."""
SEALER = Sealer(b"k" * 32)
PARAMETER = {"name": "service", "type": "string", "default": "nginx"}


class DeafBus:
    """Nobody hears what is published: the truth is in the store."""

    keeps_messages = True

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def ping(self) -> None: ...

    async def publish(self, _message: Message) -> None:
        raise BusUnavailableError("away")

    async def subscribe(self, queue: Queue, handler: object, *, prefetch: int = 64) -> Subscription:
        raise NotImplementedError


@dataclass
class World:
    """A store that outlives every scheduler, and the time."""

    store: SqliteDocumentStore
    now: datetime = BEGIN
    written: int = 0
    skews: list[timedelta] = field(default_factory=list)
    owned: bool = False
    """Whether its schedules are those of actions, each of an action with its name."""

    def scheduler(self, life: Life | None = None, *, skew: timedelta = timedelta()) -> Schedules:
        store = self.store if life is None else Mortal(self.store, life)
        return Schedules(store, DeafBus(), SEALER, lambda: self.now + skew)

    def definitions(self, kind: Kind[Any]) -> Definitions[Any]:
        return Definitions(kind, CheckContext(self.store, SEALER, allow_local=True), lambda: self.now)

    async def put(self, kind: Kind[Any], definition: Any) -> None:
        await self.definitions(kind).put(definition, Write("test", "test"))

    async def schedule(self, name: str = "nightly", **fields: Any) -> None:
        given = {"at": {"daily": "02:30"}, "time_zone": "Europe/Berlin", **fields}
        if self.owned:
            await self.execution({"mode": "scheduled", "schedule": given}, name)
        else:
            await self.put(SCHEDULE, ScheduleDefinition.model_validate({"name": name, "action": "restart", **given}))

    async def execution(self, settings: dict[str, Any], name: str = "nightly") -> None:
        await self.put(ACTION, an_action(a_step(), name=name, parameters=[PARAMETER], execution=settings))

    def called(self, name: str = "nightly") -> str:
        return own_schedule_name(name) if self.owned else name

    async def delete(self, name: str = "nightly") -> None:
        await self.definitions(ACTION if self.owned else SCHEDULE).delete(name, Write("test", "test"))

    async def runs(self) -> list[Run]:
        """All runs there are, in the order in which they were asked for."""
        found = await self.store.find(collections.RUNS, {}, fields=("trigger",))
        whole = [await run_of(self.store, document["id"]) for document in found]
        return [run for run in whole if run is not None]

    async def fired(self) -> list[str]:
        return [instant_text(run.trigger.fire_time)[:16] for run in await self.runs() if run.trigger.fire_time]

    async def state(self, name: str = "nightly") -> ScheduleState | None:
        found = await self.store.get(collections.SCHEDULE_STATES, self.called(name))
        return None if found is None else ScheduleState.model_validate(found)

    async def fires(self, name: str = "nightly") -> list[Fire]:
        state = await self.state(name)
        return [] if state is None else state.fires


@asynccontextmanager
async def a_world(path: Path, *, owned: bool = False) -> AsyncIterator[World]:
    store = SqliteDocumentStore(path)
    await store.open(collections.ALL)
    world = World(store, owned=owned)
    local = {"name": "web-1", "connection": {"local": {}}}
    await world.put(PROVIDER, ProviderDefinition.model_validate(local))
    await world.put(ACTION, an_action(a_step(), parameters=[PARAMETER]))
    yield world
    await store.close()


@pytest.fixture
async def world(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with a_world(tmp_path / "store.db", owned=getattr(request, "param", False)) as world:
        yield world


BOTH = pytest.mark.parametrize("world", [False, True], ids=["by itself", "of an action"], indirect=True)
"""For a schedule that stands by itself, and for one that an action owns."""


async def pass_time(world: World, scheduler: Schedules, **length: float) -> None:
    """Let a scheduler live for so long, with a look every ten minutes."""
    until = world.now + timedelta(**length)
    while world.now < until:
        world.now = min(until, world.now + timedelta(minutes=10))
        await scheduler.turn()


@BOTH
async def test_a_fire_time_leads_to_a_run_that_says_so(world: World) -> None:
    await world.schedule(parameters={"service": "postgres"})
    scheduler = world.scheduler()
    await scheduler.turn()
    assert await world.runs() == []
    world.now = datetime(2026, 3, 29, 1, 0, 1, tzinfo=UTC)
    await scheduler.turn()
    [run] = await world.runs()
    told = (run.trigger.kind, run.trigger.by, run.parameters)
    assert told == ("schedule", world.called(), {"service": "postgres"})
    assert run.trigger.fire_time == datetime(2026, 3, 29, 1, tzinfo=UTC)  # 02:30 does not exist: as clocks are turned
    [fire] = await world.fires()
    assert (fire.decision, fire.run_id, fire.missed) == ("run_requested", run.id, 0)
    state = await world.state()
    assert state is not None
    assert (state.next_fire_time, state.action) == (datetime(2026, 3, 30, 0, 30, tzinfo=UTC), run.action.name)


@pytest.mark.parametrize(
    ("misfire", "fired", "missed"),
    [
        ({"misfire": "run_once"}, ["2026-04-01T00:30"], [3]),
        (
            {"misfire": "run_all"},
            ["2026-03-29T01:00", "2026-03-30T00:30", "2026-03-31T00:30", "2026-04-01T00:30"],
            [0] * 4,
        ),
        ({"misfire": "run_all", "misfire_limit": 2}, ["2026-03-31T00:30", "2026-04-01T00:30"], [2, 0]),
        ({"misfire": "skip"}, [], []),
    ],
)
async def test_what_was_missed_is_as_the_schedule_says(
    world: World, misfire: dict[str, Any], fired: list[str], missed: list[int]
) -> None:
    await world.schedule(**misfire)
    world.now += timedelta(days=4)
    scheduler = world.scheduler()
    await scheduler.turn()
    assert await world.fired() == fired
    assert [run.trigger.missed for run in await world.runs()] == missed
    fires = await world.fires()
    if not fired:
        [fire] = fires
        assert (fire.decision, fire.missed, fire.run_id) == ("missed", 3, None)
        assert "misfire: skip" in fire.reason
    await pass_time(world, scheduler, days=1)
    assert (await world.fired())[len(fired) :] == ["2026-04-02T00:30"]


async def test_a_fire_time_that_is_noticed_within_a_minute_is_not_missed(world: World) -> None:
    await world.schedule(misfire="skip")
    world.now = datetime(2026, 3, 29, 1, 0, 59, tzinfo=UTC)
    await world.scheduler().turn()
    assert await world.fired() == ["2026-03-29T01:00"]


async def test_after_a_year_without_a_scheduler_a_schedule_of_every_minute_runs_once(world: World) -> None:
    await world.schedule(at={"cron": "* * * * *"})
    world.now += timedelta(days=365, seconds=5)
    await world.scheduler().turn()
    [run] = await world.runs()
    assert run.trigger.fire_time == world.now.replace(second=0)
    assert run.trigger.missed == 1_000  # of more it is only known that there were as many


@BOTH
async def test_a_fire_time_belongs_to_the_version_that_was_the_newest_then(world: World) -> None:
    await world.schedule(parameters={"service": "first"}, misfire="run_all")
    world.now += timedelta(days=2)
    await world.schedule(parameters={"service": "second"}, misfire="run_all", at={"daily": "12:30"})
    world.now += timedelta(days=1)
    await world.schedule(parameters={"service": "second"}, misfire="run_all", at={"daily": "12:30"}, enabled=False)
    world.now += timedelta(days=1)
    await world.schedule(parameters={"service": "third"}, misfire="run_all")
    world.now += timedelta(days=1)
    await world.scheduler().turn()
    told = [
        (fired, run.parameters["service"]) for fired, run in zip(await world.fired(), await world.runs(), strict=True)
    ]
    assert told == [
        ("2026-03-29T01:00", "first"),
        ("2026-03-30T00:30", "first"),
        ("2026-03-31T10:30", "second"),
        ("2026-04-02T00:30", "third"),
    ]


@BOTH
async def test_what_is_disabled_or_deleted_fires_no_more_though_nobody_was_told(world: World) -> None:
    await world.schedule("off")
    await world.schedule("gone")
    scheduler = world.scheduler()
    await scheduler.turn()
    world.now = datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)
    await world.schedule("off", enabled=False)
    await world.delete("gone")
    world.now += timedelta(seconds=2)
    await scheduler.turn()
    assert await world.runs() == []
    world.now += timedelta(minutes=1)
    await scheduler.turn()
    assert await world.state("gone") is None


@BOTH
async def test_a_fire_time_right_before_a_change_is_not_lost_where_the_catalogs_clock_is_ahead(world: World) -> None:
    await world.schedule(parameters={"service": "first"})
    scheduler = world.scheduler(skew=timedelta(seconds=-30))
    await scheduler.attend([world.called()])
    world.now = datetime(2026, 3, 29, 1, 0, 10, tzinfo=UTC)  # a fire time has come for the catalog
    await world.schedule(parameters={"service": "second"}, at={"daily": "03:01"})
    await scheduler.attend([world.called()])  # which it is told, when for itself it has not come
    for _ in range(10):
        world.now += timedelta(seconds=10)
        await scheduler.turn()
    told = [
        (fired, run.parameters["service"]) for fired, run in zip(await world.fired(), await world.runs(), strict=True)
    ]
    assert told == [("2026-03-29T01:00", "first"), ("2026-03-29T01:01", "second")]


async def test_a_schedule_that_cannot_be_read_hides_no_change_of_another(world: World) -> None:
    await world.schedule("damaged")
    scheduler = world.scheduler()
    await scheduler.turn()
    await world.store.change(SCHEDULE.versions, {"id": "damaged@1"}, Changes(set={"definition": "{}"}))
    world.now = datetime(2026, 3, 29, 1, 0, 10, tzinfo=UTC)
    await world.schedule("other", at={"cron": "1 * * * *"})  # of which the message was lost
    for _ in range(2):
        world.now += timedelta(seconds=30)
        with pytest.raises(ExceptionGroup, match="1 schedules could not be attended to"):
            await scheduler.turn()
    assert await world.fired() == ["2026-03-29T01:01"]


async def test_what_was_due_when_it_was_deleted_has_its_run(world: World) -> None:
    await world.schedule()
    scheduler = world.scheduler()
    await scheduler.turn()
    world.now = datetime(2026, 3, 29, 1, 0, 0, 500_000, tzinfo=UTC)
    await world.delete()
    world.now += timedelta(seconds=1)
    await scheduler.turn()
    assert await world.fired() == ["2026-03-29T01:00"]
    await world.schedule()  # another one of this name begins anew
    await pass_time(world, scheduler, days=1)
    assert await world.fired() == ["2026-03-29T01:00", "2026-03-30T00:30"]


async def test_a_run_that_cannot_be_is_told_and_the_next_one_is_asked_for_all_the_same(world: World) -> None:
    await world.schedule(parameters={"service": "nginx"})
    await world.put(ACTION, an_action(a_step()))  # which takes no parameter any more
    scheduler = world.scheduler()
    await pass_time(world, scheduler, days=1)
    [fire] = await world.fires()
    assert fire.decision == "refused"
    assert "no such parameter" in fire.reason
    await world.put(ACTION, an_action(a_step(), parameters=[{"name": "service", "type": "string"}]))
    await pass_time(world, scheduler, days=1)
    assert [fire.decision for fire in await world.fires()] == ["refused", "run_requested"]


@pytest.mark.parametrize("owned", [False, True], ids=["by itself", "of an action"])
async def test_it_fires_once_wherever_a_scheduler_is_killed(tmp_path: Path, owned: bool) -> None:
    async with a_world(tmp_path / "calls.db", owned=owned) as world:
        await world.schedule(misfire="run_all")
        world.now += timedelta(days=2)
        life = Life()
        await world.scheduler(life).turn()
        expected, calls = await world.fired(), len(life.calls)
    assert len(expected) == 2
    for call in range(1, calls + 1):
        for is_made in (False, True):
            async with a_world(tmp_path / f"{call}-{is_made}.db", owned=owned) as world:
                await world.schedule(misfire="run_all")
                world.now += timedelta(days=2)
                with suppress(asyncio.CancelledError, ExceptionGroup):
                    await world.scheduler(Life(calls_left=call, is_made=is_made)).turn()
                await world.scheduler().turn()
                assert await world.fired() == expected
                assert [fire.decision for fire in await world.fires()] == ["run_requested"] * 2


@BOTH
@pytest.mark.parametrize("seed", range(4))
async def test_three_schedulers_whose_clocks_jump_ask_for_one_run_a_fire_time(world: World, seed: int) -> None:
    chance = random.Random(seed)
    await world.schedule(at={"cron": "*/10 * * * *"}, misfire="run_all", misfire_limit=100)
    await world.schedule("other", at={"cron": "5 * * * *"}, misfire="run_all", misfire_limit=100)
    begin, skews = world.now, [timedelta(), timedelta(seconds=2), timedelta(seconds=-3)]
    for _ in range(30):
        world.now += timedelta(seconds=chance.choice([1, 30, 300, 900]))
        if chance.random() < 0.2:
            skews[chance.randrange(3)] = timedelta(seconds=chance.choice([-40, -3, 0, 2, 40]))
        lives = [
            Life(chance=chance, calls_left=chance.choice([3, 9, 1_000]), is_made=chance.random() < 0.5) for _ in skews
        ]
        turns = [world.scheduler(life, skew=skew).turn() for life, skew in zip(lives, skews, strict=True)]
        await asyncio.gather(*turns, return_exceptions=True)
    world.now += timedelta(seconds=61)
    for _ in range(2):
        await world.scheduler().turn()
    times = Counter((run.trigger.by, run.trigger.fire_time) for run in await world.runs())
    assert set(times.values()) == {1}
    expected, at = set[tuple[str, datetime]](), begin
    while (at := at + timedelta(minutes=5)) <= world.now:
        expected |= {(world.called(), at)} if at.minute % 10 == 0 else set()
        expected |= {(world.called("other"), at)} if at.minute == 5 else set()
    assert set(times) == expected


async def test_a_clock_that_was_a_year_ahead_costs_no_year(world: World) -> None:
    await world.schedule()
    ahead = world.scheduler(skew=timedelta(days=365))
    await ahead.turn()
    [early] = await world.runs()
    assert early.trigger.missed == 364
    scheduler = world.scheduler()
    await pass_time(world, scheduler, days=2)
    assert (await world.fired())[1:] == ["2026-03-29T01:00", "2026-03-30T00:30"]


@BOTH
async def test_a_schedule_that_has_changed_is_attended_to_at_once(world: World) -> None:
    await world.schedule(at={"once": instant_text(world.now + timedelta(seconds=1))})
    scheduler = world.scheduler()
    await scheduler.attend([world.called(), world.called("never-was")])
    world.now += timedelta(seconds=1)
    await scheduler.attend([world.called()])
    assert await world.fired() == ["2026-03-28T12:00"]
    state = await world.state()
    assert state is not None
    assert (state.next_fire_time, state.due_at) == (None, None)


@pytest.mark.parametrize("world", [True], ids=["of an action"], indirect=True)
async def test_what_an_action_owns_fires_only_while_its_mode_says_so(world: World) -> None:
    hourly = {"at": {"cron": "0 * * * *"}, "misfire": "run_all"}
    await world.execution({"mode": "manual", "schedule": hourly})
    scheduler = world.scheduler()
    await pass_time(world, scheduler, hours=1)
    assert await world.state() is None, "nobody looks after it"
    await world.execution({"mode": "scheduled", "schedule": hourly})
    await pass_time(world, scheduler, hours=2)
    await world.execution({"mode": "manual", "schedule": hourly})
    await pass_time(world, scheduler, hours=2)
    state = await world.state()
    assert state is not None
    assert (state.due_at, len(state.fires)) == (None, 2)
    await world.execution({"mode": "triggered", "schedule": hourly, "triggers": [{"match": {"labels": {}}}]})
    await pass_time(world, scheduler, hours=1)
    await world.execution({"mode": "scheduled", "schedule": {**hourly, "enabled": False}})
    await pass_time(world, scheduler, hours=1)
    await world.execution({"mode": "scheduled", "schedule": hourly})
    world.now += timedelta(hours=2)  # nobody is there
    await world.execution({"mode": "manual"})
    world.now += timedelta(hours=1)
    await scheduler.turn()
    assert await world.fired() == [f"2026-03-28T{hour}:00" for hour in (14, 15, 20, 21)]
    await world.delete()
    await world.schedule(at={"cron": "30 * * * *"})
    await pass_time(world, scheduler, hours=1)
    assert [instant_text(fire.fire_time)[11:16] for fire in await world.fires()] == ["22:30"], "another one begins anew"
    await world.delete()
    await pass_time(world, scheduler, hours=1)
    assert await world.state() is None


@pytest.mark.parametrize("world", [True], ids=["of an action"], indirect=True)
async def test_a_run_of_an_actions_own_schedule_waits_for_the_approval_that_the_action_asks_for(world: World) -> None:
    schedule = {"at": {"cron": "0 * * * *"}, "parameters": {"service": "postgres"}}
    await world.execution({"mode": "scheduled", "schedule": schedule, "approval": "required"})
    await pass_time(world, world.scheduler(), hours=1)
    [run] = await world.runs()
    assert (run.state, run.parameters, bool(run.plan_digest)) == ("awaiting_approval", {"service": "postgres"}, True)


@pytest.mark.parametrize("world", [True], ids=["of an action"], indirect=True)
async def test_whoever_comes_late_finds_every_time_in_which_an_action_had_a_schedule(world: World) -> None:
    hourly = {"at": {"cron": "0 * * * *"}, "misfire": "run_all", "misfire_limit": 100}
    for mode in ("manual", "scheduled", "manual", "scheduled"):
        await world.execution({"mode": mode, "schedule": hourly})
        world.now += timedelta(hours=2)
    await world.scheduler().turn()
    assert await world.fired() == [f"2026-03-28T{hour}:00" for hour in (15, 16, 19, 20)]


@BOTH
async def test_what_comes_due_in_a_window_is_one_run_that_stands_for_all(world: World) -> None:
    await world.schedule(at={"cron": "0 * * * *"})
    scheduler = world.scheduler()
    await pass_time(world, scheduler, hours=1)
    [run] = await world.runs()
    waiting = WaitingFor(gate="window", why="held", until=world.now + timedelta(hours=3))
    held = {"state": "delayed", "waiting_for": waiting.model_dump(mode="json")}
    await world.store.change(collections.RUNS, {"id": run.id}, Changes(set=held))
    await pass_time(world, scheduler, hours=3)
    [run] = await world.runs()
    assert (run.trigger.joined, run.trigger.joined_at) == (3, world.now)
    assert [(fire.decision, fire.run_id) for fire in await world.fires()][1:] == [("joined", run.id)] * 3
    await world.store.change(collections.RUNS, {"id": run.id}, Changes(set={"state": "succeeded"}))
    await pass_time(world, scheduler, hours=1)
    assert len(await world.runs()) == 2


async def test_a_held_run_is_joined_by_the_same_alone(world: World) -> None:
    await world.schedule(at={"cron": "0 * * * *"})
    await world.schedule("other", at={"cron": "30 * * * *"})
    scheduler = world.scheduler()
    await pass_time(world, scheduler, hours=1)
    for run in await world.runs():
        waiting = WaitingFor(gate="window", why="held", until=world.now + timedelta(hours=9))
        held = {"state": "delayed", "waiting_for": waiting.model_dump(mode="json")}
        await world.store.change(collections.RUNS, {"id": run.id}, Changes(set=held))
    await world.schedule("other", at={"cron": "30 * * * *"}, parameters={"service": "postgres"})
    await pass_time(world, scheduler, hours=1)
    told = [(run.trigger.by, run.parameters["service"], run.trigger.joined) for run in await world.runs()]
    assert sorted(told) == [("nightly", "nginx", 1), ("other", "nginx", 0), ("other", "postgres", 0)]


async def test_what_has_to_be_approved_joins_no_held_run_that_nobody_approved(world: World) -> None:
    async def asked(request_id: str, approval: Approval | None = None) -> Run:
        trigger = Trigger(kind="alert", by="a-rule")
        request = RunRequest("restart", {}, trigger, request_id, approval=approval)
        return (await request_run(world.store, DeafBus(), SEALER, request, clock=lambda: world.now))[0]

    held = await asked("first")
    waiting = WaitingFor(gate="window", why="held", until=world.now + timedelta(hours=9)).model_dump(mode="json")
    await world.store.change(
        collections.RUNS, {"id": held.id}, Changes(set={"state": "delayed", "waiting_for": waiting})
    )
    assert (await asked("second")).id == held.id
    other = await asked("third", Approval())
    assert (other.id != held.id, other.state, bool(other.plan_digest)) == (True, "awaiting_approval", True)
    await world.store.change(collections.RUNS, {"id": held.id}, Changes(set={"opened_gates": ["approval"]}))
    assert (await asked("fourth", Approval())).id == held.id


async def test_a_held_run_whose_plan_does_not_hold_any_more_stands_for_nothing_else(world: World) -> None:
    async def asked(request_id: str) -> Run:
        trigger = Trigger(kind="alert", by="a-rule")
        request = RunRequest("restart", {}, trigger, request_id, approval=Approval())
        return (await request_run(world.store, DeafBus(), SEALER, request, clock=lambda: world.now))[0]

    held = await asked("first")
    waiting = WaitingFor(gate="window", why="held", until=world.now + timedelta(hours=9)).model_dump(mode="json")
    approved = {"state": "delayed", "waiting_for": waiting, "opened_gates": ["approval"]}
    await world.store.change(collections.RUNS, {"id": held.id}, Changes(set=approved))
    assert (await asked("second")).id == held.id
    moved = {"name": "web-1", "description": "another machine", "connection": {"local": {}}}
    await world.put(PROVIDER, ProviderDefinition.model_validate(moved))
    other = await asked("third")
    assert (other.id != held.id, other.state) == (True, "awaiting_approval")
    assert (await asked("second")).id == held.id, "what it stands for already it stands for still"
