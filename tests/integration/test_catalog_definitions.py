"""Definitions over HTTP, in both forms: on SQLite and in memory, and on MongoDB and RabbitMQ."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncssh
import httpx
import pytest

from catalog.handlers.refusals import PAGE
from shared.collections import ACTIONS, HOST_KEYS, RUNS, SECRETS
from shared.contracts.alert import ALERT_SOURCES
from shared.definitions import action_version, stored
from shared.kinds import ACTION, SECRET
from shared.runs.repository import document_of
from tests.builders import a_run, an_action
from tests.builders_catalog import IN_ONE_FORM, RunningCatalog, a_catalog, a_provider, an_action_body


@pytest.fixture(params=["embedded", "distributed"])
async def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[RunningCatalog]:
    """A catalog that knows the secret ``key`` and the provider ``web-1``."""
    environment = {}
    if request.param == "distributed":
        environment = {
            "OPSIMATE_STORE_URL": request.getfixturevalue("mongo").database_url(),
            "OPSIMATE_BUS_URL": request.getfixturevalue("rabbitmq").url,
        }
    async with a_catalog(tmp_path, **environment) as running:
        yield await running.with_provider()


def fields(answer: httpx.Response) -> list[str]:
    """The fields that an answer finds fault with."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return [error["field"] for error in answer.json()["errors"]]


async def test_what_the_guide_sends_has_the_errors_that_it_shows(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
    section = guide.partition("\n## Errors\n")[2].partition("\n## ")[0]
    sent, shown = re.findall(r"-d '(\{.*?\})'\n```|```json\n(.*?)```", section, re.DOTALL)
    expected = json.loads(shown[1])
    async with a_catalog(tmp_path) as running:
        answer = (await running.post("actions", json.loads(sent[0]))).json()
    begun = expected.pop("detail").removesuffix("…")
    assert answer.pop("detail").startswith(begun)
    assert answer == expected
    assert len(expected["errors"]) == 2


RULE = {"name": "down", "match": {"labels": {"alert.name": "Down"}}, "responses": [{"action": "restart"}]}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("secrets", {"name": "token", "value": "s3cret"}),
        ("providers", a_provider("web-2", host_key="SHA256:" + "a" * 43)),
        ("actions", an_action_body(name="other", tags=["a"], estimated_duration="1m30s")),
        ("alert-rules", RULE),
    ],
)
async def test_a_definition_lives_from_its_creation_to_its_deletion(
    catalog: RunningCatalog, path: str, body: dict[str, Any]
) -> None:
    await catalog.made("actions", an_action_body())
    made = await catalog.post(path, body)
    place = f"{path}/{body['name']}"
    assert (made.status_code, made.headers["location"], made.headers["etag"]) == (201, f"/api/v1/{place}", '"1"')
    assert (await catalog.post(path, body)).status_code == 409
    shown = await catalog.get(place)
    assert (shown.json(), shown.headers["etag"]) == (made.json(), '"1"')
    changed = await catalog.put(place, {**body, "description": "changed"}, If_Match='"1"')
    assert (changed.status_code, changed.headers["etag"], changed.json()["version"]) == (200, '"2"', 2)
    assert changed.json()["uid"] == made.json()["uid"]
    assert (await catalog.delete(place)).status_code == 204
    assert (await catalog.get(place)).status_code == 404
    assert (await catalog.put(place, body)).status_code == 201


async def test_what_was_shown_can_be_sent_back_and_changes_nothing(catalog: RunningCatalog) -> None:
    await catalog.made("actions", an_action_body())
    await catalog.made("alert-rules", RULE)
    for path in ("providers/web-1", "actions/restart", "alert-rules/down"):
        shown = (await catalog.get(path)).json()
        again = await catalog.put(path, shown)
        assert (again.status_code, again.json()) == (200, shown)


async def test_the_same_secret_again_is_no_new_version(catalog: RunningCatalog) -> None:
    again = await catalog.put("secrets/key", {"name": "key", "value": "opens everything"})
    other = await catalog.put("secrets/key", {"name": "key", "value": "opens nothing"})
    assert (again.json()["version"], other.json()["version"]) == (1, 2)


