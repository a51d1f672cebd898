"""Approvals on a real store: counted rightly, whoever dies, whoever decides at once, and whenever that is seen."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from scheduler.handlers.context import SchedulerContext
from scheduler.handlers.reconcile import advance_run, reconcile
from scheduler.handlers.sweep import sweep
from shared import collections
from shared.collections import RUNS
from shared.contracts.approval import Approval
from shared.contracts.principal import Token
from shared.contracts.run import MOST_PAUSES, AdvanceRun, Control, Run
from shared.runs.approvals import pending_approval
from shared.runs.repository import ProgressPublisher, attempts_of, document_of, run_of, tell_run
from shared.store.port import Range
from shared.store.sqlite import SqliteDocumentStore
from tests.builders import NOON, a_step
from tests.builders_catalog import RunningCatalog, a_catalog, an_action_body
from tests.integration.test_coordination import LostMessages, Scene
from tests.mortal import Life, Mortal

DIGEST = "aa.bb"


@asynccontextmanager
async def a_scene(path: Path) -> AsyncIterator[Scene]:
    store = SqliteDocumentStore(path)
    await store.open(collections.ALL)
    for number, name in enumerate(("ann", "bob", "carol")):
        token = Token(
            id=name, uid=f"uid-{name}", hash=f"{number:064}", kind="person", role="administrator", created_at=NOON
        )
        await store.insert(collections.TOKENS, token.model_dump(mode="json"))
    scene = Scene(store, LostMessages())
    yield scene
    await scene.context.mailboxes.close()
    for timer in scene.context.timers.values():
        timer.cancel()
    await scene.context.progress_publisher.close()
    await store.close()


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with a_scene(tmp_path / "store.db") as scene:
        yield scene


async def waiting(scene: Scene, *steps: dict[str, object], **approval: Any) -> Run:
    """A run that waits for its approval, as whoever takes a trigger makes it."""
    run = await scene.a_run(*steps, execution={"approval": approval})
    run.state, run.plan_digest = "awaiting_approval", DIGEST
    run.approval = pending_approval(Approval.model_validate(approval), scene.now)
    assert await scene.store.replace(RUNS, document_of(run), version=run.version)
    return run


async def decide(scene: Scene, run: Run, who: str, kind: Any = "approve", step: str | None = None) -> None:
    control = Control(kind=kind, by=who, principal_id=f"uid-{who}", at=scene.now, digest=DIGEST, step=step)
    await tell_run(scene.store, scene.bus, run.id, control)


async def shown(scene: Scene, run: Run) -> Run:
    found = await run_of(scene.store, run.id)
    assert found is not None
    return found


async def test_an_approval_whose_message_was_lost_is_found_by_the_sweep(scene: Scene) -> None:
    run = await waiting(scene)
    await scene.wait(2)
    assert await scene.state(run) == "awaiting_approval"
    await decide(scene, run, "bob")
    await scene.wait(1)
    assert await scene.state(run) == "running"
    assert len(await attempts_of(scene.store, run.id)) == 1


async def test_a_run_expires_when_its_time_has_come_and_nobody_says_so(scene: Scene) -> None:
    run = await waiting(scene, expires=100)
    await scene.wait(1)
    assert (await shown(scene, run)).wake_at == NOON + timedelta(seconds=100)
    scene.restart()
    await scene.wait(98)
    assert await scene.state(run) == "awaiting_approval"
    await scene.wait(2)
    ended = await shown(scene, run)
    assert (ended.state, ended.wake_at, ended.approval) == ("expired", None, None)
    assert await scene.store.find(RUNS, {"approval.asked_at": Range()}) == []


async def test_a_scheduler_wakes_to_the_moment_at_which_an_approval_expires(scene: Scene) -> None:
    run, later = await waiting(scene, expires=30), await waiting(scene, expires=3_600)
    for one in (run, later):
        await reconcile(scene.context, one.id)
    assert list(scene.context.timers) == [run.id]
    scene.restart()
    await reconcile(scene.context, run.id)
    assert list(scene.context.timers) == [run.id]


async def test_what_was_approved_in_time_runs_though_no_scheduler_was_there(scene: Scene) -> None:
    run, late = await waiting(scene, expires=100), await waiting(scene, expires=100)
    scene.now += timedelta(seconds=99)
    await decide(scene, run, "bob")
    scene.now += timedelta(seconds=1)
    await decide(scene, late, "bob")
    scene.now += timedelta(hours=3)
    await sweep(scene.context)
    assert (await scene.state(run), await scene.state(late)) == ("running", "expired")


async def test_who_lost_the_right_meanwhile_is_not_counted(scene: Scene) -> None:
    run = await waiting(scene, count=2)
    await decide(scene, run, "bob")
    await reconcile(scene.context, run.id)
    pending = (await shown(scene, run)).approval
    assert pending is not None
    assert [one.by for one in pending.given] == ["bob"]
    await scene.store.delete(collections.TOKENS, {"id": "bob"})
    await decide(scene, run, "ann")
    await scene.wait(1)
    pending = (await shown(scene, run)).approval
    assert pending is not None
    assert [one.by for one in pending.given] == ["ann"]
    await decide(scene, run, "carol")
    await scene.wait(1)
    assert await scene.state(run) == "running"


@pytest.mark.parametrize("decision", ["approve", "reject"])
async def test_a_decision_is_acted_upon_once_wherever_a_scheduler_is_killed(tmp_path: Path, decision: str) -> None:
    async def decided(path: Path, life: Life) -> tuple[str, int, Sequence[str]]:
        async with a_scene(path) as scene:
            run = await waiting(scene, count=2)
            await decide(scene, run, "ann")
            await decide(scene, run, "bob", decision)
            mortal = Mortal(scene.store, life)
            context = SchedulerContext(
                mortal, Mortal(scene.bus, life), lambda: scene.now, lambda: 0.5, ProgressPublisher(scene.bus)
            )
            with suppress(asyncio.CancelledError):
                await reconcile(context, run.id)
            await context.progress_publisher.close()
            await scene.wait(30)
            found = await shown(scene, run)
            events = [entry.event for entry in found.timeline]
            return found.state, len(await attempts_of(scene.store, run.id)), events

    life = Life()
    expected = await decided(tmp_path / "calls.db", life)
    assert expected[:2] == (("running", 1) if decision == "approve" else ("rejected", 0))
    for call in range(1, len(life.calls) + 1):
        for is_made in (False, True):
            path = tmp_path / f"{call}-{is_made}.db"
            assert await decided(path, Life(calls_left=call, is_made=is_made)) == expected


async def test_schedulers_whose_clocks_differ_come_to_the_same(scene: Scene) -> None:
    runs = [await waiting(scene, a_step("a", approval="required"), count=2, expires=60) for _ in range(4)]
    contexts = [
        SchedulerContext(
            scene.store,
            scene.bus,
            lambda skew=skew: scene.now + timedelta(seconds=skew),  # type: ignore[misc]
            lambda: 0.5,
            scene.context.progress_publisher,
        )
        for skew in (-2, 0, 2)
    ]
    for who in ("ann", "bob"):
        scene.now += timedelta(seconds=20)
        await asyncio.gather(*(decide(scene, run, who) for run in runs))
        await asyncio.gather(*(advance_run(one, AdvanceRun(run_id=run.id)) for run in runs for one in contexts))
    found = [await shown(scene, run) for run in runs]
    assert {(run.state, run.approval.step if run.approval else None) for run in found} == {("running", "a")}
    assert {[entry.event for entry in run.timeline].count("run.approval_given") for run in found} == {2}
    await asyncio.gather(*(decide(scene, run, "carol", step="a") for run in runs))
    await asyncio.gather(*(advance_run(one, AdvanceRun(run_id=run.id)) for run in runs for one in contexts))
    assert [len(await attempts_of(scene.store, run.id)) for run in runs] == [1] * 4


@pytest.fixture
async def catalog(tmp_path: Path) -> AsyncIterator[RunningCatalog]:
    """A catalog with an action that two have to approve."""
    async with a_catalog(tmp_path) as running:
        await running.with_provider()
        await running.made("actions", an_action_body(execution={"approval": {"count": 2}}))
        yield running


async def token_of(catalog: RunningCatalog, name: str) -> str:
    made = await catalog.made("tokens", {"name": name, "role": "administrator", "kind": "person"})
    return str(made["token"])


async def approves(catalog: RunningCatalog, run_id: str, token: str, **body: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return await catalog.http.post(f"/api/v1/runs/{run_id}/approve", json=body, headers=headers)


async def test_a_run_that_waits_is_held_to_its_plan(catalog: RunningCatalog) -> None:
    plan = await catalog.made("actions/restart/plan", {})
    run = await catalog.made("actions/restart/runs", {})
    assert (run["state"], run["plan_digest"]) == ("awaiting_approval", plan["digest"])
    stored = await run_of(catalog.store, run["id"])
    assert stored is not None
    assert stored.steps[0].pin == "web-1@1"
    stale = await catalog.post("actions/restart/runs", {"plan_digest": "aa.bb.cc.dd"})
    assert stale.status_code == 409
    held = await catalog.made("actions/restart/runs", {"plan_digest": plan["digest"]})
    assert (held["state"], held["plan_digest"]) == ("awaiting_approval", plan["digest"])


async def test_of_many_decisions_at_once_one_of_each_person_counts(catalog: RunningCatalog) -> None:
    ann, bob, carol = [await token_of(catalog, name) for name in ("ann", "bob", "carol")]
    run = await catalog.made("actions/restart/runs", {})
    answers = await asyncio.gather(*(approves(catalog, run["id"], ann) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [202, 409, 409, 409, 409]
    both = await asyncio.gather(approves(catalog, run["id"], bob), approves(catalog, run["id"], carol))
    assert sorted(answer.status_code for answer in both) == [202, 409]
    stored = await run_of(catalog.store, run["id"])
    assert stored is not None
    assert len(stored.controls) == 2
    assert {(control.kind, control.digest, control.step) for control in stored.controls} == {
        ("approve", run["plan_digest"], None)
    }
    assert (await catalog.get("approvals")).json()["items"] == []


@pytest.mark.parametrize("decision", ["approve", "reject"])
async def test_a_decision_finds_its_place_in_a_run_that_was_paused_as_often_as_may_be(
    catalog: RunningCatalog, decision: str
) -> None:
    ann = await token_of(catalog, "ann")
    run = await catalog.made("actions/restart/runs", {})
    for _ in range(MOST_PAUSES):
        assert (await catalog.post(f"runs/{run['id']}/pause", {})).status_code == 202
        assert (await catalog.post(f"runs/{run['id']}/resume", {})).status_code == 202
    assert (await catalog.post(f"runs/{run['id']}/pause", {})).status_code == 409
    headers = {"Authorization": f"Bearer {ann}"}
    answer = await catalog.http.post(f"/api/v1/runs/{run['id']}/{decision}", json={}, headers=headers)
    assert answer.status_code == 202
    stored = await run_of(catalog.store, run["id"])
    assert stored is not None
    assert (len(stored.controls), stored.controls[-1].kind) == (2 * MOST_PAUSES + 1, decision)


async def test_what_waits_is_listed_page_by_page(catalog: RunningCatalog) -> None:
    made = [(await catalog.made("actions/restart/runs", {}))["id"] for _ in range(5)]
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await catalog.get("approvals", state="pending", limit=2, **cursor)).json()
        seen += [item["run_id"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == made[::-1]
    assert (await catalog.get("approvals", state="decided")).status_code == 422
    listed = (await catalog.get("runs", state="awaiting_approval")).json()["items"]
    assert {item["approval"]["needed"] for item in listed} == {2}


async def test_a_run_that_is_to_end_waits_for_nobody(catalog: RunningCatalog) -> None:
    ann = await token_of(catalog, "ann")
    run = await catalog.made("actions/restart/runs", {})
    assert (await catalog.post(f"runs/{run['id']}/cancel", {})).status_code == 202
    refused = await approves(catalog, run["id"], ann)
    assert (refused.status_code, "is to end" in refused.json()["detail"]) == (409, True)
    assert (await catalog.get("approvals")).json()["items"] == []


async def test_what_a_waiting_run_executes_is_shown_as_it_was_planned(catalog: RunningCatalog) -> None:
    run = await catalog.made("actions/restart/runs", {})
    other = await catalog.made("actions/restart/runs", {})
    planned = (await catalog.made("actions/restart/plan", {}))["steps"]
    changed = an_action_body(steps=[a_step(command="echo another")], execution={"approval": {"count": 2}})
    answer = await catalog.http.put("/api/v1/actions/restart", json=changed)
    assert answer.status_code == 200
    shown = (await catalog.get(f"runs/{run['id']}/plan")).json()
    assert (shown["digest"], shown["action"]["version"], shown["steps"]) == (run["plan_digest"], 1, planned)
    assert (await catalog.made("actions/restart/plan", {}))["steps"] != planned
    (item,) = (await catalog.get("approvals", run=run["id"])).json()["items"]
    assert (item["run_id"], item["may_i"], item["why_not"]) == (
        run["id"],
        False,
        "'admin' asked for the run, so somebody else has to decide",
    )
    assert {item["run_id"] for item in (await catalog.get("approvals")).json()["items"]} == {run["id"], other["id"]}
    assert (await catalog.get("runs/01JX3Q7W8Z5V9K2M4N6P8R0S2T/plan")).status_code == 404


def versions_of_an_action(asks: str = "", of_step: str = "") -> dict[str, Any]:
    """An action as it was, or as it asks for more by now, itself or with a step of it."""
    approval = {"approval": {"approvers": ["user:ann"]}}
    steps: list[dict[str, Any]] = [
        {"name": name, "provider": "web-1", "command": "true", **(approval if name == of_step else {})}
        for name in ("done", "left")
    ]
    return an_action_body(*steps, execution={"approval": asks} if asks else {}) | {"name": "again"}


@pytest.mark.parametrize(
    ("by_now", "approvers"),
    [
        ({}, []),
        ({"asks": "required"}, ["role:operator"]),
        ({"of_step": "left"}, ["user:ann"]),
        ({"of_step": "done"}, []),
        ({"asks": "required", "of_step": "left"}, ["role:operator", "user:ann"]),
    ],
)
async def test_an_earlier_version_is_no_way_around_what_its_action_asks_for_by_now(
    catalog: RunningCatalog, by_now: dict[str, str], approvers: list[str]
) -> None:
    await catalog.made("actions", versions_of_an_action())
    run = await run_of(catalog.store, (await catalog.made("actions/again/runs", {}))["id"])
    assert run is not None
    run.state, run.steps[0].state, run.steps[1].state = "failed", "succeeded", "failed"
    assert await catalog.store.replace(RUNS, document_of(run), version=run.version)
    assert (await catalog.http.put("/api/v1/actions/again", json=versions_of_an_action(**by_now))).status_code == 200
    again = await catalog.made(f"runs/{run.id}/rerun", {"mode": "from_failed"})
    assert again["action"]["version"] == 1
    stored = await run_of(catalog.store, again["id"])
    assert stored is not None
    pending = stored.approval
    asked = [] if pending is None else [*pending.approvers, *(pending.following.approvers if pending.following else [])]
    assert (asked, stored.state) == (approvers, "awaiting_approval" if approvers else "queued")
    assert bool(stored.plan_digest) == bool(approvers)
