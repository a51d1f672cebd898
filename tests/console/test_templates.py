"""The console's templates, in both forms."""

from playwright.sync_api import expect

from tests.console.conftest import OpenPage
from tests.console.pages import IN_ONE_FORM, assert_read_by_everybody
from tests.product import Product

_IS_SEEN = """() => {
    const {left, top, width, height} = document.activeElement.getBoundingClientRect();
    return document.activeElement.contains(document.elementFromPoint(left + width / 2, top + height / 2));
}"""


@IN_ONE_FORM
def test_templates_are_read_by_everybody(open_page: OpenPage) -> None:
    page = open_page("/templates")
    expect(page.get_by_role("article")).to_have_count(12)
    assert_read_by_everybody(page)
    page.get_by_role("link", name="Disk Cleanup").click()
    expect(page.get_by_role("list", name="Steps").get_by_role("listitem")).to_have_count(7)
    page.get_by_role("button", name="Other defaults").click()
    expect(page.get_by_label("folder_days")).to_be_visible()
    assert_read_by_everybody(page)
    page.get_by_role("list", name="Steps").get_by_role("button").last.focus()
    for _ in range(8):
        page.keyboard.press("Shift+Tab")
        assert page.evaluate(_IS_SEEN), "what has the focus lies below the head"


def test_use_a_template(site: Product, open_page: OpenPage, expected_errors: list[str]) -> None:
    expected_errors += ["422", "409"]
    site.put("actions", {"name": "taken", "steps": [{"name": "a", "provider": "web-1", "command": "true"}]})
    page = open_page("/actions")
    page.get_by_role("link", name="Templates").click()
    group = page.get_by_role("region", name="System Maintenance")
    group.get_by_role("link", name="Disk Cleanup").click()
    steps = page.get_by_role("list", name="Steps").get_by_role("listitem")
    expect(steps.nth(0)).to_contain_text("1. See what fills the disk")
    expect(steps.nth(0)).to_contain_text("df -")
    form = page.get_by_role("form", name="Use this template")
    name = form.get_by_role("textbox", name="Name")
    use = form.get_by_role("button", name="Use template")
    name.fill("Clean Up")
    use.click()
    expect(name).to_have_attribute("aria-invalid", "true")
    name.fill("taken")
    use.click()
    expect(form.get_by_text("'taken'")).to_be_visible()
    name.fill("clean-web-1")
    expect(form.get_by_role("textbox", name="Title")).to_have_value("Disk Cleanup: clean-web-1")
    form.get_by_role("textbox", name="Title").fill("Clean web-1")
    form.get_by_role("button", name="Other defaults").click()
    form.get_by_role("combobox", name="host").fill("web-1")
    at_most = form.get_by_role("textbox", name="at_most")
    at_most.fill("800")
    use.click()
    expect(form.get_by_text("800 is more than the maximum, 100")).to_be_visible()
    at_most.fill("80")
    use.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Clean web-1")
    assert page.url == f"{site.url}/actions/clean-web-1"
    made = site.http.get("/api/v1/actions/clean-web-1").json()
    defaults = {one["name"]: one["default"] for one in made["parameters"]}
    assert (defaults["host"], defaults["at_most"], defaults["apply"]) == ("web-1", 80, False)
    page.get_by_role("link", name="Run Clean web-1").click()
    expect(page.get_by_role("combobox", name="host")).to_have_value("web-1")
    expect(page.get_by_role("region", name="Plan")).to_contain_text("1. See what fills the disk")


@IN_ONE_FORM
def test_a_template_that_is_not_there_is_told_so(open_page: OpenPage, expected_errors: list[str]) -> None:
    expected_errors += ["404", "there is no template"]
    page = open_page("/templates/no-such-template")
    expect(page.get_by_role("heading", name="There is no such thing")).to_be_visible()