async def test_a_stale_write_is_refused_and_changes_nothing(catalog: RunningCatalog) -> None:
    changed = a_provider(port=2222)
    stale = await catalog.put("providers/web-1", changed, If_Match='"7"')
    assert (stale.status_code, stale.json()["detail"]) == (
        412,
        "the provider 'web-1' is at version 1 by now, and another version was to be changed: read it again first",
    )
    assert (await catalog.put("providers/web-1", changed, If_Match='W/"1"')).status_code == 412
    assert (await catalog.delete("providers/web-1", If_Match='"7"')).status_code == 412
    assert (await catalog.put("providers/new", a_provider("new"), If_Match="*")).status_code == 412
    assert (await catalog.put("providers/web-1", changed, If_Match="nonsense")).status_code == 400
    assert (await catalog.get("providers/web-1")).json()["version"] == 1
    assert (await catalog.put("providers/web-1", changed, If_Match='"7", "1"')).status_code == 200


async def test_of_writers_that_saw_the_same_version_one_wins(catalog: RunningCatalog) -> None:
    bodies = [a_provider(port=port) for port in range(1000, 1010)]
    answers = await asyncio.gather(*(catalog.put("providers/web-1", body, If_Match='"1"') for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 9
    assert (await catalog.get("providers/web-1")).json()["version"] == 2


async def test_writers_that_do_not_care_all_get_through(catalog: RunningCatalog) -> None:
    bodies = [a_provider(port=port) for port in range(1000, 1004)]
    answers = await asyncio.gather(*(catalog.put("providers/web-1", body) for body in bodies))
    assert {answer.status_code for answer in answers} == {200}
    assert (await catalog.get("providers/web-1")).json()["version"] == 5


async def test_no_answer_and_no_document_shows_a_secret(catalog: RunningCatalog) -> None:
    answers = [await catalog.get("secrets"), await catalog.get("secrets/key")]
    answers += [await catalog.put("secrets/key", {"name": "key", "value": "opens everything", "descriptoin": "x"})]
    answers += [await catalog.put("secrets/key", {"name": "key", "value": ["opens everything"]})]
    assert all("opens everything" not in answer.text for answer in answers)
    document = await catalog.store.get(SECRETS, "key")
    assert "opens everything" not in str(document)
    assert await stored(catalog.store, SECRET, "key") is not None


async def test_lists_go_page_by_page(catalog: RunningCatalog) -> None:
    for number in range(5):
        await catalog.made("providers", a_provider(f"node-{number}"))
    seen: list[str] = []
    cursor = None
    while True:
        page = (await catalog.get("providers", limit=2, **({"cursor": cursor} if cursor else {}))).json()
        assert len(page["items"]) <= 2
        seen += [item["name"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [*(f"node-{number}" for number in range(5)), "web-1"]


@IN_ONE_FORM
@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 201}, {"cursor": "nonsense"}, {"cursor": "é"}, {"limt": 5}])
async def test_a_page_that_cannot_be_is_refused(catalog: RunningCatalog, query: dict[str, Any]) -> None:
    answer = await catalog.get("providers", **query)
    assert (answer.status_code, fields(answer)) == (422, list(query))


async def test_everything_wrong_with_an_action_is_said_at_once(catalog: RunningCatalog) -> None:
    body = an_action_body(
        {"name": "one", "provider": "web-2", "command": "echo {{ nmae }}"},
        {"name": "one", "provider": "{{ name }}", "command": "echo '{{ name }} never closed"},
        {"name": "two", "provider": "{{ hots }}", "command": "true"},
        {"name": "three", "provider": "web-{{ name }}", "command": "true"},
        parameters=[
            {"name": "name", "pattern": "[a-z]+", "default": "UPPER"},
            {"name": "name"},
            {"name": "count", "type": "integer", "minimum": 5, "maximum": 3},
            {"name": "size", "type": "integer", "default": "many"},
            {"name": "colour", "type": "choice", "options": ["red"], "default": "blue"},
            {"name": "host", "type": "provider", "default": "web-9"},
        ],
    )
    answer = await catalog.post("actions", body)
    assert answer.status_code == 422
    assert sorted(fields(answer)) == [
        "parameters.0.default",
        "parameters.1.name",
        "parameters.2.minimum",
        "parameters.3.default",
        "parameters.4.default",
        "parameters.5.default",
        "steps.0.command",
        "steps.0.provider",
        "steps.1.command",
        "steps.1.name",
        "steps.1.provider",
        "steps.2.provider",
        "steps.3.provider",
    ]
    said = {error["field"]: error["message"] for error in answer.json()["errors"]}
    assert "did you mean 'web-1'" in said["steps.0.provider"]
    fixes = {error["field"]: error["fixes"] for error in answer.json()["errors"] if "fixes" in error}
    assert fixes["steps.0.provider"] == [{"title": "write 'web-1'", "changes": {"steps.0.provider": "web-1"}}]
    assert said["steps.0.command"].startswith("line 1, column 6:")
    assert "did you mean {{ name }}" in said["steps.0.command"]
    assert (await catalog.get("actions")).json()["items"] == []


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"steps": []}, "steps", "at least 1"),
        ({"steps": [{"name": f"s{n}", "provider": "web-1", "command": "true"} for n in range(201)]}, "steps", "200"),
        ({"steps": [{"name": "s", "provider": "web-1", "command": "true", "retries": 21}]}, "steps.0.retries", "20"),
        (
            {"steps": [{"name": "s", "provider": "web-1", "command": "true", "timeout": "8d"}]},
            "steps.0.timeout",
            "604800",
        ),
        ({"steps": [{"name": "s", "provider": "web-1", "comand": "true"}]}, "steps.0.comand", "command"),
        ({"estimated_duration": 10**400}, "estimated_duration", "endless"),
        ({"parameters": [{"name": "p", "type": "integer", "maximum": 10**30}]}, "parameters.0.maximum", "64 bits"),
        ({"parameters": [{"name": "p", "type": "integer", "default": 10**30}]}, "parameters.0.default", "64 bits"),
        ({"execution": {"timeout": 10**400}}, "execution.timeout", "endless"),
        (
            {"steps": [{"name": "s", "provider": "web-1", "command": "true", "retries": {"delay": 10**400}}]},
            "steps.0.retries.delay",
            "endless",
        ),
        ({"parameters": [{"name": "p", "type": "secret", "default": "x"}]}, "parameters.0", "default"),
        ({"parameters": [{"name": "p", "pattern": "("}]}, "parameters.0.pattern", "regular expression"),
        ({"name": "Has Spaces"}, "name", "a-z"),
        ({"kind": "provider"}, "kind", "action"),
        (
            {"steps": [{"name": "s", "provider": "web-1", "command": " \n"}]},
            "steps.0.command",
            "is blank: write what the step runs",
        ),
    ],
)
async def test_a_limit_or_a_wrong_field_is_named(
    catalog: RunningCatalog, change: dict[str, Any], field: str, says: str
) -> None:
    answer = await catalog.post("actions", an_action_body(**change))
    assert answer.status_code == 422
    (error,) = [error for error in answer.json()["errors"] if error["field"].startswith(field)]
    assert says in error["message"]


