"""The form of an action, as tests find their way in it."""

from typing import Any

from playwright.sync_api import Locator, Page

from tests.product import Product


def part_of(page: Page, name: str) -> Locator:
    """A part of the form, by its heading."""
    return page.get_by_role("region", name=name, exact=True)


def step_of(page: Page, number: int) -> Locator:
    """The card of a step, counted from 1."""
    return part_of(page, "Steps").get_by_role("list", name="Steps").get_by_role("listitem").nth(number - 1)


def write(page: Page, label: str, text: str) -> None:
    """Write a text into an editor, over what stands there."""
    page.get_by_role("textbox", name=label, exact=True).click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def definition_of(site: Product, name: str) -> dict[str, Any]:
    """What is stored of an action, and nothing that is only shown of it."""
    version = site.http.get(f"/api/v1/actions/{name}/versions/{version_of(site, name)}").json()
    definition: dict[str, Any] = version["definition"]
    return definition


def version_of(site: Product, name: str) -> int:
    """The newest version of an action."""
    return int(site.http.get(f"/api/v1/actions/{name}").json()["version"])
