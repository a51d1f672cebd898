"""A run in the console, in both forms."""

import json

import pytest
from playwright.sync_api import Page, Route, expect

from tests.console.conftest import OpenPage, Put
from tests.console.pages import IN_ONE_FORM, assert_accessible, assert_fits, assert_read_by_everybody
from tests.product import Product, eventually
from tests.servers.front import front
from tests.stage import Ledger, action

_IS_SEEN = """one => {
    const {left, bottom} = one.getBoundingClientRect()
    return one.contains(document.elementFromPoint(left + 2, bottom - 2))}"""
_IS_WHOLE = "name => name.getBoundingClientRect().left >= name.parentElement.getBoundingClientRect().left"
_SHOWS_ITS_END = "name => name.getBoundingClientRect().right <= name.parentElement.getBoundingClientRect().right + 1"
RED = "printf '\\033[1;31mERROR\\033[0m upstream refused\\n'"


@IN_ONE_FORM
def test_a_run_is_read_by_everybody(site: Product, open_page: OpenPage) -> None:
    colours = "for c in $(seq 0 255); do printf '\\033[48;5;%sm%s\\033[0m \\033[38;5;%smx\\033[0m\\n' $c $c $c; done"
    run = site.result(action(site, "colourful", RED, colours, "echo it ends here; exit 3"))
    page = open_page(f"/runs/{run['id']}")
    expect(page.get_by_role("log")).to_contain_text("ERROR upstream refused")
    assert_read_by_everybody(page)
    for tab in ("What happened", "Parameters"):
        page.get_by_role("tab", name=tab).click()
        assert_accessible(page)
    page.set_viewport_size({"width": 360, "height": 740})
    page.get_by_role("link", name="Show the output of step-3").click()
    expect(page.get_by_role("log").get_by_text("it ends here")).to_be_in_viewport(ratio=1)
    page.goto(f"/runs/{run['id']}#L1")
    expect(page.get_by_role("log").get_by_text("upstream refused")).to_be_in_viewport(ratio=1)
    page.goto(f"/runs/{run['id']}?step=step-3#L2")
    expect(page.get_by_text("There is no line 2: what is shown ends with line 1.")).to_be_visible()
    page.goto(f"/runs/{run['id']}?step=step-3&attempt=2")
    expect(page.get_by_text("The step 'step-3' has no attempt 2.")).to_be_visible()
    page.goto(f"/runs/{run['id']}?step=step-9")
    expect(page.get_by_text("This run has no step 'step-9'.")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="To the steps").click()
    expect(page.get_by_role("link", name="All output", exact=True)).to_be_focused()
    page.get_by_role("link", name="Show all output").click()
    expect(page.get_by_role("log")).to_contain_text("ERROR upstream refused")


def test_a_run_is_followed_to_its_end(site: Product, open_page: OpenPage, ledger: Ledger) -> None:
    waits = f"echo begun; until [ -s {ledger.path} ]; do sleep 0.1; done; echo gone on"
    name = action(site, "followed", "echo first", {"name": "waits", "command": waits}, "echo last", title="Followed")
    run_id = site.run(name)["id"]
    page = open_page(f"/runs/{run_id}")
    log = page.get_by_role("log")
    expect(log).to_contain_text("begun")
    expect(page).to_have_title("33 % · Followed · OpsiMate Actions")
    expect(page.get_by_role("status").filter(has_text="Step waits runs.")).to_have_count(1)
    expect(page.get_by_text("time-out in 9m")).to_be_visible()
    expect(page.get_by_role("progressbar", name="Progress of the run")).to_have_attribute(
        "aria-valuetext", "1 of 3 steps have ended"
    )
    expect(page.get_by_role("button", name="Following")).to_be_visible()
    page.get_by_role("button", name="Cancel run").click()
    expect(page.get_by_role("dialog", name="Cancel this run?")).to_be_visible()
    site.result(action(site, "goes-on", ledger.entry()))
    expect(page.get_by_role("dialog")).to_have_count(0)  # there is nothing to cancel any more
    expect(log).to_contain_text("last")
    expect(page.get_by_text("succeeded", exact=True).first).to_be_visible()
    expect(page).to_have_title("succeeded · Followed · OpsiMate Actions")
    lines = log.get_by_role("link").all_inner_texts()
    assert lines == ["1", "2", "3", "4"]