async def test_a_name_in_a_map_that_cannot_be_is_the_field(catalog: RunningCatalog) -> None:
    answer = await catalog.post("providers", {**a_provider("web-2"), "labels": {"A B": "x"}})
    assert (answer.status_code, fields(answer)) == (422, ["labels.A B"])


@IN_ONE_FORM
@pytest.mark.parametrize("version", ['"1', "1", '1"', '"1", 1'])
async def test_what_is_no_etag_is_refused(catalog: RunningCatalog, version: str) -> None:
    answer = await catalog.put("providers/web-1", a_provider(), If_Match=version)
    assert (answer.status_code, "If-Match is not an ETag" in answer.json()["detail"]) == (400, True)


async def test_a_taken_name_is_told_with_what_can_be_done(catalog: RunningCatalog) -> None:
    token = {"name": "robot", "kind": "service", "role": "alerts"}
    await catalog.made("tokens", token)
    said = (await catalog.post("tokens", token)).json()["detail"]
    assert ("PUT" in said, "delete that token first" in said) == (False, True)
    await catalog.made("actions", an_action_body())
    assert "there is an action 'restart' already" in (await catalog.post("actions", an_action_body())).json()["detail"]


async def test_ten_thousand_steps_are_one_error(catalog: RunningCatalog) -> None:
    steps = [{"name": f"s{number}", "provider": "web-1", "command": "true"} for number in range(10_000)]
    answer = await catalog.post("actions", an_action_body(*steps))
    assert (answer.status_code, fields(answer)) == (422, ["steps"])


