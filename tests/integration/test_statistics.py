"""What a run's change leads to: it is told of at least once and counted exactly once, wherever a scheduler dies."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from scheduler.handlers import outbox, statistics
from scheduler.handlers.context import SchedulerContext
from scheduler.handlers.reconcile import handle, reconcile
from scheduler.handlers.sweep import catch_up, sweep
from shared import collections
from shared.bus.port import BusUnavailableError, Subscription
from shared.bus.topology import Queue
from shared.contracts.approval import Approval
from shared.contracts.model import Message
from shared.contracts.run import ENDED, TELL_WITHIN, Run, RunChange, RunsChanged, RunState
from shared.contracts.schedule import ScheduleState
from shared.contracts.statistics import ALL_ACTIONS, RecentRuns, RollUp, duration_step
from shared.definitions import compiled_keys, definition_document
from shared.kinds import ACTION
from shared.migrations import migrator_of
from shared.runs.approvals import pending_approval
from shared.runs.repository import ProgressPublisher, attempts_of, document_of, run_of
from shared.store import Changes, Document
from shared.store.sqlite import SqliteDocumentStore
from tests.builders import NOON, a_run, a_step, an_action, an_outcome, compiled
from tests.builders_catalog import RunningCatalog, a_catalog
from tests.earlier_releases import write_database
from tests.mortal import Life, Mortal


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "PAUSE", 0)
    monkeypatch.setattr(statistics, "PAUSE", 0)


@dataclass
class DurableBus:
    """Keeps what is published until it is acknowledged, whoever dies."""

    messages: list[RunsChanged] = field(default_factory=list)
    """Not acknowledged."""
    told: list[RunChange] = field(default_factory=list)
    """All that there ever were."""
    keeps_messages: bool = True
    is_away: bool = False

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def ping(self) -> None: ...

    async def publish(self, message: Message) -> None:
        if self.is_away:
            raise BusUnavailableError("away")
        if isinstance(message, RunsChanged):
            self.messages.append(message)
            self.told += message.changes

    async def subscribe(self, queue: Queue, handler: object, *, prefetch: int = 64) -> Subscription:
        raise NotImplementedError


@dataclass
class World:
    """A store and a bus that outlive every scheduler, and the time."""

    store: SqliteDocumentStore
    bus: DurableBus = field(default_factory=DurableBus)
    now: datetime = NOON
    runs: list[Run] = field(default_factory=list)

    def scheduler(self, life: Life | None = None) -> SchedulerContext:
        life = life or Life()
        store, bus = Mortal(self.store, life), Mortal(self.bus, life)
        return SchedulerContext(store, bus, lambda: self.now, lambda: 0.5, ProgressPublisher(self.bus))

    async def a_run(self, name: str = "restart", state: str = "succeeded", seconds: float = 2) -> Run:
        """A run whose only attempt has ended, which no scheduler has heard yet."""
        action = an_action(a_step()).model_copy(update={"name": name})
        run = a_run(action, at=self.now)
        run.action.version_id = run.id
        version = definition_document(action, uid="u", by="test", at=self.now, beside=compiled_keys(compiled(action)))
        await self.store.insert(ACTION.versions, {**version, "id": run.id})
        await self.store.insert(collections.RUNS, document_of(run))
        quiet = SchedulerContext(
            self.store, DurableBus(), lambda: self.now, lambda: 0.5, ProgressPublisher(DurableBus())
        )
        await reconcile(quiet, run.id)
        await quiet.outbox.close()
        [attempt] = await attempts_of(self.store, run.id)
        outcome = an_outcome(reason=None if state == "succeeded" else "exit_status", at=self.now)
        ended = {"state": state, "outcome": outcome.model_dump(mode="json")}
        await self.store.change(collections.ATTEMPTS, {"id": attempt.id}, Changes(set=ended))
        started = self.now - timedelta(seconds=seconds)
        await self.store.change(
            collections.RUNS, {"id": run.id}, Changes(set={"started_at": f"{started:%Y-%m-%dT%H:%M:%S}.000Z"})
        )
        self.runs.append(run)
        return run

    async def live(self, context: SchedulerContext) -> None:
        """What a scheduler does in a while: look at its runs, hear what is told, and attend to what is due."""
        for run in self.runs:
            await reconcile(context, run.id)
        await context.outbox.close()
        await self.deliver(context)
        await sweep(context)
        await self.deliver(context)

    async def deliver(self, context: SchedulerContext) -> None:
        """Have the scheduler hear all that nobody has acknowledged, some of it together."""

        async def heard(message: RunsChanged) -> None:
            await handle(context, message)
            if message in self.bus.messages:
                self.bus.messages.remove(message)

        while self.bus.messages:
            await asyncio.gather(*(heard(message) for message in self.bus.messages[:2]))

    async def die(self, context: SchedulerContext, life: Life) -> None:
        """The same until the scheduler is killed."""
        living = asyncio.ensure_future(self.live(context))
        dying = asyncio.ensure_future(life.ended.wait())
        await asyncio.wait({living, dying}, return_when=asyncio.FIRST_COMPLETED)
        for task in (living, dying, context.outbox._telling, context.statistics._counting):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
        await context.mailboxes.close()

    async def roll_ups(self) -> dict[str, RollUp]:
        found = await self.store.find(collections.STATISTICS, {})
        return {roll_up.action: roll_up for roll_up in map(RollUp.model_validate, found)}

    async def check(self) -> None:
        """Every run is counted once, told of to its last entry, and nothing is left to do."""
        expected: Counter[tuple[str, str]] = Counter()
        told = {(change.run_id, change.seq) for change in self.bus.told}
        for made in self.runs:
            run = await run_of(self.store, made.id)
            assert run is not None
            expected[run.action.name, run.state] += 1
            assert run.state in {"succeeded", "failed"}
            assert (run.counted, run.unannounced, run.announced) == (True, None, run.seq)
            assert (run.id, run.seq) in told
        roll_ups = await self.roll_ups()
        of_all = roll_ups.pop(ALL_ACTIONS)
        counted = Counter({(r.action, state): n for r in roll_ups.values() for state, n in r.outcomes.items()})
        assert counted == expected
        assert of_all.is_whole
        assert of_all.outcomes == Counter(state for _, state in expected.elements())
        assert sum(of_all.durations.values()) == len(self.runs)
        recent = [RecentRuns.model_validate(found) for found in await self.store.find(collections.RECENT_RUNS, {})]
        assert {run.id for one in recent for run in one.runs} == {made.id for made in self.runs}
        assert sum(len(one.runs) for one in recent) == len(self.runs)
        assert all(one.last_run.id == max((run.ended_at, run.id) for run in one.runs)[1] for one in recent)
        durations = [n for roll_up in roll_ups.values() for n in roll_up.durations.values()]
        assert sum(durations) == len(self.runs)


@asynccontextmanager
async def a_world(path: Path, *, is_moved: bool = False) -> AsyncIterator[World]:
    store = SqliteDocumentStore(path)
    if is_moved:
        await migrator_of(store, may_move=True).bring_up_to_date()
    await store.open(collections.ALL)
    yield World(store)
    await store.close()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with a_world(tmp_path / "store.db") as world:
        yield world


async def some_runs(world: World) -> None:
    await world.a_run()
    await world.a_run(state="failed")
    await world.a_run("reboot")


async def test_a_change_is_told_and_an_ended_run_counted(world: World) -> None:
    await some_runs(world)
    await world.live(world.scheduler())
    await world.check()
    roll_up = (await world.roll_ups())["restart"]
    assert (roll_up.day, roll_up.outcomes) == (NOON.date(), {"succeeded": 1, "failed": 1})


async def test_the_mark_of_a_run_under_way_travels_with_its_next_write_and_an_ended_one_costs_one_write_more(
    world: World,
) -> None:
    run, life = a_run(action := an_action(a_step())), Life()
    run.action.version_id = run.id
    version = definition_document(action, uid="u", by="test", at=world.now, beside=compiled_keys(compiled(action)))
    await world.store.insert(ACTION.versions, {**version, "id": run.id})
    await world.store.insert(collections.RUNS, document_of(run))
    context = world.scheduler(life)
    await reconcile(context, run.id)
    await context.outbox.close()
    under_way = await run_of(world.store, run.id)
    assert under_way is not None
    assert [(change.seq, change.since, change.state) for change in world.bus.told] == [(under_way.seq, 0, "running")]
    assert (under_way.announced, under_way.unannounced) == (0, world.now + TELL_WITHIN)
    [attempt] = await attempts_of(world.store, run.id)
    ended = {"state": "succeeded", "outcome": an_outcome().model_dump(mode="json")}
    await world.store.change(collections.ATTEMPTS, {"id": attempt.id}, Changes(set=ended))
    life.calls.clear()
    await reconcile(context, run.id)
    await context.outbox.close()
    await world.deliver(context)
    stored = await run_of(world.store, run.id)
    assert stored is not None
    assert [(change.seq, change.since) for change in world.bus.told[1:]] == [(stored.seq, under_way.seq)]
    assert (stored.counted, stored.announced, stored.unannounced) == (True, stored.seq, None)
    writes = [call for call in life.calls if call in {"insert", "replace", "change", "change_all", "delete"}]
    told = (
        "the run; the audit's head and the run's entry; of a batch the roll-up of all, of an action the runs that "
        "ended last and its roll-up; their marks"
    )
    assert writes == ["replace", "insert", "insert", "insert", "insert", "insert", "change_all"], told


async def calls_of_a_life(world: World) -> list[str]:
    life = Life()
    await some_runs(world)
    await world.live(world.scheduler(life))
    await world.check()
    return life.calls


async def test_it_is_exact_wherever_a_scheduler_is_killed(tmp_path: Path) -> None:
    async with a_world(tmp_path / "whole.db") as world:
        calls = await calls_of_a_life(world)
    assert {"replace", "insert", "change_all", "publish", "find", "get"} <= set(calls)
    for number in range(1, len(calls) + 1):
        for is_made in (False, True):
            async with a_world(tmp_path / f"{number}-{is_made}.db") as world:
                await some_runs(world)
                life = Life(number, is_made)
                await world.die(world.scheduler(life), life)
                world.now += TELL_WITHIN + timedelta(seconds=20)
                await world.live(world.scheduler())
                await world.check()


@pytest.mark.parametrize("seed", range(25))
async def test_it_is_exact_with_two_schedulers_of_which_one_is_killed_at_any_time(world: World, seed: int) -> None:
    await some_runs(world)
    chance = random.Random(seed)
    lives = [Life(chance.randrange(1, 60), chance.random() < 0.5, chance), Life(chance=chance)]
    first, second = (world.scheduler(life) for life in lives)
    if seed % 2:  # everything is due already, so that both attend to it
        world.now += TELL_WITHIN + timedelta(seconds=20)
    await asyncio.gather(world.die(first, lives[0]), world.live(second))
    world.now += TELL_WITHIN + timedelta(seconds=20)
    await asyncio.gather(world.live(second), world.live(world.scheduler(Life(chance=chance))))
    await world.check()


async def test_it_is_exact_wherever_a_scheduler_sleeps_while_others_do_all_that_there_is_to_do(tmp_path: Path) -> None:
    async with a_world(tmp_path / "whole.db") as world:
        calls = await calls_of_a_life(world)
    for number in range(1, len(calls) + 1):
        async with a_world(tmp_path / f"{number}.db") as world:
            await some_runs(world)
            await others_do_everything_at(world, number)
            world.now += TELL_WITHIN + timedelta(seconds=20)
            await world.live(world.scheduler())
            await world.check()


async def others_do_everything_at(world: World, number: int) -> None:
    async def meanwhile() -> None:
        """Another run first, while nobody else's is due; then all, twice, so that what was counted is dropped."""
        run, context = await world.a_run(), world.scheduler()
        await reconcile(context, run.id)
        await context.outbox.close()
        for change in [change for message in world.bus.messages for change in message.changes]:
            if change.run_id == run.id:
                await handle(context, RunsChanged(changes=[change]))
        for _ in range(2):
            world.now += TELL_WITHIN + timedelta(seconds=20)
            await world.live(world.scheduler())
            await world.a_run()
        await world.live(world.scheduler())

    await world.live(world.scheduler(Life(meanwhile=(number, meanwhile))))