def test_pages_are_live_again_by_themselves_after_the_server_was_killed_also_behind_a_proxy(
    site: Product, open_page: OpenPage, ledger: Ledger, expected_errors: list[str]
) -> None:
    if site.form == "embedded":
        pytest.skip("there the command is of the process that is killed")
    waits = f"seq 1 500; until [ -s {ledger.path} ]; do sleep 0.1; done; seq 501 1000"
    run_id = site.run(action(site, "cut", waits))["id"]
    expected_errors += ["ERR_", "503"]
    with front(site.url) as proxy:
        pages = [open_page(f"/runs/{run_id}"), open_page(f"/runs/{run_id}", at=proxy)]
        history = open_page("/runs?action=after-the-cut", at=proxy)
        says = action(site, "said-after-the-cut", "echo {{ what }}", parameters=[{"name": "what", "default": "before"}])
        form = open_page(f"/actions/{says}/run", at=proxy)
        expect(form.get_by_role("region", name="Plan")).to_contain_text("echo before")
        for page in pages:
            expect(page.get_by_text("500 lines")).to_be_visible()
        expect(history.get_by_text("No run is like that.")).to_be_visible()
        site.catalog.kill()
        form.get_by_role("textbox", name="what").fill("after")
        for page in pages:
            expect(page.get_by_text("The connection is lost")).to_be_visible()
        expect(pages[0].get_by_text("The server does not answer.")).to_be_visible()
        expect(form.get_by_text("It is tried again")).to_be_visible()
        site.catalog.start()
        site.wait_until_ready()
        for page in pages:
            expect(page.get_by_text("The connection is lost")).to_have_count(0)
        site.result(action(site, "after-the-cut", ledger.entry()))
        for page in pages:
            expect(page.get_by_text("1,000 lines")).to_be_visible()
            page.keyboard.press("w")
            assert page.get_by_role("log").inner_text().splitlines()[-1].endswith("1000")
        expect(history.get_by_role("button", name="1 new run")).to_be_visible()
        expect(form.get_by_role("region", name="Plan")).to_contain_text("echo after")


@IN_ONE_FORM
def test_a_seventh_tab_works_as_the_first(site: Product, open_page: OpenPage, ledger: Ledger) -> None:
    waits = f"echo begun; until [ -s {ledger.path} ]; do sleep 0.1; done; echo gone on"
    run_id = site.run(action(site, "in-seven-tabs", waits))["id"]
    tabs = [open_page(f"/runs/{run_id}")]
    expect(tabs[0].get_by_role("log")).to_contain_text("begun")
    for _ in range(6):
        _show(tabs[-1], shown=False)
        tabs.append(tabs[0].context.new_page())
        tabs[-1].goto(f"/runs/{run_id}")
        expect(tabs[-1].get_by_role("log")).to_contain_text("begun")
    site.result(action(site, "lets-seven-go", ledger.entry()))
    expect(tabs[-1].get_by_role("log")).to_contain_text("gone on")
    _show(tabs[0], shown=True)
    expect(tabs[0].get_by_role("log")).to_contain_text("gone on")


def _show(tab: Page, *, shown: bool) -> None:
    """Tell a tab what a browser with a window tells it; one without shows all of its tabs, whatever is in front."""
    hidden = "false" if shown else "true"
    tab.evaluate(f"Object.defineProperty(document, 'hidden', {{configurable: true, get: () => {hidden}}})")
    tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_output_is_searched_and_each_line_has_an_address(site: Product, open_page: OpenPage) -> None:
    run_id = site.result(action(site, "searched", "seq -f 'line %.0f of it' 5000", f"{RED}; exit 3"))["id"]
    page = open_page(f"/runs/{run_id}")
    expect(page.get_by_text("5,001 lines")).to_be_visible()
    expect(page.get_by_role("log")).to_contain_text("ERROR upstream refused")  # where it failed
    find = page.get_by_label("Find in the output")
    find.fill("LINE 4999")
    expect(page.get_by_text("1/1")).to_be_visible()
    find.press("Enter")
    expect(page.locator("mark")).to_have_text("line 4999")
    page.get_by_role("link", name="Line 4998", exact=True).click()
    assert page.url.endswith("?find=LINE+4999#L4998") or page.url.endswith("?find=LINE%204999#L4998")
    page.goto(f"/runs/{run_id}?step=step-1#L77")
    expect(page.locator("[data-target]")).to_contain_text("line 77 of it")
    expect(page.get_by_text("5,000 lines")).to_be_visible()
    page.get_by_role("button", name="Jump to the first error").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as text").click()
    assert download.value.path().read_bytes() == site.output(run_id, step="step-1")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as JSON lines").click()
    pieces = [json.loads(line) for line in download.value.path().read_text().splitlines()]
    assert "".join(one["text"] for one in pieces).encode() == site.output(run_id, step="step-1")


