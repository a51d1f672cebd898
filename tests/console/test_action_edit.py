"""Changing actions in the console, and making others of them."""

from playwright.sync_api import expect

from tests.console.action_form import definition_of, part_of, step_of, version_of
from tests.console.conftest import OpenPage
from tests.console.pages import IN_ONE_FORM, assert_accessible
from tests.product import Product
from tests.stage import action

HOSTILE = "<img src=x onerror=alert(1)><script>alert(1)</script>"


@IN_ONE_FORM
def test_every_field_of_an_action_survives_an_edit(site: Product, open_page: OpenPage) -> None:
    site.put("provider-groups", {"name": "edited-group", "providers": ["web-1"]})
    site.put("secrets", {"name": "edited-sudo", "value": "not told"})
    everything = {
        "name": "edited",
        "title": HOSTILE,
        "description": f"{HOSTILE}\n\nno: yes",
        "category": "Night shift",
        "tags": ["no", "22:30", "1e3"],
        "estimated_duration": 90,
        "confirm": "type_name",
        "condition": 'params.size > 1.0 && params.name != "no"',
        "concurrency": {"limit": 2, "key": "{{ name }}", "when_full": "replace", "queue_limit": 0, "queue_ttl": 60},
        "parameters": [
            {"name": "name", "required": True, "pattern": "[a-z]+", "leading_dash": True, "title": HOSTILE},
            {"name": "size", "type": "number", "default": 1.0, "minimum": 0.5, "maximum": 9007199254740991},
            {"name": "count", "type": "integer", "default": 9007199254740993},
            {"name": "pick", "type": "choice", "options": ["a, b", "no"], "default": "no"},
            {"name": "sure", "type": "boolean", "default": False},
            {"name": "where", "type": "provider", "default": "web-1", "description": HOSTILE},
            {"name": "token", "type": "secret"},
            {"name": "script", "code": True},
        ],
        "steps": [
            {
                "name": "first",
                "provider": "{{ where }}",
                "command": f"cat <<'E'\n  {HOSTILE}\nE\n\techo tab  \n",
                "shell": "bash",
                "timeout": 12.5,
                "retries": {"count": 3, "delay": 0.5, "backoff": "exponential", "maximum_delay": 4},
                "on_failure": "continue",
                "on_lost": "rerun",
                "environment": {"LANG": "C", "COUNT": "3", "EMPTY": ""},
                "working_directory": "/tmp",
                "stdin": " first\n\n{{ name }}\n",
                "run_as": {"user": "postgres", "password": {"secret": "edited-sudo"}},
                "success_exit_codes": [0, 2],
                "capture": "json",
            },
            {
                "name": "second",
                "providers": {"labels": {"role": ["web", "api"], "env": "prod"}},
                "rollout": {"max_parallel": 3, "batches": [1, "50%"], "max_failures": "10%", "check": "third"},
                "command": "true",
                "when": "steps.first.exit_status == 0",
            },
            {"name": "third", "command": "true"},
            {
                "name": "fourth",
                "providers": {"group": "edited-group"},
                "command": "reboot",
                "when": "always",
                "expect_disconnect": {"back_within": 600},
            },
            {"name": "fifth", "providers": ["web-1", "{{ where }}"], "command": "echo {{ steps.first.output }}"},
        ],
        "execution": {"timeout": 3600},
    }  # fmt: skip
    site.put("actions", everything)
    before = definition_of(site, "edited")
    page = open_page("/actions/edited/edit")
    expect(page.get_by_role("button", name="Save", exact=True)).to_have_attribute("aria-disabled", "true")
    for number in range(1, 6):
        step_of(page, number).get_by_role("button", expanded=False).first.click()
        step_of(page, number).get_by_role("button", name="More").click()
    expect(step_of(page, 1).get_by_role("textbox", name="Command of first")).to_contain_text(HOSTILE)
    page.get_by_role("link", name="YAML").click()
    expect(page.get_by_role("textbox", name="The action as YAML")).to_contain_text("kind: action")
    page.get_by_role("link", name="Form").click()
    title = part_of(page, "Basic information").get_by_role("textbox", name="Title")
    expect(title).to_have_value(HOSTILE)
    title.fill("Edited")
    page.get_by_role("button", name="What a save changes").click()
    expect(page.get_by_role("region", name="What a save changes")).to_contain_text("+title: Edited")
    page.get_by_role("textbox", name="Why").fill("by a test")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Edited")
    after = definition_of(site, "edited")
    # A whole number of more bits than a page has goes as its text, which means the same.
    assert after["parameters"][2].pop("default") == str(before["parameters"][2].pop("default"))
    assert str(after["parameters"][1].pop("default")) == str(before["parameters"][1].pop("default"))
    assert after == {**before, "title": "Edited"}
    newest = site.http.get("/api/v1/actions/edited/versions").json()["items"][0]
    assert (newest["version"], newest["note"]) == (2, "by a test")
    page.get_by_role("link", name="Duplicate").click()
    expect(part_of(page, "Basic information").get_by_role("textbox", name="Name", exact=True)).to_have_value(
        "edited-copy"
    )
    page.get_by_role("button", name="Create the action").click()
    expect(page.get_by_text("edited-copy", exact=True)).to_be_visible()
    assert definition_of(site, "edited-copy") == {**definition_of(site, "edited"), "name": "edited-copy"}


