"""Signing in to the console, also anew where a session has ended."""

import re
import time

from playwright.sync_api import Page, Route, expect

from tests.console.conftest import OpenPage
from tests.console.pages import IN_ONE_FORM, assert_read_by_everybody
from tests.product import Product
from tests.stage import Ledger, action


@IN_ONE_FORM
def test_whose_session_has_ended_signs_in_and_is_back(
    site: Product, open_page: OpenPage, ledger: Ledger, expected_errors: list[str]
) -> None:
    expected_errors.append("401")
    waits = f"seq 9; until [ -s {ledger.path} ]; do sleep 0.1; done"
    run_id = site.run(action(site, "outlives-a-session", waits, title="Outlives a session"))["id"]
    page = open_page(f"/runs/{run_id}#L3")
    expect(page.get_by_role("log")).to_contain_text("9")
    page.get_by_role("button", name="Pause").click()
    page.context.clear_cookies()
    page.get_by_role("dialog").get_by_role("button", name="Pause the run").click()
    token = page.get_by_label("Token")
    expect(token).to_be_focused()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("Your session has ended.")).to_be_visible()
    assert_read_by_everybody(page)
    page.keyboard.type("no-token-of-ours")
    page.keyboard.press("Enter")
    expect(page.get_by_text("this token is not known here")).to_be_visible()
    token.fill(site.token)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Outlives a session")).to_be_visible()
    expect(page).to_have_url(re.compile(f"/runs/{run_id}#L3$"))
    page.context.clear_cookies()
    page.evaluate("window.dispatchEvent(new Event('online'))")  # the stream is asked for anew
    expect(token).to_be_focused()
    site.result(action(site, "lets-a-session-go", ledger.entry()))
    link = site.http.post("/api/v1/session/links").json()["link"]
    page.goto(f"/sign-in#link={link}")
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
    page.goto("about:blank")
    page.goto(f"/sign-in#link={link}")  # from the history, say
    expect(page.get_by_text("You are signed in as admin")).to_be_visible()
    page.get_by_role("link", name="to the console").click()
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()


@IN_ONE_FORM
def test_what_was_typed_is_back_after_signing_in_again_but_for_secrets(
    site: Product, open_page: OpenPage, expected_errors: list[str]
) -> None:
    expected_errors.append("401")
    parameters = [{"name": "who", "required": True}, {"name": "key", "type": "secret"}]
    name = action(site, "typed-in", "echo {{ who }}; wc -c <<X\n{{ key }}\nX", parameters=parameters, title="Typed in")
    page = open_page(f"/actions/{name}/run")
    page.get_by_role("textbox", name="who").fill("Ada")
    page.get_by_label("Note").fill("as she asked")
    page.get_by_text("Its value", exact=True).click()
    key = page.get_by_label("key", exact=True)
    key.fill("never kept anywhere")
    execute = page.get_by_role("button", name="Execute")
    expect(execute).not_to_have_attribute("aria-disabled", "true")
    page.context.clear_cookies()
    execute.click()
    expect(page.get_by_label("Token")).to_be_focused()
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "Ada" in kept
    assert "never kept" not in kept
    _sign_in(page, site)
    expect(page.get_by_role("heading", name="Run: Typed in")).to_be_focused()
    expect(page.get_by_text("What you had typed is back")).to_be_visible()
    expect(page.get_by_text("A secret's value is kept nowhere")).to_be_visible()
    assert_read_by_everybody(page)
    expect(page.get_by_role("textbox", name="who")).to_have_value("Ada")
    expect(page.get_by_label("Note")).to_have_value("as she asked")
    key.fill("given anew")
    execute.click()
    page.wait_for_url("**/runs/*")
    run = site.ended(page.url.rpartition("/")[2])
    assert (run["parameters"]["who"], run["trigger"]["note"]) == ("Ada", "as she asked")
    page.goto(f"/actions/{name}/run")
    expect(page.get_by_role("textbox", name="who")).to_have_value("")  # it was sent


@IN_ONE_FORM
def test_the_keyboard_is_at_the_heading_of_the_page_that_is_loaded_after_signing_in(
    site: Product, open_page: OpenPage, expected_errors: list[str]
) -> None:
    expected_errors.append("401")
    page = open_page("/runs")
    page.context.clear_cookies()
    slow = page.context.new_page()

    def slowly(route: Route) -> None:
        time.sleep(1)  # longer than a page waits before it says that it is being loaded
        route.continue_()

    slow.route("**/assets/SettingsPage*.js", slowly)
    slow.goto("/settings?show=secrets")
    _sign_in(slow, site)
    expect(slow.get_by_role("heading", name="Settings", level=1)).to_be_focused()


def _sign_in(page: Page, site: Product) -> None:
    page.get_by_label("Token").fill(site.token)
    page.keyboard.press("Enter")
