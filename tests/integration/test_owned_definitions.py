"""What actions own is found and listed with what stands by itself, and written with the actions alone."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from shared.bus.topology import definitions_queue
from shared.contracts.definition import DefinitionsChanged
from shared.contracts.model import Message
from tests.builders_catalog import RunningCatalog, a_catalog, an_action_body

DAILY = {"at": {"daily": "02:30"}, "parameters": {"host": "web-1"}}
TRIGGER = {"match": {"labels": {"alertname": "Down"}}, "parameters": {"host": "web-1"}}


@pytest.fixture
async def catalog(tmp_path: Path) -> AsyncIterator[RunningCatalog]:
    async with a_catalog(tmp_path) as running:
        yield await running.with_provider()


def an_action_that(name: str, **execution: Any) -> dict[str, Any]:
    """An action with a host to be run on, which runs so."""
    parameters = [{"name": "host", "type": "provider", "required": True}]
    steps = [{"name": "clean", "provider": "{{ host }}", "command": "true"}]
    return an_action_body(name=name, parameters=parameters, steps=steps, execution=execution)


async def listed(catalog: RunningCatalog, path: str, limit: int) -> list[str]:
    """The names of a list, read in pages."""
    names: list[str] = []
    cursor: dict[str, Any] = {}
    while True:
        page = (await catalog.get(path, limit=limit, **cursor)).json()
        assert len(page["items"]) == limit or page["next"] is None
        names += [item["name"] for item in page["items"]]
        if page["next"] is None:
            return names
        cursor = {"cursor": page["next"]}


async def test_lists_have_what_stands_by_itself_and_then_what_actions_own(catalog: RunningCatalog) -> None:
    for name in ("a", "a-b", "plain"):
        await catalog.made("actions", an_action_that(name))
    for name in ("zebra", "action"):
        await catalog.made("schedules", {"name": name, "action": "plain", **DAILY})
        responses = [{"action": "plain", "parameters": {"host": "web-1"}}]
        await catalog.made("alert-rules", {"name": name, "match": {"labels": {"x": "y"}}, "responses": responses})
    assert await listed(catalog, "schedules", 1) == ["action", "zebra"]
    for name in ("a", "a-b"):
        assert (await catalog.put(f"actions/{name}", an_action_that(name, mode="scheduled", schedule=DAILY))).is_success
    for limit in range(1, 6):
        assert await listed(catalog, "schedules", limit) == ["action", "zebra", "action:a", "action:a-b"]
    for name, many in (("a", 11), ("a-b", 1)):
        body = an_action_that(name, mode="triggered", schedule=DAILY, triggers=[TRIGGER] * many)
        assert (await catalog.put(f"actions/{name}", body)).is_success
    expected = ["action", "zebra", *(f"action:a:{number}" for number in range(1, 12)), "action:a-b:1"]
    for limit in (1, 2, 3, 5, 13, 14, 20):
        assert await listed(catalog, "alert-rules", limit) == expected
    assert await listed(catalog, "schedules", 1) == ["action", "zebra"], "a schedule of another mode is none"


async def test_what_an_action_owns_is_shown_as_its_own_and_cannot_be_written_there(catalog: RunningCatalog) -> None:
    body = an_action_that("clean", mode="scheduled", schedule=DAILY, triggers=[TRIGGER])
    action = await catalog.made("actions", body)
    shown = await catalog.get("schedules/action:clean")
    schedule = shown.json()
    assert schedule["owner"] == {"kind": "action", "name": "clean"}
    assert (schedule["action"], schedule["at"]["daily"], schedule["parameters"]) == (
        "clean",
        "02:30",
        {"host": "web-1"},
    )
    assert (schedule["uid"], schedule["version"], shown.headers["etag"]) == (action["uid"], 1, '"1"')
    assert schedule["next_fire_time"] == action["next_fire_time"] is not None
    following = (await catalog.get("schedules/action:clean/next", count=1)).json()
    assert following["items"] == [schedule["next_fire_time"]]
    assert (await catalog.get("schedules/action:clean/fires")).json() == {"items": []}
    calendar = (await catalog.get("calendar")).json()
    assert [(one["name"], one["owner"]["name"]) for one in calendar["schedules"]] == [("action:clean", "clean")]
    for answer in (
        await catalog.put("schedules/action:clean", schedule),
        await catalog.delete("schedules/action:clean"),
        await catalog.put("alert-rules/action:clean:1", {}),
        await catalog.post("schedules/action:clean/versions/1/restore", {}),
    ):
        assert answer.status_code == 409
        assert "belongs to the action 'clean'" in answer.json()["detail"]
    assert (await catalog.post("schedules", schedule)).status_code == 422
    text = await catalog.http.get("/api/v1/schedules/action:clean", headers={"Accept": "application/yaml"})
    assert text.status_code == 409, "what could not be applied"
    for path in ("versions", "versions/1"):
        none = await catalog.get(f"schedules/action:clean/{path}")
        assert (none.status_code, "see those of the action 'clean'" in none.json()["detail"]) == (404, True)
    for path in ("schedules/action:cleen", "schedules/action:clean:1", "alert-rules/action:clean:1"):
        assert (await catalog.get(path)).status_code == 404
    in_use = await catalog.delete("providers/web-1")
    assert (in_use.status_code, "action 'clean'" in in_use.json()["detail"]) == (409, True)
    assert (await catalog.delete("actions/clean")).status_code == 204
    assert (await catalog.get("schedules/action:clean")).status_code == 404


@pytest.mark.parametrize(
    ("execution", "field", "said"),
    [
        ({"mode": "scheduled"}, "execution.schedule", "is required with mode: scheduled"),
        ({"mode": "triggered"}, "execution.triggers", "is required with mode: triggered"),
        ({"mode": "nightly"}, "execution.mode", "has to be"),
        ({"schedule": {"at": {"cron": "@daily"}}}, "execution.schedule.at.cron", "five fields"),
        ({"schedule": {**DAILY, "time_zone": "Berlin"}}, "execution.schedule.time_zone", "no time zone 'Berlin'"),
        (
            {"schedule": {**DAILY, "parameters": {"hots": 1}}},
            "execution.schedule.parameters.hots",
            "did you mean 'host'",
        ),
        ({"schedule": {**DAILY, "parameters": {}}}, "execution.schedule.parameters.host", "required"),
        ({"schedule": {**DAILY, "parameters": {"host": "w"}}}, "execution.schedule.parameters.host", "no provider 'w'"),
        ({"triggers": [{"match": {}}]}, "execution.triggers.0.match", "every alert of every source"),
        ({"triggers": [{**TRIGGER, "source": "x"}]}, "execution.triggers.0.source", "has to be one of"),
        (
            {"triggers": [TRIGGER, {**TRIGGER, "parameters": {"host": "w"}}]},
            "execution.triggers.1.parameters.host",
            "'w'",
        ),
        (
            {"triggers": [{**TRIGGER, "parameters": {"host": "{{ alert.hots }}"}}]},
            "execution.triggers.0.parameters.host",
            "an alert has no 'alert.hots'",
        ),
        ({"triggers": [{**TRIGGER, "timing": "after_delay"}]}, "execution.triggers.0", "after_delay needs delay"),
        ({"triggers": [TRIGGER] * 21}, "execution.triggers", "20"),
    ],
)
async def test_execution_settings_that_could_not_work_are_refused(
    catalog: RunningCatalog, execution: dict[str, Any], field: str, said: str
) -> None:
    answer = await catalog.post("actions", an_action_that("clean", **execution))
    assert answer.status_code == 422
    assert any(one["field"] == field and said in one["message"] for one in answer.json()["errors"]), answer.json()


async def test_a_schedule_that_is_over_is_saved_with_a_warning(catalog: RunningCatalog) -> None:
    over = {**DAILY, "at": {"once": "2020-01-01T00:00:00Z"}}
    made = await catalog.made("actions", an_action_that("clean", mode="scheduled", schedule=over))
    assert [warning["field"] for warning in made["warnings"]] == ["execution.schedule.at"]
    assert made["next_fire_time"] is None


async def test_schedulers_are_told_of_an_action_only_where_a_schedule_of_its_own_is_concerned(
    catalog: RunningCatalog,
) -> None:
    heard: list[tuple[str, list[str]]] = []

    async def hear(message: Message) -> None:
        assert isinstance(message, DefinitionsChanged)
        heard.append((message.word, message.names))

    listening = await catalog.runtime.bus.subscribe(definitions_queue(), hear)
    for mode in ("manual", "scheduled", "manual", "manual", "triggered"):
        body = {
            **an_action_that("clean", mode=mode, schedule=DAILY, triggers=[TRIGGER]),
            "title": f"{len(heard)} {mode}",
        }
        assert (await catalog.put("actions/clean", body)).is_success
    assert (await catalog.delete("actions/clean")).is_success
    await catalog.made("actions", an_action_that("last", mode="scheduled", schedule=DAILY))
    assert (await catalog.delete("actions/last")).is_success
    async with asyncio.timeout(10):
        while heard[-2:] != [("action", ["last"])] * 2:
            await asyncio.sleep(0)
    assert heard[:-2] == [("action", ["clean"])] * 2
    await listening.cancel()