@IN_ONE_FORM
def test_customise_a_template(site: Product, open_page: OpenPage) -> None:
    site.http.post("/api/v1/templates/disk-cleanup/use", json={"name": "used-as-it-is"}).raise_for_status()
    page = open_page("/templates/disk-cleanup")
    page.get_by_role("link", name="Customise it first").click()
    basic = part_of(page, "Basic information")
    basic.get_by_role("textbox", name="Name", exact=True).fill("customised")
    basic.get_by_role("textbox", name="Title").fill("Disk Cleanup: customised")
    expect(part_of(page, "Steps").locator("[data-entry]")).to_have_count(7)
    page.get_by_role("button", name="Create the action").click()
    expect(page.get_by_text("customised", exact=True)).to_be_visible()
    own = {"name": "customised", "title": "Disk Cleanup: customised"}
    assert definition_of(site, "customised") == definition_of(site, "used-as-it-is") | own


@IN_ONE_FORM
def test_an_edit_that_is_left_comes_back_and_meets_that_of_somebody_else(
    site: Product, open_page: OpenPage, expected_errors: list[str]
) -> None:
    expected_errors.append("412")
    action(site, "shared-edit", "echo one", title="At first")
    page = open_page("/actions/shared-edit/edit")
    title = part_of(page, "Basic information").get_by_role("textbox", name="Title")
    title.fill("Mine")
    page.keyboard.press("Control+k")
    palette = page.get_by_role("textbox", name="What to run, or where to go")
    expect(palette).to_be_focused()
    page.keyboard.type("dashboard")
    expect(page.get_by_role("button", name="Dashboard", exact=True)).to_be_visible()
    page.keyboard.press("Enter")
    question = page.get_by_role("dialog", name="Your changes are not saved")
    assert_accessible(page)
    question.get_by_role("button", name="Stay").click()
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(title).to_have_value("Mine")
    page.get_by_role("link", name="Cancel").click()
    question.get_by_role("button", name="Leave and keep them").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("At first")
    action(site, "shared-edit", "echo two", title="Theirs")
    page.get_by_role("link", name="Edit").click()
    expect(page.get_by_text("What you had written is back")).to_be_visible()
    expect(title).to_have_value("Mine")
    page.get_by_role("button", name="Save", exact=True).click()
    meeting = page.get_by_role("alert").filter(has_text="Somebody else has saved meanwhile")
    expect(meeting).to_contain_text("+  command: echo two")
    assert version_of(site, "shared-edit") == 2
    assert_accessible(page)
    meeting.get_by_role("button", name="Save mine over it").click()
    page.get_by_role("dialog").get_by_role("button", name="Save mine").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mine")
    assert [one["command"] for one in definition_of(site, "shared-edit")["steps"]] == ["echo one"]
    page.get_by_role("link", name="Edit").click()
    expect(title).to_have_value("Mine")
    expect(page.get_by_text("What you had written is back")).to_have_count(0)
    title.fill("Gone")
    expect(page.get_by_text("Not saved yet; kept in this browser.")).to_be_visible()
    other = page.context.new_page()
    other.goto("/actions/shared-edit/edit")
    other.get_by_role("button", name="Discard it").click()
    other.close()
    expect(page.get_by_text("Not saved yet, and this browser keeps no copy.")).to_be_visible()
    title.fill("Gone for good")
    expect(page.get_by_text("Not saved yet; kept in this browser.")).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    question.get_by_role("button", name="Discard them").click()
    page.get_by_role("link", name="Edit").click()
    expect(title).to_have_value("Mine")
