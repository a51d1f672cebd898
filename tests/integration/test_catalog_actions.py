"""The catalog of actions as people use it: filtered, ordered, counted, marked, and with what their runs tell."""

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.handlers import actions
from catalog.handlers.actions import list_stored
from scheduler.domain.recent_runs import with_ended
from shared.clock import new_id, utc_now
from shared.collections import ACTIONS, FAVOURITES, RECENT_RUNS, RUNS
from shared.contracts.run import RunChange, RunState
from shared.runs.repository import document_of
from shared.store import OPERATIONS, Changes
from tests.builders import NOON, a_run, a_step, an_action
from tests.builders_catalog import RunningCatalog, a_catalog, an_action_body


@pytest.fixture(params=["sqlite", "mongodb"])
async def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[RunningCatalog]:
    """A catalog with a provider, on either store."""
    environment = {}
    if request.param == "mongodb":
        environment["OPSIMATE_STORE_URL"] = request.getfixturevalue("mongo").database_url()
    async with a_catalog(tmp_path, **environment) as running:
        yield await running.with_provider()


async def test_names_of_parameters_and_digests_that_cannot_be_are_refused_in_words(catalog: RunningCatalog) -> None:
    wrong = an_action_body(a_step("a"), parameters=[{"name": "disk-size"}, {"name": "n" * 64}])
    found = (await catalog.post("actions", wrong)).json()["errors"]
    assert [(error["field"], error["message"][:62]) for error in found] == [
        ("parameters.0.name", "a parameter's name is made of letters, digits and '_', and doe"),
        ("parameters.1.name", "has to have at most 63 characters"),
    ]
    answer = await catalog.post("actions/any/runs", {"plan_digest": "latest"})
    assert answer.json()["errors"] == [
        {
            "field": "plan_digest",
            "message": "is no digest of a plan: plan the run, and give the digest as it stands there",
        }
    ]


async def an_ended_run(
    catalog: RunningCatalog, action: str, at: datetime, state: RunState = "succeeded", seconds: float = 2
) -> str:
    """What the scheduler keeps of a run that has ended; its id."""
    change = RunChange(
        run_id=new_id(),
        seq=9,
        action=action,
        state=state,
        started_at=at - timedelta(seconds=seconds),
        ended_at=at,
    )
    found = await catalog.store.get(RECENT_RUNS, action)
    assert found is None, "one is enough here"
    recent = with_ended(None, action, [change])
    assert recent is not None
    await catalog.store.insert(RECENT_RUNS, recent.model_dump(mode="json", exclude_none=True))
    return change.run_id


async def some_actions(catalog: RunningCatalog) -> None:
    """Six, of which four have run."""
    bodies: dict[str, dict[str, Any]] = {
        "a-restart": {"category": "Recovery", "tags": ["web", "fast"], "title": "Restart a Service"},
        "b-update": {
            "category": "Maintenance",
            "tags": ["web"],
            "description": "Security updates of ÖFFENTLICHE hosts",
        },
        "c-scan": {"category": "security", "tags": ["slow"]},
        "d-own": {"category": "  Night   shift "},
        "e-plain": {},
        "f-restart": {"category": "Recovery", "tags": ["db"], "title": "Restart the database"},
    }
    for name, fields in bodies.items():
        await catalog.made("actions", an_action_body(name=name, **fields))
    for minute, (name, state) in enumerate(
        [("b-update", "failed"), ("f-restart", "succeeded"), ("a-restart", "failed"), ("c-scan", "succeeded")]
    ):
        await an_ended_run(catalog, name, NOON + timedelta(minutes=minute), state)  # type: ignore[arg-type]
    await an_ended_run(catalog, "long-gone", NOON + timedelta(hours=1), "failed")


async def listed(catalog: RunningCatalog, size: int = 200, **query: Any) -> str:
    """The first letters of the actions of all pages of a list."""
    names: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await catalog.get("actions", limit=size, **query, **cursor)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(page["items"]) <= size
        names += [item["name"] for item in page["items"]]
        if page["next"] is None:
            return "".join(name[0] for name in names)
        cursor = {"cursor": page["next"]}


