"""Channels and notifications in the console: made, tried, told of a run, and tried again."""

import base64
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.console.conftest import OpenPage
from tests.console.pages import IN_ONE_FORM, assert_read_by_everybody
from tests.product import Product
from tests.servers.ports import free_port
from tests.servers.receivers import HttpRecorder, http_recorder
from tests.stage import action

KEY = f"whsec_{base64.b64encode(b'k' * 32).decode()}"


@pytest.fixture
def recorder() -> Iterator[HttpRecorder]:
    with http_recorder() as running:
        yield running


@IN_ONE_FORM
def test_a_channel_is_made_tried_and_told_of_a_run_by_an_action_that_names_it(
    site: Product, open_page: OpenPage, recorder: HttpRecorder
) -> None:
    site.put("secrets", {"name": "ticket-key", "value": KEY})
    name = action(site, "tells-somebody", "echo told")
    page = open_page("/settings?show=channels")
    expect(page.get_by_text("There is no channel yet.")).to_be_visible()
    page.get_by_role("link", name="New channel").click()
    form = page.get_by_role("form", name="Channel")
    form.get_by_role("textbox", name="Name").fill("tickets")
    form.get_by_text("A program of your own").click()
    form.get_by_role("textbox", name="Address").fill(f"http://127.0.0.1:{recorder.port}/opsimate")
    form.get_by_role("combobox", name="Secret with the key that signs").fill("ticket-key")
    assert_read_by_everybody(page)
    form.get_by_role("button", name="Create the channel").click()
    row = page.get_by_role("table", name="Channels").get_by_role("row", name="tickets")
    row.get_by_role("button", name="Send a test to tickets").click()
    expect(row.get_by_role("status")).to_contain_text("taken")
    assert KEY not in page.content()
    assert_read_by_everybody(page)

    page.goto(f"/actions/{name}/edit")
    form = page.get_by_role("form", name="Action")
    form.get_by_role("button", name="Tell a channel").click()
    told = form.get_by_role("group", name="Notification 1")
    told.get_by_role("combobox", name="Channel").fill("tickets")
    told.get_by_role("combobox", name="Is told of").click(force=True)
    page.get_by_role("option", name="succeeded").click()
    page.keyboard.press("Escape")
    form.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(f"**/actions/{name}")
    expect(page.get_by_text("Tells tickets of")).to_contain_text("succeeded")
    run = site.result(name)["id"]
    page.goto("/settings?show=notifications&channel=tickets")
    delivered = page.get_by_role("table", name="Notifications").get_by_role("row").filter(has_text="delivered")
    expect(delivered.get_by_role("link", name=name)).to_have_attribute("href", f"/runs/{run}")
    delivered.get_by_role("button", name="1 attempt").click()
    expect(page.get_by_role("list", name="Attempts")).to_contain_text("taken")
    expect(page.get_by_role("button", name="Try it again now")).to_have_attribute("aria-disabled", "true")
    assert_read_by_everybody(page)

    away = {"url": f"http://127.0.0.1:{free_port()}/", "signing_key": {"secret": "ticket-key"}}
    site.put("channels", {"name": "tickets", "webhook": away})
    site.result(name)
    waiting = page.get_by_role("table", name="Notifications").get_by_role("row").filter(has_text="pending")
    waiting.get_by_role("button", name="attempt").click()
    back = {**away, "url": f"http://127.0.0.1:{recorder.port}/opsimate"}
    site.put("channels", {"name": "tickets", "webhook": back})
    page.get_by_role("button", name="Try it again now").click()
    expect(delivered).to_have_count(2)
    site.http.delete(f"/api/v1/actions/{name}").raise_for_status()
    page.goto("/channels/tickets")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete it").click()
    expect(page.get_by_text("There is no channel yet.")).to_be_visible()


@IN_ONE_FORM
def test_the_page_of_a_run_lists_who_was_told_of_it(site: Product, open_page: OpenPage, recorder: HttpRecorder) -> None:
    site.put("secrets", {"name": "told-key", "value": KEY})
    webhook = {"url": f"http://127.0.0.1:{recorder.port}/", "signing_key": {"secret": "told-key"}}
    site.put("channels", {"name": "told", "webhook": webhook})
    name = action(site, "tells-of-runs", "true", notify=[{"channel": "told", "on": ["succeeded"]}])
    page = open_page(f"/runs/{site.result(name)['id']}")
    page.get_by_role("tab", name="What happened").click()
    told = page.get_by_role("region", name="Who was told").get_by_role("listitem")
    expect(told).to_contain_text("delivered")
    expect(told).to_contain_text("told of succeeded, ")
    assert_read_by_everybody(page)
    told.get_by_role("link", name="told").click()
    expect(page.get_by_role("table", name="Notifications").get_by_role("link", name=name)).to_be_visible()
    page.goto(f"/runs/{site.result(action(site, 'tells-nobody', 'true'))['id']}")
    page.get_by_role("tab", name="What happened").click()
    expect(page.get_by_text("admin asked for it")).to_be_visible()
    expect(page.get_by_role("region", name="Who was told")).to_have_count(0)
    site.http.delete(f"/api/v1/actions/{name}").raise_for_status()
    site.http.delete("/api/v1/channels/told").raise_for_status()
