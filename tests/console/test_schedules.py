"""Schedules and maintenance windows in the console: when they come, what they did, and whether they go on."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from tests.console.conftest import OpenPage
from tests.console.pages import IN_ONE_FORM, assert_read_by_everybody
from tests.product import Product, eventually
from tests.stage import action

HOSTILE = "<img src=x onerror=alert(1)>"


def test_a_schedule_is_followed_to_its_run_and_back_and_is_disabled(site: Product, open_page: OpenPage) -> None:
    name = action(site, "by-itself", "echo by itself")
    cron = {"cron": "*/20 2 * * *"}
    site.put("schedules", {"name": "often", "action": name, "at": cron, "time_zone": "Europe/Berlin"})
    at = {"once": (datetime.now(UTC) + timedelta(seconds=1)).isoformat()}
    site.put("schedules", {"name": "just-once", "action": name, "at": at, "description": HOSTILE})
    eventually(lambda: site.http.get("/api/v1/schedules/just-once/fires").json()["items"])
    page = open_page("/")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Schedules").click()
    row = page.get_by_role("table", name="Schedules").get_by_role("row", name="just-once")
    expect(row).to_contain_text("never again")
    expect(row).to_contain_text("run requested")
    expect(row).to_contain_text(HOSTILE)
    assert_read_by_everybody(page)
    row.get_by_role("link", name="just-once").click()
    did = page.get_by_role("table", name="What it did lately")
    expect(did).to_contain_text("run requested")
    did.get_by_role("link").click()
    page.get_by_role("link", name="by its schedule").click()
    page.wait_for_url("**/schedules/just-once")
    page.go_back()
    page = open_page("/schedules/often")
    times = page.get_by_role("list", name="Next fire times").get_by_role("listitem")
    expect(times).to_have_count(10)
    expect(times.first).to_contain_text("02:")
    expect(page.get_by_text("it is an interval")).to_be_visible()
    assert_read_by_everybody(page)
    page.get_by_role("button", name="Disable").click()
    expect(page.get_by_text("but is not enabled")).to_be_visible()
    expect(page.get_by_text("It will not fire")).to_be_visible()
    assert site.http.get("/api/v1/schedules/often").json()["enabled"] is False
    page.get_by_role("button", name="Enable").click()
    expect(times).to_have_count(10)


@IN_ONE_FORM
def test_maintenance_windows_are_seen_and_how_a_first_one_is_made(site: Product, open_page: OpenPage) -> None:
    page = open_page("/schedules?show=windows")
    expect(page.get_by_text("There is no maintenance window yet.")).to_be_visible()
    once = {"from": "2026-12-20T00:00:00Z", "until": "2027-01-02T00:00:00Z"}
    site.put("maintenance-windows", {"name": "freeze", **once, "applies_to": {"tags": ["disk"]}})
    night = {"at": {"daily": "22:00"}, "duration": "2h", "time_zone": "Europe/Berlin"}
    site.put("maintenance-windows", {"name": "nights", **night})
    page.reload()
    table = page.get_by_role("table", name="Maintenance windows")
    expect(table.get_by_role("row", name="freeze")).to_contain_text("#disk")
    expect(table.get_by_role("row", name="nights")).to_contain_text("daily at 22:00 for 2h")
    assert_read_by_everybody(page)
    for name in ("freeze", "nights"):
        site.http.delete(f"/api/v1/maintenance-windows/{name}").raise_for_status()