def test_a_run_is_cancelled_and_says_that_its_command_has_ended(site: Product, open_page: OpenPage) -> None:
    run_id = site.run(action(site, "cancelled-here", "seq 99; echo begun; sleep 600"))["id"]
    page = open_page(f"/runs/{run_id}", width=360, height=740, touch=True)
    steps = page.get_by_role("region", name="Steps")
    expect(steps.get_by_role("link", name="step-1")).to_be_visible()
    expect(steps.get_by_role("link", name="All output")).to_have_count(0)
    expect(page.get_by_role("log")).to_be_in_viewport(ratio=0.3)
    steps.get_by_role("button", name="Steps: 0 of 1 ended").click()
    expect(steps.get_by_role("link", name="All output")).to_be_visible()
    end = page.get_by_role("log").get_by_text("begun")
    end.scroll_into_view_if_needed()
    cancel = page.get_by_role("button", name="Cancel run")
    for _ in range(2):  # on the way to the end of the page, and there
        expect(page.get_by_role("button", name="Pause")).to_be_in_viewport(ratio=1)
        expect(cancel).to_be_in_viewport(ratio=1)
        page.mouse.wheel(0, 2000)
        page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    eventually(lambda: end.evaluate(_IS_SEEN), what="the last line is not below the bar")
    assert_fits(page)
    cancel.click()
    dialog = page.get_by_role("dialog", name="Cancel this run?")
    dialog.get_by_label("Why").fill("enough seen")
    assert_accessible(page)
    dialog.get_by_role("button", name="Cancel the run").click()
    expect(page.get_by_text("cancelled", exact=True).first).to_be_visible()
    run = site.ended(run_id)
    assert (run["state"], run["steps"][0]["attempts"][0]["ending"]) == ("cancelled", "confirmed")
    expect(page.get_by_role("button", name="Run again")).to_be_focused()  # what came to its place
    page.get_by_role("tab", name="What happened").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("enough seen")
    page.get_by_role("button", name="All that happened, in order").click()
    expect(page.get_by_role("table", name="Timeline")).to_contain_text("The run ended as cancelled")


def test_a_run_is_paused_and_resumed(site: Product, open_page: OpenPage, ledger: Ledger) -> None:
    name = action(site, "paused-here", f"until [ -s {ledger.path} ]; do sleep 0.1; done", "echo went on")
    run_id = site.run(name)["id"]
    site.running(run_id)
    page = open_page(f"/runs/{run_id}")
    page.get_by_role("button", name="Pause").click()
    dialog = page.get_by_role("dialog", name="Pause this run?")
    dialog.get_by_role("button", name="Pause the run").click()
    expect(page.get_by_text("paused", exact=True).first).to_be_visible()
    expect(page.get_by_role("button", name="Resume")).to_be_focused()
    site.result(action(site, "lets-it-go", ledger.entry()))
    eventually(lambda: site.show(run_id)["waiting_for"], what="it waits at its pause")
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("log")).to_contain_text("went on")
    assert site.ended(run_id)["state"] == "succeeded"


def test_a_run_is_run_again_the_same_and_from_its_failed_step(
    site: Product, open_page: OpenPage, ledger: Ledger
) -> None:
    name = action(site, "again", ledger.entry("first"), f"[ $(wc -l < {ledger.path}) -ge 2 ]")
    first = site.result(name)
    assert first["state"] == "failed"
    page = open_page(f"/runs/{first['id']}")
    page.get_by_role("tab", name="Parameters").click()
    _run_again(page, "From the step that failed")
    expect(page).not_to_have_url(f"{site.url}/runs/{first['id']}")
    expect(page.get_by_role("tab", name="Output")).to_have_attribute("aria-selected", "true")
    second = page.url.rpartition("/")[2]
    assert site.ended(second)["state"] == "failed"
    assert ledger.lines == ["first"]
    _run_again(page, "The same again")
    expect(page).not_to_have_url(f"{site.url}/runs/{second}")
    third = page.url.rpartition("/")[2]
    assert site.ended(third)["state"] == "succeeded"
    assert ledger.lines == ["first", "first"]


