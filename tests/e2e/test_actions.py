"""The catalog of actions beside their runs, in both forms: found, counted, marked, and told of by what they did."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.product import Product, eventually
from tests.stage import Ledger, action


def of(product: Product, path: str, **query: Any) -> Any:
    """What a GET answers."""
    answer = product.http.get(f"/api/v1/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def names(product: Product, **query: Any) -> list[str]:
    """The actions on the shelf of these tests that a list has, in its order."""
    items = of(product, "actions", limit=200, **query)["items"]
    return [item["name"] for item in items if item["name"].startswith("shelf-")]


def told(product: Product, name: str) -> dict[str, Any]:
    """An action, once what its run did is known."""
    eventually(lambda: of(product, f"actions/{name}")["last_run"], what="its last run is known")
    shown: dict[str, Any] = of(product, f"actions/{name}")
    return shown


def test_actions_are_filtered_sorted_and_counted_by_category_tag_favourite_text_and_last_outcome(
    product: Product,
) -> None:
    before = {item["name"]: item["count"] for item in of(product, "categories")["items"]}
    good = action(product, "shelf-good", "true", category="Recovery", tags=["web", "night"], title="Restart the shop")
    bad = action(product, "shelf-bad", "false", category="Night shift", tags=["web"], description="Of the Shop")
    never = action(product, "shelf-never", "true", category="recovery")
    for name in (bad, good):
        product.result(name)
        told(product, name)
    assert names(product) == [bad, good, never]
    assert names(product, sort="-name") == [never, good, bad]
    assert names(product, sort="-last_run") == [good, bad, never]
    assert names(product, sort="last_run") == [never, bad, good]
    assert names(product, category="Recovery") == [good, never]
    assert names(product, category="Night shift") == [bad]
    assert names(product, tag="web") == [bad, good]
    assert names(product, text="SHOP") == [bad, good]
    assert names(product, text="shop restart") == [good]
    assert names(product, last_outcome="failed", tag="web") == [bad]
    assert names(product, last_outcome="succeeded", category="Recovery") == [good]
    counts = {item["name"]: item["count"] for item in of(product, "categories")["items"]}
    assert [counts[name] - before.get(name, 0) for name in ("Recovery", "Night shift", "Security")] == [2, 1, 0]


def test_favourites_are_of_a_person_and_quick_access_shows_their_last_run(product: Product) -> None:
    name = action(product, "marked", "true", title="Marked", category="Diagnostics")
    assert product.http.put(f"/api/v1/favourites/{name}").status_code == 204
    run = product.result(name)
    told(product, name)
    [item] = [item for item in of(product, "quick-access")["items"] if item["action"] == name]
    assert (item["title"], item["last_run"]["id"], item["last_run"]["state"]) == ("Marked", run["id"], "succeeded")
    assert item["last_run"]["ended_at"] == run["ended_at"]
    assert [item["name"] for item in of(product, "actions", favourite="true")["items"]] == [name]
    made = product.http.post("/api/v1/tokens", json={"name": "other", "kind": "person", "role": "administrator"})
    of_other = {"Authorization": f"Bearer {made.json()['token']}"}
    assert product.http.get("/api/v1/quick-access", headers=of_other).json() == {"items": [], "next": None}
    assert product.http.delete(f"/api/v1/favourites/{name}").status_code == 204
    assert of(product, "actions", favourite="true")["items"] == []
    product.http.delete("/api/v1/tokens/other")


def test_statistics_say_for_an_action_and_for_all_what_became_of_runs_and_how_many_there_are_now(
    product: Product, ledger: Ledger
) -> None:
    gate = ledger.path.with_name("gate")
    command = f"for turn in $(seq 600); do [ -e {gate} ] && exit 0; sleep 0.1; done; exit 1"
    name = action(product, "counted-alone", command)
    in_a_year = (datetime.now(UTC) + timedelta(days=365)).isoformat()
    later = product.http.post(f"/api/v1/actions/{name}/runs", json={"not_before": in_a_year}).json()["id"]
    running = product.run(name)["id"]
    product.running(running)

    def now(**query: Any) -> tuple[int, int, int]:
        found = of(product, "statistics", **query)
        return found["running"], found["delayed"], found["awaiting_approval"]

    eventually(lambda: now(action=name) == (1, 1, 0), what="one runs and one is for later")
    assert [count >= least for count, least in zip(now(), (1, 1, 0), strict=True)] == [True] * 3
    assert of(product, f"actions/{name}")["running"] == 1
    gate.touch()
    product.ended(running)
    product.http.post(f"/api/v1/runs/{later}/cancel", json={}).raise_for_status()
    product.ended(later)
    eventually(lambda: of(product, "statistics", action=name)["runs"] == 2, what="both are counted")
    found = of(product, "statistics", action=name, by="day")
    assert found["outcomes"] == {"cancelled": 1, "succeeded": 1}
    assert (found["success_rate"], found["days"][-1]["outcomes"]) == (1.0, found["outcomes"])
    assert found["duration"]["p50"] <= found["duration"]["p95"]
    assert (found["running"], found["delayed"], found["queued"]) == (0, 0, 0)
    everything = of(product, "statistics")
    assert everything["runs"] >= 2
    assert everything["outcomes"]["succeeded"] >= 1


def test_a_run_says_its_estimated_and_remaining_time_from_history(product: Product, ledger: Ledger) -> None:
    gate = ledger.path.with_name("gate")
    command = f"for turn in $(seq 600); do [ -e {gate} ] && exit 0; sleep 0.1; done; exit 1"
    guessed = action(product, "guessed", command, estimated_duration="1h")
    first = product.run(guessed)["id"]
    shown = product.running(first)
    assert shown["estimated_duration"] == 3600
    assert 3500 < shown["remaining"] <= 3600
    [listed] = [run for run in of(product, "runs", action=guessed)["items"] if run["id"] == first]
    assert listed["estimated_duration"] == 3600
    started = next(data for _, name, data in product.events(first) if name == "run" and data["state"] == "running")
    assert (started["estimated_duration"], started["started_at"]) == (3600, shown["started_at"])
    assert 3500 < started["remaining"] <= 3600
    current = of(product, f"actions/{guessed}")["current_run"]
    assert (current["id"], current["started_at"], current["progress"]["total"]) == (first, shown["started_at"], 1)
    assert 3500 < current["remaining"] <= 3600
    gate.touch()
    ended = product.ended(first)
    assert (ended["estimated_duration"], ended["remaining"]) == (None, None)
    usual = told(product, guessed)
    assert usual["current_run"] is None
    assert {data["remaining"] for _, name, data in product.events(first) if name in {"run", "end"}} == {None}
    assert usual["usual_duration"] == ended["duration"]
    gate.unlink()
    second = product.run(guessed)["id"]
    eventually(
        lambda: product.show(second)["estimated_duration"] == ended["duration"], what="the history is what counts"
    )
    gate.touch()
    product.ended(second)


def test_an_action_is_written_whole_and_only_over_the_version_that_was_read(product: Product) -> None:
    """Steps are added, removed, moved and doubled by whoever writes the action, over what they have seen."""
    name = action(product, "written", "echo one", "echo two")
    read = product.http.get(f"/api/v1/actions/{name}")
    body, first = read.json(), {"If-Match": read.headers["etag"]}
    one, two = body["steps"]
    body["steps"] = [two, one, {**one, "name": "one-again"}]
    written = product.http.put(f"/api/v1/actions/{name}", json=body, headers=first)
    assert [step["name"] for step in written.json()["steps"]] == ["step-2", "step-1", "one-again"]
    assert product.http.put(f"/api/v1/actions/{name}", json=read.json(), headers=first).status_code == 412
    assert product.output(product.result(name)["id"]) == b"two\none\none\n"


def test_what_cannot_be_asked_of_the_catalog_is_refused_by_name(product: Product) -> None:
    for query, field in (
        ({"sort": "nonsense"}, "sort"),
        ({"category": "x" * 10_000}, "category"),
        ({"last_outcome": "running"}, "last_outcome"),
        ({"favourite": "perhaps"}, "favourite"),
    ):
        refused = product.http.get("/api/v1/actions", params=query)
        assert refused.status_code == 422, query
        assert [error["field"] for error in refused.json()["errors"]] == [field]
    assert product.http.put("/api/v1/favourites/nowhere-to-be-found").status_code == 404
