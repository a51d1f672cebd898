"""Runs that wait, for a time, for a person or for each other, and what is told of them, while processes are killed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from tests.product import Product, distributed, eventually
from tests.servers.mongo import MongoServer
from tests.servers.receivers import http_recorder
from tests.servers.sshd import SshServer
from tests.stage import Ledger, action, set_stage

pytestmark = pytest.mark.timeout(240)


def test_a_delayed_run_survives_a_kill_and_starts_within_a_second_of_its_time(
    own_product: Product, ledger: Ledger
) -> None:
    name = action(own_product, "later", ledger.entry())
    not_before = datetime.now(UTC) + timedelta(seconds=8)
    run = own_product.run(name, not_before=not_before.isoformat())
    assert run["state"] == "delayed"
    never = own_product.run(name, not_before=not_before.isoformat())
    answer = own_product.http.post(f"/api/v1/runs/{never['id']}/cancel", json={"comment": "no need"})
    assert answer.status_code == 202
    assert own_product.ended(never["id"])["state"] == "cancelled"
    own_product.kill_everything()
    own_product.start()
    ready_at = datetime.now(UTC)
    ended = own_product.ended(run["id"])
    started_at = datetime.fromisoformat(ended["started_at"])
    assert ended["state"] == "succeeded"
    assert started_at >= not_before
    assert started_at - max(not_before, ready_at) <= timedelta(seconds=1)
    assert ledger.lines == ["x"]
    assert [entry["event"] for entry in ended["timeline"][:3]] == ["run.delayed", "run.queued", "run.started"]


def test_a_paused_run_waits_through_a_kill_until_it_is_resumed(own_product: Product, ledger: Ledger) -> None:
    name = action(own_product, "held", f"{ledger.entry('one')}; sleep 2", ledger.entry("two"))
    run_id = own_product.run(name)["id"]
    eventually(lambda: ledger.lines, what="the first step has begun")
    paused = own_product.http.post(f"/api/v1/runs/{run_id}/pause", json={"comment": "ask Ann"})
    assert (paused.status_code, paused.json()["paused"]["comment"]) == (202, "ask Ann")
    waiting = eventually(lambda: own_product.show(run_id)["waiting_for"], what="the run waits at the gate")
    assert waiting["gate"] == "pause"
    own_product.kill_everything()
    own_product.start()
    shown = own_product.show(run_id)
    assert (shown["state"], shown["steps"][1]["state"], ledger.lines) == ("running", "pending", ["one"])
    assert own_product.http.post(f"/api/v1/runs/{run_id}/resume").status_code == 202
    ended = own_product.ended(run_id)
    assert (ended["state"], ended["paused"], ledger.lines) == ("succeeded", None, ["one", "two"])
    assert own_product.http.post(f"/api/v1/runs/{run_id}/pause").status_code == 409


def most_at_a_time(lines: list[str]) -> int:
    """How many commands were between their two lines at once."""
    under_way, most = 0, 0
    for line in lines:
        under_way += 1 if line == "in" else -1
        most = max(most, under_way)
    return most


def test_a_limit_holds_and_nobody_waits_for_ever_while_both_schedulers_are_killed(
    mongo: MongoServer, virtual_host: str, sshd: SshServer, ledger: Ledger
) -> None:
    product = distributed(mongo.database_url(), virtual_host, schedulers=2).forked()
    try:
        set_stage(product.start(), sshd)
        command = f"{ledger.entry('in')}; sleep 0.3; {ledger.entry('out')}"
        name = action(product, "limited", command, concurrency={"limit": 2, "queue_limit": 100})
        ids = [product.run(name)["id"] for _ in range(24)]
        schedulers = [part for part in product.parts if part.name == "scheduler"]
        for number in range(6):
            eventually(lambda wanted=6 * (number + 1): len(ledger.lines) >= wanted)  # type: ignore[misc]
            schedulers[number % 2].kill()
            if number % 3 == 2:  # nobody is there for a while
                schedulers[1 - number % 2].kill()
                schedulers[1 - number % 2].start()
            schedulers[number % 2].start()
        assert {product.ended(run_id, within=120)["state"] for run_id in ids} == {"succeeded"}
        assert len(ledger.lines) == 2 * len(ids)
        assert most_at_a_time(ledger.lines) == 2
    finally:
        product.discard()


def test_runs_that_wait_for_each_other_go_on_after_a_kill_of_everything(own_product: Product, ledger: Ledger) -> None:
    name = action(
        own_product, "queued", f"{ledger.entry('in')}; sleep 2; {ledger.entry('out')}", concurrency={"limit": 1}
    )
    ids = [own_product.run(name)["id"] for _ in range(3)]
    eventually(lambda: ledger.lines, what="the first has begun")
    own_product.kill_everything()
    own_product.start()
    states = [own_product.ended(run_id, within=120)["state"] for run_id in ids]
    assert states[0] in {"succeeded", "unknown"}
    assert states[1:] == ["succeeded"] * 2
    assert ledger.lines[-4:] == ["in", "out"] * 2


def fires_of(product: Product, schedule: str) -> Any:
    return product.http.get(f"/api/v1/schedules/{schedule}/fires").json()["items"]


def test_a_fire_time_has_one_run_though_everything_is_killed_around_it(own_product: Product, ledger: Ledger) -> None:
    at = [datetime.now(UTC) + timedelta(seconds=seconds) for seconds in (3, 5, 9)]
    own = {"mode": "scheduled", "schedule": {"at": {"once": at[1].isoformat()}}}
    name = action(own_product, "by-itself", ledger.entry(), execution=own)
    schedules = ["once-0", f"action:{name}", "once-2"]
    for number in (0, 2):
        own_product.put(
            "schedules", {"name": schedules[number], "action": name, "at": {"once": at[number].isoformat()}}
        )
    eventually(lambda: datetime.now(UTC) > at[0], within=10)
    own_product.kill_everything()  # in the middle of the first, before the second
    own_product.start()
    own_product.kill_everything()
    own_product.start()
    for schedule in schedules:
        [fire] = eventually(partial(fires_of, own_product, schedule))
        assert own_product.ended(fire["run_id"])["state"] in {"succeeded", "unknown"}  # its executor was killed
    runs = own_product.http.get("/api/v1/runs", params={"action": name}).json()["items"]
    assert sorted(run["trigger"]["by"] for run in runs) == sorted(schedules)
    done = sum(run["state"] == "succeeded" for run in runs)
    assert done <= len(ledger.lines) <= len(at)
    assert done


def test_what_was_missed_while_nobody_was_there_is_as_each_schedule_says(own_product: Product, ledger: Ledger) -> None:
    """It takes a minute in which nothing happens: what is noticed within one is not missed."""
    parameters = [{"name": "what", "type": "string", "pattern": "[a-z_]+", "required": True}]
    name = action(own_product, "missed", ledger.entry("{{ what }}"), parameters=parameters)
    at = datetime.now(UTC) + timedelta(seconds=3)
    policies = ["run_once", "run_all", "skip"]
    for policy in policies:
        once = {"action": name, "parameters": {"what": policy}, "at": {"once": at.isoformat()}, "misfire": policy}
        own_product.put("schedules", {"name": policy.replace("_", "-"), **once})
    own_product.kill_everything()
    eventually(lambda: datetime.now(UTC) > at + timedelta(seconds=61), within=90)
    own_product.start()
    fires = [eventually(partial(fires_of, own_product, policy.replace("_", "-"))) for policy in policies]
    assert [[fire["decision"] for fire in found] for found in fires] == [
        ["run_requested"],
        ["run_requested"],
        ["missed"],
    ]
    assert [own_product.ended(found[0]["run_id"])["state"] for found in fires[:2]] == ["succeeded"] * 2
    assert sorted(ledger.lines) == ["run_all", "run_once"]


def test_approvals_survive_a_kill_of_everything_and_expire_in_their_time(own_product: Product, ledger: Ledger) -> None:
    made = {"role": "administrator", "kind": "person"}
    tokens = [
        own_product.http.post("/api/v1/tokens", json={"name": name, **made}).json()["token"] for name in ("ann", "ben")
    ]

    def approve(run_id: str, token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return own_product.http.post(f"/api/v1/runs/{run_id}/approve", headers=headers).status_code

    name = action(
        own_product,
        "approved",
        ledger.entry("one"),
        {"command": ledger.entry("two"), "approval": {"expires": "1h"}},
        execution={"approval": {"count": 2}},
    )
    hurried = action(own_product, "hurried", ledger.entry("never"), execution={"approval": {"expires": "12s"}})
    run_id, expiring = own_product.run(name)["id"], own_product.run(hurried)
    assert approve(run_id, tokens[0]) == 202
    own_product.kill_everything()  # a moment after the first of two approvals was stored
    own_product.start()
    assert [one["by"] for one in own_product.show(run_id)["approval"]["given"]] == ["ann"]
    assert approve(run_id, tokens[0]) == 409
    assert approve(run_id, tokens[1]) == 202
    eventually(
        lambda: (own_product.show(run_id)["approval"] or {}).get("step") == "step-2", what="it waits with a step"
    )
    own_product.kill_everything()
    own_product.start()
    assert ledger.lines == ["one"]
    assert approve(run_id, tokens[0]) == 202
    assert (own_product.ended(run_id)["state"], ledger.lines) == ("succeeded", ["one", "two"])
    ended = own_product.ended(expiring["id"])
    expires_at = datetime.fromisoformat(expiring["approval"]["expires_at"])
    assert (ended["state"], datetime.fromisoformat(ended["ended_at"]) >= expires_at) == ("expired", True)


def test_what_a_channel_is_told_outlives_who_tells_it(own_product: Product) -> None:
    key = f"whsec_{'a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s='}"
    own_product.put("secrets", {"name": "hook-key", "value": key})
    with http_recorder() as recorder:
        hook = {"url": recorder.url("/in"), "signing_key": {"secret": "hook-key"}}
        own_product.put("channels", {"name": "hook", "webhook": hook})
        name = action(own_product, "told-of", "exit 3", notify=[{"channel": "hook"}])
        recorder.hang.add("/in")
        first = own_product.run(name)["id"]
        (lost,) = eventually(lambda: recorder.at("/in"), what="the first is being told")
        bridge = own_product.part("alert-bridge")
        bridge.kill()  # nobody stores that it was told, nor hears of the second end where others go on
        recorder.hang.clear()
        second = None
        if own_product.form == "distributed":
            second = own_product.run(name)["id"]
            assert own_product.ended(second)["state"] == "failed"
        bridge.start()
        own_product.wait_until_ready()
        assert own_product.ended(first)["state"] == "failed"
        (left,) = own_product.http.get("/api/v1/notifications", params={"run": first}).json()["items"]
        assert (left["id"], left["state"], left["attempts"]) == (lost.headers["webhook-id"], "pending", 1)
        assert own_product.http.post(f"/api/v1/notifications/{left['id']}/retry").status_code == 202
        expected = [one for one in (first, second) if one is not None]
        told = eventually(lambda: len(recorder.at("/in")) > len(expected) and recorder.at("/in"), what="both are told")
        assert {one.headers["webhook-id"] for one in told} >= {left["id"]}
        assert len({one.headers["webhook-id"] for one in told}) == len(expected)
        recorder.hang.add("/in")
        with ThreadPoolExecutor() as threads:
            testing = threads.submit(own_product.http.post, "/api/v1/channels/hook/test")
            eventually(lambda: len(recorder.at("/in")) > len(told), what="the test is being sent")
            assert [part.stop() for part in own_product.parts] == [0] * len(own_product.parts)
        assert (testing.result().status_code, "being stopped" in testing.result().text) == (503, True)