@IN_ONE_FORM
def test_a_run_whose_answer_was_lost_is_run_again_once(
    site: Product, open_page: OpenPage, expected_errors: list[str]
) -> None:
    name = action(site, "answer-lost", "true")
    page = open_page(f"/runs/{site.result(name)['id']}")
    expected_errors.append("ERR_FAILED")

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/rerun", lose, times=1)
    _run_again(page, "The same again")
    expect(page.get_by_text("It is not known whether it runs again")).to_be_visible()
    begun = site.http.get("/api/v1/runs", params={"action": name}).json()["items"]
    assert len(begun) == 2
    _run_again(page, "The same again")
    expect(page).to_have_url(f"{site.url}/runs/{begun[0]['id']}")
    assert len(site.http.get("/api/v1/runs", params={"action": name}).json()["items"]) == 2


def _run_again(page: Page, how: str) -> None:
    page.get_by_role("button", name="Run again").click()
    page.get_by_role("menuitem", name=how).click()


@IN_ONE_FORM
def test_many_machines_are_a_grid_of_which_each_shows_its_output(
    site: Product, open_page: OpenPage, expected_errors: list[str], put_for_now: Put
) -> None:
    connection = site.http.get("/api/v1/providers/web-1").json()["connection"]
    for number in range(250):
        labels = {"grid": "yes"}
        put_for_now("providers", {"name": f"grid-{number:03d}", "connection": connection, "labels": labels})
    step = {"name": "all", "providers": {"labels": {"grid": "yes"}}, "command": "echo here"}
    site.put("actions", {"name": "everywhere", "steps": [step]})
    run_id = site.result("everywhere", within=120)["id"]
    page = open_page(f"/runs/{run_id}?step=all")
    grid = page.get_by_role("region", name="Machines of step all")
    expect(page.get_by_text("250 succeeded").first).to_be_visible()
    expect(grid.get_by_role("link", name="grid-000")).to_be_visible()
    assert grid.get_by_role("link").count() < 100
    last = grid.get_by_role("link", name="grid-249")

    def end_is_reached() -> bool:
        grid.evaluate("box => box.scrollTo(0, box.scrollHeight)")  # and on: the machines come in pages
        return last.is_visible()

    eventually(end_is_reached, what="the last machine is seen")
    last.click()
    expect(page.get_by_role("log")).to_contain_text("here")
    assert "provider=grid-249" in page.url
    assert_accessible(page)
    expected_errors.append("422")
    page.goto(f"/runs/{run_id}?step=all&provider=grid-250")
    expect(page.get_by_text("The step 'all' is not run on 'grid-250'.")).to_be_visible()


@IN_ONE_FORM
def test_machines_with_long_names_are_told_from_each_other_on_a_phone(site: Product, open_page: OpenPage) -> None:
    connection = site.http.get("/api/v1/providers/web-1").json()["connection"]
    names = [f"payments-worker-frankfurt-rack00-{number:03d}" for number in range(3)]
    for name in names:
        site.put("providers", {"name": name, "connection": connection})
    site.put(
        "actions", {"name": "on-long-names", "steps": [{"name": "all", "providers": names, "command": "echo here"}]}
    )
    run_id = site.result("on-long-names")["id"]
    page = open_page(f"/runs/{run_id}?step=all", width=360, height=740, touch=True)
    tiles = page.get_by_role("region", name="Machines of step all")
    for name in names:
        tile = tiles.get_by_role("link", name=name)
        assert tile.locator("bdi").evaluate(_IS_WHOLE), "the name has the room that it needs"
    page.goto(f"/runs/{run_id}")
    for name in names:
        said = page.get_by_role("log").locator("bdi", has_text=name)
        expect(said).to_be_attached()
        assert said.evaluate(_SHOWS_ITS_END), "what tells it from others is not cut off"


@IN_ONE_FORM
def test_a_run_that_is_not_there_is_told_so(open_page: OpenPage, expected_errors: list[str]) -> None:
    expected_errors += ["404", "there is no run"]
    page = open_page("/runs/01JX3Q7W8Z5V9K2M4N6P8R0S2T")
    expect(page.get_by_role("heading", name="There is no such thing")).to_be_visible()
    said = page.get_by_role("alert").get_by_text("01JX3Q7W8Z5V9K2M4N6P8R0S2T")
    expect(said).to_be_visible()
    page.set_viewport_size({"width": 320, "height": 640})
    assert said.evaluate("text => text.scrollWidth <= text.clientWidth"), "a long ID is not cut off"
