"""Schedules and maintenance windows in the console: when they come, what they did, and whether they go on."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from tests.console.conftest import OpenPage, Put
from tests.console.pages import IN_ONE_FORM, assert_accessible, assert_read_by_everybody
from tests.product import Product, eventually
from tests.stage import action

HOSTILE = "<img src=x onerror=alert(1)>"
YEAR = "2040"
"""Far enough that nothing else is there, and with the same days of the week whenever this is run."""


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
    expect(page.get_by_text(HOSTILE)).to_be_visible()
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
    night = {"at": {"daily": "22:00"}, "duration": "2h", "time_zone": "Europe/Berlin", "enabled": False}
    site.put("maintenance-windows", {"name": "nights", **night})
    page.reload()
    table = page.get_by_role("table", name="Maintenance windows")
    expect(table.get_by_role("row", name="freeze")).to_contain_text("#disk")
    expect(table.get_by_role("row", name="nights")).to_contain_text("daily at 22:00 for 2h")
    assert_read_by_everybody(page)
    page.set_viewport_size({"width": 360, "height": 740})
    expect(table.get_by_text("not enabled")).to_be_visible()
    for name in ("freeze", "nights"):
        site.http.delete(f"/api/v1/maintenance-windows/{name}").raise_for_status()


@IN_ONE_FORM
def test_the_calendar_shows_what_comes_on_which_day_on_the_clocks_of_a_zone(
    site: Product, open_page: OpenPage, put_for_now: Put
) -> None:
    name = action(site, "in-the-calendar", "true")
    by_itself = {"mode": "scheduled", "schedule": {"at": {"daily": "12:00"}, "time_zone": "UTC"}}
    owning = action(site, "owns-its-schedule", "true", execution=by_itself)
    late = {"name": "late", "action": name, "at": {"cron": "30 23 15 * *"}}
    put_for_now("schedules", late)
    put_for_now("schedules", {"name": "hourly", "action": name, "at": {"cron": "0 * 20 * *"}})
    window = {"from": f"{YEAR}-12-20T22:00:00Z", "until": f"{YEAR}-12-22T00:00:00Z"}
    put_for_now("maintenance-windows", {"name": "freeze", **window})
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    put_for_now("schedules", {"name": "first-of-all", "action": name, "at": {"cron": "* * * * *"}, "ends_at": soon})
    page = open_page("/")
    scheduled = page.get_by_role("region", name="Scheduled")
    expect(scheduled.get_by_role("link", name="by first-of-all")).to_have_attribute("href", "/schedules/first-of-all")
    scheduled.get_by_role("link", name="Calendar", exact=True).click()
    expect(page.get_by_role("heading", name=str(datetime.now(UTC).year))).to_be_visible()
    page.goto(f"/schedules?show=calendar&day={YEAR}-12-01&zone=UTC")
    month = page.get_by_role("table", name=f"December {YEAR}")
    day = month.get_by_role("cell")
    expect(day.filter(has_text="late")).to_contain_text("23:30")
    expect(day.filter(has_text="hourly")).to_contain_text("24 times, 00:00 to 23:00")
    expect(day.filter(has_text="freeze")).to_have_count(2)
    expect(day.filter(has_text="freeze").last).to_contain_text("00:00 to 24:00")
    expect(day.filter(has_text=owning)).to_have_count(month.get_by_role("cell").count())
    assert_read_by_everybody(page)
    page.get_by_role("combobox", name="Time zone").fill("Berlin")
    page.get_by_role("option", name="Europe/Berlin").click()
    expect(day.filter(has_text="late")).to_contain_text("00:30")
    expect(page.get_by_text("On the clocks of Europe/Berlin")).to_be_visible()
    page.get_by_role("link", name="By week").click()
    expect(page.get_by_role("table", name=f"to 2 December {YEAR}")).to_be_visible()
    page.get_by_role("link", name="The week after").click()
    page.set_viewport_size({"width": 360, "height": 740})
    days = page.get_by_role("list", name=f"to 9 December {YEAR}").get_by_role("listitem")
    expect(days).to_have_count(7)
    days.first.get_by_role("link", name=owning).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/schedules/action*")
    expect(page.get_by_text("It is the action's own")).to_be_visible()
    expect(page.get_by_role("link", name="Edit the action")).to_have_attribute("href", f"/actions/{owning}/edit")
    assert_read_by_everybody(page)
    page.goto(f"/schedules/action:{owning}/edit")
    page.wait_for_url(f"**/actions/{owning}/edit")
    expect(page.get_by_role("form", name="Action")).to_be_visible()
    page.close()
    site.http.delete(f"/api/v1/actions/{owning}").raise_for_status()


@IN_ONE_FORM
def test_a_run_that_a_window_holds_is_let_pass_with_a_reason(
    site: Product, open_page: OpenPage, put_for_now: Put, expected_errors: list[str]
) -> None:
    expected_errors.append("422")
    name = action(site, "held-by-a-window", "true", tags=["held-here"])
    now = datetime.now(UTC)
    times = {"from": (now - timedelta(hours=1)).isoformat(), "until": (now + timedelta(hours=1)).isoformat()}
    put_for_now("maintenance-windows", {"name": "holds-it", **times, "applies_to": {"tags": ["held-here"]}})
    put_for_now("schedules", {"name": "held", "action": name, "at": {"once": (now + timedelta(seconds=1)).isoformat()}})
    (run,) = eventually(
        lambda: site.http.get("/api/v1/runs", params={"action": name, "state": "delayed"}).json()["items"]
    )
    page = open_page(f"/runs/{run['id']}")
    page.get_by_role("button", name="Let it pass").click()
    dialog = page.get_by_role("dialog", name="Let it pass the maintenance window?")
    dialog.get_by_role("button", name="Let it pass").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_role("textbox", name="Why").fill("the disk is full")
    dialog.get_by_role("button", name="Let it pass").click()
    expect(page.get_by_role("main")).to_contain_text("succeeded")
    assert site.ended(run["id"])["state"] == "succeeded"


@IN_ONE_FORM
def test_a_day_on_which_much_comes_shows_a_part_of_it_and_the_way_to_the_rest(
    site: Product, open_page: OpenPage, put_for_now: Put
) -> None:
    name = action(site, "in-a-crowd", "true")
    for number in range(42):
        put_for_now("schedules", {"name": f"crowd-{number:02}", "action": name, "at": {"cron": "0 0 24 12 *"}})
    page = open_page(f"/schedules?show=calendar&day={YEAR}-12-01&zone=UTC")
    month = page.get_by_role("table", name=f"December {YEAR}").get_by_role("cell")
    expect(month.filter(has_text="crowd-00").get_by_role("link")).to_have_count(5)
    page.set_viewport_size({"width": 360, "height": 740})
    days = page.get_by_role("list", name=f"December {YEAR}").get_by_role("listitem")
    expect(days.filter(has_text="crowd-00").get_by_role("link")).to_have_count(5)
    page.get_by_role("link", name=f"more on {YEAR}-12-24, in its week").click()
    week = page.get_by_role("list", name=f"to 30 December {YEAR}").get_by_role("listitem")
    crowd = week.filter(has_text="crowd-00").get_by_role("link")
    expect(crowd).to_have_count(40)
    page.get_by_role("button", name=f"more on {YEAR}-12-24").press("Enter")
    expect(crowd.filter(has_text="crowd-")).to_have_count(42)
    expect(crowd.nth(40)).to_be_focused()  # what came to the place of the button
    page.close()  # it reads ahead where that leads to, which is deleted now


@IN_ONE_FORM
def test_a_phone_shows_of_this_month_what_is_still_to_come_and_the_rest_behind_a_button(
    site: Product, open_page: OpenPage, put_for_now: Put
) -> None:
    name = action(site, "comes-every-day", "true")
    put_for_now("schedules", {"name": "every-day", "action": name, "at": {"daily": "12:00"}})
    page = open_page("/actions", width=360)
    page.clock.set_fixed_time(datetime(int(YEAR), 12, 15, 12, tzinfo=UTC))
    page.goto("/schedules?show=calendar&zone=UTC")
    days = page.get_by_role("list", name=f"December {YEAR}").get_by_role("listitem")
    expect(days).to_have_count(17)
    expect(days.first).to_contain_text("15 December, today")
    page.get_by_role("button", name="14 days that are over").click()
    expect(days).to_have_count(31)
    assert_accessible(page)
    page.goto(f"/schedules?show=calendar&zone=UTC&day={YEAR}-11-01")
    expect(page.get_by_role("list", name=f"November {YEAR}").get_by_role("listitem")).to_have_count(30)
    page.close()
