"""Approvals in the console: what waits is seen with what would run, and decided by whoever may; others are told why."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import expect

from tests.console.conftest import OpenPage
from tests.console.pages import IN_ONE_FORM, assert_accessible, assert_read_by_everybody
from tests.product import WITHOUT_CERTIFICATES, Product
from tests.stage import action

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def ann(site: Product) -> Iterator[httpx.Client]:
    """Calls with a token of another person."""
    made = site.http.post("/api/v1/tokens", json={"name": "ann", "role": "administrator", "kind": "person"})
    headers = {"Authorization": f"Bearer {made.raise_for_status().json()['token']}"}
    with httpx.Client(base_url=site.url, headers=headers, verify=WITHOUT_CERTIFICATES) as client:
        yield client
    site.http.delete("/api/v1/tokens/ann")


def asked(client: httpx.Client, name: str, **parameters: str) -> str:
    body = {"parameters": parameters, "note": HOSTILE}
    return str(client.post(f"/api/v1/actions/{name}/runs", json=body).raise_for_status().json()["id"])


@IN_ONE_FORM
def test_what_waits_is_approved_in_the_inbox_with_what_would_run(
    site: Product, open_page: OpenPage, ann: httpx.Client
) -> None:
    slot = {"name": "slot", "type": "string", "default": "old"}
    name = action(site, "drop-slot", "echo dropping {{ slot }}", parameters=[slot], execution={"approval": "required"})
    run = asked(ann, name, slot="a-slot-whose-name-is-long-" + "x" * 90)
    page = open_page("/")
    tile = page.get_by_role("region", name="Waiting for approval")
    expect(tile.get_by_role("link", name=name)).to_have_attribute("href", f"/runs/{run}")
    expect(tile).to_contain_text("ann asks; an operator may decide · slot = a-slot-whose-name-is-long-")
    assert_accessible(page)
    link = page.get_by_role("navigation", name="Pages").get_by_role("link", name="Approvals")
    expect(link).to_contain_text("1")
    link.click()
    item = page.get_by_role("article", name=name)
    expect(item).to_contain_text("0 of 1 approval; an operator may decide")
    expect(item).to_contain_text(HOSTILE)
    expect(item).to_contain_text("then it ends as expired")
    expect(item).to_contain_text("slot = a-slot-whose-name-is-long-")
    item.get_by_role("button", name="What would run").click()
    expect(item.get_by_role("list", name="Steps")).to_contain_text("echo dropping a-slot-whose-name-is-long")
    expect(item.get_by_role("list", name="Steps")).to_contain_text("web-1")
    assert_read_by_everybody(page)
    item.get_by_role("button", name=f"Approve {name}").click()
    dialog = page.get_by_role("dialog", name=f"Approve {name}?")
    dialog.get_by_role("textbox", name="Why").fill("looked at it")
    dialog.get_by_role("button", name="Approve it").click()
    expect(page.get_by_text("Nothing waits for approval.")).to_be_visible()
    expect(link).not_to_contain_text("1")
    assert site.ended(run)["state"] == "succeeded"
    given = next(entry for entry in site.show(run)["timeline"] if entry["event"] == "run.approval_given")
    assert given["text"] is not None
    assert "looked at it" in given["text"]
    assert_read_by_everybody(page)


@IN_ONE_FORM
def test_a_run_that_somebody_looks_at_tells_by_its_stream_what_others_decide(
    site: Product, open_page: OpenPage, ann: httpx.Client
) -> None:
    approval = {"approvers": ["role:operator"], "count": 2, "allow_requester": True}
    run = asked(site.http, action(site, "takes-two", "true", execution={"approval": approval}))
    page = open_page(f"/runs/{run}")
    item = page.get_by_role("article", name="Approval")
    expect(item).to_contain_text("0 of 2 approvals")
    # The page would ask by itself once a minute, which is longer than anything is waited for here.
    assert ann.post(f"/api/v1/runs/{run}/approve", json={"comment": "by ann"}).status_code == 202
    expect(item).to_contain_text("1 of 2 approvals")
    expect(item).to_contain_text("by ann")
    item.get_by_role("button", name="Approve takes-two").click()
    page.get_by_role("button", name="Approve it").click()
    expect(item).to_have_count(0)
    assert site.ended(run)["state"] == "succeeded"


@IN_ONE_FORM
def test_runs_of_one_action_that_wait_are_told_apart_by_the_names_of_their_buttons(
    site: Product, open_page: OpenPage, ann: httpx.Client
) -> None:
    slot = {"name": "slot", "type": "string"}
    name = action(site, "drop-any", "echo {{ slot }}", parameters=[slot], execution={"approval": "required"})
    runs = [asked(ann, name, slot=value) for value in ("one", "two")]
    page = open_page("/approvals")
    reject = page.get_by_role("button", name=f"Reject {name}: slot = one, asked for by ann at ")
    reject.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Back").press("Enter")
    expect(reject).to_be_focused()  # also where what asks had to be fetched first
    for deed, run in zip(("Approve", "Reject"), runs, strict=True):
        value = "one" if run == runs[0] else "two"
        page.get_by_role("button", name=f"{deed} {name}: slot = {value}, asked for by ann at ").click()
        dialog = page.get_by_role("dialog", name=f"{deed} {name}?")
        expect(dialog).to_contain_text(f"The run that waits: slot = {value}, asked for by ann at ")
        dialog.get_by_role("button", name=f"{deed} it").click()
        expect(dialog).to_have_count(0)
    assert [site.ended(run)["state"] for run in runs] == ["succeeded", "rejected"]


@IN_ONE_FORM
def test_who_may_not_decide_is_told_why_and_a_step_is_rejected_on_its_run(
    site: Product, open_page: OpenPage, ann: httpx.Client
) -> None:
    mine = action(site, "anns-alone", "echo no", execution={"approval": {"approvers": ["user:ann"], "count": 1}})
    waiting = asked(site.http, mine)
    page = open_page(f"/runs/{waiting}")
    approval = page.get_by_role("article", name="Approval")
    expect(approval).to_contain_text("'admin' asked for the run, so somebody else has to decide.")
    approve = approval.get_by_role("button", name=f"Approve {mine}")
    expect(approve).to_have_attribute("aria-disabled", "true")
    assert_read_by_everybody(page)
    assert ann.post(f"/api/v1/runs/{waiting}/approve", json={"comment": "fine"}).status_code == 202
    expect(approval).to_have_count(0)
    assert site.ended(waiting)["state"] == "succeeded"
    step = {"name": "drop", "command": "echo dropped", "approval": {"count": 2, "allow_requester": True}}
    name = action(site, "drops-a-step", "echo first", step)
    run = asked(site.http, name)
    page.goto(f"/runs/{run}")
    expect(approval).to_contain_text("drop waits for approval")
    approval.get_by_role("button", name="Approve the step drop").click()
    page.get_by_role("button", name="Approve it").click()
    expect(approval).to_contain_text("1 of 2 approvals")
    expect(approval).to_contain_text("You may still reject it.")
    approval.get_by_role("button", name="Reject the step drop").click()
    page.get_by_role("dialog").get_by_role("textbox", name="Why").fill("thought better of it")
    page.get_by_role("button", name="Reject it").click()
    expect(page.get_by_text("It ended as rejected")).to_be_visible()
    assert "thought better of it" in site.ended(run)["reason_text"]