LISTS: list[tuple[dict[str, Any], str]] = [
    ({}, "abcdef"),
    ({"sort": "name"}, "abcdef"),
    ({"sort": "-name"}, "fedcba"),
    ({"sort": "last_run"}, "debfac"),
    ({"sort": "-last_run"}, "cafbde"),
    ({"category": "Recovery"}, "af"),
    ({"category": "RECOVERY"}, "af"),
    ({"category": "Security"}, "c"),
    ({"category": "Night shift"}, "d"),
    ({"category": "night shift"}, ""),
    ({"category": "Custom"}, "e"),
    ({"category": "Recovery", "sort": "-last_run"}, "af"),
    ({"tag": "web"}, "ab"),
    ({"tag": "Web"}, ""),
    ({"tag": "web", "category": "Recovery"}, "a"),
    ({"tag": "web", "sort": "last_run"}, "ba"),
    ({"text": "RESTART"}, "af"),
    ({"text": "service restart"}, "a"),
    ({"text": "öffentliche"}, "b"),
    ({"text": "slow"}, "c"),
    ({"text": "restart", "sort": "-name"}, "fa"),
    ({"text": "restart", "sort": "last_run"}, "fa"),
    ({"text": "nowhere"}, ""),
    ({"text": "  "}, "abcdef"),
    ({"last_outcome": "failed"}, "ab"),
    ({"last_outcome": "failed", "sort": "-name"}, "ba"),
    ({"last_outcome": "failed", "sort": "-last_run"}, "ab"),
    ({"last_outcome": "succeeded", "category": "Recovery"}, "f"),
    ({"last_outcome": "unknown"}, ""),
    ({"favourite": "true"}, "ad"),
    ({"favourite": "true", "sort": "-last_run"}, "ad"),
    ({"favourite": "true", "last_outcome": "failed"}, "a"),
    ({"favourite": "false"}, "bcef"),
    ({"favourite": "false", "sort": "last_run"}, "ebfc"),
]


@pytest.mark.parametrize("size", [1, 2, 200])
async def test_a_list_has_what_is_asked_for_in_its_order_page_by_page(catalog: RunningCatalog, size: int) -> None:
    await some_actions(catalog)
    for name in ("a-restart", "d-own"):
        assert (await catalog.http.put(f"/api/v1/favourites/{name}")).status_code == 204
    assert {str(query): await listed(catalog, size, **query) for query, _ in LISTS} == {
        str(query): expected for query, expected in LISTS
    }


