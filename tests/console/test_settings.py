"""Tokens, secrets and master keys in the console."""

import httpx
from playwright.sync_api import expect

from tests.console.conftest import OpenPage
from tests.console.pages import IN_ONE_FORM, assert_accessible, assert_read_by_everybody
from tests.product import WITHOUT_CERTIFICATES, Product, eventually
from tests.stage import action

HOSTILE = "<img src=x onerror=alert(1)>"


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
    for tab, table, shown in (
        ("Tokens", "Tokens", "admin"),
        ("Secrets", "Secrets", "web-1-key"),
        ("Master keys", "Master keys", "catalog"),
        ("Retention", "What is kept", "365d"),
    ):
        page.get_by_role("navigation", name="Settings of").get_by_role("link", name=tab).click()
        expect(page.get_by_role("table", name=table)).to_contain_text(shown)
        assert_read_by_everybody(page)


@IN_ONE_FORM
def test_the_audit_is_filtered_told_as_a_difference_verified_and_exported(site: Product, open_page: OpenPage) -> None:
    name = action(site, "audited-here", "echo one")
    action(site, name, "echo two", description=HOSTILE)
    page = open_page("/settings?show=audit")
    page.get_by_role("textbox", name="Name").fill(name)
    page.get_by_role("textbox", name="Name").press("Enter")
    table = page.get_by_role("table", name="Audit")
    changed = table.get_by_role("row").filter(has_text=f"admin changed the action {name}, version 2")
    expect(changed).to_be_visible()
    expect(table.get_by_text("made the action")).to_have_count(1)
    changed.get_by_role("button", name="Entry").click()
    difference = page.get_by_label(f"What version 2 of {name} changed")
    expect(difference).to_contain_text("echo two")
    expect(difference).to_contain_text(HOSTILE)
    assert_read_by_everybody(page)
    chain = page.get_by_role("region", name="The chain of entries")
    chain.get_by_role("button", name="Verify").click()
    held = chain.get_by_role("status").filter(has_text="entries hold")
    expect(held).to_contain_text(":")
    assert_accessible(page)
    chain.get_by_role("textbox", name="What an earlier check ended with").fill(f"1:{'0' * 64}")
    chain.get_by_role("button", name="Verify").click()
    expect(chain.get_by_role("alert")).to_contain_text("It does not hold from entry 1 on")
    with page.expect_download() as saving:
        chain.get_by_role("link", name="Export").click()
    lines = saving.value.path().read_text().splitlines()
    assert any(name in line for line in lines)
    page.goto(f"/settings?show=audit&name={name}&kind=run")
    expect(page.get_by_text("No entry is like that.")).to_be_visible()
