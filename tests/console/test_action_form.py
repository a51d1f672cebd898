"""Writing actions in the console: by fields and as YAML, by mouse and by keyboard alone."""

from playwright.sync_api import Page, expect

from tests.console.action_form import definition_of, part_of, step_of, write
from tests.console.conftest import OpenPage
from tests.console.pages import IN_ONE_FORM, assert_accessible, assert_fits, assert_not_enlarged
from tests.product import Product, eventually
from tests.stage import action


def _steps(page: Page) -> list[str]:
    return [
        one.inner_text().partition("\n")[0]
        for one in part_of(page, "Steps").locator("[data-entry] button[aria-expanded]:has-text('. ')").all()
    ]


def test_create_an_action_and_add_and_order_its_steps(site: Product, open_page: OpenPage) -> None:
    page = open_page("/actions", height=2400)  # nothing is scrolled while a step is dragged
    page.get_by_role("link", name="New action").click()
    basic = part_of(page, "Basic information")
    basic.get_by_role("textbox", name="Name", exact=True).fill("restart-it")
    basic.get_by_role("textbox", name="Title").fill("Restart it")
    basic.get_by_role("combobox", name="Category").fill("Recovery")
    step_of(page, 1).get_by_role("combobox", name="Provider").fill("web-11")
    page.keyboard.press("Tab")
    step_of(page, 1).get_by_role("button", name="Write 'web-1'").click()
    # What is refused is said as one types, at its place, with its way out.
    command = page.get_by_role("textbox", name="Command of step", exact=True)
    command.click()
    page.keyboard.insert_text("[ {{ most }} -gt 1 ] && echo {{ waht }}")
    step_of(page, 1).get_by_role("button", name="Add the parameter 'most'").click()
    page.get_by_role("button", name="Add a parameter").click()
    page.keyboard.insert_text("what")
    step_of(page, 1).get_by_role("button", name="Write {{ what }}").click()
    expect(step_of(page, 1).locator(".cm-fault")).to_have_text(["{{ most }}"])
    step_of(page, 1).get_by_role("button", name="line 1, column 3", exact=True).click()
    expect(command).to_be_focused()
    assert_accessible(page)
    step_of(page, 1).get_by_role("button", name="Give `most` the type integer").click()
    expect(step_of(page, 1).get_by_text("echo of sh reads backslashes")).to_be_visible()
    expect(step_of(page, 1).locator(".cm-fault")).to_have_count(0)
    # Steps are added, copied, ordered by mouse, taken away and put back.
    page.get_by_role("button", name="Add a step").click()
    page.keyboard.insert_text("verify")
    write(page, "Command of verify", "true")
    page.get_by_role("button", name="Duplicate verify").click()
    expect(page.get_by_role("button", name="Remove verify-2")).to_be_visible()
    page.locator("[data-grip='verify-2']").drag_to(step_of(page, 1), target_position={"x": 40, "y": 10})
    eventually(lambda: _steps(page) == ["1. verify-2", "2. step", "3. verify"], what="it is dragged")
    page.get_by_role("button", name="Remove step", exact=True).click()
    page.get_by_role("button", name="Undo").click()
    eventually(lambda: _steps(page) == ["1. verify-2", "2. step", "3. verify"], what="it is put back")
    page.get_by_role("button", name="Move verify-2 down").click()
    page.get_by_role("button", name="Remove verify-2").click()
    page.get_by_role("button", name="Create the action").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Restart it")
    made = definition_of(site, "restart-it")
    assert made["category"] == "Recovery"
    assert [(one["name"], one["type"]) for one in made["parameters"]] == [("most", "integer"), ("what", "string")]
    assert [(one["name"], one["provider"], one["command"]) for one in made["steps"]] == [
        ("step", "web-1", "[ {{ most }} -gt 1 ] && echo {{ what }}"),
        ("verify", "web-1", "true"),
    ]
    assert site.result("restart-it", {"most": 2, "what": "it"})["state"] == "succeeded"


