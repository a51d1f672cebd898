"""How many runs of an action are under way at a time, in both forms."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.product import Product, eventually
from tests.stage import Ledger, action

PARAMETERS = [{"name": "host", "default": "web-1"}]


class Door:
    """Commands that leave a line, and go on once the test lets them."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._open = ledger.path.with_suffix(".open")

    def command(self) -> str:
        return f"{self.ledger.entry('in')}; until [ -e {self._open} ]; do sleep 0.05; done; {self.ledger.entry('out')}"

    def open(self) -> None:
        self._open.touch()


@pytest.fixture
def door(ledger: Ledger) -> Door:
    return Door(ledger)


def waiting(product: Product, run_id: str) -> str:
    """What a run waits for, once it does."""
    found = eventually(lambda: product.show(run_id)["waiting_for"], what="the run waits")
    assert (product.show(run_id)["state"], found["gate"]) == ("queued", "slot")
    return str(found["why"])


def test_runs_of_an_action_wait_in_a_queue_for_the_one_under_way(product: Product, door: Door) -> None:
    name = action(product, f"one-at-a-time-{product.form}", door.command(), concurrency={"limit": 1})
    ids = [product.run(name)["id"] for _ in range(3)]
    product.running(ids[0])
    assert waiting(product, ids[1]).startswith(f"waiting for run {ids[0]}: ")
    assert waiting(product, ids[2]).startswith(f"waiting for run {ids[1]}: ")
    now = product.http.get(f"/api/v1/runs/{ids[1]}/explain").json()
    assert now["waiting_for"]["gate"] == "slot"
    assert now["sentences"][-1].startswith(f"Now it waits: waiting for run {ids[0]}: ")
    door.open()
    runs = [product.ended(run_id) for run_id in ids]
    assert [run["state"] for run in runs] == ["succeeded"] * 3
    assert door.ledger.lines == ["in", "out"] * 3
    assert sorted(runs, key=lambda run: run["started_at"]) == runs, "they did not start in their order"
    told = product.http.get(f"/api/v1/runs/{ids[1]}/explain").json()
    assert told["waiting_for"] is None
    assert [sentence for sentence in told["sentences"] if f"waiting for run {ids[0]}" in sentence]


def test_runs_with_another_key_are_under_way_beside_each_other(product: Product, door: Door) -> None:
    limits = {"concurrency": {"key": "{{ host }}"}, "parameters": PARAMETERS}
    name = action(product, f"one-each-{product.form}", door.command(), **limits)
    first, other, second = [product.run(name, {"host": host})["id"] for host in ("web-1", "web-2", "web-1")]
    product.running(first)
    product.running(other)
    assert "for 'web-1'" in waiting(product, second)
    door.open()
    assert {product.ended(run_id)["state"] for run_id in (first, other, second)} == {"succeeded"}


def test_a_full_queue_is_a_conflict_for_whoever_asks(product: Product, door: Door) -> None:
    name = action(product, f"short-queue-{product.form}", door.command(), concurrency={"queue_limit": 1})
    path = f"/api/v1/actions/{name}/runs"
    answers = [product.http.post(path, json={}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 409]
    assert answers[2].headers["content-type"] == "application/problem+json"
    assert "1 run waits already" in answers[2].json()["detail"]
    door.open()
    assert {product.ended(answer.json()["id"])["state"] for answer in answers[:2]} == {"succeeded"}
    assert product.result(name)["state"] == "succeeded"


def test_a_run_that_is_asked_for_many_times_under_one_key_takes_one_place(product: Product, ledger: Ledger) -> None:
    name = action(product, f"asked-often-{product.form}", ledger.entry(), concurrency={"queue_limit": 9})
    path, key = f"/api/v1/actions/{name}/runs", {"Idempotency-Key": f"often-{product.form}"}
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: product.http.post(path, json={}, headers=key), range(10)))
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert product.ended(answers[0].json()["id"], within=10)["state"] == "succeeded"
    assert product.result(name, within=10)["state"] == "succeeded"
    assert ledger.lines == ["x", "x"]


