"""The console's execution history, in both forms."""

import csv
import json
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.console.conftest import OpenPage
from tests.console.pages import IN_ONE_FORM, assert_accessible, assert_read_by_everybody
from tests.product import Product, eventually
from tests.stage import Ledger, action

_SIDE_BY_SIDE = ("Action", "Provider")


@IN_ONE_FORM
def test_the_history_is_read_by_everybody(site: Product, open_page: OpenPage) -> None:
    site.result(action(site, "seen", "echo hello"))
    site.result(action(site, "seen-failing", "exit 3"))
    page = open_page("/runs")
    row = page.get_by_role("row", name="seen-failing").first
    expect(row).to_contain_text("failed")
    assert_read_by_everybody(page)
    page.set_viewport_size({"width": 360, "height": 740})
    page.keyboard.press("/")
    expect(page.get_by_role("button", name="Filters")).to_be_focused()
    why = row.get_by_text("exit status 3")
    for cell in (row.get_by_text("failed", exact=True), row.get_by_role("time"), why, row.get_by_text("took ")):
        expect(cell).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="Filters").click()
    action_filter, provider_filter = (page.get_by_role("textbox", name=name).bounding_box() for name in _SIDE_BY_SIDE)
    assert action_filter is not None
    assert provider_filter is not None
    assert action_filter["y"] == provider_filter["y"], "two filters share a row"
    assert provider_filter["x"] + provider_filter["width"] == 360 - action_filter["x"], "and have all of it"


def test_execution_history_by_what_the_address_says(site: Product, open_page: OpenPage) -> None:
    site.result(action(site, "well", "true"))
    site.result(action(site, "badly", "exit 3"))
    page = open_page("/runs?action=badly&state=failed&utm_source=a-chat")
    table = page.get_by_role("table", name="Runs")
    expect(table.get_by_role("link", name="badly").first).to_be_visible()
    expect(table.get_by_role("link", name="well")).to_have_count(0)
    page.get_by_role("textbox", name="Action").fill("well")
    page.get_by_role("textbox", name="Action").press("Enter")
    expect(page.get_by_text("No run is like that.")).to_be_visible()
    assert "action=well" in page.url
    page.get_by_role("button", name="Clear the filters").click()
    expect(table.get_by_role("link", name="well").first).to_be_visible()
    assert page.url == f"{site.url}/runs"
    page.get_by_role("textbox", name="Words").fill("BADLY")
    page.get_by_role("textbox", name="By", exact=True).fill("admin")
    page.get_by_role("textbox", name="By", exact=True).press("Enter")
    expect(table.get_by_role("link", name="badly").first).to_be_visible()
    expect(table.get_by_role("link", name="well")).to_have_count(0)
    assert page.url == f"{site.url}/runs?text=BADLY&by=admin"
    page.get_by_role("textbox", name="Words").fill("well nothing-is-named-so")
    page.get_by_role("textbox", name="Words").press("Enter")
    expect(page.get_by_text("No run is like that.")).to_be_visible()


def test_a_list_stays_put_while_new_runs_arrive(site: Product, open_page: OpenPage) -> None:
    name = action(site, "arrives", "true")
    first = site.result(name)["id"]
    page = open_page(f"/runs?action={name}")
    rows = page.get_by_role("table", name="Runs").get_by_role("row")
    expect(rows).to_have_count(2)
    second = site.result(name)["id"]
    new = page.get_by_role("button", name="1 new run")
    expect(new).to_be_visible()
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text(first)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange', {bubbles: true}))")  # another tab, and back
    third = site.result(name)["id"]
    new = page.get_by_role("button", name="2 new runs")
    expect(new).to_be_visible()
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text(first)
    new.click()
    expect(rows.nth(1)).to_contain_text(third)
    expect(rows.nth(2)).to_contain_text(second)
    expect(new).to_have_count(0)


def test_a_run_that_is_listed_goes_on_in_its_place(site: Product, open_page: OpenPage, ledger: Ledger) -> None:
    name = action(site, "listed", f"until [ -s {ledger.path} ]; do sleep 0.1; done")
    site.run(name)
    page = open_page(f"/runs?action={name}")
    row = page.get_by_role("table", name="Runs").get_by_role("row").nth(1)
    expect(row).to_contain_text("running")
    site.result(action(site, "lets-the-listed-go", ledger.entry()))
    expect(row).to_contain_text("succeeded")