async def test_ids_are_dropped_once_their_runs_say_that_they_are_counted(world: World) -> None:
    context = world.scheduler()
    for expected in (1, 1, 1):
        await world.a_run()
        await world.live(context)
        assert len((await world.roll_ups())["restart"].counted_since) == expected
    await world.check()


async def test_what_nobody_could_be_told_of_is_told_and_counted_once_the_bus_is_back(world: World) -> None:
    await some_runs(world)
    world.bus.is_away = True
    context = world.scheduler()
    await world.live(context)
    assert await world.roll_ups() == {}
    world.now += TELL_WITHIN + timedelta(seconds=20)
    await world.live(context)
    world.bus.is_away = False
    await world.live(context)
    await world.check()


async def test_a_run_that_waits_for_long_is_told_of_once(world: World) -> None:
    run = a_run(an_action(a_step()))
    run.wake_at, run.unannounced = NOON + timedelta(days=1), NOON + TELL_WITHIN
    await world.store.insert(collections.RUNS, document_of(run))
    for _ in range(5):
        await sweep(world.scheduler())
        world.now += TELL_WITHIN
    assert [(change.run_id, change.seq) for change in world.bus.told] == [(run.id, 1)]


async def test_a_process_whose_bus_forgets_tells_at_its_start_of_all_that_is_untold(world: World) -> None:
    await world.a_run()
    first = world.scheduler()
    await reconcile(first, world.runs[0].id)
    await first.outbox.close()
    world.bus.messages.clear()  # the process ended before it counted
    await catch_up(world.scheduler())
    await world.check()