def test_a_full_queue_rejects_what_an_alert_asks_for(product: Product, door: Door) -> None:
    name = action(product, f"alerted-{product.form}", door.command(), concurrency={"queue_limit": 0})
    labels = {"alertname": "Full", "form": product.form}
    product.put("alert-rules", {"name": name, "match": {"labels": labels}, "responses": [{"action": name}]})
    product.running(product.run(name)["id"])
    alert = {"status": "firing", "labels": labels, "startsAt": "2026-01-31T12:00:00Z"}
    assert product.alert("alertmanager", {"version": "4", "status": "firing", "alerts": [alert]}).is_success
    query = {"action": name, "trigger": "alert"}
    runs = eventually(lambda: product.http.get("/api/v1/runs", params=query).json()["items"])
    rejected = product.ended(runs[0]["id"])
    assert (rejected["state"], rejected["reason"]) == ("rejected", "concurrency")
    assert "queue_limit lets none wait" in rejected["reason_text"]
    door.open()


def test_a_run_that_waits_too_long_expires(product: Product, door: Door) -> None:
    name = action(product, f"impatient-{product.form}", door.command(), concurrency={"queue_ttl": 1})
    first, second = [product.run(name)["id"] for _ in range(2)]
    run = product.ended(second)
    assert (run["state"], run["reason"]) == ("expired", "concurrency")
    assert run["reason_text"].startswith("it found no room within the 1s that queue_ttl allows: waiting for run")
    door.open()
    assert product.ended(first)["state"] == "succeeded"


def test_a_run_that_finds_one_under_way_is_skipped_and_names_it(product: Product, door: Door) -> None:
    name = action(product, f"only-one-{product.form}", door.command(), concurrency={"when_full": "skip"})
    first = product.run(name)["id"]
    product.running(first)
    run = product.result(name)
    assert (run["state"], run["reason"]) == ("skipped", "concurrency")
    assert run["reason_text"].startswith(f"run {first} is under way")
    door.open()
    assert product.ended(first)["state"] == "succeeded"
    assert door.ledger.lines == ["in", "out"]


def test_a_run_replaces_the_one_under_way_and_starts_once_that_has_ended(product: Product, door: Door) -> None:
    steps = door.command(), {"command": door.ledger.entry("cleaned"), "when": "always"}
    name = action(product, f"newest-{product.form}", *steps, concurrency={"when_full": "replace"})
    first = product.run(name)["id"]
    eventually(lambda: door.ledger.lines, what="the first is under way")
    second = product.run(name)["id"]
    replaced = product.ended(first)
    assert (replaced["state"], replaced["reason"]) == ("cancelled", "cancelled")
    assert replaced["reason_text"].endswith(f"replaced by run {second}")
    door.open()
    assert product.ended(second)["state"] == "succeeded"
    assert door.ledger.lines == ["in", "cleaned", "in", "out", "cleaned"]


@pytest.mark.parametrize(
    ("concurrency", "field", "told"),
    [
        ({"limit": 0}, "concurrency.limit", "at least 1"),
        ({"limit": "many"}, "concurrency.limit", "whole number"),
        ({"when_full": "wait"}, "concurrency.when_full", "queue, skip, replace"),
        ({"queue_limit": 1_001}, "concurrency.queue_limit", "at most 1000"),
        ({"queue_ttl": "0s"}, "concurrency.queue_ttl", "at least 1 second"),
        ({"key": "{{ hots }}"}, "concurrency.key", "did you mean {{ host }}?"),
        ({"key": "{{ host"}, "concurrency.key", "never closed"),
        ({"key": "on {{ password }}"}, "concurrency.key", "a secret, which no key can hold"),
        ({"key": "x" * 1_001}, "concurrency.key", "at most 1000 characters"),
        ({"limits": 1}, "concurrency.limits", "did you mean 'limit'?"),
    ],
)
def test_a_limit_that_cannot_be_is_refused_when_it_is_saved(
    product: Product, concurrency: dict[str, object], field: str, told: str
) -> None:
    body = {
        "name": "wrong",
        "concurrency": concurrency,
        "parameters": [*PARAMETERS, {"name": "password", "type": "secret"}],
        "steps": [{"name": "a", "provider": "web-1", "command": "true"}],
    }
    answer = product.http.put("/api/v1/actions/wrong", json=body)
    errors = {error["field"]: error["message"] for error in answer.json()["errors"]}
    assert (answer.status_code, list(errors)) == (422, [field])
    assert told in errors[field]
