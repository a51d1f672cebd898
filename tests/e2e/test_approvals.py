"""Approvals in both forms: nothing runs that needs a yes and has none, and whoever wants to know sees who gave it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.test_as_code import Reader
from tests.product import Product, eventually
from tests.servers.sshd import SshServer
from tests.stage import Ledger, action


@pytest.fixture
def reader(product: Product, left_as_it_was: None, tmp_path: Path, sshd: SshServer) -> Iterator[Reader]:
    yield Reader(product, tmp_path, sshd.private_key)
    product.http.delete("/api/v1/tokens/bob")


class Person:
    """Somebody with a token of their own."""

    def __init__(self, product: Product, name: str, kind: str = "person") -> None:
        self.product, self.name = product, name
        body = {"name": name, "role": "administrator", "kind": kind}
        made = product.http.post("/api/v1/tokens", json=body).raise_for_status()
        self.token = made.json()["token"]

    def decides(self, run_id: str, decision: str = "approve", **body: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.product.http.post(f"/api/v1/runs/{run_id}/{decision}", json=body, headers=headers)

    def sees(self, run_id: str) -> Any:
        """What waits of this run, as this person sees it."""
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = self.product.http.get("/api/v1/approvals", params={"limit": 200}, headers=headers).raise_for_status()
        return next((item for item in answer.json()["items"] if item["run_id"] == run_id), None)


@pytest.fixture
def people(product: Product) -> Iterator[tuple[Person, Person]]:
    found = Person(product, "ann"), Person(product, "ben")
    yield found
    for person in found:
        product.http.delete(f"/api/v1/tokens/{person.name}")


def test_the_guide_to_approvals_works_as_it_says(reader: Reader, product: Product) -> None:
    assert reader.follow("approvals.md") == 6
    (run,) = product.http.get("/api/v1/runs", params={"action": "drop-replica"}).json()["items"]
    shown = product.show(run["id"])
    assert (shown["state"], shown["reason_text"]) == ("rejected", "rejected by bob: not before Monday")
    assert [step["state"] for step in shown["steps"]] == ["succeeded", "skipped", "succeeded"]
    (answered,) = product.http.get("/api/v1/runs", params={"action": "promote-replica"}).json()["items"]
    told = [entry["text"] for entry in product.show(answered["id"])["timeline"] if "approv" in entry["event"]]
    assert told == ["it needs the approval of an administrator", "the old one is off"]
    assert product.http.delete("/api/v1/alert-rules/primary-is-gone").status_code == 204
    waits = product.run("drop-replica", {"slot": "new"})["id"]
    assert "you may not decide: 'admin' asked for the run" in reader.typed(f"opsimate runs show {waits}").stdout
    assert product.http.post(f"/api/v1/runs/{waits}/cancel", json={}).status_code == 202


def test_two_people_approve_what_runs(product: Product, ledger: Ledger, people: tuple[Person, Person]) -> None:
    ann, ben = people
    approval = {"approvers": ["user:ann", "role:administrator"], "count": 2}
    name = action(product, "guarded", ledger.entry(), execution={"approval": approval})
    plan = product.http.post(f"/api/v1/actions/{name}/plan", json={}).json()
    assert (plan["approval"]["needed"], plan["approval"]["expires_after"]) == (2, 3600)
    run = product.run(name)
    run_id = run["id"]
    assert (run["state"], run["plan_digest"]) == ("awaiting_approval", plan["digest"])
    item = ann.sees(run_id)
    assert (item["action"]["name"], item["step"], item["digest"], item["needed"]) == (name, None, plan["digest"], 2)
    assert (item["given"], item["may_i"], item["requested_by"]["by"]) == ([], True, "admin")
    mine = product.http.post(f"/api/v1/runs/{run_id}/approve", json={})
    assert (mine.status_code, "asked for the run" in mine.json()["detail"]) == (403, True)
    robot = Person(product, "robot", "service")
    assert robot.decides(run_id).status_code == 403
    assert product.http.delete("/api/v1/tokens/robot").status_code == 204
    assert ann.decides(run_id, digest="00.11").status_code == 409
    assert ann.decides(run_id, step="step-1").status_code == 409
    first = ann.decides(run_id, comment="fine by me", digest=plan["digest"])
    assert (first.status_code, first.json()["approval"]["given"][0]["by"]) == (202, "ann")
    assert ann.decides(run_id).status_code == 409
    assert (ann.sees(run_id)["may_i"], len(ben.sees(run_id)["given"])) == (False, 1)
    assert ledger.lines == []
    assert ben.decides(run_id, digest=plan["digest"]).status_code == 202
    ended = product.ended(run_id)
    assert (ended["state"], ended["approval"], ledger.lines) == ("succeeded", None, ["x"])
    told = [(entry["event"], entry["by"]) for entry in ended["timeline"] if "approv" in entry["event"]]
    assert told == [("run.awaiting_approval", None), ("run.approval_given", "ann"), ("run.approval_given", "ben")]
    sentences = product.http.get(f"/api/v1/runs/{run_id}/explain").json()["sentences"]
    assert any(sentence.startswith("ann approved it on") and "fine by me" in sentence for sentence in sentences)
    assert ann.sees(run_id) is None
    assert ben.decides(run_id).status_code == 409
    assert ben.decides("01JX3Q7W8Z5V9K2M4N6P8R0S2T").status_code == 404


def test_what_was_changed_since_is_not_approved(
    product: Product, ledger: Ledger, people: tuple[Person, Person]
) -> None:
    product.put("providers", {"name": "changing", "connection": {"local": {}}})
    step = {"command": ledger.entry(), "provider": "changing"}
    run_id = product.run(action(product, "outdated", step, execution={"approval": "required"}))["id"]
    product.put("providers", {"name": "changing", "description": "another", "connection": {"local": {}}})
    refused = people[0].decides(run_id)
    assert (refused.status_code, "changing changed since" in refused.json()["detail"]) == (409, True)
    assert people[0].decides(run_id, "reject", comment="ask anew").status_code == 202
    ended = product.ended(run_id)
    assert (ended["state"], ended["reason_text"], ledger.lines) == ("rejected", "rejected by ann: ask anew", [])


def test_what_was_changed_after_the_approval_does_not_run(
    product: Product, ledger: Ledger, people: tuple[Person, Person]
) -> None:
    product.put("providers", {"name": "changing-later", "connection": {"local": {}}})
    step = {"command": ledger.entry(), "provider": "changing-later"}
    name = action(product, "overtaken", step, execution={"approval": "required"})
    run_id = product.run(name, not_before=(datetime.now(UTC) + timedelta(seconds=8)).isoformat())["id"]
    assert people[0].decides(run_id).status_code == 202
    eventually(lambda: product.show(run_id)["state"] == "delayed", what="the approved run waits for its time")
    product.put("providers", {"name": "changing-later", "description": "another", "connection": {"local": {}}})
    ended = product.ended(run_id)
    assert (ended["state"], ended["reason"], ledger.lines) == ("failed", "stale", [])


def test_an_approval_expires_and_the_run_with_it_unless_it_says_otherwise(product: Product, ledger: Ledger) -> None:
    name = action(product, "hurried", ledger.entry(), execution={"approval": {"expires": "2s"}})
    other = action(product, "patient", ledger.entry("y"), execution={"approval": {"expires": "2s", "on_expiry": "run"}})
    runs = [product.run(name), product.run(other)]
    ended = [product.ended(run["id"]) for run in runs]
    assert [run["state"] for run in ended] == ["expired", "succeeded"]
    assert ended[0]["reason_text"] == "nobody approved within the 2.0s that its approval allows"
    expires_at = datetime.fromisoformat(runs[0]["approval"]["expires_at"])
    assert datetime.fromisoformat(ended[0]["ended_at"]) >= expires_at
    assert ledger.lines == ["y"]


def test_runs_of_schedules_and_rules_wait_and_nobody_is_their_requester(
    product: Product, ledger: Ledger, people: tuple[Person, Person]
) -> None:
    name = action(product, "triggered", ledger.entry(), execution={"approval": "required"})
    by_ann = {"approvers": ["user:ann"], "expires": "5m"}
    once = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    product.put("schedules", {"name": "asks-people", "action": name, "at": {"once": once}})
    responses = [{"action": name, "timing": "after_approval", "approval": by_ann}]
    rule = {"name": "asks-people", "match": {"labels": {"alertname": "Ask"}}, "responses": responses}
    product.put("alert-rules", rule)
    alert = {"alerts": [{"status": "firing", "labels": {"alertname": "Ask"}, "startsAt": "2026-01-31T12:00:00Z"}]}
    assert product.alert("alertmanager", alert).status_code == 202

    def both() -> Any:
        items = product.http.get("/api/v1/runs", params={"action": name}).json()["items"]
        return items if len(items) == 2 else None

    runs = eventually(both)
    assert {run["state"] for run in runs} == {"awaiting_approval"}
    assert {run["approval"]["digest"] == run["plan_digest"] for run in runs} == {True}
    of_rule = next(run for run in runs if run["trigger"]["kind"] == "alert")
    assert (of_rule["approval"]["approvers"], of_rule["approval"]["following"]["approvers"]) == (
        ["user:ann"],
        ["role:operator"],
    )
    alert_id = of_rule["trigger"]["alert_id"]
    (decision,) = product.http.get(f"/api/v1/alerts/{alert_id}").json()["decisions"]
    assert decision["reason"].endswith(f"and requested a run of '{name}', which waits for approval.")
    assert product.http.post(f"/api/v1/runs/{of_rule['id']}/approve").status_code == 403
    assert people[0].decides(of_rule["id"]).status_code == 202
    assert product.ended(of_rule["id"])["state"] == "succeeded", "she is an operator, too"
    for run in [run for run in runs if run is not of_rule]:
        assert product.http.post(f"/api/v1/runs/{run['id']}/approve").status_code == 202
        assert product.ended(run["id"])["state"] == "succeeded"
    assert ledger.lines == ["x", "x"]
    for path in ("schedules/asks-people", "alert-rules/asks-people"):
        assert product.http.delete(f"/api/v1/{path}").status_code == 204


def test_a_follower_sees_who_has_to_approve_and_who_did(
    product: Product, ledger: Ledger, people: tuple[Person, Person]
) -> None:
    step = {"command": ledger.entry(), "approval": "required"}
    run_id = product.run(action(product, "followed", "true", step))["id"]
    eventually(lambda: people[0].sees(run_id))
    assert people[0].sees(run_id)["step"] == "step-2"
    assert people[0].decides(run_id, comment="go").status_code == 202
    told = [(event, data) for _, event, data in product.events(run_id)]
    asked = next(data for event, data in told if event == "run" and data["event"] == "run.awaiting_approval")
    assert (asked["state"], asked["reason_text"]) == ("running", "step 'step-2' needs the approval of an operator")
    given = next(data for event, data in told if event == "run" and data["event"] == "run.approval_given")
    assert (given["by"], given["reason_text"]) == ("ann", "go")
    assert [data["state"] for event, data in told if event == "step" and data["name"] == "step-2"][-1] == "succeeded"
    assert told[-1][1]["state"] == "succeeded"


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"execution": {"approval": "yes"}}, "execution.approval", "has to be 'required'"),
        ({"execution": {"approval": {"approvers": ["ann"]}}}, "execution.approval.approvers.0", "write role:operator"),
        ({"execution": {"approval": {"aprovers": []}}}, "execution.approval.aprovers", "did you mean 'approvers'"),
    ],
)
def test_an_approval_that_cannot_be_is_refused_in_its_place(
    product: Product, given: dict[str, object], field: str, said: str
) -> None:
    body = {"name": "no", "steps": [{"name": "a", "provider": "web-1", "command": "true"}], **given}
    answer = product.http.put("/api/v1/actions/no", json=body)
    assert answer.status_code == 422
    assert any(error["field"] == field and said in error["message"] for error in answer.json()["errors"]), answer.json()