@IN_ONE_FORM
def test_what_keeps_an_action_from_being_saved_is_shown_at_its_field(site: Product, open_page: OpenPage) -> None:
    action(site, "there-already", "true")
    page = open_page("/actions/+new", width=360, touch=True)
    create = page.get_by_role("button", name="Create the action")
    expect(page.get_by_role("textbox", name="Command of step")).to_be_visible()
    create.click()
    name = part_of(page, "Basic information").get_by_role("textbox", name="Name", exact=True)
    expect(name).to_be_focused()
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(step_of(page, 1).get_by_text("is required").first).to_be_visible()
    name.fill("there-already")
    expect(page.get_by_text("There is an action of this name already.")).to_be_visible()
    step_of(page, 1).get_by_role("button", name="More").click()
    step_of(page, 1).get_by_role("textbox", name="Time-out").fill("5 minutes")
    expect(step_of(page, 1).get_by_text("a duration is a number of seconds")).to_be_visible()
    step_of(page, 1).get_by_role("button", name="Add a variable").click()
    page.get_by_role("switch", name="Limit how many runs").check(force=True)
    assert_not_enlarged(page)
    assert_fits(page)
    assert_accessible(page)


@IN_ONE_FORM
def test_an_action_as_yaml(site: Product, open_page: OpenPage) -> None:
    page = open_page("/actions/+new?view=yaml", width=360)
    text = "name: as-yaml\ntags: [no, 22:30]\nsteps:\n  - name: one\n    provider: web-1\n    command: echo {{ x }}\n"
    write(page, "The action as YAML", text)
    faults = page.get_by_role("list", name="What is to be mended")
    expect(faults).to_contain_text("steps.0.command: line 1, column 6: unknown name 'x'")
    write(page, "The action as YAML", text + "parameters: {x: 1\n")
    expect(faults.get_by_role("listitem")).to_have_count(1)
    expect(faults.get_by_role("button", name="line 8, column 1")).to_be_visible()
    expect(page.get_by_role("button", name="Create the action")).to_have_attribute("aria-disabled", "true")
    assert_accessible(page)
    assert_fits(page)
    write(page, "The action as YAML", text + "parameters: {x: 1}\n")
    page.get_by_role("link", name="Form").click()
    expect(page.get_by_text("'parameters' has to be a list of entries")).to_be_visible()
    write(page, "The action as YAML", text + "parameters: [{name: x}]\n")
    expect(faults).to_contain_text("Mind that: steps.0.command: line 1, column 6: echo of sh reads backslashes")
    page.get_by_role("button", name="Show the form").click()
    expect(part_of(page, "What it asks for").get_by_role("textbox", name="Name", exact=True)).to_have_value("x")
    assert_accessible(page)
    page.get_by_role("link", name="YAML").click()
    expect(page.get_by_role("textbox", name="The action as YAML")).to_contain_text('- "no"')
    page.keyboard.press("Control+s")
    expect(page.get_by_role("heading", level=1)).to_have_text("as-yaml")
    assert definition_of(site, "as-yaml")["tags"] == ["no", "22:30"]


@IN_ONE_FORM
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
    expect(page.get_by_role("group", name="2. before").get_by_role("textbox", name="Name")).to_be_focused()
    _tab_to(page, "Command of before")
    page.keyboard.type("true")
    _tab_to(page, "Move before up", back=True)
    page.keyboard.press("Enter")
    expect(page.get_by_text("before is now 1 of 2")).to_be_attached()
    assert _focused(page) == "Move before up"
    expect(page.get_by_role("button", name="Move before up")).to_be_in_viewport()
    # While something is being looked at, a save is tried and may meet what was just mended.
    expect(page.get_by_role("status").filter(has_text="Not saved yet; kept in this browser.")).to_be_visible()
    _tab_to(page, "Create the action")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("by-keyboard")
    assert [(one["name"], one["command"]) for one in definition_of(site, "by-keyboard")["steps"]] == [
        ("before", "true"),
        ("step", "printf %s {{ what }}"),
    ]


@IN_ONE_FORM
def test_what_is_offered_is_taken_by_enter_however_fast_somebody_types(open_page: OpenPage) -> None:
    page = open_page("/actions/+new?view=yaml")
    write(page, "The action as YAML", "name: fast\nparameters: [{name: what}]\nsteps: [{name: one, provider: web-1}]\n")
    page.get_by_role("link", name="Form").click()
    command = page.get_by_role("textbox", name="Command of one")
    command.click()
    page.keyboard.type("echo {{")
    expect(page.get_by_role("option", name="what")).to_be_visible()
    page.keyboard.type(" wh")
    page.keyboard.press("Enter")
    expect(command).to_have_text("echo {{ what }}")


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
