"""Alerts in the console, in both forms: what came, what the rules decided, and what was run."""

from typing import Any

from playwright.sync_api import expect

from tests.console.conftest import OpenPage
from tests.console.pages import IN_ONE_FORM, assert_accessible, assert_read_by_everybody
from tests.product import Product
from tests.stage import action

HOSTILE = "<img src=x onerror=alert(1)>"


def _alert(site: Product, name: str, **fields: Any) -> str:
    """Post an alert of this name; its id."""
    payload = {"title": name, "status": "firing", "fingerprint": name, "labels": {"alertname": name}, **fields}
    answer = site.alert("generic", payload)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["alerts"][0])


def test_an_alert_is_followed_to_its_run_and_back(site: Product, open_page: OpenPage) -> None:
    name = action(site, "answers", "echo answered {{ what }}", parameters=[{"name": "what", "required": True}])
    refusing = action(site, "answers-not", "echo {{ count }}", parameters=[{"name": "count", "type": "integer"}])
    responses = [
        {"action": name, "parameters": {"what": "{{ alert.title }}"}},
        {"action": refusing, "parameters": {"count": "{{ alert.title }}"}},
    ]
    rule = {"name": "answered-here", "match": {"labels": {"alertname": "Answered"}}, "responses": responses}
    site.put("alert-rules", rule)
    alert_id = _alert(site, "Answered", severity="critical", description=HOSTILE)
    page = open_page("/alerts?status=firing&source=generic")
    row = page.get_by_role("table", name="Alerts").get_by_role("row", name="Answered")
    expect(row).to_contain_text("1 run, 1 refused")
    row.get_by_role("link", name="Answered").click()
    decisions = page.get_by_role("table", name="Decisions")
    expect(decisions.get_by_role("row", name="answered-here")).to_have_count(2)
    expect(decisions).to_contain_text("parameters refused")
    expect(page.get_by_text(HOSTILE)).to_be_visible()
    expect(page.get_by_role("table", name="Labels")).to_contain_text("Answered")
    page.get_by_role("region", name="What was run for it").get_by_role("link").click()
    expect(page.get_by_role("log")).to_contain_text("answered Answered")
    page.get_by_role("link", name="by an alert").click()
    page.wait_for_url(f"**/alerts/{alert_id}")
    _alert(site, "Answered", status="resolved")
    expect(page.get_by_text("resolved", exact=True)).to_be_visible()
    page.get_by_role("link", name="Each time that it fired").click()
    expect(page.get_by_role("button", name="Only Answered")).to_be_visible()
    expect(page.get_by_role("table", name="Alerts").get_by_role("row")).to_have_count(2)


@IN_ONE_FORM
def test_what_was_posted_and_not_understood_is_seen_and_decided_again(site: Product, open_page: OpenPage) -> None:
    assert site.alert("generic", {"nothing": "that is known"}).status_code == 202
    page = open_page("/alerts")
    page.get_by_role("link", name="What was posted").click()
    rows = page.get_by_role("table", name="Posts").get_by_role("row")
    unreadable = rows.filter(has_text="nothing").filter(has_text="not understood")
    expect(unreadable).to_be_visible()
    assert_accessible(page)
    _alert(site, "Posted")
    page.get_by_role("checkbox", name="Also what was taken and understood").check()
    taken = rows.filter(has_text="Posted").filter(has_text="taken")
    taken.get_by_role("button", name="Decide again").click()
    expect(taken).to_contain_text("It was decided again")
    taken.get_by_role("link", name="the alert").click()
    expect(page.get_by_role("heading", name="Posted")).to_be_visible()


@IN_ONE_FORM
def test_alerts_are_read_by_everybody(site: Product, open_page: OpenPage) -> None:
    alert_id = _alert(site, "Seen", severity="warning")
    page = open_page("/alerts?fingerprint=nothing-like-it")
    expect(page.get_by_text("No alert is like that.")).to_be_visible()
    page.get_by_role("button", name="Clear the filters").click()
    expect(page.get_by_role("link", name="Seen")).to_be_visible()
    assert_read_by_everybody(page)
    page.goto(f"/alerts/{alert_id}")
    expect(page.get_by_text("no rule matched")).to_be_visible()
    expect(page.get_by_role("button", name="Copy the command that stores an alert rule")).to_be_visible()
    assert_read_by_everybody(page)


@IN_ONE_FORM
def test_a_label_turns_the_order_of_no_other(site: Product, open_page: OpenPage) -> None:
    _alert(site, "Turning", labels={"alertname": "Turning", "team": "\u202eevil", "zone": "north"})
    page = open_page("/alerts")
    row = page.get_by_role("row", name="Turning")
    zone = row.get_by_text("zone=north", exact=True)
    assert zone.evaluate("one => getComputedStyle(one).unicodeBidi") == "isolate"
    assert row.get_by_text("team=").evaluate("one => getComputedStyle(one).unicodeBidi") == "isolate"
