"""What people and schedules ask for has one entry in the audit each, whichever service is killed a moment later."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from shared.audit import ChainCheck
from tests.product import Product, eventually
from tests.stage import Ledger, action

pytestmark = pytest.mark.timeout(240)


class Told:
    """What the product took, and what is to be found in the audit because of it."""

    def __init__(self, product: Product, ledger: Ledger) -> None:
        self.product = product
        self.guarded = action(product, "guarded", ledger.entry(), execution={"approval": "required"})
        self.by_itself = action(product, "by-itself", "true")
        self.answer = action(product, "answer", "true", parameters=[{"name": "instance"}])
        response = {"action": self.answer, "parameters": {"instance": "{{ alert.labels.instance }}"}}
        rule = {"name": "answers", "match": {"labels": {"alertname": "Audit"}}, "responses": [response]}
        product.put("alert-rules", rule)
        now = datetime.now(UTC)
        lasts = {"from": now.isoformat(), "until": (now + timedelta(days=1)).isoformat()}
        product.put("maintenance-windows", {"name": "freeze", "holds": ["alerts"], **lasts})
        body = {"name": "ann", "role": "administrator", "kind": "person"}
        token = product.http.post("/api/v1/tokens", json=body).raise_for_status().json()["token"]
        self.ann = {"Authorization": f"Bearer {token}"}
        self.expected: Counter[tuple[str, str]] = Counter()
        self.asked: list[str] = []
        self.schedules: list[str] = []

    def ask(self, number: int) -> tuple[str, str]:
        """Ask for a run that waits for people, and have an alert ask for one that a window holds."""
        guarded = self.product.run(self.guarded)["id"]
        alert = {"title": "a", "labels": {"alertname": "Audit", "instance": f"i{number}"}, "fingerprint": f"f{number}"}
        assert self.product.alert("generic", alert).status_code == 202

        def held() -> Any:
            found = self.product.http.get("/api/v1/runs", params={"action": self.answer, "state": "delayed"}).json()
            return next((run for run in found["items"] if run["parameters"]["instance"] == f"i{number}"), None)

        answer = eventually(held, what="the run of the alert waits for the window's end")
        self.asked += [guarded, answer["id"]]
        return guarded, answer["id"]

    def decide(self, number: int, guarded: str, answer: str) -> None:
        """Approve the one, let the other pass, change a definition, and leave a schedule about to fire."""
        http = self.product.http
        name = f"once-{number}"
        at = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
        self.product.put("schedules", {"name": name, "action": self.by_itself, "at": {"once": at}})
        self.schedules.append(name)
        changed = {"name": "changing", "description": f"{number}", "connection": {"local": {}}}
        self.product.put("providers", changed)
        override = http.post(f"/api/v1/runs/{answer}/override", json={"comment": "now"})
        approve = http.post(f"/api/v1/runs/{guarded}/approve", json={"comment": "yes"}, headers=self.ann)
        assert (override.status_code, approve.status_code) == (202, 202)
        self.expected[f"provider.{'changed' if number else 'created'}", f"changing@{number + 1}"] += 1
        self.expected["schedule.created", f"{name}@1"] += 1
        self.expected["run.override", answer] += 1
        self.expected["run.approve", guarded] += 1

    def entries(self) -> list[dict[str, Any]]:
        answer = self.product.http.get("/api/v1/audit/export", headers={"Accept": "application/x-ndjson"})
        return [json.loads(line) for line in answer.raise_for_status().text.splitlines()]


def found(entries: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """Of what each entry tells: a version of a definition, or a run."""
    return Counter(
        (one["kind"], one.get("run_id") or f"{one['name']}@{one['details'].get('version', '')}") for one in entries
    )


def test_whatever_was_told_or_fired_happens_once_and_has_one_entry_whichever_service_is_killed(
    own_product: Product, ledger: Ledger
) -> None:
    told = Told(own_product, ledger)
    victims = own_product.parts if len(own_product.parts) > 1 else own_product.parts * 2
    waiting = [told.ask(number) for number in range(len(victims))]
    for number, victim in enumerate(victims):
        told.decide(number, *waiting[number])
        victim.kill()  # a moment after the last of it was taken
        victim.start()
        own_product.wait_until_ready()
    fired = [eventually(partial(_fires, own_product, name)) for name in told.schedules]
    assert [len(fires) for fires in fired] == [1] * len(victims)
    runs = [*told.asked, *(fires[0]["run_id"] for fires in fired)]
    ended = [own_product.ended(run_id) for run_id in runs]
    assert {run["state"] for run in ended} <= {"succeeded", "unknown"}, "unknown where its executor was killed"
    assert ledger.lines.count("x") <= len(victims)
    listed = own_product.http.get("/api/v1/runs", params={"limit": 200}).json()["items"]
    assert {run["id"] for run in listed} == set(runs), "nothing was asked for that nobody wanted"
    told.expected.update(("run.requested", run_id) for run_id in runs)
    eventually(lambda: not told.expected - found(told.entries()), what="all of it has an entry")
    entries = told.entries()
    assert max(found(entries).values()) == 1
    check = ChainCheck()
    assert [broken for entry in entries if (broken := check.take(entry))] == []
    assert check.head.number == len(entries)


def _fires(product: Product, schedule: str) -> Any:
    return product.http.get(f"/api/v1/schedules/{schedule}/fires").json()["items"]
