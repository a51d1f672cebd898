"""The schedule builder: when an action runs is said by fields or as YAML, with the times that it leads to."""

from datetime import UTC, datetime

from playwright.sync_api import Locator, Page, expect

from tests.console.conftest import OpenPage
from tests.console.pages import IN_ONE_FORM, IN_TWO_YEARS, assert_read_by_everybody
from tests.product import Product, eventually
from tests.stage import action

LONG = "a-schedule-whose-name-is-as-long-as-any-may-be-" + "x" * 16


def chosen(page: Page, field: str, option: str) -> None:
    """Choose one of what a field offers."""
    page.get_by_role("combobox", name=field, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()


def comes(form: Locator, way: str, question: str = "It fires") -> None:
    """Say in another way when it comes."""
    form.get_by_role("radiogroup", name=question).get_by_text(way, exact=True).click()


def test_a_schedule_is_built_with_the_times_that_it_leads_to(
    site: Product, open_page: OpenPage, expected_errors: list[str]
) -> None:
    expected_errors.append("422")
    count = {"name": "count", "type": "integer", "default": 10}
    path = {"name": "path", "type": "string", "required": True}
    name = action(site, "sweeps", "echo {{ path }} {{ count }}", parameters=[count, path])
    page = open_page("/schedules")
    page.get_by_role("link", name="New schedule").click()
    form = page.get_by_role("form", name="Schedule")
    form.get_by_role("textbox", name="Name").fill(LONG)
    form.get_by_role("combobox", name="Action").fill(name)
    form.get_by_role("textbox", name="count").fill("")
    form.get_by_role("textbox", name="count").fill("20")
    times = form.get_by_role("list", name="Next ten fire times").get_by_role("listitem")
    expect(times).to_have_count(10)
    form.get_by_role("combobox", name="Time zone").fill("Europe/Berlin")
    comes(form, "Weekly")
    days = form.get_by_role("group", name="Days")
    days.get_by_text("Thursday").click()
    form.get_by_label("Time", exact=True).fill("22:15")
    expect(times.filter(has_text="22:15")).to_have_count(10)
    expect(times.filter(has_text="Thu,")).to_have_count(5)
    assert_read_by_everybody(page)
    comes(form, "Cron")
    form.get_by_role("textbox", name="Cron text").fill("99 2 * * *")
    expect(form.get_by_role("textbox", name="Cron text")).to_have_attribute("aria-invalid", "true")
    form.get_by_role("textbox", name="Cron text").fill("*/20 2 * * *")
    expect(form.get_by_text("it is an interval")).to_be_visible()
    comes(form, "Monthly")
    chosen(page, "Day of the month", "On a weekday")
    chosen(page, "Which", "Last")
    chosen(page, "Weekday", "Friday")
    expect(times.filter(has_text="Fri,")).to_have_count(10)
    form.get_by_role("button", name="Create the schedule").click()
    expect(form.get_by_role("textbox", name="path")).to_have_attribute("aria-invalid", "true")
    form.get_by_role("textbox", name="path").fill("/var/log")
    form.get_by_role("button", name="Create the schedule").click()
    page.wait_for_url(f"**/schedules/{LONG}")
    stored = site.http.get(f"/api/v1/schedules/{LONG}").json()
    assert stored["parameters"] == {"count": 20, "path": "/var/log"}
    assert stored["at"]["monthly"] == {"day": "last fri", "time": "02:30"}
    assert stored["time_zone"] == "Europe/Berlin"
    site.http.delete(f"/api/v1/schedules/{LONG}").raise_for_status()


@IN_ONE_FORM
def test_a_schedule_is_changed_over_what_somebody_else_saved_and_deleted(
    site: Product, open_page: OpenPage, expected_errors: list[str]
) -> None:
    expected_errors.append("412")
    at = {"monthly": {"day": "last fri", "time": "02:30"}}
    stored = {"name": "changed-here", "action": action(site, "sweeps-again", "true"), "at": at}
    site.put("schedules", {**stored, "time_zone": "Europe/Berlin"})
    page = open_page("/schedules/changed-here")
    form = page.get_by_role("form", name="Schedule")
    page.get_by_role("link", name="Edit").click()
    chosen(page, "Which", "First")
    site.put("schedules", stored)
    form.get_by_role("button", name="Save", exact=True).click()
    conflict = page.get_by_role("alert").filter(has_text="Somebody else has saved meanwhile")
    expect(conflict.get_by_label("What they changed")).to_contain_text("Europe/Berlin")
    conflict.get_by_role("button", name="Save mine over it").click()
    page.get_by_role("button", name="Save mine", exact=True).click()
    page.wait_for_url("**/schedules/changed-here")
    expect(page.get_by_text("1st fri of the month")).to_be_visible()
    assert site.http.get("/api/v1/schedules/changed-here").json()["version"] == 3
    page.get_by_role("link", name="Compare and restore").click()
    expect(page.get_by_role("table", name="Versions").get_by_role("row")).to_have_count(4)
    page.go_back()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete it").click()
    page.wait_for_url("**/schedules")
    assert site.http.get("/api/v1/schedules/changed-here").status_code == 404


@IN_ONE_FORM
def test_an_action_is_scheduled_once_as_yaml_and_runs(site: Product, open_page: OpenPage) -> None:
    name = action(site, "once-only", "echo once")
    page = open_page(f"/actions/{name}")
    page.get_by_role("link", name="Schedule", exact=True).click()
    form = page.get_by_role("form", name="Schedule")
    expect(form.get_by_role("combobox", name="Action")).to_have_value(name)
    comes(form, "Once")
    expect(form.get_by_role("list", name="Next ten fire times").get_by_role("listitem")).to_have_count(1)
    page.get_by_role("navigation", name="Ways to write it").get_by_role("link", name="YAML").click()
    editor = page.get_by_role("textbox", name="The schedule as YAML")
    expect(editor).to_contain_text("once:")
    editor.click()
    page.keyboard.press("ControlOrMeta+a")
    now = datetime.now(UTC).isoformat()
    page.keyboard.insert_text(f"kind: schedule\nname: {name}\naction: {name}\nat:\n  once: {now}\n")
    form.get_by_role("button", name="Create the schedule").click()
    page.wait_for_url(f"**/schedules/{name}")
    assert site.http.get(f"/api/v1/schedules/{name}").json()["at"]["once"].startswith(now[:16])


@IN_ONE_FORM
def test_a_maintenance_window_is_made_changed_and_deleted(site: Product, open_page: OpenPage) -> None:
    page = open_page("/schedules?show=windows")
    page.get_by_role("link", name="New maintenance window").click()
    form = page.get_by_role("form", name="Maintenance window")
    form.get_by_role("textbox", name="Name").fill("nightly-backup")
    expect(form.get_by_role("list", name="Begins next").get_by_role("listitem")).to_have_count(10)
    form.get_by_role("textbox", name="For", exact=True).fill("90m")
    form.get_by_role("checkbox", name="Runs of alert rules").uncheck()
    form.get_by_role("combobox", name="Categories").fill("Backups")
    form.get_by_role("combobox", name="Categories").press("Enter")
    form.get_by_role("combobox", name="Categories").press("Tab")  # what others have made is offered no more
    assert_read_by_everybody(page)
    form.get_by_role("button", name="Create the maintenance window").click()
    row = page.get_by_role("table", name="Maintenance windows").get_by_role("row", name="nightly-backup")
    expect(row).to_contain_text("daily at 22:00 for 1h 30m")
    stored = site.http.get("/api/v1/maintenance-windows/nightly-backup").json()
    assert (stored["holds"], stored["applies_to"]["categories"]) == (["schedules"], ["Backups"])
    row.get_by_role("link", name="nightly-backup").click()
    comes(form, "Once", "How often it comes")
    form.get_by_label("Until").fill("2020-01-01T00:00")
    expect(form.get_by_label("Until")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("navigation", name="Pages").get_by_role("link", name="Schedules")).to_have_attribute(
        "data-active", "true"
    )
    form.get_by_label("Until").fill(f"{IN_TWO_YEARS}-01-01T00:00")
    expect(form.get_by_label("Until")).not_to_have_attribute("aria-invalid", "true")
    form.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/schedules?show=windows")
    eventually(lambda: site.http.get("/api/v1/maintenance-windows/nightly-backup").json()["until"])
    row.get_by_role("link", name="nightly-backup").click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete it").click()
    expect(page.get_by_text("There is no maintenance window yet.")).to_be_visible()