@IN_ONE_FORM
def test_a_day_is_typed_into_the_filters(site: Product, open_page: OpenPage) -> None:
    name = action(site, "of-today", "true")
    site.result(name)
    page = open_page(f"/runs?action={name}")
    since = page.get_by_label("From", exact=True)
    since.focus()
    page.keyboard.type("01312026")
    expect(since).to_have_value("2026-01-31")
    eventually(lambda: "since=2026-01-3" in page.url, what="the day is in the address")
    expect(page.get_by_role("table", name="Runs").get_by_role("row")).to_have_count(2)
    until = page.get_by_label("Until", exact=True)
    until.focus()
    page.keyboard.type("01312026")
    expect(page.get_by_text("No run is like that.")).to_be_visible()
    page.keyboard.press("Delete")
    expect(page.get_by_text("No run is like that.")).to_be_visible()
    page.get_by_role("button", name="Clear", exact=True).press("Enter")
    expect(since).to_have_value("")
    expect(until).to_have_value("")


@IN_ONE_FORM
def test_names_that_read_as_numbers_are_names_in_an_address(site: Product, open_page: OpenPage) -> None:
    run = site.result(action(site, "404", "seq 3"))
    page = open_page("/runs?action=404")
    expect(page.get_by_role("textbox", name="Action")).to_have_value("404")
    page.goto(f"/runs/{run['id']}?find=3")
    expect(page.get_by_role("textbox", name="Find in the output")).to_have_value("3")
    page.goto("/providers?text=1")
    expect(page.get_by_role("searchbox").first).to_have_value("1")


def test_a_long_history_is_read_page_by_page(site: Product, open_page: OpenPage) -> None:
    name = action(site, "often", "true", concurrency={"limit": 60})
    runs = [site.run(name)["id"] for _ in range(60)]
    eventually(lambda: all(site.show(run)["ended_at"] for run in runs), within=120, what="sixty runs have ended")
    page = open_page(f"/runs?action={name}")
    rows = page.get_by_role("table", name="Runs").get_by_role("row")
    expect(rows).to_have_count(51)
    page.get_by_role("button", name="Show more").click()
    expect(rows).to_have_count(61)
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)


def test_the_history_is_exported(site: Product, open_page: OpenPage) -> None:
    name = action(site, "exported", "exit 3", title='=A "title", with a comma')
    run = site.result(name)
    page = open_page(f"/runs?action={name}")
    rows = list(csv.DictReader(_exported(page, "As a table (CSV)").read_text().splitlines()))
    assert [(row["id"], row["state"], row["by"]) for row in rows] == [(run["id"], "failed", run["trigger"]["by"])]
    listed = json.loads(_exported(page, "As JSON").read_text())
    assert [one["id"] for one in listed] == [run["id"]]


def _exported(page: Page, form: str) -> Path:
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name=form).click()
    return Path(download.value.path())


@IN_ONE_FORM
def test_the_columns_of_the_history_are_chosen_and_remembered(site: Product, open_page: OpenPage) -> None:
    name = action(site, "in-columns", "true")
    site.result(name)
    page = open_page(f"/runs?action={name}")
    heads = page.get_by_role("table", name="Runs").get_by_role("columnheader")
    expect(heads).to_have_text(["Run", "State", "Why", "Asked for by", "When", "Took"])
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("checkbox", name="Why").uncheck()
    page.get_by_role("checkbox", name="Version").check()
    assert_accessible(page)
    shown = ["Run", "State", "Asked for by", "When", "Took", "Version"]
    expect(heads).to_have_text(shown)
    page.reload()
    expect(heads).to_have_text(shown)
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("button", name="As at first").click()
    expect(heads).to_have_text(["Run", "State", "Why", "Asked for by", "When", "Took"])


@IN_ONE_FORM
def test_texts_of_others_stay_text(site: Product, open_page: OpenPage) -> None:
    turned = r"printf 'ab\342\200\256dc'"
    command = f"echo '<img src=x onerror=alert(1)>'; {turned}"
    name = action(site, "hostile", command, title="<b>bold</b><script>alert(1)</script>")
    run = site.result(name)
    page = open_page(f"/runs?action={name}")
    link = page.get_by_role("link", name="<b>bold</b><script>alert(1)</script>")
    assert link.evaluate("one => getComputedStyle(one).unicodeBidi") == "isolate"
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("<b>bold</b><script>alert(1)</script>")
    expect(page.get_by_role("log")).to_contain_text("<img src=x onerror=alert(1)>")
    expect(page.get_by_role("log")).to_contain_text("ab<U+202E>dc")
    assert page.url.startswith(f"{site.url}/runs/{run['id']}")
