"""Running an action from the console, in both forms."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.console.conftest import OpenPage
from tests.console.pages import IN_ONE_FORM, IN_TWO_YEARS, assert_accessible, assert_read_by_everybody
from tests.product import Product
from tests.stage import Ledger, action

EVERYTHING: list[dict[str, Any]] = [
    {"name": "host", "type": "provider", "required": True, "title": "Host", "description": "Where it runs."},
    {"name": "service", "pattern": "[a-z]+", "default": "nginx", "title": "Service"},
    {"name": "count", "type": "integer", "minimum": 1, "maximum": 300, "default": 5, "title": "Count"},
    {"name": "ratio", "type": "number", "default": 0.5, "title": "Ratio"},
    {"name": "really", "type": "boolean", "title": "Really"},
    {"name": "loud", "type": "boolean", "default": False, "title": "Loud"},
    {"name": "env", "type": "choice", "options": ["test", "prod"], "required": True, "title": "Environment"},
    {"name": "key", "type": "secret", "title": "Key"},
]
TELLS = "echo {{ service }} {{ count }} {{ ratio }} {{ really }} {{ loud }} {{ env }}"


def _plan(page: Page) -> Locator:
    return page.get_by_role("region", name="Plan")


def _execute(page: Page) -> Locator:
    return page.get_by_role("button", name="Execute")


def _everything(site: Product, name: str) -> str:
    steps = (
        {"name": "tell", "provider": "{{ host }}", "command": TELLS},
        {"name": "use", "command": "wc -c <<X\n{{ key }}\nX"},
    )
    return action(site, name, *steps, parameters=EVERYTHING)


def _run_of(site: Product, page: Page) -> dict[str, Any]:
    """The run whose page is shown next, once it has ended."""
    page.wait_for_url("**/runs/*")
    return site.ended(page.url.rpartition("/")[2])


@IN_ONE_FORM
def test_the_form_of_a_run_is_read_by_everybody(site: Product, open_page: OpenPage) -> None:
    page = open_page(f"/actions/{_everything(site, 'form')}/run")
    expect(_plan(page)).to_contain_text("Needed: Host, Really, Environment")
    assert_accessible(page)
    _fill(page)
    expect(_plan(page)).to_contain_text("echo nginx 5 0.5 true false prod")
    expect(_plan(page).locator("pre").first).to_have_css("padding-right", "40px")  # the button to copy it hides nothing
    assert_read_by_everybody(page)


def _fill(page: Page) -> None:
    page.get_by_role("combobox", name="Host").fill("web-1")
    page.get_by_role("radio", name="Yes").check()
    page.get_by_role("combobox", name="Environment").click()
    page.get_by_role("option", name="prod").click()


def test_run_manually(site: Product, open_page: OpenPage) -> None:
    name = _everything(site, "by-hand")
    page = open_page(f"/actions?text={name}")
    page.get_by_role("link", name=f"Run {name}").click()
    page.get_by_role("combobox", name="Host").fill("we")
    page.get_by_role("option", name="web-1").click()
    page.get_by_role("radio", name="No").check()
    page.get_by_role("switch", name="Loud").check(force=True)
    page.get_by_role("combobox", name="Environment").click()
    page.get_by_role("option", name="test").click()
    page.get_by_role("textbox", name="Count").fill("7")
    page.get_by_label("Note").fill("to see it")
    expect(_plan(page)).to_contain_text("echo nginx 7 0.5 false true test")
    _execute(page).click()
    run = _run_of(site, page)
    expected = {"service": "nginx", "count": 7, "ratio": 0.5, "really": False, "loud": True, "env": "test"}
    assert {key: run["parameters"][key] for key in expected} == expected
    assert (run["state"], run["trigger"]["kind"], run["trigger"]["note"]) == ("succeeded", "manual", "to see it")
    assert run["plan_digest"] is not None
    expect(page.get_by_role("log")).to_contain_text("nginx 7 0.5 false true test")


@IN_ONE_FORM
def test_an_action_is_run_by_keyboard_only(site: Product, open_page: OpenPage) -> None:
    parameters = [{"name": "who", "required": True, "title": "Who"}]
    name = action(site, "keyed", "echo hello {{ who }}; seq 99", parameters=parameters, title="Greet")
    page = open_page(f"/actions?text={name}")
    _tab_to(page, page.get_by_role("link", name="Run Greet"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Run: Greet")).to_be_focused()
    who = page.get_by_role("textbox", name="Who")
    _tab_to(page, who)
    page.keyboard.press("Enter")
    expect(who).to_be_focused()
    expect(page.get_by_text("A value is needed.")).to_be_visible()
    page.keyboard.type("Ada")
    expect(_plan(page)).to_contain_text("echo hello Ada")
    page.keyboard.press("Enter")
    expect(_execute(page)).to_be_focused()
    page.keyboard.press("Enter")
    assert _run_of(site, page)["parameters"] == {"who": "Ada"}
    expect(page.get_by_role("heading", name="Greet", exact=True)).to_be_focused()
    expect(page.get_by_text("100 lines")).to_be_visible()
    _tab_to(page, page.get_by_role("log"))
    page.keyboard.press("Tab")
    number = int(page.get_by_role("log").locator(":focus").inner_text())  # of the first line that is seen
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"#L{number + 1}$"))
    page.keyboard.press("Tab")
    expect(page.get_by_role("log").locator(":focus")).to_have_count(0)  # past all the lines, not to the next


def _tab_to(page: Page, wanted: Locator) -> None:
    expect(wanted).to_be_visible()
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            return
    pytest.fail(f"the keyboard does not come to {wanted}")


def test_what_the_server_refuses_is_said_at_its_field(
    site: Product, open_page: OpenPage, expected_errors: list[str]
) -> None:
    expected_errors.append("422")
    page = open_page(f"/actions/{_everything(site, 'refused')}/run")
    _fill(page)
    page.get_by_role("textbox", name="Count").fill("500")
    expect(page.get_by_text("500 is more than the maximum, 300")).to_be_visible()
    expect(page.get_by_role("textbox", name="Count")).to_have_attribute("aria-invalid", "true")
    expect(_plan(page)).to_contain_text("Some values cannot be so")
    expect(_execute(page)).to_have_attribute("aria-disabled", "true")
    assert_accessible(page)
    page.get_by_role("textbox", name="Count").fill("50")
    page.get_by_role("textbox", name="Service").fill("NGINX")
    expect(page.get_by_text('"NGINX" is not of the form that is taken here (Service)')).to_be_visible()
    expect(page.get_by_text("500 is more than the maximum, 300")).to_have_count(0)
    page.get_by_role("textbox", name="Service").fill("caddy")
    expect(_plan(page)).to_contain_text("echo caddy 50")


def test_a_destructive_action_asks_for_its_name(site: Product, open_page: OpenPage, ledger: Ledger) -> None:
    name = action(site, "destroys", ledger.entry(), confirm="type_name", title="Destroy it all")
    page = open_page(f"/actions/{name}/run")
    typed = page.get_by_role("textbox", name="Type destroys to run it")
    expect(_plan(page)).to_contain_text("echo x")
    typed.fill("destroy")
    typed.press("Enter")
    expect(page.get_by_text("Type destroys first.")).to_be_visible()
    typed.press("Tab")
    expect(page.get_by_role("tooltip")).to_have_text("Type destroys first.")
    assert_accessible(page)
    assert ledger.lines == []
    typed.fill("destroys")
    typed.press("Enter")
    assert _run_of(site, page)["state"] == "succeeded"
    assert ledger.lines == ["x"]


def test_an_action_that_asks_is_run_once_it_was_answered(site: Product, open_page: OpenPage, ledger: Ledger) -> None:
    name = action(site, "asks", ledger.entry(), confirm="ask")
    page = open_page(f"/actions/{name}/run")
    expect(_plan(page)).to_contain_text("echo x")
    _execute(page).click()
    question = page.get_by_role("dialog", name="Run asks?")
    expect(question).to_contain_text("1 step on web-1.")
    assert_accessible(page)
    question.get_by_role("button", name="Back").click()
    expect(question).to_have_count(0)
    assert ledger.lines == []
    _execute(page).click()
    question.get_by_role("button", name="Run it").click()
    assert _run_of(site, page)["state"] == "succeeded"


def test_a_plan_that_does_not_hold_any_more_is_shown_anew_and_not_run(
    site: Product, open_page: OpenPage, ledger: Ledger, expected_errors: list[str]
) -> None:
    name = action(site, "changes", ledger.entry("old"), confirm="type_name")
    page = open_page(f"/actions/{name}/run")
    expect(_plan(page)).to_contain_text("echo old")
    action(site, name, ledger.entry("new"), confirm="type_name")
    expected_errors.append("409")
    typed = page.get_by_role("textbox", name="Type changes to run it")
    typed.fill(name)
    _execute(page).click()
    expect(page.get_by_role("alert")).to_contain_text("the action was changed")
    expect(_plan(page)).to_contain_text("echo new")
    expect(typed).to_have_value("")
    assert ledger.lines == []
    typed.fill(name)
    _execute(page).click()
    assert _run_of(site, page)["state"] == "succeeded"
    assert ledger.lines == ["new"]


def test_a_secret_is_given_by_name_or_by_value_and_shown_by_nothing(site: Product, open_page: OpenPage) -> None:
    site.put("secrets", {"name": "form-key", "value": "stored-and-hidden"})
    parameters = [{"name": "key", "type": "secret", "required": True, "title": "Key"}]
    name = action(site, "uses-a-key", "printf %s {{ key }} | wc -c", parameters=parameters)
    page = open_page(f"/actions/{name}/run")
    page.get_by_role("combobox", name="Key").click()
    page.get_by_role("option", name="form-key").click()
    expect(_plan(page)).to_contain_text("••••••")
    _execute(page).click()
    assert _run_of(site, page)["parameters"] == {"key": {"secret": "form-key"}}
    expect(page.get_by_role("log")).to_contain_text("17")
    page = open_page(f"/actions/{name}/run")
    page.get_by_role("radiogroup", name="How Key is given").get_by_text("Its value").click()
    page.get_by_label(re.compile("^Key")).fill("typed and hidden")
    expect(_plan(page)).to_contain_text("••••••")
    expect(_plan(page)).not_to_contain_text("typed and hidden")
    _execute(page).click()
    _run_of(site, page)
    expect(page.get_by_role("log")).to_contain_text("16")
    assert "typed and hidden" not in page.content()


def test_a_run_starts_later(site: Product, open_page: OpenPage) -> None:
    name = action(site, "later", "true")
    page = open_page(f"/actions/{name}/run")
    page.get_by_role("radio", name="Later").check()
    start = page.get_by_label("Start at")
    start.fill("")
    expect(page.get_by_text("Say when it shall start.").first).to_be_visible()
    start.fill(f"{IN_TWO_YEARS}-01-02T03:04")
    _execute(page).click()
    page.wait_for_url("**/runs/*")
    run = site.show(page.url.rpartition("/")[2])
    assert (run["state"], run["not_before"][:4]) == ("delayed", IN_TWO_YEARS)


def test_it_is_seen_whether_the_machines_can_be_reached(site: Product, open_page: OpenPage) -> None:
    nowhere = {"ssh": {"host": "127.0.0.1", "port": 1, "user": "x", "password": {"secret": "web-1-key"}}}
    site.put("providers", {"name": "nowhere", "connection": nowhere})
    step = {"name": "both", "providers": ["web-1", "nowhere"], "command": "uptime"}
    site.put("actions", {"name": "reaches", "steps": [step]})
    page = open_page("/actions/reaches/run")
    expect(_plan(page)).to_contain_text("nowhere")
    page.get_by_role("button", name="Check that they can be reached").click()
    expect(_plan(page).get_by_role("img", name="cannot be reached")).to_have_count(1, timeout=30_000)
    expect(_plan(page).get_by_role("img", name="can be reached", exact=True)).to_have_count(1)
    expect(_plan(page)).to_contain_text("nowhere:")
    assert_accessible(page)


def test_a_run_is_run_again_with_other_values(site: Product, open_page: OpenPage) -> None:
    parameters: list[dict[str, Any]] = [
        {"name": "who", "required": True, "title": "Who"},
        {"name": "env", "type": "choice", "options": ["test", "prod"], "default": "test", "title": "Environment"},
        {"name": "loud", "type": "boolean", "default": False, "title": "Loud"},
        {"name": "key", "type": "secret", "title": "Key"},
        {"name": "old", "title": "Old"},
    ]
    name = action(site, "again-otherwise", "echo {{ who }} {{ env }} {{ loud }}", parameters=parameters)
    given = {"who": "Ada", "env": "prod", "loud": True, "key": "given by value", "old": "x"}
    earlier = site.result(name, given)
    action(site, name, "echo now {{ who }} {{ env }} {{ loud }}; : {{ key }}", parameters=parameters[:-1])
    page = open_page(f"/runs/{earlier['id']}")
    page.get_by_role("button", name="Run again").click()
    expect(page.get_by_role("menuitem", name="With other values")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("menuitem", name="With other values").click()
    note = page.get_by_role("alert").filter(has_text="Again, with the values of an earlier run")
    expect(note).to_contain_text("It ran version 1 of the action; this one runs version 2.")
    expect(note).to_contain_text("Give anew, as nothing shows it: Key.")
    expect(note).to_contain_text("Not asked for any more: old.")
    expect(page.get_by_role("textbox", name="Who")).to_have_value("Ada")
    expect(_plan(page)).to_contain_text("echo now Ada prod true")
    page.get_by_role("textbox", name="Who").fill("Grace")
    expect(_plan(page)).to_contain_text("echo now Grace prod true")
    assert_accessible(page)
    _execute(page).click()
    expect(page.get_by_role("log")).to_contain_text("now Grace prod true")
    run = site.ended(page.url.rpartition("/")[2])
    assert (run["rerun_of"], run["parameters"]["key"]) == (earlier["id"], "")
    page.get_by_role("link", name=earlier["id"]).click()
    expect(page.get_by_role("log")).to_contain_text("Ada prod true")