async def test_what_a_provider_names_has_to_be_there(catalog: RunningCatalog) -> None:
    answer = await catalog.post("providers", a_provider("web-2", private_key={"secret": "kye"}, jump="web-11"))
    assert fields(answer) == ["connection.ssh.private_key.secret", "connection.ssh.jump"]
    assert "did you mean 'key'" in answer.json()["detail"]
    assert "did you mean 'web-1'" in answer.json()["detail"]


async def test_jumps_never_go_round_in_a_circle(catalog: RunningCatalog) -> None:
    await catalog.made("providers", a_provider("web-2", jump="web-1"))
    await catalog.made("providers", a_provider("web-3", jump="web-2"))
    answer = await catalog.put("providers/web-1", a_provider(jump="web-3"))
    assert (answer.status_code, fields(answer)) == (422, ["connection.ssh.jump"])
    assert "web-1 → web-3 → web-2 → web-1" in answer.json()["detail"]
    assert fields(await catalog.put("providers/web-1", a_provider(jump="web-1"))) == ["connection.ssh.jump"]


async def test_a_local_provider_needs_the_administrators_leave(catalog: RunningCatalog, tmp_path: Path) -> None:
    here = {"name": "here", "connection": {"local": {}}}
    answer = await catalog.post("providers", here)
    assert (answer.status_code, fields(answer)) == (422, ["connection.local"])
    assert "OPSIMATE_ALLOW_LOCAL" in answer.json()["detail"]
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    async with a_catalog(allowed, OPSIMATE_ALLOW_LOCAL="true") as other:
        assert (await other.post("providers", here)).status_code == 201