async def test_runs_that_ended_under_the_first_release_are_counted_too(tmp_path: Path) -> None:
    write_database(tmp_path / "opsimate.db", under_way=False)
    async with a_world(tmp_path / "opsimate.db", is_moved=True) as world:
        ended = [run for run in await world.store.find(collections.RUNS, {}) if run["state"] in ENDED]
        assert ended
        world.runs = [Run.model_validate(run) for run in ended]
        assert all([entry.seq for entry in run.timeline] == [*range(1, run.seq + 1)] for run in world.runs)
        assert all(run.progress.done == run.progress.total == len(run.steps) for run in world.runs)
        world.now += timedelta(days=3_650)  # they ended whenever the sample was taken
        await sweep(world.scheduler())
        counted: Counter[str] = Counter()
        roll_ups = await world.roll_ups()
        of_all = roll_ups.pop(ALL_ACTIONS)
        for roll_up in roll_ups.values():
            counted.update(roll_up.outcomes)
        assert counted == of_all.outcomes
        assert counted == Counter(run.state for run in world.runs)


async def test_a_page_is_read_after_the_other_and_one_that_fails_keeps_no_other_waiting(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shared import loops

    monkeypatch.setattr(loops, "PAGE", 2)
    seen: list[str] = []

    async def attend(page: Sequence[Document]) -> None:
        seen.extend(run["id"] for run in page)
        if "1" in seen[-len(page) :]:
            raise ExceptionGroup("some", [ValueError("1")])

    for number in range(5):
        run = a_run(an_action(a_step()))
        run.id, run.request_id, run.wake_at = f"{number}", f"{number}", NOON
        await world.store.insert(collections.RUNS, document_of(run))
    kind = loops.DueKind("runs", collections.RUNS, "wake_at", attend)
    with pytest.raises(ExceptionGroup):
        await loops.attend_to(world.store, [kind], NOON)
    assert seen == ["0", "1", "2", "3", "4"]


@pytest.fixture
async def catalog(tmp_path: Path) -> AsyncIterator[RunningCatalog]:
    """A catalog with the roll-ups of two actions on two days."""
    async with a_catalog(tmp_path) as running:
        for action, day, outcomes, durations in (
            ("restart", "2026-01-30", {"succeeded": 3, "cancelled": 5}, {duration_step(1): 3}),
            ("restart", "2026-01-31", {"succeeded": 1, "failed": 1, "unknown": 1}, {duration_step(60): 3}),
            ("reboot", "2026-01-31", {"succeeded": 2}, {duration_step(1): 1}),
        ):
            roll_up = RollUp.model_validate(
                {"id": f"{day} {action}", "action": action, "day": day, "outcomes": outcomes, "durations": durations}
            )
            await running.store.insert(collections.STATISTICS, roll_up.model_dump(mode="json"))
        yield running


async def test_statistics_add_up_actions_and_days(catalog: RunningCatalog) -> None:
    whole = (await catalog.get("statistics", since="2026-01-01", until="2026-01-31")).json()
    assert whole == {
        "outcomes": {"cancelled": 5, "failed": 1, "succeeded": 6, "unknown": 1},
        "runs": 13,
        "success_rate": 0.75,
        "duration": {"p50": pytest.approx(1, rel=0.03), "p95": pytest.approx(60, rel=0.03)},
        "since": "2026-01-01",
        "until": "2026-01-31",
        "running": 0,
        "queued": 0,
        "delayed": 0,
        "awaiting_approval": 0,
        "waiting_for_approval": 0,
        "scheduled": 0,
    }
    one = (await catalog.get("statistics", action="reboot", since="2026-01-30T12:00:00Z", until="2026-01-31")).json()
    assert (one["since"], one["outcomes"], one["success_rate"]) == ("2026-01-30", {"succeeded": 2}, 1.0)


async def test_statistics_of_all_actions_are_right_over_the_day_on_which_they_began_to_be_kept(
    catalog: RunningCatalog, world: World
) -> None:
    """What an earlier release has counted by action alone is added up, and what this one counts, too, only once."""
    await world.store.insert(
        collections.STATISTICS,
        RollUp(id=f"{NOON.date()} old", action="old", day=NOON.date(), outcomes={"failed": 7}).model_dump(mode="json"),
    )
    await world.a_run()
    await world.live(world.scheduler())
    world.now += timedelta(days=2)
    await world.a_run()
    await world.live(world.scheduler())
    roll_ups = await world.store.find(collections.STATISTICS, {})
    assert [(one["day"], one["is_whole"]) for one in roll_ups if one["action"] == ALL_ACTIONS] == [
        ("2026-01-31", False),
        ("2026-02-02", True),
    ]
    await catalog.store.delete(collections.STATISTICS, {})
    for roll_up in roll_ups:
        await catalog.store.insert(collections.STATISTICS, roll_up)
    answer = (await catalog.get("statistics", since="2026-01-30", until="2026-02-02", by="day")).json()
    assert answer["outcomes"] == {"failed": 7, "succeeded": 2}
    assert [day["runs"] for day in answer["days"]] == [0, 8, 0, 1]
    later = (await catalog.get("statistics", since="2026-02-01", until="2026-02-02")).json()
    assert later["outcomes"] == {"succeeded": 1}


async def test_statistics_say_how_many_runs_have_not_ended_by_now(catalog: RunningCatalog) -> None:
    states: list[tuple[RunState, int]] = [("running", 3), ("queued", 2), ("delayed", 4), ("awaiting_approval", 1)]
    for action in ("restart", "reboot"):
        for state, number in [*states, ("succeeded", 5)]:
            for _ in range(number):
                run = a_run(an_action(a_step(), name=action))
                run.state = state
                await catalog.store.insert(collections.RUNS, document_of(run))
        waits = a_run(an_action(a_step(), name=action))
        waits.state, waits.approval = "running", pending_approval(Approval(), NOON, "step")
        await catalog.store.insert(collections.RUNS, document_of(waits))
        for number, following in enumerate((NOON, None)):
            state_of = ScheduleState(
                id=f"{action}-{number}", uid="u", number=1, since=NOON, action=action, next_fire_time=following
            )
            await catalog.store.insert(collections.SCHEDULE_STATES, state_of.model_dump(mode="json"))
    states[0] = ("running", 4)
    one = (await catalog.get("statistics", action="restart")).json()
    both = (await catalog.get("statistics", by="day")).json()
    assert (one["waiting_for_approval"], one["scheduled"]) == (2, 1)
    assert (both["waiting_for_approval"], both["scheduled"]) == (4, 2)
    assert {state: one[state] for state, _ in states} == dict(states)
    assert {state: both[state] for state, _ in states} == {state: 2 * number for state, number in states}


async def test_statistics_by_day_show_every_day(catalog: RunningCatalog) -> None:
    answer = (
        await catalog.get("statistics", since="2026-01-29", until="2026-01-31", by="day", action="restart")
    ).json()
    assert [(day["day"], day["runs"]) for day in answer["days"]] == [
        ("2026-01-29", 0),
        ("2026-01-30", 8),
        ("2026-01-31", 3),
    ]
    nothing = answer["days"][0]
    assert (nothing["outcomes"], nothing["success_rate"], nothing["duration"]) == ({}, None, {"p50": None, "p95": None})


async def test_without_days_the_last_thirty_are_meant(catalog: RunningCatalog) -> None:
    answer = (await catalog.get("statistics")).json()
    today = catalog.runtime.clock().date()
    assert (answer["since"], answer["until"]) == ((today - timedelta(days=29)).isoformat(), today.isoformat())
    assert (await catalog.get("statistics", until="2026-01-31")).json()["since"] == "2026-01-02"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-02-30"}, "since"),
        ({"until": "1769817600"}, "until"),
        ({"until": "0001-01-01"}, "until"),
        ({"since": "9999-12-31T23:59:59Z"}, "since"),
        ({"since": "2026-01-31T12:00:00"}, "since"),
        ({"since": "2026-02-01", "until": "2026-01-31"}, "since"),
        ({"since": "2020-01-01", "until": "2026-01-31"}, "since"),
        ({"by": "week"}, "by"),
        ({"action": "No Name"}, "action"),
        ({"acton": "x"}, "acton"),
    ],
    ids=str,
)
async def test_a_question_that_cannot_be_so_is_refused_by_field(
    catalog: RunningCatalog, query: dict[str, str], field: str
) -> None:
    answer = await catalog.get("statistics", **query)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]
