"""Alert rules in the console: written as a form and as YAML, made of an alert, and tried on real ones."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.console.conftest import OpenPage
from tests.console.pages import IN_ONE_FORM, assert_read_by_everybody
from tests.product import Product, eventually
from tests.stage import action

HOSTILE = "<img src=x onerror=alert(1)>{{ alert.title }}$(id)"


def _alert(site: Product, name: str, **labels: str) -> str:
    """Post a firing alert of this name; its id."""
    payload = {"title": name, "status": "firing", "severity": "critical", "labels": {"alertname": name, **labels}}
    answer = site.alert("generic", {**payload, "fingerprint": f"{name} {labels}"})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["alerts"][0])


def _rule(site: Product, name: str) -> dict[str, Any]:
    found: dict[str, Any] = site.http.get(f"/api/v1/alert-rules/{name}").raise_for_status().json()
    return found


def test_linking_actions_to_alerts(site: Product, open_page: OpenPage) -> None:
    """As the product page has it: choose the alerts, add actions, map their parameters, save, and see them run."""
    host = {"name": "host", "type": "provider", "required": True}
    service = {"name": "service", "required": True}
    first = action(
        site,
        "linked",
        {"provider": "{{ host }}", "command": "echo restarting {{ service }}"},
        parameters=[host, service],
    )
    second = action(site, "linked-later", "true")
    _alert(site, "Linked", instance="web-1:9100", job="nginx")
    page = open_page("/alerts")
    page.get_by_role("link", name="Rules", exact=True).click()
    page.get_by_role("link", name="New alert rule").click()
    form = page.get_by_role("form", name="Alert rule")
    _say_for_which_alerts(page)
    response = form.get_by_role("region", name="Automated Response")
    _map_what_the_alert_says(page, first)
    response.get_by_role("button", name="Add Action").click()
    approved = response.get_by_role("group", name="Action 2")
    expect(approved.get_by_role("combobox", name="Action", exact=True)).to_be_focused()
    page.keyboard.insert_text(second)
    approved.get_by_role("combobox", name="It starts").click()
    page.get_by_role("option", name="Once it is approved").click()
    assert_read_by_everybody(page)
    form.get_by_role("button", name="Create the alert rule").click()
    row = page.get_by_role("table", name="Alert rules").get_by_role("row", name="linked-here")
    expect(row).to_contain_text("alertname = Linked, severity at least high")
    expect(row).to_contain_text(f"{first} at once, {second} after approval")
    assert_read_by_everybody(page)
    stored = _rule(site, "linked-here")
    assert stored["match"]["severity"] == {"at_least": "high"}
    given, asked = stored["responses"]
    assert given["parameters"] == {"host": "{{ alert.host }}", "service": "{{ alert.labels.job }}"}
    assert (given["cooldown"], asked["timing"]) == (900, "after_approval")

    alert_id = _alert(site, "Linked", instance="web-1:9200")
    page.goto(f"/alerts/{alert_id}")
    decisions = page.get_by_role("table", name="Decisions")
    expect(decisions.get_by_role("row", name="linked-here")).to_have_count(2)
    runs = page.get_by_role("region", name="What was run for it").get_by_role("link")
    eventually(lambda: runs.count() >= 2, what="both runs are listed")
    decided = site.http.get(f"/api/v1/alerts/{alert_id}").json()["decisions"]
    run, waits = (next(one["run_id"] for one in decided if one["action"] == name) for name in (first, second))
    assert site.ended(run)["state"] == "succeeded"
    page.goto(f"/runs/{run}")
    expect(page.get_by_role("log")).to_contain_text("restarting none-named")
    site.http.post(f"/api/v1/runs/{waits}/cancel").raise_for_status()  # nothing is left for others to approve
    site.http.delete("/api/v1/alert-rules/linked-here").raise_for_status()


def _say_for_which_alerts(page: Page) -> None:
    form = page.get_by_role("form", name="Alert rule")
    form.get_by_role("textbox", name="Name", exact=True).fill("linked-here")
    alerts = form.get_by_role("region", name="For which alerts")
    alerts.get_by_role("button", name="Add a label").click()
    alerts.get_by_role("combobox", name="Name of label 1").fill("alertname")
    alerts.get_by_role("combobox", name="Value of label 1").fill("Linked")
    alerts.get_by_role("combobox", name="Severity").click()
    page.get_by_role("option", name="high or graver").click()


def _map_what_the_alert_says(page: Page, action_name: str) -> None:
    response = page.get_by_role("region", name="Automated Response")
    immediately = response.get_by_role("group", name="Action 1")
    immediately.get_by_role("combobox", name="Action", exact=True).fill(action_name)
    immediately.get_by_role("combobox", name="host", exact=True).fill("{{ alert.host }}")
    mapped = immediately.get_by_role("combobox", name="service", exact=True)
    mapped.fill("{{ job")
    page.get_by_role("option", name="{{ alert.labels.job }}").click()
    expect(mapped).to_have_value("{{ alert.labels.job }}")
    expect(immediately.get_by_role("note", name="What service comes to")).to_contain_text("nginx")
    immediately.get_by_role("textbox", name="service, where the alert has none").fill("none-named")
    immediately.get_by_role("textbox", name="Cool-down").fill("15m")


@IN_ONE_FORM
def test_a_rule_is_made_of_an_alert_with_the_keyboard_only(site: Product, open_page: OpenPage) -> None:
    name = action(site, "answers-by-keyboard", "echo {{ what }}", parameters=[{"name": "what", "required": True}])
    alert_id = _alert(site, "KeyedIn", team=HOSTILE)
    page = open_page(f"/alerts/{alert_id}")
    page.get_by_role("link", name="Make a rule of this alert").focus()
    page.keyboard.press("Enter")
    form = page.get_by_role("form", name="Alert rule")
    expect(form.get_by_role("textbox", name="Name", exact=True)).to_have_value("keyed-in")
    expect(form.get_by_role("combobox", name="Value of label 1")).to_have_value("KeyedIn")
    _tab_to(page, "Add a label")
    page.keyboard.press("Enter")
    _tab_to(page, "Name of label 2", backwards=True)
    page.keyboard.insert_text("team")
    _tab_to(page, "How label 2 is compared")
    page.keyboard.press("Enter")
    expect(page.get_by_role("option", name="is one of")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(form.get_by_role("combobox", name="How label 2 is compared")).to_have_value("is one of")
    _tab_to(page, "Value of label 2")
    page.keyboard.type("west")
    page.keyboard.press("Enter")
    page.keyboard.insert_text(HOSTILE)
    page.keyboard.press("Enter")
    _tab_to(page, "Action")
    page.keyboard.insert_text(name)
    expect(form.get_by_role("combobox", name="what", exact=True)).to_be_visible()
    # What is between braces is compared as it stands, which the server says beside the label.
    label = form.get_by_role("group", name="Label 2")
    expect(label).to_contain_text("is not filled in here")
    _tab_to(page, "Value of label 2", backwards=True)
    page.keyboard.press("Backspace")
    expect(label).not_to_contain_text("is not filled in here")
    _tab_to(page, "what")
    page.keyboard.insert_text("{{ tea")
    expect(page.get_by_role("option", name="{{ alert.labels.team }}")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(form.get_by_role("note", name="What what comes to")).to_contain_text(HOSTILE)
    assert page.locator("img[src=x]").count() == 0
    _tab_to(page, "Create the alert rule")
    page.keyboard.press("Enter")
    expect(page.get_by_role("table", name="Alert rules").get_by_role("row", name="keyed-in")).to_be_visible()
    stored = _rule(site, "keyed-in")
    assert stored["match"]["labels"] == {"alertname": "KeyedIn", "team": {"in": ["west"]}}
    assert stored["responses"][0]["parameters"] == {"what": "{{ alert.labels.team }}"}
    site.http.delete("/api/v1/alert-rules/keyed-in").raise_for_status()


@IN_ONE_FORM
def test_what_is_wrong_with_a_rule_stands_at_its_field(
    site: Product, open_page: OpenPage, expected_errors: list[str]
) -> None:
    expected_errors.append("422")  # where it is saved before it was tried
    host = [{"name": "host", "type": "provider", "required": True}]
    name = action(site, "answers-somewhere", {"provider": "{{ host }}", "command": "true"}, parameters=host)
    page = open_page("/alert-rules/+new")
    form = page.get_by_role("form", name="Alert rule")
    form.get_by_role("textbox", name="Name", exact=True).fill("two-views")
    form.get_by_role("combobox", name="Action", exact=True).fill(name)
    form.get_by_role("combobox", name="host is chosen").click()
    page.get_by_role("option", name="by the host that the alert names").click()
    form.get_by_role("combobox", name="It starts").click()
    page.get_by_role("option", name="After a delay").click()
    form.get_by_role("button", name="Create the alert rule").click()
    expect(form.get_by_role("region", name="Automated Response")).to_contain_text("needs delay")
    form.get_by_role("textbox", name="Delay").fill("soon")
    expect(form.get_by_role("region", name="Automated Response")).to_contain_text("like 30s, 5m")
    form.get_by_role("textbox", name="Delay").fill("5m")
    expect(form.get_by_role("region", name="For which alerts")).to_contain_text("would be every alert")
    form.get_by_role("switch", name="Every alert that there is").check(force=True)
    form.get_by_role("textbox", name="Condition").fill("alert.nothing == 1")
    expect(form.get_by_role("region", name="For which alerts")).to_contain_text("nothing")
    form.get_by_role("textbox", name="Condition").fill('alert.title == "never"')
    form.get_by_role("textbox", name="Most runs that begin by themselves").fill("5")
    form.get_by_role("textbox", name="Within", exact=True).fill("10m")
    form.get_by_role("combobox", name="If it matches").click()
    page.get_by_role("option", name="No further rule is asked").click()
    assert_read_by_everybody(page)
    form.get_by_role("button", name="Create the alert rule").click()
    page.get_by_role("table", name="Alert rules").get_by_role("link", name="two-views").click()
    expect(page.get_by_role("heading", name="two-views")).to_be_visible()
    stored = _rule(site, "two-views")
    assert (stored["continue"], stored["storm"]) == (False, {"runs": 5, "within": 600})
    assert stored["responses"][0]["parameters"] == {"host": {"provider": {"host": "{{ alert.labels.instance }}"}}}
    site.http.delete("/api/v1/alert-rules/two-views").raise_for_status()


@IN_ONE_FORM
def test_a_rule_is_changed_in_both_views_and_has_versions(site: Product, open_page: OpenPage) -> None:
    host = [{"name": "host", "type": "provider", "required": True}]
    name = action(site, "answers-elsewhere", {"provider": "{{ host }}", "command": "true"}, parameters=host)
    responses = [{"action": name, "parameters": {"host": "web-1"}}]
    match = {"labels": {"alertname": {"regex": "Never.*"}}}
    site.put("alert-rules", {"name": "both-views", "match": match, "continue": False, "responses": responses})
    page = open_page("/alert-rules/both-views")
    form = page.get_by_role("form", name="Alert rule")
    expect(form.get_by_role("combobox", name="Value of label 1")).to_have_value("Never.*")
    page.get_by_role("link", name="YAML").click()
    expect(page.get_by_role("textbox", name="YAML")).to_contain_text("continue: false")
    page.get_by_role("link", name="Form").click()
    form.get_by_role("combobox", name="host is chosen").click()
    page.get_by_role("option", name="by labels that it has").click()
    form.get_by_role("switch", name="Enabled").uncheck(force=True)
    form.get_by_role("button", name="Save", exact=True).click()
    row = page.get_by_role("table", name="Alert rules").get_by_role("row", name="both-views")
    expect(row).to_contain_text("not enabled")
    assert _rule(site, "both-views")["match"] == {**match, "severity": None}
    choice = {"provider": {"labels": {"role": "{{ alert.labels.job }}"}}}
    assert _rule(site, "both-views")["responses"][0]["parameters"] == {"host": choice}
    row.get_by_role("link", name="both-views").click()
    page.get_by_role("link", name="Versions").click()
    expect(page.get_by_role("table", name="Versions").get_by_role("row")).to_have_count(3)
    assert_read_by_everybody(page)
    page.get_by_role("link", name="Back to both-views").click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete it").click()
    expect(page.get_by_role("link", name="New alert rule")).to_be_visible()
    assert site.http.get("/api/v1/alert-rules/both-views").status_code == 404


def _tab_to(page: Page, name: str, *, backwards: bool = False) -> None:
    """Move on with Tab until the focus is on what has exactly this name."""
    for _ in range(60):
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
        focused = page.evaluate("""() => {
            const one = document.activeElement;
            const labelled = (one.getAttribute('aria-labelledby') ?? '').split(' ').map(
                id => document.getElementById(id)?.textContent ?? '').join(' ');
            const label = one.labels?.[0]?.textContent ?? '';
            return one.getAttribute('aria-label') || label.replace(/ \\*$/, '') || labelled || one.textContent;
        }""")
        if focused.strip() == name:
            return
    raise AssertionError(f"Tab never leads to {name!r}")