async def test_a_rule_fits_the_actions_that_it_asks_for(catalog: RunningCatalog) -> None:
    parameters = [
        {"name": "host", "type": "provider", "required": True},
        {"name": "count", "type": "integer", "default": 1},
        {"name": "password", "type": "secret"},
        {"name": "text"},
    ]
    await catalog.made("actions", an_action_body(parameters=parameters))

    async def wrong(*responses: dict[str, Any], match: Any = None) -> list[str]:
        rule = {"name": "down", "match": match or {"labels": {"a": "b"}}, "responses": list(responses)}
        return fields(await catalog.post("alert-rules", rule))

    fits = {"host": "{{ alert.labels.instance }}", "count": "{{ alert.annotations.count }}"}
    assert await wrong({"action": "restrat"}) == ["responses.0.action"]
    assert await wrong({"action": "restart"}) == ["responses.0.parameters.host"]
    assert await wrong({"action": "restart", "parameters": {"host": "web-2"}}) == ["responses.0.parameters.host"]
    assert await wrong({"action": "restart", "parameters": {**fits, "cuont": 1}}) == ["responses.0.parameters.cuont"]
    assert await wrong({"action": "restart", "parameters": {**fits, "count": "x"}}) == ["responses.0.parameters.count"]
    assert await wrong({"action": "restart", "parameters": {**fits, "count": 10**30}}) == [
        "responses.0.parameters.count"
    ]
    assert await wrong({"action": "restart", "parameters": {"host": "{{ alert.hots }}"}}) == [
        "responses.0.parameters.host"
    ]
    for broken in ("{{ alert.labels.a/b }}", "on {{alert.labels['a']}} now", "{{ alert.labels.9a }}", "{{ alert.title"):
        assert await wrong({"action": "restart", "parameters": {**fits, "text": broken}}) == [
            "responses.0.parameters.text"
        ]
    fits["text"] = r"\{{ alert.labels.a/b }} {{.alert.x}} {{ alert.title }} {{ alert | x }} alert.labels.a/b"
    assert await wrong({"action": "restart", "parameters": {**fits, "password": "in clear"}}) == [
        "responses.0.parameters.password"
    ]
    assert await wrong({"action": "restart", "parameters": {**fits, "password": {"secret": "no"}}}) == [
        "responses.0.parameters.password"
    ]
    for name, default in (
        ("host", "web-2"),  # no such provider
        ("count", "many"),
        ("count", "{{ alert.title }}"),
        ("password", {"secret": "key"}),  # a parameter that takes nothing from the alert
        ("cuont", 3),
    ):
        response = {"action": "restart", "parameters": fits, "defaults": {name: default}}
        assert set(await wrong(response)) == {f"responses.0.defaults.{name}"}
    for choice, field in (
        ({"host": "{{ alert.labels.instance }}"}, None),
        ({"labels": {"role": "{{ alert.labels.role }}", "env": "prod"}}, None),
        ({"labels": {"role": "{{ alert.lables.role }}"}}, "parameters.host"),
        ({"labels": {"role": "{{ $labels.role }}"}}, "parameters.host"),
        ({"labels": {}}, "parameters.host.provider.labels"),
        ({"host": "a", "labels": {"a": "b"}}, "parameters.host.provider"),
        ({"hosts": "a"}, "parameters.host.provider.hosts"),
        ("web-1", "parameters.host.provider"),
    ):
        response = {"action": "restart", "parameters": {"host": {"provider": choice}}}
        if field is None:
            chosen = {"name": "chosen", "match": {"labels": {"a": "b"}}, "responses": [response]}
            assert (await catalog.put("alert-rules/chosen", chosen)).is_success
        else:
            assert set(await wrong(response)) == {f"responses.0.{field}"}
    assert await wrong({"action": "restart", "parameters": {**fits, "count": {"provider": {"host": "a"}}}}) == [
        "responses.0.parameters.count"
    ]
    for match, field in (
        ({"severity": None}, "match"),
        ({"when": "alert.sevrity == 'high'"}, "match.when"),
        ({"labels": {"a": {"in": ["b", "{{ alert.title }}"]}}}, "match.labels.a"),
        ({"labels": {"a": {"regex": "("}}}, "match.labels.a.regex"),
    ):
        assert await wrong({"action": "restart", "parameters": fits}, match=match) == [field]
    response = {"action": "restart", "parameters": fits, "defaults": {"host": "web-1", "count": 3, "text": "none"}}
    rule = {"name": "down", "refire": "run", "match": {"labels": {"a": ""}}, "responses": [response]}
    unknown = await catalog.post("alert-rules", {**rule, "source": "alertmanger"})
    assert unknown.json()["errors"] == [
        {
            "field": "source",
            "message": f"has to be one of: {', '.join(ALERT_SOURCES)}; did you mean 'alertmanager'?",
        }
    ]
    for source, field in (({"in": ["generic", "x"]}, "source"), ({"regex": "alertmanger"}, "source.regex")):
        assert fields(await catalog.post("alert-rules", {**rule, "source": source})) == [field]
    assert (await catalog.get("alerts", source="alertmanger")).status_code == 422
    assert (await catalog.post("alert-rules", rule)).status_code == 201
    assert "alert rule 'down'" in (await catalog.delete("providers/web-1")).json()["detail"]


