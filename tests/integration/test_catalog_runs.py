"""Runs and their output over HTTP, in both forms."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from ulid import ULID

from shared.alerts import delivery_document, stored_alert_document
from shared.bus.topology import scheduler_queue
from shared.clock import new_id, utc_now
from shared.collections import ALERT_DELIVERIES, ALERTS, RUNS
from shared.contracts.alert import Alert, StoredAlert
from shared.contracts.delivery import AlertDelivery
from shared.contracts.run import AdvanceRun, Control, Run, RunProgress
from shared.contracts.values import instant_text
from shared.encryption import Sealer, master_key_from
from shared.runs.binding import MASK
from shared.runs.composing import bound_to_run
from shared.runs.repository import run_of
from shared.store.port import Changes
from tests.builders import NOON, a_run, a_step, an_action, an_outcome
from tests.builders_catalog import (
    IN_ONE_FORM,
    MASTER_KEY,
    RunningCatalog,
    a_catalog,
    a_chunk,
    a_provider,
    an_action_body,
    an_attempt,
    save_run,
)


@pytest.fixture(params=["embedded", "distributed"])
async def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[RunningCatalog]:
    """A catalog that knows the action ``restart`` with the parameter ``host`` and one called ``password``."""
    environment = {}
    if request.param == "distributed":
        environment = {
            "OPSIMATE_STORE_URL": request.getfixturevalue("mongo").database_url(),
            "OPSIMATE_BUS_URL": request.getfixturevalue("rabbitmq").url,
        }
    async with a_catalog(tmp_path, **environment) as running:
        await running.with_provider()
        parameters = [{"name": "host", "type": "provider", "required": True}, {"name": "password", "type": "secret"}]
        step = {"name": "only", "provider": "{{ host }}", "command": "echo {{ host }}"}
        await running.made("actions", an_action_body(step, parameters=parameters, title="Restart"))
        yield running


def fields(answer: httpx.Response) -> list[str]:
    return [error["field"] for error in answer.json()["errors"]]


@pytest.mark.parametrize(
    "body",
    [
        b'{"parameters": {"host": "web-1"}, "note": "because"}',
        b'{"parameters": {"host": "web-9"}}',
        b'{"parameters": {"host": "web-1"}, "unknown": 1}',
        b'{"parameters": {"host": ["web-1"]}}',
        b'{"parameters": {"host": "web-1", "host": "web-2"}}',
        b'{"parameters": {"host": NaN}}',
        b'{"parameters": {"host": "\\ud800"}}',
        b'{"parameters": {"host"',
        b"[" * 100_000,
        b"\xff",
        b"null",
        b"",
        b"x" * (2 * 1024 * 1024),
    ],
    ids=lambda body: repr(body[:40]),
)
@pytest.mark.parametrize("token", ["", "nobody's", "of an alert sender"])
async def test_a_run_asked_for_in_the_usual_way_is_answered_as_in_any_other(
    tmp_path: Path, body: bytes, token: str
) -> None:
    async with a_catalog(tmp_path) as catalog:
        await catalog.with_provider()
        step = {"name": "only", "provider": "{{ host }}", "command": "echo {{ host }}"}
        await catalog.made("actions", an_action_body(step, parameters=[{"name": "host", "type": "provider"}]))
        given = await catalog.made("tokens", {"name": "sender", "kind": "service", "role": "alerts"})
        shown = {"": None, "nobody's": "opsimate_nothing", "of an alert sender": given["token"]}[token]
        headers = {"Authorization": f"Bearer {shown}"} if shown else {}

        async def answered(content_type: str, action: str) -> Any:
            path = f"/api/v1/actions/{action}/runs"
            answer = await catalog.http.post(path, content=body, headers={"Content-Type": content_type, **headers})
            told = answer.json()
            own = {"id", "created_at", "timeline", "request_id"}  # of every run another
            return answer.status_code, {name: value for name, value in told.items() if name not in own}

        for action in ("restart", "unknown"):
            usual = await answered("application/json", action)
            assert usual == await answered("application/json; charset=utf-8", action)


async def test_a_run_is_stored_before_it_is_answered(catalog: RunningCatalog) -> None:
    answer = await catalog.post("actions/restart/runs", {"parameters": {"host": "web-1"}, "note": "because"})
    shown = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (202, f"/api/v1/runs/{shown['id']}")
    assert shown["action"] == {"name": "restart", "version": 1, "title": "Restart"}
    assert (shown["state"], shown["reason"], shown["duration"]) == ("queued", None, None)
    admin = (await catalog.get("tokens/admin")).json()["uid"]
    trigger = {"kind": "manual", "by": "admin", "principal_id": admin, "note": "because", "alert_id": None}
    assert shown["trigger"] == {**trigger, "fire_time": None, "missed": 0, "joined": 0, "joined_at": None}
    assert shown["parameters"] == {"host": "web-1", "password": ""}
    assert shown["progress"] == {"done": 0, "total": 1, "percent": 0, "current_step": None}
    assert [(step["name"], step["state"], step["attempts"]) for step in shown["steps"]] == [("only", "pending", [])]
    assert [entry["event"] for entry in shown["timeline"]] == ["run.queued"]
    stored = await run_of(catalog.store, shown["id"])
    assert stored is not None
    assert stored.providers == ["web-1"]
    assert (await catalog.get(f"runs/{shown['id']}")).json() == shown


async def test_the_scheduler_is_told_of_a_run(tmp_path: Path) -> None:
    async with a_catalog(tmp_path) as catalog:
        await catalog.with_provider()
        await catalog.made("actions", an_action_body())
        heard: asyncio.Queue[str] = asyncio.Queue()

        async def hear(message: Any) -> None:
            assert isinstance(message, AdvanceRun)
            heard.put_nowait(message.run_id)

        subscription = await catalog.runtime.bus.subscribe(scheduler_queue(), hear)
        run = await catalog.made("actions/restart/runs", {})
        async with asyncio.timeout(10):
            assert await heard.get() == run["id"]
        await subscription.cancel()


async def test_a_services_token_leads_to_the_trigger_api(catalog: RunningCatalog) -> None:
    token = (await catalog.made("tokens", {"name": "deployer", "role": "administrator"}))["token"]
    answer = await catalog.http.post(
        "/api/v1/actions/restart/runs",
        json={"parameters": {"host": "web-1"}},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert (answer.json()["trigger"]["kind"], answer.json()["trigger"]["by"]) == ("api", "deployer")


async def test_the_same_request_again_is_the_same_run(catalog: RunningCatalog) -> None:
    path, body = "actions/restart/runs", {"parameters": {"host": "web-1"}}
    answers = await asyncio.gather(*(catalog.post(path, body, Idempotency_Key="k-1") for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [202]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await catalog.store.count(RUNS, {}) == 1
    other = await catalog.post(path, {**body, "note": "another"}, Idempotency_Key="k-1")
    assert (other.status_code, fields(other)) == (422, ["Idempotency-Key"])
    assert (await catalog.post(path, body, Idempotency_Key="x" * 201)).status_code == 422


async def test_a_token_that_has_the_name_of_a_deleted_one_is_another_principal(catalog: RunningCatalog) -> None:
    async def ask(token: str) -> Any:
        answer = await catalog.http.post(
            "/api/v1/actions/restart/runs",
            json={"parameters": {"host": "web-1"}},
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "k-1"},
        )
        return answer.json()

    first = await catalog.made("tokens", {"name": "deployer", "role": "administrator"})
    run = await ask(first["token"])
    assert (run["trigger"]["by"], run["trigger"]["principal_id"]) == ("deployer", first["uid"])
    assert (await ask(first["token"]))["id"] == run["id"]
    assert (await catalog.delete("tokens/deployer")).status_code == 204
    second = await catalog.made("tokens", {"name": "deployer", "role": "administrator"})
    another = await ask(second["token"])
    assert second["uid"] != first["uid"]
    assert (another["trigger"]["by"], another["trigger"]["principal_id"]) == ("deployer", second["uid"])
    assert another["id"] != run["id"], "the key of the one is not the key of the other"


async def test_who_cancels_is_stored_by_id_and_by_name(catalog: RunningCatalog) -> None:
    run = await catalog.made("actions/restart/runs", {"parameters": {"host": "web-1"}})
    admin = (await catalog.get("tokens/admin")).json()
    assert (await catalog.post(f"runs/{run['id']}/cancel", {})).status_code == 202
    stored = await catalog.store.get(RUNS, run["id"])
    assert stored is not None
    [asked] = stored["controls"]
    assert (asked["by"], asked["principal_id"]) == ("admin", admin["uid"])


async def test_the_digest_of_a_request_cannot_be_guessed_without_the_master_key(catalog: RunningCatalog) -> None:
    path, body = "actions/restart/runs", {"parameters": {"host": "web-1"}}
    run = await catalog.post(path, body, Idempotency_Key="k-1")
    (stored,) = await catalog.store.find(RUNS, {})
    text = json.dumps(["restart", {"host": "web-1"}, ""], sort_keys=True)
    plain = hashlib.sha256(text.encode()).hexdigest()
    assert stored["request_digest"].startswith("hmac-sha256:")
    assert plain not in stored["request_digest"]
    # A run that the first version stored is still found by its request, and by no other.
    await catalog.store.change(RUNS, {"id": stored["id"]}, Changes(set={"request_digest": plain}))
    again = await catalog.post(path, body, Idempotency_Key="k-1")
    assert (again.status_code, again.json()["id"]) == (200, run.json()["id"])
    other = await catalog.post(path, {**body, "note": "another"}, Idempotency_Key="k-1")
    assert other.status_code == 422


async def test_a_request_that_cannot_be_names_its_parameters_and_stores_nothing(catalog: RunningCatalog) -> None:
    path = "actions/restart/runs"
    assert fields(await catalog.post(path, {})) == ["parameters.host"]
    assert fields(await catalog.post(path, {"parameters": {"host": "web-9"}})) == ["parameters.host"]
    assert fields(await catalog.post(path, {"parameters": {"host": "web-1", "hots": 1}})) == ["parameters.hots"]
    missing = {"parameters": {"host": "web-1", "password": {"secret": "none"}}}
    assert fields(await catalog.post(path, missing)) == ["parameters.password"]
    assert fields(await catalog.post(path, {"parameter": {}})) == ["parameter"]
    assert (await catalog.post("actions/none/runs", {})).status_code == 404
    assert await catalog.store.count(RUNS, {}) == 0


async def test_all_mistakes_of_a_runs_parameters_are_told_at_once(catalog: RunningCatalog) -> None:
    parameters = [
        {"name": "host", "type": "provider"},
        {"name": "other", "type": "provider"},
        {"name": "count", "type": "integer"},
        {"name": "token", "type": "secret"},
        {"name": "needed", "required": True},
    ]
    step = {"name": "only", "provider": "{{ host }}", "command": "true"}
    await catalog.made("actions", an_action_body(step, name="many", parameters=parameters))
    given = {"host": "web-9", "other": "No Name", "count": "x", "token": {"secret": "none"}, "hots": 1}
    answer = await catalog.post("actions/many/runs", {"parameters": given})
    assert sorted(fields(answer)) == [f"parameters.{name}" for name in sorted([*given, "needed"])]


@pytest.mark.parametrize("host", ["wbe-1", " web-1", "web-1\n"])
async def test_a_provider_that_only_a_command_speaks_of_has_to_exist(catalog: RunningCatalog, host: str) -> None:
    step = {"name": "only", "provider": "web-1", "command": "ping -c 1 {{ host }}"}
    parameters = [{"name": "host", "type": "provider"}]
    await catalog.made("actions", an_action_body(step, name="ping", parameters=parameters))
    answer = await catalog.post("actions/ping/runs", {"parameters": {"host": host}})
    assert (answer.status_code, fields(answer)) == (422, ["parameters.host"])
    if host == "wbe-1":
        assert "did you mean 'web-1'?" in answer.json()["detail"]
    stored = await catalog.made("actions/ping/runs", {"parameters": {"host": "web-1"}})
    assert stored["parameters"] == {"host": "web-1"}


async def test_a_value_that_is_nested_deeply_is_its_parameters_fault(catalog: RunningCatalog) -> None:
    deep: Any = "x"
    for _ in range(400):
        deep = [deep]
    answer = await catalog.post("actions/restart/runs", {"parameters": {"host": deep}})
    assert (answer.status_code, fields(answer)) == (422, ["parameters.host"])


@pytest.mark.parametrize("value", [10**30, str(2**63)])
async def test_a_number_beyond_64_bits_is_refused(catalog: RunningCatalog, value: Any) -> None:
    await catalog.made("actions", an_action_body(name="count", parameters=[{"name": "n", "type": "integer"}]))
    answer = await catalog.post("actions/count/runs", {"parameters": {"n": value}})
    assert (answer.status_code, fields(answer)) == (422, ["parameters.n"])


async def test_a_secret_given_to_a_run_is_shown_by_nothing(catalog: RunningCatalog) -> None:
    given = await catalog.made("actions/restart/runs", {"parameters": {"host": "web-1", "password": "hunter2"}})
    named = await catalog.made("actions/restart/runs", {"parameters": {"host": "web-1", "password": {"secret": "key"}}})
    assert given["parameters"]["password"] == MASK
    assert named["parameters"]["password"] == {"secret": "key"}
    document = await catalog.store.get(RUNS, given["id"])
    assert document is not None
    assert "hunter2" not in str(document)
    sealed = document["parameters"]["password"]["sealed"]
    assert sealed not in (await catalog.get(f"runs/{given['id']}")).text
    sealer = Sealer(master_key_from(MASTER_KEY))
    assert sealer.open(sealed, bound_to=bound_to_run(given["id"], "password")) == "hunter2"


async def test_a_run_is_shown_step_by_step_and_attempt_by_attempt(catalog: RunningCatalog) -> None:
    run = a_run(an_action(a_step("first"), a_step("second")))
    run.state, run.started_at, run.ended_at = "running", NOON, NOON + timedelta(seconds=1.5)
    run.steps[0].state = "succeeded"
    run.steps[1].state = "queued"
    run.progress = RunProgress(done=1, total=2, current_step="second")
    failed = an_outcome(reason="exit_status", exit_status=3, output_bytes=7)
    await save_run(
        catalog.store,
        run,
        an_attempt(run, 0, 1, state="failed", outcome=failed),
        an_attempt(run, 0, 2, state="succeeded", outcome=an_outcome(exit_status=0)),
        an_attempt(run, 1, 1, display_command="echo hello"),
    )
    shown = (await catalog.get(f"runs/{run.id}")).json()
    assert shown["duration"] == 1.5
    assert shown["progress"] == {"done": 1, "total": 2, "percent": 50, "current_step": "second"}
    first, second = shown["steps"]
    assert [(one["number"], one["state"], one["exit_status"]) for one in first["attempts"]] == [
        (1, "failed", 3),
        (2, "succeeded", 0),
    ]
    assert (first["attempts"][0]["reason"], first["attempts"][0]["output_bytes"]) == ("exit_status", 7)
    assert (second["state"], second["attempts"][0]["command"]) == ("running", "echo hello")


async def some_runs(catalog: RunningCatalog) -> list[Run]:
    """Four runs, a minute after each other."""
    runs = []
    for minute, (name, state) in enumerate([("a", "failed"), ("a", "queued"), ("b", "failed"), ("a", "failed")]):
        created_at = NOON + timedelta(minutes=minute)
        run = a_run(an_action(name=name), at=created_at)
        run.id = run.request_id = str(ULID.from_datetime(created_at))
        run.state = state  # type: ignore[assignment]
        runs.append(run)
        await save_run(catalog.store, run)
    return runs


async def test_runs_are_listed_newest_first_and_filtered(catalog: RunningCatalog) -> None:
    runs = await some_runs(catalog)

    async def listed(**query: Any) -> list[str]:
        answer = await catalog.get("runs", **query)
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]

    assert await listed() == [run.id for run in reversed(runs)]
    assert await listed(action="a", state="failed") == [
        run.id for run in reversed(runs) if run.action.name == "a" and run.state == "failed"
    ]
    assert await listed(state=["failed", "queued", "failed"]) == [run.id for run in reversed(runs)]
    assert await listed(state=["queued", "running"], action="a") == [runs[1].id]
    assert await listed(state=["queued", "cancelled"], provider="web-1") == [runs[1].id]
    assert await listed(trigger="alert") == []
    assert len(await listed(trigger="manual", provider="web-1")) == 4
    assert await listed(provider="web-2") == []
    since, until = instant_text(NOON + timedelta(minutes=1)), instant_text(NOON + timedelta(minutes=2))
    assert await listed(since=since) == [run.id for run in runs[:0:-1]]
    assert await listed(since=since, until=until) == [run.id for run in runs[2:0:-1]]
    assert await listed(since="2026-01-31T14:01:00+02:00", action="a") == [
        run.id for run in runs[:0:-1] if run.action.name == "a"
    ]


@pytest.mark.parametrize(
    "query", [{}, {"action": "a"}, {"since": "2026-01-01T00:00:00Z"}, {"state": ["queued", "failed"]}]
)
async def test_pages_of_runs_have_each_run_once(catalog: RunningCatalog, query: dict[str, Any]) -> None:
    await some_runs(catalog)
    whole = [item["id"] for item in (await catalog.get("runs", **query)).json()["items"]]
    seen: list[str] = []
    cursor = None
    while True:
        page = (await catalog.get("runs", limit=1, **query, **({"cursor": cursor} if cursor else {}))).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == whole


@IN_ONE_FORM
@pytest.mark.parametrize(
    "query",
    [
        {"state": "nonsense"},
        {"trigger": "nonsense"},
        {"action": "Not A Name"},
        {"since": "yesterday"},
        {"until": "2026-01-31T12:00:00"},
        {"until": "9999-12-31T23:59:59-12:00"},
        {"since": "0001-01-01T00:00:00+14:00"},
        {"since": "1"},
        {"cursor": "nonsense"},
        {"stat": "failed"},
        {"limit": 201},
    ],
)
async def test_a_filter_that_cannot_be_is_refused(catalog: RunningCatalog, query: dict[str, Any]) -> None:
    answer = await catalog.get("runs", **query)
    assert (answer.status_code, fields(answer)) == (422, list(query))


async def test_a_list_of_runs_is_read_in_one_go(catalog: RunningCatalog) -> None:
    await some_runs(catalog)
    await catalog.get("runs")
    reads: list[str] = []
    find = catalog.store.find

    async def counted(collection: Any, *arguments: Any, **options: Any) -> Any:
        task = asyncio.current_task()
        if task is None or task.get_name() != "loop audit":  # which looks for what it has not told of
            reads.append(collection.name)
        return await find(collection, *arguments, **options)

    catalog.store.find = counted  # type: ignore[method-assign]
    await catalog.get("runs")
    assert reads == ["runs"]


async def test_asking_for_a_runs_end_again_is_the_same_answer(catalog: RunningCatalog) -> None:
    run = await catalog.made("actions/restart/runs", {"parameters": {"host": "web-1"}})
    path = f"runs/{run['id']}/cancel"
    first, again = await catalog.post(path, {"reason": "enough"}), await catalog.post(path, {"reason": "really"})
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["cancel_requested"] is True
    stored = await run_of(catalog.store, run["id"])
    assert stored is not None
    assert [(control.kind, control.by, control.comment) for control in stored.controls] == [
        ("cancel", "admin", "enough")
    ]
    assert (await catalog.http.post(f"/api/v1/{path}")).status_code == 202


async def test_pausing_and_resuming_again_is_the_same_answer(catalog: RunningCatalog) -> None:
    run = await catalog.made("actions/restart/runs", {"parameters": {"host": "web-1"}})
    path = f"runs/{run['id']}"
    answers = [await catalog.post(f"{path}/pause", {"comment": comment}) for comment in ("wait", "really")]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert [answer.json()["paused"]["comment"] for answer in answers] == ["wait", "wait"]
    for _ in range(2):
        answer = await catalog.post(f"{path}/resume", {})
        assert (answer.status_code, answer.json()["paused"]) == (202, None)
    stored = await run_of(catalog.store, run["id"])
    assert stored is not None
    assert [control.kind for control in stored.controls] == ["pause", "resume"]
    assert stored.wake_at == stored.controls[-1].at, "what is stored is acted upon even if the message is lost"


@pytest.mark.parametrize("control", ["pause", "resume"])
async def test_a_run_that_has_ended_is_neither_paused_nor_resumed(catalog: RunningCatalog, control: str) -> None:
    run = a_run(an_action())
    run.state = "succeeded"
    await save_run(catalog.store, run)
    assert (await catalog.post(f"runs/{run.id}/{control}", {})).status_code == 409
    assert (await catalog.post(f"runs/none/{control}", {})).status_code == 404


async def test_a_run_is_paused_a_hundred_times_and_resumed_and_cancelled_always(catalog: RunningCatalog) -> None:
    run = a_run(an_action())
    told = ("pause", "resume") * 99 + ("pause",)
    run.controls = [Control.model_validate({"kind": kind, "by": "ann", "at": NOON}) for kind in told]
    await save_run(catalog.store, run)
    for _ in range(2):  # the second time it is so already
        assert (await catalog.post(f"runs/{run.id}/resume", {})).status_code == 202
    refused = await catalog.post(f"runs/{run.id}/pause", {})
    assert (refused.status_code, "was paused 100 times" in refused.json()["detail"]) == (409, True)
    assert (await catalog.post(f"runs/{run.id}/cancel", {})).status_code == 202


async def test_what_several_tell_a_run_at_once_is_all_kept(catalog: RunningCatalog) -> None:
    run = a_run(an_action())
    await save_run(catalog.store, run)
    answers = await asyncio.gather(*(catalog.post(f"runs/{run.id}/{kind}", {}) for kind in ("pause", "cancel") * 5))
    assert {answer.status_code for answer in answers} == {202}
    stored = await run_of(catalog.store, run.id)
    assert stored is not None
    assert sorted(control.kind for control in stored.controls) == ["cancel", "pause"]


async def test_a_run_with_a_time_to_start_at_is_delayed_until_then(catalog: RunningCatalog) -> None:
    later = "2031-01-01T00:00:00.000Z"
    body = {"parameters": {"host": "web-1"}, "not_before": later}
    key = {"Idempotency-Key": "once"}
    answer = await catalog.http.post("/api/v1/actions/restart/runs", json=body, headers=key)
    shown = answer.json()
    assert (answer.status_code, shown["state"], shown["not_before"]) == (202, "delayed", later)
    assert [entry["event"] for entry in shown["timeline"]] == ["run.delayed"]
    stored = await run_of(catalog.store, shown["id"])
    assert stored is not None
    assert stored.wake_at == stored.not_before
    again = await catalog.http.post("/api/v1/actions/restart/runs", json=body, headers=key)
    assert (again.status_code, again.json()["id"]) == (200, shown["id"])
    sooner = {**body, "not_before": "2998-01-01T00:00:00Z"}
    assert (await catalog.http.post("/api/v1/actions/restart/runs", json=sooner, headers=key)).status_code == 422
    past = await catalog.post("actions/restart/runs", {**body, "not_before": "2020-01-01T00:00:00Z"})
    assert past.json()["state"] == "queued"
    wrong = await catalog.post("actions/restart/runs", {**body, "not_before": "tomorrow"})
    assert (wrong.status_code, fields(wrong)) == (422, ["not_before"])
    assert [one["id"] for one in (await catalog.get("runs", state="delayed")).json()["items"]] == [shown["id"]]


async def test_a_run_that_has_ended_is_not_cancelled(catalog: RunningCatalog) -> None:
    run = a_run(an_action())
    run.state = "succeeded"
    await save_run(catalog.store, run)
    answer = await catalog.post(f"runs/{run.id}/cancel", {})
    assert (answer.status_code, "succeeded" in answer.json()["detail"]) == (409, True)
    assert (await catalog.post("runs/none/cancel", {})).status_code == 404
    assert (await catalog.get("runs/none")).status_code == 404


async def test_output_is_read_as_text_and_as_bytes(catalog: RunningCatalog) -> None:
    run = a_run(an_action(a_step("first"), a_step("second")))
    run.state = "succeeded"
    first, second = (
        an_attempt(run, index, state="succeeded", outcome=an_outcome(output_chunks=2)) for index in range(2)
    )
    euro = "€".encode()
    chunks = [
        a_chunk(first, 1, b"one " + euro[:2]),
        a_chunk(first, 2, euro[2:] + b"\xff\n"),
        a_chunk(second, 1, b"two\n", "stderr"),
        a_chunk(second, 2, euro[:1]),
    ]
    await save_run(catalog.store, run, first, second, chunks=chunks)
    path = f"runs/{run.id}/output"
    page = (await catalog.get(path)).json()
    assert [(item["seq"], item["step"], item["stream"], item["text"]) for item in page["items"]] == [
        (1, "first", "stdout", "one "),
        (2, "first", "stdout", "€\ufffd\n"),
        (1, "second", "stderr", "two\n"),
        (2, "second", "stdout", ""),
        (3, "second", "stdout", "\ufffd"),
    ]
    assert page["next"] is None
    plain = await catalog.http.get(f"/api/v1/{path}", headers={"Accept": "text/plain"})
    assert plain.headers["content-type"].startswith("text/plain")
    assert plain.content == b"".join(chunk.data for chunk in chunks)
    only = await catalog.http.get(f"/api/v1/{path}?step=second", headers={"Accept": "text/plain"})
    assert only.content == b"two\n" + euro[:1]


@pytest.mark.parametrize("name", ["from", "cursor"])
async def test_pages_of_output_have_each_character_once(catalog: RunningCatalog, name: str) -> None:
    run = a_run(an_action())
    attempt = an_attempt(run)
    text = "a€😀é" * 3
    data = text.encode()
    chunks = [a_chunk(attempt, seq, data[seq - 1 : seq]) for seq in range(1, len(data) + 1)]
    await save_run(catalog.store, run, attempt, chunks=chunks)
    read, place = "", None
    while True:
        query = {"limit": 2} | ({name: place} if place else {})
        page = (await catalog.get(f"runs/{run.id}/output", **query)).json()
        read += "".join(item["text"] for item in page["items"])
        place = page["next"]
        if place is None:
            break
    assert read == text
    numbered = await catalog.get(f"runs/{run.id}/output", step="only", attempt=1, **{"from": len(data)})
    assert [item["seq"] for item in numbered.json()["items"]] == [len(data)]


async def test_a_part_of_the_output_that_cannot_be_is_refused(catalog: RunningCatalog) -> None:
    run = a_run(an_action())
    await save_run(catalog.store, run)
    for query, field in (({"step": "onyl"}, "step"), ({"from": "x"}, "from"), ({"attempt": 1}, "attempt")):
        answer = await catalog.get(f"runs/{run.id}/output", **query)
        assert (answer.status_code, fields(answer)) == (422, [field])
    assert (await catalog.get("runs/none/output")).status_code == 404


async def test_alerts_are_shown_with_decisions_and_runs(catalog: RunningCatalog) -> None:
    for number in range(3):
        alert = Alert(
            source="generic",
            fingerprint=f"f{number}",
            event_id="e",
            status="firing",
            labels={"a.b": "$c"},
            starts_at=NOON,
        )
        stored = StoredAlert(
            id=new_id(),
            identity=f"i{number}",
            alert=alert,
            received_at=NOON,
            last_received_at=utc_now() if number == 1 else NOON,
            deliveries=1,
            decisions=[],
            runs=["r"],
        )
        await catalog.store.insert(ALERTS, stored_alert_document(stored, pending=False))
    page = (await catalog.get("alerts", limit=2)).json()
    rest = (await catalog.get("alerts", limit=2, cursor=page["next"])).json()
    assert [item["alert"]["fingerprint"] for item in page["items"] + rest["items"]] == ["f2", "f1", "f0"]
    assert (await catalog.get(f"alerts/{page['items'][0]['id']}")).json() == page["items"][0]
    assert page["items"][0]["alert"]["labels"] == {"a.b": "$c"}
    assert (await catalog.get("alerts", status="resolved")).json()["items"] == []
    assert (await catalog.get("alerts/none")).status_code == 404
    assert (await catalog.get("alerts", status="nonsense")).status_code == 422
    # Case B20: f0 and f2 fire, but nothing was heard of them for long.
    assert [item["stale"] for item in page["items"] + rest["items"]] == [True, False, True]

    async def listed(**query: Any) -> list[str]:
        return [item["alert"]["fingerprint"] for item in (await catalog.get("alerts", **query)).json()["items"]]

    assert await listed(stale="true") == ["f2", "f0"]
    assert await listed(stale="true", status="resolved") == []
    assert await listed(fingerprint="f1") == ["f1"]
    assert (await catalog.get("alerts", stale="nonsense")).status_code == 422


async def test_posts_that_were_not_taken_are_shown(catalog: RunningCatalog) -> None:
    told = {"status": 400, "reason": "the body is not JSON", "address": "10.0.0.1", "beginning": "x=1"}
    for source, outcome in (("generic", "refused"), ("alertmanager", "unreadable"), ("generic", "unreadable")):
        delivery = AlertDelivery.model_validate(
            {"id": new_id(), "source": source, "outcome": outcome, "received_at": NOON, **told}
        )
        await catalog.store.insert(ALERT_DELIVERIES, delivery.model_dump(mode="json"))

    async def listed(**query: Any) -> list[tuple[str, str]]:
        items = (await catalog.get("deliveries", **query)).json()["items"]
        return [(item["source"], item["outcome"]) for item in items]

    assert await listed() == [("generic", "unreadable"), ("alertmanager", "unreadable"), ("generic", "refused")]
    assert await listed(limit=1) == [("generic", "unreadable")]
    assert await listed(source="generic", outcome="refused") == [("generic", "refused")]
    assert await listed(since="2100-01-01T00:00:00Z") == []
    assert len(await listed(since="2026-01-01T00:00:00Z")) == 3
    assert (await catalog.get("deliveries")).json()["items"][0]["reason"] == "the body is not JSON"
    assert (await catalog.get("deliveries", outcome="nonsense")).status_code == 422
    assert (await catalog.get("deliveries", since="1")).status_code == 422
    assert len(await listed(source="generic", outcome=["refused", "unreadable"])) == 2


async def test_a_replay_of_a_delivery_is_asked_for_once_until_it_is_done(catalog: RunningCatalog) -> None:
    told = {"source": "generic", "status": 202, "reason": "", "address": "10.0.0.1", "received_at": NOON}
    kept, refused = [
        AlertDelivery.model_validate({"id": new_id(), "outcome": outcome, "beginning": "x=1", **more, **told})
        for outcome, more in (("accepted", {"replayable": True}), ("refused", {}))
    ]
    for delivery in (kept, refused):
        await catalog.store.insert(ALERT_DELIVERIES, delivery_document(delivery, catalog.runtime.settings.sealer()))
    assert [item["beginning"] for item in (await catalog.get("deliveries")).json()["items"]] == ["x=1", "x=1"]

    first = await catalog.post(f"deliveries/{kept.id}/replay", None)
    assert (first.status_code, first.json()["replay"]["state"], first.json()["replay"]["by"]) == (
        202,
        "requested",
        "admin",
    )
    assert (await catalog.post(f"deliveries/{kept.id}/replay", None)).json() == first.json()
    assert (await catalog.get("deliveries", outcome="accepted")).json()["items"] == [first.json()]
    assert (await catalog.post(f"deliveries/{refused.id}/replay", None)).status_code == 409
    assert (await catalog.post("deliveries/none/replay", None)).status_code == 404


async def test_a_provider_of_a_run_may_be_deleted_once_the_run_has_ended(catalog: RunningCatalog) -> None:
    await catalog.made("providers", a_provider("web-2"))
    run = await catalog.made("actions/restart/runs", {"parameters": {"host": "web-2"}})
    assert (await catalog.delete("providers/web-2")).status_code == 409
    stored = await run_of(catalog.store, run["id"])
    assert stored is not None
    stored.state = "succeeded"
    assert await catalog.store.replace(RUNS, stored.model_dump(mode="json"), version=stored.version)
    assert (await catalog.delete("providers/web-2")).status_code == 204
    assert (await catalog.get(f"runs/{run['id']}")).json()["state"] == "succeeded"