async def test_a_page_that_looked_at_many_and_found_few_says_where_to_go_on(
    catalog: RunningCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST_LOOKED_AT", 1)
    monkeypatch.setattr(actions, "LOOKED_AT_FIRST", 2)
    monkeypatch.setattr(actions, "LOOKED_AT_ONCE", 3)
    await some_actions(catalog)
    first = (await catalog.get("actions", text="database", limit=1)).json()
    assert (first["items"], first["next"] is None) == ([], False)
    for query in ({"text": "database"}, {"text": "database", "sort": "-last_run"}, {"text": "restart the"}):
        assert await listed(catalog, 1, **query) == "f"
    never = (await catalog.get("actions", sort="last_run", limit=1)).json()["next"]
    of_other_list = await catalog.get("actions", sort="last_run", last_outcome="failed", cursor=never)
    assert of_other_list.json() == {"items": [], "next": None}


CANNOT_BE: list[tuple[dict[str, str], str]] = [
    ({"sort": "nonsense"}, "sort"),
    ({"sort": "-"}, "sort"),
    ({"category": "x" * 10_000}, "category"),
    ({"category": ""}, "category"),
    ({"tag": ""}, "tag"),
    ({"tag": "x" * 64}, "tag"),
    ({"text": "x" * 201}, "text"),
    ({"favourite": "maybe"}, "favourite"),
    ({"last_outcome": "running"}, "last_outcome"),
    ({"last_outcome": "nonsense"}, "last_outcome"),
    ({"catgory": "Recovery"}, "catgory"),
    ({"cursor": "bm9uZQ", "sort": "last_run"}, "cursor"),
    ({"cursor": "Om5vbmU", "sort": "name"}, "cursor"),
    ({"cursor": "$"}, "cursor"),
]


async def test_what_cannot_be_asked_for_is_refused_on_its_field(catalog: RunningCatalog) -> None:
    for query, field in CANNOT_BE:
        answer = await catalog.get("actions", **query)
        assert answer.status_code == 422, query
        assert [error["field"] for error in answer.json()["errors"]] == [field]
        assert len(answer.text) < 2_000


async def test_an_action_tells_what_its_runs_did_and_takes_that_back(catalog: RunningCatalog) -> None:
    made = await catalog.made("actions", an_action_body(estimated_duration="40s"))
    assert (made["usual_duration"], made["last_run"], made["success_rate"]) == (40, None, None)
    assert (made["running"], made["favourite"]) == (0, False)
    run_id = await an_ended_run(catalog, "restart", NOON, seconds=12.5)
    running = a_run(an_action(a_step()).model_copy(update={"name": "restart"}))
    running.state, running.started_at = "running", utc_now() - timedelta(seconds=10)
    await catalog.store.insert(RUNS, document_of(running))
    await catalog.http.put("/api/v1/favourites/restart")
    shown = (await catalog.get("actions/restart")).json()
    assert (shown["usual_duration"], shown["success_rate"], shown["running"], shown["favourite"]) == (12.5, 1, 1, True)
    current = shown.pop("current_run")
    assert (current["id"], current["progress"]["total"]) == (running.id, 1)
    assert 0 <= current["remaining"] <= 2.5
    quick = (await catalog.get("quick-access")).json()["items"][0]
    assert (quick["running"], quick["current_run"]["id"]) == (1, running.id)
    last_run = shown["last_run"]
    assert (last_run["id"], last_run["state"], last_run["duration"]) == (run_id, "succeeded", 12.5)
    [listed] = (await catalog.get("actions")).json()["items"]
    assert listed.pop("current_run")["id"] == running.id
    assert listed == shown
    sent_back = await catalog.put("actions/restart", {**shown, "current_run": current})
    assert (sent_back.status_code, sent_back.json()["version"]) == (200, 1)


CATEGORIES = {
    "": "Custom",
    "  ": "Custom",
    "recovery": "Recovery",
    "CUSTOM": "Custom",
    "  Night \n shift": "Night shift",
    "Wartung 🌙": "Wartung 🌙",
}


async def test_a_category_is_made_by_naming_it_and_one_of_ten_kilobytes_is_refused(catalog: RunningCatalog) -> None:
    for number, (written, stored) in enumerate(CATEGORIES.items()):
        made = await catalog.made("actions", an_action_body(name=f"{number}-action", category=written))
        assert made["category"] == stored
        assert str(number) in await listed(catalog, category=stored)
    refused = await catalog.post("actions", an_action_body(category="x" * 10_000))
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["category"]


async def test_a_category_that_seems_misspelt_is_saved_with_a_warning_until_another_action_is_in_it(
    catalog: RunningCatalog,
) -> None:
    async def warned(name: str, category: str) -> list[dict[str, str]]:
        made = await catalog.made("actions", an_action_body(name=name, category=category))
        assert made["category"] == category
        return list(made.get("warnings", []))

    said = "'{}' is a category that no other action is in; did you mean '{}'?"
    expected = [{"field": "category", "message": said.format("Maintenence", "Maintenance")}]
    assert await warned("a", "Maintenence") == expected
    again = await catalog.put("actions/a", an_action_body(name="a", category="Maintenence"))
    assert again.json()["warnings"] == expected
    assert await warned("b", "Kubernetes") == []
    assert await warned("c", "Kubernets") == [{"field": "category", "message": said.format("Kubernets", "Kubernetes")}]
    assert await warned("d", "Kubernets") == []  # by now it is one that people use
    assert await warned("e", "Maintenance") == []


async def test_categories_are_counted_the_given_ones_always(catalog: RunningCatalog) -> None:
    given = [("Maintenance", 0), ("Recovery", 0), ("Diagnostics", 0), ("Security", 0), ("Custom", 0)]
    assert await counted(catalog) == given
    await some_actions(catalog)
    assert await counted(catalog) == [
        *(("Maintenance", 1), ("Recovery", 2), ("Diagnostics", 0), ("Security", 1), ("Custom", 1)),
        ("Night shift", 1),
    ]
    assert (await catalog.delete("actions/d-own")).status_code == 204
    assert ("Night shift", 1) not in await counted(catalog)


async def counted(catalog: RunningCatalog) -> list[tuple[str, int]]:
    """The categories, with how many actions are in each."""
    return [(item["name"], item["count"]) for item in (await catalog.get("categories")).json()["items"]]


async def test_favourites_are_each_callers_own_and_outlive_their_action(catalog: RunningCatalog) -> None:
    await some_actions(catalog)
    other = (await catalog.made("tokens", {"name": "bob", "kind": "person", "role": "administrator"}))["token"]
    of_bob = {"Authorization": f"Bearer {other}"}
    for name in ("f-restart", "a-restart", "a-restart", "e-plain"):
        assert (await catalog.http.put(f"/api/v1/favourites/{name}")).status_code == 204
    await catalog.http.put("/api/v1/favourites/b-update", headers=of_bob)
    assert [item["action"] for item in await quick_access(catalog)] == ["a-restart", "e-plain", "f-restart"]
    first, second, _ = await quick_access(catalog)
    assert (first["title"], first["running"], first["last_run"]["state"]) == ("Restart a Service", 0, "failed")
    assert second["last_run"] is None
    assert [item["action"] for item in await quick_access(catalog, **of_bob)] == ["b-update"]

    await catalog.delete("actions/a-restart")
    assert [item["action"] for item in await quick_access(catalog)] == ["e-plain", "f-restart"]
    assert await listed(catalog, favourite="true") == "ef"
    await catalog.http.post("/api/v1/actions/a-restart/versions/1/restore")
    assert await listed(catalog, favourite="true") == "aef"

    for _ in range(2):
        assert (await catalog.delete("favourites/a-restart")).status_code == 204
    assert await listed(catalog, favourite="true") == "ef"

    await catalog.delete("tokens/bob")
    assert await catalog.store.count(FAVOURITES, {}) == 2


async def quick_access(catalog: RunningCatalog, **headers: str) -> list[dict[str, Any]]:
    """The favourites of whom the headers name."""
    answer = await catalog.http.get("/api/v1/quick-access", headers=headers)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_what_is_not_there_cannot_be_marked_and_the_nearest_name_is_told(catalog: RunningCatalog) -> None:
    await some_actions(catalog)
    answer = await catalog.http.put("/api/v1/favourites/a-restrat")
    assert (answer.status_code, "a-restart" in answer.json()["detail"]) == (404, True)
    assert (await catalog.http.put(f"/api/v1/favourites/{'x' * 5_000}")).status_code == 404
    assert await quick_access(catalog) == []


async def test_nobody_has_more_favourites_than_a_page_shows(
    catalog: RunningCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.handlers.favourites.MOST_FAVOURITES", 2)
    await some_actions(catalog)
    answers = [
        await catalog.http.put(f"/api/v1/favourites/{name}")
        for name in ("a-restart", "b-update", "c-scan", "a-restart")
    ]
    assert [answer.status_code for answer in answers] == [204, 204, 409, 204]
    assert "remove one first" in answers[2].json()["detail"]


async def test_actions_of_an_earlier_release_are_listed_by_everything_once_that_is_worked_out(
    catalog: RunningCatalog,
) -> None:
    await some_actions(catalog)
    await catalog.store.change_all(ACTIONS, {}, Changes(set={"category": ""}, unset=("listing", "text", "tags")))
    assert await counted(catalog) == [(name, 0) for name in ("Maintenance", "Recovery", "Diagnostics", "Security")] + [
        ("Custom", 6)
    ]
    assert await listed(catalog, text="own") == "d"
    await list_stored(catalog.store)
    assert await listed(catalog, category="Recovery") == "af"
    assert await listed(catalog, text="restart") == "af"
    assert await listed(catalog, tag="web") == "ab"


async def test_a_page_costs_as_many_reads_as_another_however_many_are_on_it(catalog: RunningCatalog) -> None:
    await some_actions(catalog)
    # The least of some: what the catalog does by itself asks the store now and then, too.
    reads = [min([await reads_of(catalog, limit=limit) for _ in range(10)]) for limit in (1, 6)]
    assert reads[0] == reads[1]


async def reads_of(catalog: RunningCatalog, **query: Any) -> int:
    """How often the store is asked for a page of actions."""

    def so_far() -> float:
        return sum(sample.value for family in OPERATIONS.collect() for sample in family.samples)

    before = so_far()
    assert (await catalog.get("actions", **query)).status_code == 200
    return int(so_far() - before)


async def test_what_the_guide_says_about_actions_and_favourites_can_be_asked(catalog: RunningCatalog) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
    sections = [guide.partition(f"\n## {title}\n")[2].partition("\n## ")[0] for title in ("Actions", "Favourites")]
    examples = re.findall(r'^curl -s (?:-X (\w+) )?-H "\$AUTH" "\$OPSIMATE(\S+)"', "".join(sections), re.MULTILINE)
    assert len(examples) == 6
    await catalog.made("actions", an_action_body(name="greet"))
    for method, path in examples:
        answer = await catalog.http.request(method or "GET", path)
        assert answer.status_code == (204 if method else 200), f"{method} {path}: {answer.text}"
