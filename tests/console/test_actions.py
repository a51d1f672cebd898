"""The console's list of actions, and the page of one, in both forms."""

from datetime import UTC, datetime

from playwright.sync_api import Locator, Page, Route, expect

from tests.console.conftest import OpenPage, Put
from tests.console.pages import IN_ONE_FORM, assert_accessible, assert_fits, assert_read_by_everybody
from tests.product import Product, eventually
from tests.stage import Ledger, action

HOSTILE = "<img src=x onerror=alert(1)><script>alert(1)</script>"


def _card(page: Page, name: str) -> Locator:
    return page.get_by_role("list", name="Actions").get_by_role("listitem").filter(has_text=name)


def _as(page: Page, view: str) -> None:
    page.get_by_role("radiogroup", name="Show them as").get_by_text(view).click(force=True)


@IN_ONE_FORM
def test_actions_are_read_by_everybody(site: Product, open_page: OpenPage) -> None:
    tags = ["one", "two", "three", "four", "five"]
    for category in ("Maintenance", "Recovery", "Diagnostics", "Security", "Custom", "Night shift"):
        action(site, f"look-{category.lower().replace(' ', '-')}", "true", category=category, tags=tags, title=category)
    site.result(action(site, "look-well", "true", tags=["looks"], description="It says what it does. " * 20))
    site.result(action(site, "look-badly", "exit 3", tags=["looks"]))
    for name in ("look-well", "look-badly"):
        eventually(lambda name=name: site.http.get(f"/api/v1/actions/{name}").json()["last_run"], what="it is told")  # type: ignore[misc]
    page = open_page("/actions?text=look-")
    expect(_card(page, "look-badly")).to_contain_text("failed")
    assert_read_by_everybody(page)
    _as(page, "Table")
    expect(page.get_by_role("table", name="Actions").get_by_role("row", name="look-badly")).to_be_visible()
    assert_read_by_everybody(page)


def test_categories_with_counts_and_tags_stand_in_the_address(site: Product, open_page: OpenPage) -> None:
    action(site, "shift-one", "true", category="Shift 7", tags=["seven"])
    action(site, "shift-two", "true", category="Shift 7", tags=["seven", "and-more"])
    action(site, "no-shift", "true", tags=["seven"])
    page = open_page("/actions?tag=seven")
    expect(_card(page, "no-shift")).to_be_visible()
    page.get_by_text("Shift 7 2", exact=True).click()
    expect(_card(page, "shift-one")).to_be_visible()
    expect(_card(page, "no-shift")).to_have_count(0)
    expect(page.get_by_role("status").filter(has_text="2 actions")).to_be_visible()
    _card(page, "shift-two").get_by_role("link", name="#and-more").click()
    expect(_card(page, "shift-one")).to_have_count(0)
    assert "category=Shift+7" in page.url or "category=Shift%207" in page.url
    assert "tag=and-more" in page.url
    page.reload()
    expect(page.get_by_role("status").filter(has_text="1 action")).to_be_visible()
    expect(page.get_by_role("radio", name="Shift 7 2")).to_be_checked()
    page.get_by_role("button", name="Clear").click()
    assert page.url == f"{site.url}/actions"


def test_actions_are_searched_as_one_types_and_sorted(site: Product, open_page: OpenPage) -> None:
    action(site, "sought-a", "true", title="Empty the attic")
    site.result(action(site, "sought-b", "exit 3", title="Empty the basement"))
    eventually(lambda: site.http.get("/api/v1/actions/sought-b").json()["last_run"], what="its run is counted")
    page = open_page("/actions")
    search = page.get_by_role("searchbox", name="Search actions")
    expect(search).to_be_visible()
    page.keyboard.press("/")
    expect(search).to_be_focused()
    search.press_sequentially("empty the ")
    expect(page.get_by_role("status").filter(has_text="2 actions")).to_be_visible()
    expect(search).to_have_value("empty the ")
    titles = page.get_by_role("list", name="Actions").get_by_role("heading")
    expect(titles).to_have_text(["Empty the attic", "Empty the basement"])
    page.get_by_role("combobox", name="Order").click()
    page.get_by_role("option", name="Ran last").click()
    expect(titles).to_have_text(["Empty the basement", "Empty the attic"])
    page.get_by_role("combobox", name="Last outcome").click()
    page.get_by_role("option", name="Last run failed").click()
    expect(titles).to_have_text(["Empty the basement"])
    search.press_sequentially("nowhere")
    expect(page.get_by_text("No action is like that.")).to_be_visible()
    page.get_by_role("button", name="Clear the filters").click()
    expect(search).to_have_value("")
    assert page.url == f"{site.url}/actions?sort=-last_run"


