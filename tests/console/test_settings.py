"""Tokens, secrets and master keys in the console."""

import httpx
from playwright.sync_api import expect

from tests.console.conftest import OpenPage
from tests.console.pages import IN_ONE_FORM, assert_accessible, assert_read_by_everybody
from tests.product import WITHOUT_CERTIFICATES, Product, eventually


@IN_ONE_FORM
def test_a_token_is_made_seen_once_and_deleted(site: Product, open_page: OpenPage, expected_errors: list[str]) -> None:
    expected_errors.append("422")
    page = open_page("/settings")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Make a token").click()
    form = page.get_by_role("form", name="A new token")
    expect(form.get_by_role("textbox", name="Name")).to_be_focused()
    form.get_by_role("textbox", name="Name").fill("Not A Name")
    form.get_by_role("button", name="Make it").click()
    expect(form.get_by_role("textbox", name="Name")).to_have_attribute("aria-invalid", "true")
    form.get_by_role("textbox", name="Name").fill("made-here")
    form.get_by_role("combobox", name="Role").click()
    page.get_by_role("option", name="administrator").click()
    form.get_by_role("button", name="Make it").click()
    once = page.get_by_role("status").filter(has_text="The token made-here is made")
    expect(once).to_contain_text("opsimate_")
    assert_accessible(page)
    once.get_by_role("button", name="Copy the token made-here").click()
    token = page.evaluate("navigator.clipboard.readText()")
    headers = {"Authorization": f"Bearer {token}"}

    def status() -> int:
        return httpx.get(f"{site.url}/api/v1/session", headers=headers, verify=WITHOUT_CERTIFICATES).status_code

    assert status() == 200
    once.get_by_role("button", name="I have it").click()
    expect(once).to_have_count(0)
    assert token not in page.content()
    expect(page.get_by_role("row", name="made-here")).to_contain_text("administrator")
    page.get_by_role("button", name="Delete the token made-here").click()
    page.get_by_role("button", name="Delete it").click()
    expect(page.get_by_role("row", name="made-here")).to_have_count(0)
    expect(page.get_by_role("row").get_by_role("button", name="Delete the token").first).to_be_focused()
    eventually(lambda: status() == 401, what="the token opens nothing any more")


@IN_ONE_FORM
def test_a_secret_is_stored_replaced_and_deleted_once_nothing_uses_it(
    site: Product, open_page: OpenPage, expected_errors: list[str]
) -> None:
    expected_errors.append("409")
    page = open_page("/settings?show=secrets")
    page.get_by_role("button", name="Store a secret").click()
    form = page.get_by_role("form", name="A new secret")
    form.get_by_role("textbox", name="Name").fill("kept-here")
    form.get_by_label("Value", exact=True).fill("never shown again")
    form.get_by_role("button", name="Store it").click()
    row = page.get_by_role("row", name="kept-here")
    expect(row).to_be_visible()
    assert "never shown again" not in page.content()
    row.get_by_role("button", name="Replace kept-here").click()
    form = page.get_by_role("form", name="Replace kept-here")
    expect(form.get_by_role("textbox", name="Description")).to_be_focused()
    form.get_by_role("textbox", name="Description").fill("Of a test")
    form.get_by_role("switch", name="It has several lines").check(force=True)
    form.get_by_role("textbox", name="Value").fill("two\nlines")
    assert_accessible(page)
    form.get_by_role("button", name="Store it").click()
    expect(row).to_contain_text("Of a test")
    expect(row.get_by_role("button", name="Replace kept-here")).to_be_focused()
    assert site.http.get("/api/v1/secrets/kept-here").json()["version"] == 2
    ssh = {"host": "db.example", "user": "root", "password": {"secret": "kept-here"}}
    site.put("providers", {"name": "uses-a-secret", "connection": {"ssh": ssh}})
    row.get_by_role("button", name="Delete kept-here").click()
    dialog = page.get_by_role("dialog", name="Delete the secret kept-here?")
    dialog.get_by_role("button", name="Delete it").click()
    expect(dialog.get_by_role("alert")).to_contain_text("uses-a-secret")
    assert site.http.delete("/api/v1/providers/uses-a-secret").status_code == 204
    dialog.get_by_role("button", name="Delete it").click()
    expect(row).to_have_count(0)
    expect(page.get_by_role("main").locator(":focus")).to_have_count(1)  # beside where the button was


@IN_ONE_FORM
def test_settings_are_read_by_everybody(open_page: OpenPage) -> None:
    page = open_page("/settings")
    for tab, shown in (("Tokens", "admin"), ("Secrets", "web-1-key"), ("Master keys", "catalog")):
        page.get_by_role("navigation", name="Settings of").get_by_role("link", name=tab).click()
        expect(page.get_by_role("table", name=tab)).to_contain_text(shown)
        assert_read_by_everybody(page)
