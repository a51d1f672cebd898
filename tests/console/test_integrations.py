"""Integrations in the console: made with what their senders need, and when each was heard of."""

import httpx
from playwright.sync_api import expect

from tests.console.conftest import OpenPage
from tests.console.pages import IN_ONE_FORM, assert_read_by_everybody
from tests.product import Product

KEY = "a secret that no page shows 4711"


@IN_ONE_FORM
def test_an_integration_is_made_and_its_sender_let_in(
    site: Product, open_page: OpenPage, expected_errors: list[str]
) -> None:
    expected_errors.append("422")  # where it is saved before it was tried
    site.put("secrets", {"name": "kuma-key", "value": KEY})
    page = open_page("/settings?show=integrations")
    expect(page.get_by_text("There is no integration yet.")).to_be_visible()
    assert_read_by_everybody(page)
    page.get_by_role("link", name="New integration").click()
    form = page.get_by_role("form", name="Integration")
    form.get_by_role("textbox", name="Name", exact=True).fill("kuma")
    form.get_by_role("combobox", name="Source").click()
    page.get_by_role("option", name="generic JSON").click()
    form.get_by_role("button", name="Create the integration").click()
    known = form.get_by_role("region", name="How its sender is known")
    expect(known).to_contain_text("at least 1")
    known.get_by_role("combobox", name="Stored secrets").fill("kuma-kez")
    page.keyboard.press("Enter")
    expect(known).to_contain_text("there is no secret 'kuma-kez'")
    page.keyboard.press("Escape")
    known.get_by_role("button", name="Write 'kuma-key'").click()
    expect(known).not_to_contain_text("kuma-kez")
    known.get_by_role("textbox", name="In the header").fill("X-Token")
    sender = form.get_by_role("region", name="What to paste at the sender")
    expect(sender).to_contain_text(f"{site.url}/webhooks/generic/kuma")
    expect(sender).to_contain_text("X-Token: SECRET")
    expect(sender).to_contain_text("docs/sources/generic.md")
    assert_read_by_everybody(page)
    form.get_by_role("button", name="Create the integration").click()
    row = page.get_by_role("table", name="Integrations").get_by_role("row", name="kuma")
    expect(row).to_contain_text("by a token of its own: kuma-key")
    expect(row).to_contain_text("nothing within seven days")

    alert = {"title": "Kuma's first", "status": "firing"}
    address = f"{site.url}/webhooks/generic/kuma"
    answer = httpx.post(address, json=alert, headers={"X-Token": KEY})
    assert answer.status_code == 202, answer.text
    page.reload()
    expect(row).to_contain_text("taken")
    assert KEY not in page.content()
    assert_read_by_everybody(page)
    site.http.delete("/api/v1/integrations/kuma").raise_for_status()


@IN_ONE_FORM
def test_an_integration_is_changed_and_has_versions(site: Product, open_page: OpenPage) -> None:
    site.put("secrets", {"name": "zabbix-key", "value": KEY})
    verify = {"token": {"secrets": ["zabbix-key"], "header": "X-Token"}}
    site.put("integrations", {"name": "zabbix-prod", "source": "zabbix", "verify": verify})
    page = open_page("/integrations/zabbix-prod")
    form = page.get_by_role("form", name="Integration")
    sender = form.get_by_role("region", name="What to paste at the sender")
    expect(sender).to_contain_text("X-Token: SECRET")
    form.get_by_text("HTTP Basic").click()
    form.get_by_role("textbox", name="User").fill("ann")
    form.get_by_role("combobox", name="Stored secrets").fill("zabbix-key")
    page.keyboard.press("Enter")
    expect(sender).not_to_contain_text("X-Token")
    form.get_by_role("button", name="Save", exact=True).click()
    row = page.get_by_role("table", name="Integrations").get_by_role("row", name="zabbix-prod")
    expect(row).to_contain_text("by HTTP Basic as ann: zabbix-key")
    row.get_by_role("link", name="zabbix-prod").click()
    page.get_by_role("link", name="Versions").click()
    expect(page.get_by_role("table", name="Versions").get_by_role("row")).to_have_count(3)
    page.get_by_role("link", name="Back to zabbix-prod").click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete it").click()
    expect(page.get_by_role("link", name="New integration")).to_be_visible()
    assert site.http.get("/api/v1/integrations/zabbix-prod").status_code == 404