async def test_what_is_in_use_is_not_deleted_and_says_by_what(catalog: RunningCatalog) -> None:
    await catalog.made("providers", a_provider("web-2", jump="web-1"))
    await catalog.made("actions", an_action_body())
    await catalog.made("alert-rules", RULE)
    for path, users in (
        ("secrets/key", ["provider 'web-1'", "provider 'web-2'"]),
        ("providers/web-1", ["action 'restart'", "provider 'web-2'"]),
        ("actions/restart", ["alert rule 'down'"]),
    ):
        answer = await catalog.delete(path)
        assert answer.status_code == 409
        assert all(user in answer.json()["detail"] for user in users)
    for path in ("alert-rules/down", "actions/restart", "providers/web-2", "providers/web-1", "secrets/key"):
        assert (await catalog.delete(path)).status_code == 204


async def test_what_a_run_under_way_needs_is_not_deleted(catalog: RunningCatalog) -> None:
    run = a_run(an_action(), parameters={"password": {"secret": "lone"}})
    await catalog.store.insert(RUNS, document_of(run))
    await catalog.made("secrets", {"name": "lone", "value": "x"})
    for path in ("providers/web-1", "secrets/lone"):
        answer = await catalog.delete(path)
        assert (answer.status_code, run.id in answer.json()["detail"]) == (409, True)


async def test_every_version_of_an_action_stays_readable(catalog: RunningCatalog) -> None:
    await catalog.made("actions", an_action_body(title="first"))
    first = await stored(catalog.store, ACTION, "restart")
    await catalog.put("actions/restart", an_action_body(title="second"))
    second = await stored(catalog.store, ACTION, "restart")
    await catalog.delete("actions/restart")
    assert first is not None
    assert second is not None
    assert (first.version, second.version) == (1, 2)
    assert (await action_version(catalog.store, first.version_id)).definition.title == "first"
    assert (await action_version(catalog.store, second.version_id)).definition.title == "second"


async def test_nothing_is_renamed(catalog: RunningCatalog) -> None:
    answer = await catalog.put("providers/web-1", a_provider("web-2"))
    assert (answer.status_code, fields(answer)) == (422, ["name"])


async def test_a_provider_shows_the_host_key_that_is_pinned_for_it(catalog: RunningCatalog) -> None:
    uid = (await catalog.get("providers/web-1")).json()["uid"]
    pin = {"provider": "web-1", "fingerprint": "SHA256:" + "x" * 43, "pinned_at": "2026-01-31T12:00:00.000Z"}
    await catalog.store.insert(HOST_KEYS, {"id": f"{uid}:10.0.0.1:22", **pin})
    status = {"host_key": pin["fingerprint"], "pinned_at": pin["pinned_at"]}
    assert (await catalog.get("providers/web-1")).json()["status"] == status
    assert (await catalog.get("providers")).json()["items"][0]["status"] == status
    elsewhere = await catalog.put("providers/web-1", a_provider(host="10.0.0.2"))
    assert elsewhere.json()["status"] == {"host_key": None, "pinned_at": None}


@IN_ONE_FORM
@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"{", {"content-type": "application/json"}, 400),
        (b"\xff\xfe", {"content-type": "application/json"}, 400),
        (b"[" * 100_000, {"content-type": "application/json"}, 400),
        (b'{"name": "a"}', {"content-type": "text/plain"}, 415),
        (b'{"name": "a"}', {}, 415),
        (b"", {"content-type": "application/json"}, 422),
        (b"[]", {"content-type": "application/json"}, 422),
        (b'"' + b"x" * 1024 * 1024 + b'"', {"content-type": "application/json"}, 413),
        (b'{"name": "a", "value": "\\ud800"}', {"content-type": "application/json"}, 400),
        (b'{"name": "a", "value": "b", "name": "c"}', {"content-type": "application/json"}, 400),
        (b'{"name": "a", "value": "b", "version": [{"n": 1, "n": 1}]}', {"content-type": "application/json"}, 400),
        (b'{"name": "a", "value": "b", "version": NaN}', {"content-type": "application/json"}, 400),
        (b'{"name": "a", "value": "b", "version": -Infinity}', {"content-type": "application/json"}, 400),
    ],
)
async def test_a_body_that_cannot_be_is_a_problem_and_stores_nothing(
    catalog: RunningCatalog, content: bytes, headers: dict[str, str], status: int
) -> None:
    answer = await catalog.http.post("/api/v1/secrets", content=content, headers=headers)
    assert (answer.status_code, answer.json()["status"]) == (status, status), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert await catalog.store.count(SECRETS, {}) == 1