def test_favourites_answer_at_once_and_are_taken_back_where_the_server_refuses(
    site: Product, open_page: OpenPage, expected_errors: list[str]
) -> None:
    action(site, "starred", "true")
    action(site, "star-lost", "true")
    page = open_page("/actions?text=star")
    star = page.get_by_role("button", name="Favourite: starred")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    eventually(lambda: site.http.get("/api/v1/actions/starred").json()["favourite"], what="it is marked")
    page.get_by_role("link", name="Favourites").click()
    expect(_card(page, "starred")).to_be_visible()
    expect(_card(page, "star-lost")).to_have_count(0)
    star.click()
    expect(_card(page, "starred")).to_have_count(0)
    page = open_page("/actions?text=star")
    lost = page.get_by_role("button", name="Favourite: star-lost")
    expect(lost).to_be_visible()
    site.http.delete("/api/v1/actions/star-lost")
    expected_errors.append("404")
    lost.click()
    expect(page.get_by_role("alert").filter(has_text="The star was not changed")).to_be_visible()
    expect(lost).to_have_attribute("aria-pressed", "false")


def test_an_action_shows_that_it_runs_and_how_that_ended(site: Product, open_page: OpenPage, ledger: Ledger) -> None:
    waits = f"until [ -s {ledger.path} ]; do sleep 0.1; done; exit 3"
    name = action(site, "runs-now", "true", {"name": "waits", "command": waits}, title="Runs now")
    page = open_page(f"/actions?text={name}")
    expect(_card(page, "Runs now")).to_contain_text("never run")
    run_id = site.run(name)["id"]
    expect(page.get_by_role("progressbar", name="Runs now is running")).to_be_visible(timeout=20_000)
    expect(_card(page, "Runs now").get_by_role("link", name="step 2 of 2, waits")).to_have_attribute(
        "href", f"/runs/{run_id}"
    )
    assert_accessible(page)
    site.result(action(site, "ends-it", ledger.entry()))
    expect(_card(page, "Runs now")).to_contain_text("failed", timeout=20_000)
    expect(page.get_by_role("progressbar")).to_have_count(0)
    _card(page, "Runs now").get_by_role("time").hover()
    expect(page.get_by_role("tooltip")).to_contain_text(str(datetime.now(UTC).year))


@IN_ONE_FORM
def test_a_row_leads_on_here_or_in_another_tab_and_says_what_one_may_not(site: Product, open_page: OpenPage) -> None:
    name = action(site, "leads-on", "true")
    page = open_page(f"/actions?text={name}")
    link = page.get_by_role("link", name=name, exact=True)
    with page.context.expect_page() as opened:
        link.click(modifiers=["ControlOrMeta"])
    opened.value.wait_for_url(f"**/actions/{name}")
    assert page.url == f"{site.url}/actions?text={name}"
    link.press("Enter")
    page.wait_for_url(f"**/actions/{name}")
    page.route("**/api/v1/session", _without_running)
    page.goto(f"/actions?text={name}")
    run = page.get_by_role("button", name=f"Run {name}")
    run.focus()
    expect(page.get_by_role("tooltip")).to_contain_text("it lacks runs.write")
    expect(run).to_have_accessible_description("'admin' may not do this: it lacks runs.write.")


def _without_running(route: Route) -> None:
    session = route.fetch().json()
    route.fulfill(json={**session, "permissions": [one for one in session["permissions"] if one != "runs.write"]})


