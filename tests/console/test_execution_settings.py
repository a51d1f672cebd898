"""How an action comes to run, as its form says it: by its own schedule, its own rules, after people have approved."""

from playwright.sync_api import expect

from tests.console.conftest import OpenPage
from tests.console.pages import IN_ONE_FORM, assert_read_by_everybody
from tests.product import Product
from tests.stage import action


@IN_ONE_FORM
def test_an_action_is_scheduled_then_triggered_and_approved_in_its_own_form(site: Product, open_page: OpenPage) -> None:
    path = {"name": "path", "type": "string", "default": "/var/log"}
    name = action(site, "comes-to-run", "echo {{ path }}", parameters=[path])
    page = open_page(f"/actions/{name}/edit")
    form = page.get_by_role("form", name="Action")
    mode = form.get_by_role("radiogroup", name="It is run")
    mode.get_by_text("Scheduled", exact=True).click()
    form.get_by_role("radiogroup", name="It fires").get_by_text("Weekly", exact=True).click()
    form.get_by_role("combobox", name="Time zone").fill("Europe/Berlin")
    expect(form.get_by_role("list", name="Next ten fire times").get_by_role("listitem")).to_have_count(10)
    form.get_by_role("textbox", name="path").fill("/tmp")
    form.get_by_role("switch", name="Each run waits until people have approved it").check(force=True)
    form.get_by_role("textbox", name="How many different people").fill("2")
    assert_read_by_everybody(page)
    form.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(f"**/actions/{name}")
    expect(page.get_by_text("runs it mon at 02:30 in Europe/Berlin")).to_be_visible()
    expect(page.get_by_text("Before it starts it needs 2 approvals by an operator.")).to_be_visible()
    own = site.http.get(f"/api/v1/schedules/action:{name}").json()
    assert (own["parameters"], own["owner"]["name"]) == ({"path": "/tmp"}, name)
    page.get_by_role("link", name="Its own schedule").click()
    expect(page.get_by_role("heading", name=f"Schedule of {name}")).to_be_visible()

    page.get_by_role("link", name="Edit the action").click()
    mode.get_by_text("By alerts", exact=True).click()
    form.get_by_role("button", name="Add alerts that run it").click()
    alerts = form.get_by_role("group", name="Alerts 1")
    expect(alerts.get_by_role("switch", name="Every alert that there is")).not_to_be_checked()
    alerts.get_by_role("button", name="Add a label").click()
    alerts.get_by_role("combobox", name="Name of label 1").fill("alertname")
    alerts.get_by_role("combobox", name="Value of label 1").fill("DiskFull")
    alerts.get_by_role("combobox", name="path", exact=True).fill("{{ alert.labels.path }}")
    alerts.get_by_role("textbox", name="path, where the alert has none").fill("/tmp")
    assert_read_by_everybody(page)
    form.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(f"**/actions/{name}")
    expect(page.get_by_text("Alerts run it, by a rule of its own")).to_be_visible()
    rule = site.http.get(f"/api/v1/alert-rules/action:{name}:1").json()
    assert (rule["match"]["labels"], rule["responses"][0]["defaults"]) == ({"alertname": "DiskFull"}, {"path": "/tmp"})
    kept = site.http.get(f"/api/v1/actions/{name}").json()["execution"]
    assert (kept["mode"], kept["schedule"]["at"]["weekly"]["days"]) == ("triggered", ["mon"])
    site.http.delete(f"/api/v1/actions/{name}").raise_for_status()