@IN_ONE_FORM
@pytest.mark.parametrize("path", ["secrets", "providers", "actions", "alert-rules", "tokens", "actions/restart/runs"])
async def test_a_name_that_stands_twice_in_a_body_is_named(catalog: RunningCatalog, path: str) -> None:
    content, headers = b'{"note": "one", "note": "two"}', {"content-type": "application/json"}
    answer = await catalog.http.post(f"/api/v1/{path}", content=content, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert '"note" stands twice' in answer.json()["detail"]


async def test_a_body_without_an_announced_length_is_limited_too(catalog: RunningCatalog) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 65_536

    answer = await catalog.http.post("/api/v1/actions", content=endless(), headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert await catalog.store.count(ACTIONS, {}) == 0


async def test_a_test_that_no_executor_answers_says_what_to_do(catalog: RunningCatalog) -> None:
    tests = catalog.app.state.catalog.provider_tests
    provider = await catalog.app.state.catalog.definitions["provider"].get("web-1")
    report = await tests.test(provider, within=0.05)
    assert (report.ok, report.reason) == (False, "no_executor")
    assert "OPSIMATE_POOLS=default" in report.message
    assert (await catalog.post("providers/web-9/test", {})).status_code == 404


async def test_what_is_not_there_is_told_with_what_was_probably_meant(catalog: RunningCatalog) -> None:
    await catalog.made("actions", an_action_body())
    for answer in (
        await catalog.get("actions/restrat"),
        await catalog.delete("actions/restrat"),
        await catalog.post("actions/restrat/runs", {}),
    ):
        detail = "there is no action 'restrat'; did you mean 'restart'?"
        assert (answer.status_code, answer.json()["detail"]) == (404, detail)
    tested = await catalog.post("providers/web-11/test", {})
    assert (tested.status_code, tested.json()["detail"]) == (
        404,
        "there is no provider 'web-11'; did you mean 'web-1'?",
    )


async def test_what_was_meant_is_found_among_many(catalog: RunningCatalog) -> None:
    documents = [{"id": f"action-{number}"} for number in range(PAGE)]
    await asyncio.gather(*(catalog.store.insert(ACTIONS, document) for document in documents))
    await catalog.made("actions", an_action_body())
    answer = await catalog.get("actions/restrat")
    assert answer.json()["detail"] == "there is no action 'restrat'; did you mean 'restart'?"


async def test_an_inventory_comes_to_definitions_that_can_be_planned(catalog: RunningCatalog) -> None:
    text = "[web]\nfar-1 ansible_host=10.0.0.11 ansible_ssh_common_args='-J far-2'\nfar-2\n"
    key = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    await catalog.put("secrets/fleet", {"name": "fleet", "value": key})
    asked = {"format": "ansible_inventory", "text": text, "user": "deploy", "private_key": {"secret": "fleet"}}
    read = (await catalog.http.post("/api/v1/inventories/read", json=asked)).json()
    assert (read["notes"], read["complaints"]) == ([], [])
    planned = await catalog.http.post("/api/v1/definitions/plan", json={"definitions": read["definitions"]})
    assert [(item["name"], item["change"]) for item in planned.json()["items"]] == [
        ("far-2", "created"),
        ("far-1", "created"),
        ("web", "created"),
    ]
    refused = await catalog.http.post("/api/v1/inventories/read", json={**asked, "text": "[web\n"})
    assert (refused.status_code, fields(refused)) == (422, ["text"])
    large = await catalog.http.post("/api/v1/inventories/read", json={**asked, "text": "#" * 1_000_001})
    assert (large.status_code, fields(large)) == (422, ["text"])