@IN_ONE_FORM
def test_a_long_list_of_actions_is_scrolled_to_its_end(open_page: OpenPage, put_for_now: Put) -> None:
    for number in range(230):
        step = {"name": "only", "provider": "web-1", "command": "true"}
        put_for_now("actions", {"name": f"many-{number:03d}", "category": "Many", "steps": [step]})
    for view in ("Cards", "Table"):
        page = open_page("/actions?category=Many")
        _as(page, view)
        expect(page.get_by_text("many-000")).to_be_visible()
        expect(page.get_by_role("status").filter(has_text="The first 100")).to_be_visible()
        last = page.get_by_role("link", name="many-229", exact=True)
        eventually(lambda page=page, last=last: _scrolled(page, last), within=60, what="the last one is shown")  # type: ignore[misc]
        assert page.evaluate("document.querySelectorAll('*').length") < 2_500
        assert page.get_by_role("link", name="many-000", exact=True).count() == 0


def _scrolled(page: Page, to: Locator) -> bool:
    page.mouse.wheel(0, 4_000)
    return to.count() > 0 and to.is_visible()


def test_an_action_is_shown_with_its_steps_runs_and_versions(site: Product, open_page: OpenPage) -> None:
    parameters = [{"name": "what", "default": "a thing", "title": "What to say"}]
    second = {"name": "after", "title": "Tidy up", "command": "echo tidy", "when": "always", "retries": 2}
    name = action(site, "shown", "echo {{ what }}", second, parameters=parameters, tags=["shown-here"])
    action(site, name, "echo once {{ what }}", second, parameters=parameters, tags=["shown-here"], confirm="ask")
    run = site.result(name)
    page = open_page(f"/actions/{name}")
    steps = page.get_by_role("list", name="Steps").get_by_role("listitem")
    expect(steps.nth(0)).to_contain_text("echo once {{ what }}")
    expect(steps.nth(1)).to_contain_text("2. Tidy up")
    expect(steps.nth(1)).to_contain_text("in any case")
    expect(page.get_by_role("table", name="Parameters")).to_contain_text("a thing")
    expect(page.get_by_role("region", name="Versions")).to_contain_text("2 (now), changed by admin")
    expect(page.get_by_role("region", name="How it runs")).to_contain_text("It asks once more before it runs.")
    assert_read_by_everybody(page)
    runs = page.get_by_role("region", name="Last runs")
    expect(runs.get_by_role("link", name="succeeded")).to_have_attribute("href", f"/runs/{run['id']}")
    page.get_by_role("link", name="#shown-here").click()
    expect(_card(page, name)).to_be_visible()


@IN_ONE_FORM
def test_an_action_that_is_not_there_is_told_so(open_page: OpenPage, expected_errors: list[str]) -> None:
    expected_errors += ["404", "there is no action"]
    page = open_page("/actions/no-such-action")
    expect(page.get_by_role("heading", name="There is no such thing")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("no-such-action")


@IN_ONE_FORM
def test_texts_of_others_stay_text_among_the_actions(site: Product, open_page: OpenPage) -> None:
    parameters = [{"name": "x", "title": HOSTILE, "description": HOSTILE, "default": HOSTILE}]
    name = action(
        site, "hostile-action", f"echo '{HOSTILE}'",
        title=HOSTILE, description=HOSTILE + "x" * 200, category="<b>bold</b>", parameters=parameters,
    )  # fmt: skip
    for view in ("Cards", "Table"):
        page = open_page("/actions?text=hostile-action")
        _as(page, view)
        page.get_by_role("link", name=HOSTILE, exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(HOSTILE)
        expect(page.get_by_role("list", name="Steps")).to_contain_text(f"echo '{HOSTILE}'")
    page.get_by_role("link", name=f"Run {HOSTILE}").click()
    expect(page.get_by_role("textbox", name=HOSTILE)).to_have_value(HOSTILE)
    expect(page.get_by_role("list", name="Steps")).to_contain_text(HOSTILE)
    assert page.url == f"{site.url}/actions/{name}/run"
    page.set_viewport_size({"width": 360, "height": 740})
    assert_fits(page)
