"""The versions of actions and providers in the console."""

from playwright.sync_api import expect

from tests.console.conftest import OpenPage
from tests.console.pages import IN_ONE_FORM, assert_accessible, assert_read_by_everybody
from tests.product import Product
from tests.stage import action


@IN_ONE_FORM
def test_versions_are_compared_and_an_old_one_is_restored(site: Product, open_page: OpenPage) -> None:
    name = action(site, "versioned", "echo '<b>one</b>'", title="Versioned", tags=["old"])
    action(site, name, "echo '<b>two</b>'", title="Versioned", tags=["old"])
    action(site, name, "echo '<b>three</b>'", "echo more", title="Versioned")
    page = open_page(f"/actions/{name}")
    page.get_by_role("link", name="Version 2", exact=True).click()
    diff = page.get_by_role("region", name="What version 2 changes of version 1")
    expect(diff.get_by_role("deletion")).to_contain_text("command: echo '<b>one</b>'")
    expect(diff.get_by_role("insertion")).to_contain_text("command: echo '<b>two</b>'")
    assert_accessible(page)
    page.get_by_role("link", name="Compare version 1 with the newest").click()
    diff = page.get_by_role("region", name="What version 3 changes of version 1")
    expect(diff).to_contain_text("echo more")
    assert page.url == f"{site.url}/actions/{name}/versions?version=3&against=1"
    page.get_by_label("Version", exact=True).fill("1")
    page.get_by_label("Compared with").fill("0")
    expect(page.get_by_role("heading", name="All of version 1")).to_be_visible()
    page.get_by_role("button", name="Restore version 1").click()
    dialog = page.get_by_role("dialog", name="Restore version 1 of versioned?")
    dialog.get_by_label("Why").fill("it was right")
    assert_accessible(page)
    dialog.get_by_role("button", name="Restore version 1").click()
    expect(page.get_by_role("heading", name="Versioned", level=1)).to_be_focused()
    expect(page.get_by_role("region", name="Versions")).to_contain_text("4 (now), changed by admin")
    expect(page.get_by_role("region", name="Versions")).to_contain_text("it was right")
    expect(page.get_by_role("list", name="Steps")).to_contain_text("echo '<b>one</b>'")
    stored = site.http.get(f"/api/v1/actions/{name}").json()
    assert (stored["version"], stored["tags"]) == (4, ["old"])


@IN_ONE_FORM
def test_what_was_changed_meanwhile_is_not_overwritten_by_a_restore(
    site: Product, open_page: OpenPage, expected_errors: list[str]
) -> None:
    name = action(site, "versioned-meanwhile", "echo one")
    action(site, name, "echo two")
    page = open_page(f"/actions/{name}/versions?version=1")
    page.get_by_role("button", name="Restore version 1").click()
    action(site, name, "echo three")
    expected_errors.append("412")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Restore version 1").click()
    expect(dialog.get_by_role("alert")).to_contain_text("version")
    assert site.http.get(f"/api/v1/actions/{name}").json()["version"] == 3


@IN_ONE_FORM
def test_a_deleted_provider_is_restored(site: Product, open_page: OpenPage, expected_errors: list[str]) -> None:
    expected_errors += ["404", "there is no provider 'deleted-one'"]
    name = "deleted-one"
    connection = site.http.get("/api/v1/providers/web-1").json()["connection"]
    site.put("providers", {"name": name, "connection": connection, "description": "wanted back"})
    assert site.http.delete(f"/api/v1/providers/{name}").status_code == 204
    page = open_page(f"/providers/{name}")
    page.get_by_role("link", name=f"What '{name}' was").click()
    expect(page.get_by_text("It is deleted.")).to_be_visible()
    expect(page.get_by_role("button", name="Restore version 2")).to_have_attribute("aria-disabled", "true")
    assert_read_by_everybody(page)
    page.get_by_role("link", name="What version 1 changed").click()
    page.get_by_role("button", name="Restore version 1").click()
    page.get_by_role("dialog").get_by_role("button", name="Restore version 1").click()
    expect(page.get_by_role("textbox", name="Description")).to_have_value("wanted back")
    assert site.http.get(f"/api/v1/providers/{name}").json()["version"] == 3
