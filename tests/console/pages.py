"""What tests of every page say of it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from weakref import WeakSet

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.product import eventually

_AXE = Path(__file__).parents[2] / "services" / "console" / "node_modules" / "axe-core" / "axe.min.js"
_STANDS_STILL = """document.getAnimations().every(
    one => one.playState !== 'running' || one.effect.getTiming().iterations === Infinity)"""
"""A part that fades in has not its colours yet."""
_IS_DARK = "document.documentElement.dataset.mantineColorScheme === 'dark'"
IN_TWO_YEARS = str(datetime.now(UTC).year + 2)
"""A year that is far enough for a run to wait until, and not too far for the API."""
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_IN_THE_DARK = ["color-contrast"]
"""What axe looks at again: of its rules none else depends on colours."""
_SMALLEST = 16
"""Letters in pixels, below which iOS enlarges the page."""
_NARROW = {"width": 360, "height": 800}

IN_ONE_FORM = pytest.mark.parametrize("site", ["embedded"], indirect=True)
"""For what the pages do by themselves, whichever form serves them."""


LOOKED_AT_ELSEWHERE = WeakSet[BrowserContext]()
"""Browsers whose pages are those of the other form, where the same test looks whether everybody can read them: to look
costs more than most of what it does there."""


def assert_read_by_everybody(page: Page) -> None:
    """The page fits a phone, and is accessible there and at the width that it has."""
    if page.context in LOOKED_AT_ELSEWHERE:
        return
    size = page.viewport_size
    assert size is not None
    assert_accessible(page)
    page.set_viewport_size(_NARROW)  # type: ignore[arg-type]
    assert_fits(page)
    assert_accessible(page)
    page.set_viewport_size(size)


def assert_accessible(page: Page) -> None:
    """Axe finds nothing in the page, as it is now, that WCAG 2.2 AA forbids, be it light or dark."""
    if page.context in LOOKED_AT_ELSEWHERE:
        return
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE.read_text())
    _assert_axe_finds_nothing(page, _RULES)
    page.emulate_media(color_scheme="dark")
    eventually(lambda: page.evaluate(_IS_DARK), what="the page is dark")
    _assert_axe_finds_nothing(page, _IN_THE_DARK)
    page.emulate_media(color_scheme="light")


def _assert_axe_finds_nothing(page: Page, rules: list[str]) -> None:
    # Not `wait_for_function`, which has the page evaluate a text: its policy refuses that.
    eventually(lambda: page.evaluate(_STANDS_STILL), what="everything has come to rest")
    found: dict[str, Any] = page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", rules
    )
    faults = [
        f"{fault['id']}: {node['html'][:200]} {node['failureSummary']}"
        for fault in found["violations"]
        for node in fault["nodes"]
    ]
    assert not faults, "\n".join(faults)


def assert_not_enlarged(page: Page) -> None:
    """No field of the page has letters so small that a phone enlarges the page for whoever writes there."""
    fields = page.locator("input:visible, textarea:visible, select:visible, [contenteditable]:visible")
    fields.first.wait_for()
    sizes = fields.evaluate_all("all => all.map(one => parseFloat(getComputedStyle(one).fontSize))")
    assert min(sizes) >= _SMALLEST, sizes


def assert_fits(page: Page) -> None:
    """Nothing of the page is wider than its window, as soon as it has taken that width."""

    def fits() -> bool:
        return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))

    try:
        eventually(fits, within=20)
    except AssertionError as wide:
        parts = page.evaluate("""
            [...document.querySelectorAll('*')].filter(one => one.getBoundingClientRect().right > window.innerWidth + 1)
            .map(one => one.outerHTML.slice(0, 120)).slice(0, 5)""")
        raise AssertionError(f"wider than the window: {parts}") from wide
