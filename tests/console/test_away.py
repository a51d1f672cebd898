"""The console while its server is away: it says so, keeps what is typed, saves nothing twice, and is back by itself."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, Route, expect

from tests.console.action_form import part_of, version_of
from tests.console.conftest import OpenPage
from tests.console.pages import IN_ONE_FORM, assert_accessible
from tests.product import Product
from tests.stage import action

AWAY = "The server does not answer."


@IN_ONE_FORM
def test_a_save_without_a_server_says_so_keeps_the_text_and_is_tried_again(
    site: Product, open_page: OpenPage, expected_errors: list[str]
) -> None:
    expected_errors.append("ERR_INTERNET_DISCONNECTED")
    name = action(site, "saved-later", "true")
    page = open_page(f"/actions/{name}/edit")
    title = part_of(page, "Basic information").get_by_role("textbox", name="Title")
    title.fill("Saved later")
    page.context.set_offline(True)
    page.get_by_role("button", name="Save", exact=True).click()
    alert = page.get_by_role("alert").filter(has_text=AWAY)
    expect(alert).to_be_in_viewport()
    expect(title).to_have_value("Saved later")
    assert_accessible(page)
    page.context.set_offline(False)
    expect(page.get_by_role("status").filter(has_text="Not saved yet; kept in this browser.")).to_be_visible()
    assert version_of(site, name) == 1, "nobody wanted it saved by itself"
    alert.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Saved later")
    assert version_of(site, name) == 2


@IN_ONE_FORM
def test_a_save_whose_answer_is_lost_is_one_version_however_often_it_is_tried(
    site: Product, open_page: OpenPage, expected_errors: list[str]
) -> None:
    expected_errors += ["ERR_FAILED", "409", "412"]
    page = open_page("/schedules/+new?view=yaml")
    text = (
        f"name: saved-once\naction: {action(site, 'saved-by-schedule', 'true')}\nat: {{once: 2400-01-01T00:00:00Z}}\n"
    )
    _lose_the_answer(page, "**/api/v1/schedules")
    _lose_the_answer(page, "**/api/v1/schedules/saved-once*")
    page.get_by_role("textbox", name="The schedule as YAML").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)
    page.get_by_role("button", name="Create the schedule").click()
    page.get_by_role("alert").get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("saved-once")
    page.get_by_role("link", name="Edit").click()
    page.get_by_role("textbox", name="Description").fill("once more")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("alert").get_by_role("button", name="Try again").click()
    expect(page.get_by_text("once more")).to_be_visible()
    assert site.http.get("/api/v1/schedules/saved-once").json()["version"] == 2


@IN_ONE_FORM
def test_every_page_of_what_runs_by_itself_is_back_by_itself_after_the_server_was_killed(
    site: Product, open_page: OpenPage, expected_errors: list[str]
) -> None:
    expected_errors.append("ERR_")
    name = action(site, "edited-while-away", "true")
    first = open_page("/approvals")
    looked_at = [first, *(_tab(first, path) for path in ("/", "/schedules", "/settings?show=notifications"))]
    written = {
        path: _tab(first, path)
        for path in ("/schedules/+new", "/maintenance-windows/+new", "/channels/+new", f"/actions/{name}/edit")
    }
    audit, calendar = _tab(first, "/settings?show=audit"), _tab(first, "/schedules?show=calendar")
    expect(audit.get_by_role("table", name="Audit")).to_be_visible()
    expect(calendar.get_by_role("link", name="The month after")).to_be_visible()
    for page in written.values():
        expect(page.get_by_role("textbox", name="Description", exact=True).first).to_be_visible()
    with _away(site):
        for page in written.values():
            page.get_by_role("textbox", name="Description", exact=True).first.fill("typed while it was away")
        audit.get_by_role("textbox", name="Name").fill("nobody-has-this-name")
        audit.keyboard.press("Enter")
        calendar.get_by_role("link", name="The month after").click()
        for page in [*looked_at, audit, calendar]:
            expect(page.get_by_role("alert").filter(has_text=AWAY).first).to_be_visible()
        for page in written.values():
            expect(page.get_by_role("status").filter(has_text="It could not be checked.")).to_be_visible()
    for page in [*looked_at, audit, calendar]:
        expect(page.get_by_role("alert")).to_have_count(0)
    for page in written.values():
        expect(page.get_by_role("status").filter(has_text="It could not be checked.")).to_have_count(0)
        expect(page.get_by_role("textbox", name="Description", exact=True).first).to_have_value(
            "typed while it was away"
        )
    expect(audit.get_by_text("No entry is like that.")).to_be_visible()


@IN_ONE_FORM
def test_a_question_says_at_once_that_the_server_is_away_and_nothing_is_reloaded_for_what_nobody_wanted(
    site: Product, open_page: OpenPage, expected_errors: list[str]
) -> None:
    expected_errors.append("ERR_")
    run = site.run(action(site, "cancelled-later", "sleep 600"))["id"]
    page = open_page("/healthz")
    page.route("**/assets/Palette-*", lambda route: route.abort())  # it is fetched ahead, some seconds after a page
    page.goto(f"/runs/{run}")
    page.get_by_role("button", name="Cancel run").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Why").fill("not this one")
    page.wait_for_event("requestfailed", lambda request: "/assets/Palette-" in request.url)
    page.unroute("**/assets/Palette-*")
    page.context.set_offline(True)
    dialog.get_by_role("button", name="Cancel the run").click()
    expect(dialog.get_by_role("alert")).to_contain_text(AWAY)
    page.context.set_offline(False)
    expect(dialog.get_by_role("textbox", name="Why")).to_have_value("not this one")
    dialog.get_by_role("button", name="Cancel the run").click()
    expect(dialog).to_have_count(0)
    assert site.ended(run)["state"] == "cancelled"


@contextmanager
def _away(site: Product) -> Iterator[None]:
    """The server is killed, and started again however the block ends."""
    site.catalog.kill()
    try:
        yield
    finally:
        site.catalog.start()
        site.wait_until_ready()


def _tab(first: Page, path: str) -> Page:
    """Another tab of the same person."""
    page = first.context.new_page()
    page.goto(path)
    return page


def _lose_the_answer(page: Page, address: str) -> None:
    """The first write to the address is carried out, and its answer never arrives."""
    lost: list[str] = []

    def carry_out(route: Route) -> None:
        if route.request.method in {"POST", "PUT"} and not lost:
            lost.append(route.request.method)
            route.fetch()
            route.abort()
        else:
            route.fallback()

    page.route(address, carry_out)
