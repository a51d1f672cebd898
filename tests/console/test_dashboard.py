"""The console's dashboard, and what Ctrl K leads to, in both forms."""

from playwright.sync_api import expect

from tests.console.conftest import OpenPage
from tests.console.pages import IN_ONE_FORM, IN_TWO_YEARS, assert_accessible, assert_read_by_everybody
from tests.product import Product, eventually
from tests.stage import Ledger, action


@IN_ONE_FORM
def test_the_dashboard_is_read_by_everybody(site: Product, open_page: OpenPage) -> None:
    failed = site.result(action(site, "dash-fails", "exit 3", title="Fails for the dashboard"))
    site.result(action(site, "dash-succeeds", "true"))
    eventually(lambda: site.http.get("/api/v1/statistics").json()["runs"] > 1, what="the runs are counted")
    page = open_page("/")
    lately = page.get_by_role("region", name="Failed lately")
    expect(lately.get_by_role("link", name="Fails for the dashboard").first).to_have_attribute(
        "href", f"/runs/{failed['id']}"
    )
    expect(lately).to_contain_text("exit status 3")
    period = page.get_by_role("region", name="The last 30 days")
    expect(period.get_by_role("img", name="Outcomes by day")).to_be_visible()
    period.get_by_text("As a table").first.click()
    expect(period.get_by_role("table", name="Outcomes by day")).to_contain_text("succeeded")
    assert_read_by_everybody(page)
    page.set_viewport_size({"width": 360, "height": 740})
    menu = page.get_by_role("navigation", name="Pages")
    expect(menu).to_have_count(0)  # folded: neither seen nor come to
    page.get_by_role("button", name="Open the menu").click()
    menu.get_by_role("link", name="Settings").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(menu).to_have_count(0)
    expect(page.get_by_role("button", name="Open the menu")).to_be_focused()
    page.get_by_role("radiogroup", name="Period").get_by_text("7 days").click()
    expect(page.get_by_role("region", name="The last 7 days")).to_be_visible()
    assert page.url == f"{site.url}/?days=7"


def test_a_favourite_is_one_click_from_being_run(site: Product, open_page: OpenPage) -> None:
    name = action(site, "dash-favourite", "true", title="Quick one")
    site.result(name)
    site.http.put(f"/api/v1/favourites/{name}")
    page = open_page("/")
    quick = page.get_by_role("region", name="Quick access")
    expect(quick).to_contain_text("Quick one")
    expect(quick).to_contain_text("succeeded", timeout=20_000)
    quick.get_by_role("link", name="Run Quick one").click()
    page.get_by_role("button", name="Execute").click()
    page.wait_for_url("**/runs/*")
    site.http.delete(f"/api/v1/favourites/{name}")


def test_the_dashboard_shows_what_runs_and_what_waits(site: Product, open_page: OpenPage, ledger: Ledger) -> None:
    waits = f"until [ -s {ledger.path} ]; do sleep 0.1; done"
    name = action(site, "dash-runs", waits, title="Runs for the dashboard", concurrency={"limit": 1})
    page = open_page("/")
    running = page.get_by_role("region", name="Running now")
    waiting = page.get_by_role("region", name="Waiting", exact=True)
    first = site.run(name)["id"]
    site.running(first)
    second = site.run(name)["id"]
    site.http.post(f"/api/v1/actions/{name}/runs", json={"not_before": f"{IN_TWO_YEARS}-01-02T03:04:05Z"})
    bar = running.get_by_role("progressbar", name="Runs for the dashboard is running")
    expect(bar).to_be_visible(timeout=20_000)
    expect(running.get_by_role("link", name="Runs for the dashboard")).to_have_attribute("href", f"/runs/{first}")
    expect(waiting.locator(f"a[href='/runs/{second}']")).to_contain_text("queued", timeout=20_000)
    expect(waiting).to_contain_text(IN_TWO_YEARS)
    assert_accessible(page)
    site.result(action(site, "dash-goes-on", ledger.entry()))
    expect(bar).to_have_count(0, timeout=20_000)
    expect(waiting.locator(f"a[href='/runs/{second}']")).to_have_count(0, timeout=20_000)


def test_ctrl_k_runs_any_action_and_leads_to_any_page(site: Product, open_page: OpenPage) -> None:
    action(site, "palette-one", "echo one", title="Rotate the certificates")
    action(site, "palette-two", "echo two", title="<b>Rotate</b> the logs")
    page = open_page("/runs")
    search = page.get_by_role("textbox", name="What to run, or where to go")
    expect(page.get_by_role("heading", name="Execution history")).to_be_visible()
    page.keyboard.press("Control+k")
    expect(search).to_be_focused()
    page.keyboard.type("certificates rotate")
    expect(page.get_by_role("button", name="Run Rotate the certificates")).to_be_visible()
    assert_accessible(page)
    page.keyboard.press("Enter")
    page.wait_for_url("**/actions/palette-one/run")
    expect(page.get_by_role("button", name="Execute")).to_be_visible()
    page.keyboard.press("Control+k")
    expect(search).to_be_focused()
    expect(search).to_have_value("")
    page.keyboard.type("rotate</b>")
    expect(page.get_by_role("button", name="Run <b>Rotate</b> the logs")).to_be_visible()
    search.fill("nothing is named like this")
    expect(page.get_by_text("Nothing is named so.")).to_be_visible()
    search.fill("templ")
    expect(page.get_by_role("button", name="Templates")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/templates")
