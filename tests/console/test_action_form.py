"""Writing actions in the console: by fields and as YAML, by mouse and by keyboard alone."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.console.conftest import OpenPage, embedded_alone
from tests.console.pages import assert_accessible, assert_fits
from tests.product import Product, eventually
from tests.stage import action

HOSTILE = "<img src=x onerror=alert(1)><script>alert(1)</script>"


def _part(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def _step(page: Page, number: int) -> Locator:
    return _part(page, "Steps").get_by_role("list", name="Steps").get_by_role("listitem").nth(number - 1)


def _steps(page: Page) -> list[str]:
    return [
        one.inner_text().partition("\n")[0]
        for one in _part(page, "Steps").locator("[data-entry] button[aria-expanded]:has-text('. ')").all()
    ]


def _write(page: Page, label: str, text: str) -> None:
    page.get_by_role("textbox", name=label, exact=True).click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def _definition(site: Product, name: str) -> dict[str, Any]:
    answer: dict[str, Any] = site.http.get(f"/api/v1/actions/{name}/versions/{_version(site, name)}").json()[
        "definition"
    ]
    return answer


def _version(site: Product, name: str) -> int:
    return int(site.http.get(f"/api/v1/actions/{name}").json()["version"])


def test_create_an_action_and_add_and_order_its_steps(
    site: Product, open_page: OpenPage, expected_errors: list[str]
) -> None:
    page = open_page("/actions", height=2400)  # nothing is scrolled while a step is dragged
    page.get_by_role("link", name="New action").click()
    basic = _part(page, "Basic information")
    basic.get_by_role("textbox", name="Name", exact=True).fill("restart-it")
    basic.get_by_role("textbox", name="Title").fill("Restart it")
    basic.get_by_role("combobox", name="Category").fill("Recovery")
    _step(page, 1).get_by_role("combobox", name="Provider").fill("web-11")
    page.keyboard.press("Tab")
    _step(page, 1).get_by_role("button", name="Write 'web-1'").click()
    # What is refused is said as one types, at its place, with its way out.
    command = page.get_by_role("textbox", name="Command of step", exact=True)
    command.click()
    page.keyboard.insert_text("[ {{ most }} -gt 1 ] && echo {{ waht }}")
    _step(page, 1).get_by_role("button", name="Add the parameter 'most'").click()
    page.get_by_role("button", name="Add a parameter").click()
    page.keyboard.insert_text("what")
    _step(page, 1).get_by_role("button", name="Write {{ what }}").click()
    expect(_step(page, 1).locator(".cm-fault")).to_have_text(["{{ most }}"])
    _step(page, 1).get_by_role("button", name="line 1, column 3", exact=True).click()
    expect(command).to_be_focused()
    assert_accessible(page)
    _step(page, 1).get_by_role("button", name="Give `most` the type integer").click()
    expect(_step(page, 1).get_by_text("echo of sh reads backslashes")).to_be_visible()
    expect(_step(page, 1).locator(".cm-fault")).to_have_count(0)
    # Steps are added, copied, ordered by mouse, taken away and put back.
    page.get_by_role("button", name="Add a step").click()
    page.keyboard.insert_text("verify")
    _write(page, "Command of verify", "true")
    page.get_by_role("button", name="Duplicate verify").click()
    expect(page.get_by_role("button", name="Remove verify-2")).to_be_visible()
    page.locator("[data-grip='verify-2']").drag_to(_step(page, 1), target_position={"x": 40, "y": 10})
    eventually(lambda: _steps(page) == ["1. verify-2", "2. step", "3. verify"], what="it is dragged")
    page.get_by_role("button", name="Remove step", exact=True).click()
    page.get_by_role("button", name="Undo").click()
    eventually(lambda: _steps(page) == ["1. verify-2", "2. step", "3. verify"], what="it is put back")
    page.get_by_role("button", name="Move verify-2 down").click()
    page.get_by_role("button", name="Remove verify-2").click()
    page.get_by_role("button", name="Create the action").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Restart it")
    made = _definition(site, "restart-it")
    assert made["category"] == "Recovery"
    assert [(one["name"], one["type"]) for one in made["parameters"]] == [("most", "integer"), ("what", "string")]
    assert [(one["name"], one["provider"], one["command"]) for one in made["steps"]] == [
        ("step", "web-1", "[ {{ most }} -gt 1 ] && echo {{ what }}"),
        ("verify", "web-1", "true"),
    ]
    assert site.result("restart-it", {"most": 2, "what": "it"})["state"] == "succeeded"


@embedded_alone
def test_what_keeps_an_action_from_being_saved_is_shown_at_its_field(site: Product, open_page: OpenPage) -> None:
    action(site, "there-already", "true")
    page = open_page("/actions/+new", width=360)
    create = page.get_by_role("button", name="Create the action")
    expect(page.get_by_role("textbox", name="Command of step")).to_be_visible()
    create.click()
    name = _part(page, "Basic information").get_by_role("textbox", name="Name", exact=True)
    expect(name).to_be_focused()
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(_step(page, 1).get_by_text("is required").first).to_be_visible()
    name.fill("there-already")
    expect(page.get_by_text("There is an action of this name already.")).to_be_visible()
    _step(page, 1).get_by_role("button", name="More").click()
    _step(page, 1).get_by_role("textbox", name="Time-out").fill("5 minutes")
    expect(_step(page, 1).get_by_text("a duration is a number of seconds")).to_be_visible()
    _step(page, 1).get_by_role("button", name="Add a variable").click()
    page.get_by_role("switch", name="Limit how many runs").check(force=True)
    assert_fits(page)
    assert_accessible(page)


@embedded_alone
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
    before = _definition(site, "edited")
    page = open_page("/actions/edited/edit")
    expect(page.get_by_role("button", name="Save", exact=True)).to_have_attribute("aria-disabled", "true")
    for number in range(1, 6):
        _step(page, number).get_by_role("button", expanded=False).first.click()
        _step(page, number).get_by_role("button", name="More").click()
    expect(_step(page, 1).get_by_role("textbox", name="Command of first")).to_contain_text(HOSTILE)
    page.get_by_role("link", name="YAML").click()
    expect(page.get_by_role("textbox", name="The action as YAML")).to_contain_text("kind: action")
    page.get_by_role("link", name="Form").click()
    title = _part(page, "Basic information").get_by_role("textbox", name="Title")
    expect(title).to_have_value(HOSTILE)
    title.fill("Edited")
    page.get_by_role("button", name="What a save changes").click()
    expect(page.get_by_role("region", name="What a save changes")).to_contain_text("+title: Edited")
    page.get_by_role("textbox", name="Why").fill("by a test")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Edited")
    after = _definition(site, "edited")
    # A whole number of more bits than a page has goes as its text, which means the same.
    assert after["parameters"][2].pop("default") == str(before["parameters"][2].pop("default"))
    assert str(after["parameters"][1].pop("default")) == str(before["parameters"][1].pop("default"))
    assert after == {**before, "title": "Edited"}
    newest = site.http.get("/api/v1/actions/edited/versions").json()["items"][0]
    assert (newest["version"], newest["note"]) == (2, "by a test")
    page.get_by_role("link", name="Duplicate").click()
    expect(_part(page, "Basic information").get_by_role("textbox", name="Name", exact=True)).to_have_value(
        "edited-copy"
    )
    page.get_by_role("button", name="Create the action").click()
    expect(page.get_by_text("edited-copy", exact=True)).to_be_visible()
    assert _definition(site, "edited-copy") == {**_definition(site, "edited"), "name": "edited-copy"}


@embedded_alone
def test_customise_a_template(site: Product, open_page: OpenPage) -> None:
    site.http.post("/api/v1/templates/disk-cleanup/use", json={"name": "used-as-it-is"}).raise_for_status()
    page = open_page("/templates/disk-cleanup")
    page.get_by_role("link", name="Customise it first").click()
    _part(page, "Basic information").get_by_role("textbox", name="Name", exact=True).fill("customised")
    expect(_part(page, "Steps").locator("[data-entry]")).to_have_count(7)
    page.get_by_role("button", name="Create the action").click()
    expect(page.get_by_text("customised", exact=True)).to_be_visible()
    assert _definition(site, "customised") == {**_definition(site, "used-as-it-is"), "name": "customised"}


@embedded_alone
def test_an_edit_that_is_left_comes_back_and_meets_that_of_somebody_else(
    site: Product, open_page: OpenPage, expected_errors: list[str]
) -> None:
    expected_errors.append("412")
    action(site, "shared-edit", "echo one", title="At first")
    page = open_page("/actions/shared-edit/edit")
    title = _part(page, "Basic information").get_by_role("textbox", name="Title")
    title.fill("Mine")
    page.get_by_role("link", name="Cancel").click()
    question = page.get_by_role("dialog", name="Your changes are not saved")
    assert_accessible(page)
    question.get_by_role("button", name="Stay").click()
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
    assert _version(site, "shared-edit") == 2
    assert_accessible(page)
    meeting.get_by_role("button", name="Save mine over it").click()
    page.get_by_role("dialog").get_by_role("button", name="Save mine").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mine")
    assert [one["command"] for one in _definition(site, "shared-edit")["steps"]] == ["echo one"]
    page.get_by_role("link", name="Edit").click()
    expect(title).to_have_value("Mine")
    expect(page.get_by_text("What you had written is back")).to_have_count(0)
    title.fill("Gone")
    page.get_by_role("link", name="Cancel").click()
    question.get_by_role("button", name="Discard them").click()
    page.get_by_role("link", name="Edit").click()
    expect(title).to_have_value("Mine")


@embedded_alone
@pytest.mark.parametrize("scheme", ["dark"])
def test_an_action_as_yaml(site: Product, open_page: OpenPage, scheme: str) -> None:
    page = open_page("/actions/+new?view=yaml", scheme=scheme, width=360)
    text = "name: as-yaml\ntags: [no, 22:30]\nsteps:\n  - name: one\n    provider: web-1\n    command: echo {{ x }}\n"
    _write(page, "The action as YAML", text)
    faults = page.get_by_role("list", name="What is to be mended")
    expect(faults).to_contain_text("steps.0.command: line 1, column 6: unknown name 'x'")
    _write(page, "The action as YAML", text + "parameters: {x: 1\n")
    expect(faults.get_by_role("listitem")).to_have_count(1)
    expect(faults.get_by_role("button", name="line 8, column 1")).to_be_visible()
    expect(page.get_by_role("button", name="Create the action")).to_have_attribute("aria-disabled", "true")
    assert_accessible(page)
    assert_fits(page)
    _write(page, "The action as YAML", text + "parameters: {x: 1}\n")
    page.get_by_role("link", name="Form").click()
    expect(page.get_by_text("'parameters' has to be a list of entries")).to_be_visible()
    _write(page, "The action as YAML", text + "parameters: [{name: x}]\n")
    expect(faults).to_contain_text("Mind that: steps.0.command: line 1, column 6: echo of sh reads backslashes")
    page.get_by_role("button", name="Show the form").click()
    expect(_part(page, "What it asks for").get_by_role("textbox", name="Name", exact=True)).to_have_value("x")
    assert_accessible(page)
    page.get_by_role("link", name="YAML").click()
    expect(page.get_by_role("textbox", name="The action as YAML")).to_contain_text('- "no"')
    page.keyboard.press("Control+s")
    expect(page.get_by_role("heading", level=1)).to_have_text("as-yaml")
    assert _definition(site, "as-yaml")["tags"] == ["no", "22:30"]


@embedded_alone
def test_create_an_action_by_the_keyboard_alone(site: Product, open_page: OpenPage) -> None:
    page = open_page("/actions")
    expect(page.get_by_role("heading", name="Actions")).to_be_visible()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog").get_by_role("textbox")).to_be_focused()
    page.keyboard.type("new action")
    expect(page.get_by_role("dialog").get_by_text("New action")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="New action")).to_be_visible()
    expect(page.get_by_role("textbox", name="Command of step")).to_be_visible()
    _tab_to(page, "Name")
    page.keyboard.type("by-keyboard")
    _tab_to(page, "Add a parameter")
    page.keyboard.press("Enter")
    page.keyboard.type("what")
    _tab_to(page, "Provider")
    page.keyboard.type("web-1")
    _tab_to(page, "Command of step")
    page.keyboard.type("printf %s {{ wh")
    expect(page.get_by_role("option", name="what")).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert "Command" not in _focused(page)
    _tab_to(page, "Add a step")
    page.keyboard.press("Enter")
    page.keyboard.type("before")
    _tab_to(page, "Command of before")
    page.keyboard.type("true")
    _tab_to(page, "Move before up", back=True)
    page.keyboard.press("Enter")
    expect(page.get_by_text("before is now 1 of 2")).to_be_attached()
    assert _focused(page) == "Move before up"
    _tab_to(page, "Create the action")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("by-keyboard")
    assert [(one["name"], one["command"]) for one in _definition(site, "by-keyboard")["steps"]] == [
        ("before", "true"),
        ("step", "printf %s {{ what }}"),
    ]


def _focused(page: Page) -> str:
    name: str = page.evaluate("""() => {
        const one = document.activeElement;
        return one.getAttribute('aria-label') || one.labels?.[0]?.innerText || one.innerText;
    }""")
    return name.replace(" *", "").replace("*", "").strip()


def _tab_to(page: Page, name: str, *, back: bool = False) -> None:
    for _ in range(80):
        if _focused(page) == name:
            return
        page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"Tab leads to no '{name}'")
